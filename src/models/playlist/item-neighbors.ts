import { CairnError } from "../../errors.ts";
import type { Estimator, FitContext } from "../estimator.ts";
import {
  checkHistory,
  checkInteractions,
  encodeActivities,
  type FittedRecommender,
  type Interactions,
  indexActivities,
  readRecommender,
  stopIfCancelled,
} from "./recommender.ts";

const KIND = "playlist/item-neighbors";
const ROW_ENTRIES = 2; // of the artifact's array: neighbor, similarity
const ACTIVITIES_PER_STEP = 64; // between two looks at the signal

/** Settings of {@link itemNeighbors}. */
export interface ItemNeighborsOptions {
  /** k, 1 or more: how many neighbors of each recommended activity count. Default 200. */
  readonly neighbors?: number;
  /** 0 or more, in learners: pulls similarities that rest on few learners towards 0. Default 1. */
  readonly shrink?: number;
}

/** Each activity's neighbors: who adds to whose score. */
interface Neighbors {
  /** Shape (activities + 1), by the activity of the history. */
  readonly ptr: Int32Array;
  readonly target: Int32Array;
  readonly similarity: Float64Array;
}

/**
 * Item-kNN: an activity scores the sum of its similarities with what the learner did, s_ij = n_ij/(√(n_i n_j) + shrink), with
 * n the learners who did an activity or both. Only the k most similar neighbors of each **recommended** activity count (ties go
 * to the smaller index). Weights do not count in similarities but multiply the history's terms. Deterministic: the random
 * stream is not used.
 *
 * Time grows with Σ (activities of a learner)²; one row of counts at a time is in memory.
 * @throws CairnError `BAD_INPUT` when an option is out of range; `fit` throws `SHAPE_MISMATCH`, `NOT_FINITE`, `BAD_INPUT`,
 * `CANCELLED`
 * @see Deshpande and Karypis (2004), Item-based top-N recommendation algorithms, ACM TOIS 22(1), cosine similarity
 */
export function itemNeighbors(options: ItemNeighborsOptions = {}): Estimator<Interactions, FittedRecommender> {
  const { neighbors = 200, shrink = 1 } = options;
  if (!(Number.isInteger(neighbors) && neighbors >= 1)) {
    throw new CairnError("BAD_INPUT", `expected 1 neighbor or more, got ${neighbors}`, { hint: "start with 200" });
  }
  if (!(shrink >= 0 && Number.isFinite(shrink))) {
    throw new CairnError("BAD_INPUT", `expected a shrink of 0 or more, got ${shrink}`, { hint: "start with 1" });
  }
  return {
    kind: KIND,
    parameters: { neighbors, shrink },
    fit(interactions, context) {
      stopIfCancelled(context);
      checkInteractions(interactions);
      const kept = keepNeighbors(interactions, neighbors, shrink, context);
      return fitted([...interactions.activities], kept);
    },
    decode(tensors) {
      const entries = tensors.arrays.neighbors?.length ?? 0;
      const { activities, values } = readRecommender(KIND, tensors, "neighbors", () => entries);
      const { counts } = tensors.arrays;
      const total = counts instanceof Int32Array ? counts.reduce((sum, count) => sum + count, 0) : -1;
      if (!(counts instanceof Int32Array) || counts.length !== activities.length || values.length !== 2 * total) {
        throw new CairnError("ARTIFACT_CORRUPT", "expected the neighbors of every activity, got others", {
          hint: "train the model again",
        });
      }
      return fitted(activities, unpack(counts, values));
    },
  };
}

/** The k most similar of every activity, listed by the neighbor that adds to the score. */
function keepNeighbors(interactions: Interactions, most: number, shrink: number, context: FitContext): Neighbors {
  const { learnerPtr, activityIdx, activities } = interactions;
  const count = activities.length;
  const learnersOf = listLearners(interactions);
  const both = new Int32Array(count);
  const similarity = new Float64Array(count);
  const found: { neighbor: number; target: number; similarity: number }[] = [];
  for (let target = 0; target < count; target++) {
    if (target % ACTIVITIES_PER_STEP === 0) {
      stopIfCancelled(context);
      context.onProgress?.(target / count);
    }
    const met: number[] = [];
    const learners = learnersOf(target);
    for (const learner of learners) {
      for (let i = learnerPtr[learner]!; i < learnerPtr[learner + 1]!; i++) {
        const other = activityIdx[i]!;
        if (other === target) continue;
        if (both[other] === 0) met.push(other);
        both[other]!++;
      }
    }
    for (const other of met) {
      const norm = Math.sqrt(learners.length * learnersOf(other).length);
      similarity[other] = both[other]! / (norm + shrink);
      both[other] = 0;
    }
    met.sort((a, b) => similarity[b]! - similarity[a]! || a - b);
    for (const neighbor of met.slice(0, most)) found.push({ neighbor, target, similarity: similarity[neighbor]! });
  }
  context.onProgress?.(1);
  return byNeighbor(found, count);
}

function byNeighbor(
  found: readonly { readonly neighbor: number; readonly target: number; readonly similarity: number }[],
  count: number,
): Neighbors {
  const ptr = new Int32Array(count + 1);
  for (const { neighbor } of found) ptr[neighbor + 1]!++;
  for (let row = 0; row < count; row++) ptr[row + 1]! += ptr[row]!;
  const next = ptr.slice();
  const target = new Int32Array(found.length);
  const similarity = new Float64Array(found.length);
  for (const entry of found) {
    const to = next[entry.neighbor]!++;
    target[to] = entry.target;
    similarity[to] = entry.similarity;
  }
  return { ptr, target, similarity };
}

/** Who did an activity. */
function listLearners({ learnerPtr, activityIdx, activities }: Interactions): (activity: number) => Int32Array {
  const ptr = new Int32Array(activities.length + 1);
  for (let i = 0; i < activityIdx.length; i++) ptr[activityIdx[i]! + 1]!++;
  for (let row = 0; row < activities.length; row++) ptr[row + 1]! += ptr[row]!;
  const next = ptr.slice();
  const learners = new Int32Array(activityIdx.length);
  for (let learner = 0; learner + 1 < learnerPtr.length; learner++) {
    for (let i = learnerPtr[learner]!; i < learnerPtr[learner + 1]!; i++) learners[next[activityIdx[i]!]!++] = learner;
  }
  const rows = activities.map((_, activity) => learners.subarray(ptr[activity]!, ptr[activity + 1]!));
  return (activity) => rows[activity]!;
}

function fitted(activities: readonly string[], { ptr, target, similarity }: Neighbors): FittedRecommender {
  return {
    kind: KIND,
    activities,
    indexOf: indexActivities(activities),
    score(history, out) {
      checkHistory(history, activities.length, out);
      const { activityIdx, weight } = history;
      out.fill(0);
      for (let i = 0; i < activityIdx.length; i++) {
        const strength = weight === undefined ? 1 : weight[i]!;
        for (let at = ptr[activityIdx[i]!]!; at < ptr[activityIdx[i]! + 1]!; at++) {
          out[target[at]!]! += strength * similarity[at]!;
        }
      }
    },
    encode() {
      const packed = new Float64Array(target.length * ROW_ENTRIES);
      for (let at = 0; at < target.length; at++) {
        packed[at * ROW_ENTRIES] = target[at]!;
        packed[at * ROW_ENTRIES + 1] = similarity[at]!;
      }
      const counts = Int32Array.from(activities, (_, activity) => ptr[activity + 1]! - ptr[activity]!);
      return {
        metadata: { kind: KIND },
        arrays: { activities: encodeActivities(activities), counts, neighbors: packed },
      };
    },
  };
}

function unpack(counts: Int32Array, packed: Float64Array): Neighbors {
  const ptr = new Int32Array(counts.length + 1);
  for (let row = 0; row < counts.length; row++) ptr[row + 1] = ptr[row]! + counts[row]!;
  const entries = ptr[counts.length]!;
  const target = new Int32Array(entries);
  const similarity = new Float64Array(entries);
  for (let at = 0; at < entries; at++) {
    target[at] = packed[at * ROW_ENTRIES]!;
    similarity[at] = packed[at * ROW_ENTRIES + 1]!;
  }
  return { ptr, target, similarity };
}
