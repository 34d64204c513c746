import { CairnError } from "../../errors.ts";
import type { Estimator, FitContext } from "../estimator.ts";
import {
  collectNeighbors,
  groupByActivity,
  type NeighborLists,
  packNeighbors,
  unpackNeighbors,
} from "./neighbor-lists.ts";
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
const ACTIVITIES_PER_STEP = 64; // between two looks at the signal

/** Settings of {@link itemNeighbors}. */
export interface ItemNeighborsOptions {
  /** k, 1 or more: how many neighbors of each recommended activity count. Default 200. */
  readonly neighbors?: number;
  /** 0 or more, in learners: pulls similarities that rest on few learners towards 0. Default 1. */
  readonly shrink?: number;
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
      return fitted(activities, unpackNeighbors(tensors.arrays.counts, values, activities.length));
    },
  };
}

/** The k most similar of every activity, listed by the neighbor that adds to the score. */
function keepNeighbors(interactions: Interactions, most: number, shrink: number, context: FitContext): NeighborLists {
  const { learnerPtr, activityIdx, activities } = interactions;
  const count = activities.length;
  const { ptr, learner } = groupByActivity(interactions);
  const learners = (activity: number): number => ptr[activity + 1]! - ptr[activity]!;
  const both = new Int32Array(count);
  const similarity = new Float64Array(count);
  const collector = collectNeighbors(count, most);
  for (let target = 0; target < count; target++) {
    if (target % ACTIVITIES_PER_STEP === 0) {
      stopIfCancelled(context);
      context.onProgress?.(target / count);
    }
    const met: number[] = [];
    for (let at = ptr[target]!; at < ptr[target + 1]!; at++) {
      const row = learner[at]!;
      for (let i = learnerPtr[row]!; i < learnerPtr[row + 1]!; i++) {
        const other = activityIdx[i]!;
        if (other === target) continue;
        if (both[other] === 0) met.push(other);
        both[other]!++;
      }
    }
    for (const other of met) {
      similarity[other] = both[other]! / (Math.sqrt(learners(target) * learners(other)) + shrink);
      both[other] = 0;
    }
    collector.keep(target, met, similarity);
  }
  context.onProgress?.(1);
  return collector.lists();
}

function fitted(activities: readonly string[], lists: NeighborLists): FittedRecommender {
  const { ptr, target, similarity } = lists;
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
    encode: () => ({
      metadata: { kind: KIND },
      arrays: { activities: encodeActivities(activities), ...packNeighbors(lists) },
    }),
  };
}
