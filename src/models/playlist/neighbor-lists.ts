import { CairnError } from "../../errors.ts";
import type { Interactions } from "./recommender.ts";

const ROW_ENTRIES = 2; // of the packed array: target, similarity

/** Which activity adds to which other's score: one compressed row per activity of the history. */
export interface NeighborLists {
  /** Shape (activities + 1), by the activity of the history. */
  readonly ptr: Int32Array;
  /** Shape (ptr's last): the activity that is recommended. */
  readonly target: Int32Array;
  /** The same shape. */
  readonly similarity: Float64Array;
}

/** Gathers the neighbors of one recommended activity after the other, in ascending order of the activities. */
export interface NeighborCollector {
  /**
   * Keeps the most similar of the activities that were met; ties go to the smaller index.
   * @param met - activities, each once; reordered
   * @param similarity - shape (activities)
   */
  keep(target: number, met: number[], similarity: Float64Array): void;
  /** What was kept, by the activity of the history. */
  lists(): NeighborLists;
}

/**
 * A collector in typed arrays that grow: millions of neighbors as objects would take ten times the memory.
 * @param most - neighbors of each recommended activity
 */
export function collectNeighbors(activities: number, most: number): NeighborCollector {
  let neighbor = new Int32Array(1024);
  let similarities = new Float64Array(1024);
  let entries = 0;
  const end = new Int32Array(activities);
  return {
    keep(target, met, similarity) {
      const candidates = met.length > 4 * most ? aboveThreshold(met, similarity, most) : met;
      candidates.sort((a, b) => similarity[b]! - similarity[a]! || a - b);
      const kept = Math.min(most, candidates.length);
      if (entries + kept > neighbor.length) {
        neighbor = grown(neighbor, new Int32Array(2 * (entries + kept)));
        similarities = grown(similarities, new Float64Array(2 * (entries + kept)));
      }
      for (let i = 0; i < kept; i++, entries++) {
        neighbor[entries] = candidates[i]!;
        similarities[entries] = similarity[candidates[i]!]!;
      }
      end[target] = entries;
    },
    lists: () => byNeighbor(neighbor.subarray(0, entries), similarities, end),
  };
}

/** Those no less similar than the k-th: a cheap sort of numbers spares the dear one of indexes. */
function aboveThreshold(met: readonly number[], similarity: Float64Array, most: number): number[] {
  const threshold = Float64Array.from(met, (other) => similarity[other]!).sort()[met.length - most]!;
  return met.filter((other) => similarity[other]! >= threshold);
}

function grown<Values extends Int32Array | Float64Array>(from: Values, into: Values): Values {
  into.set(from);
  return into;
}

function byNeighbor(neighbor: Int32Array, similarities: Float64Array, end: Int32Array): NeighborLists {
  const ptr = rowsOf(neighbor, end.length);
  const next = ptr.slice();
  const target = new Int32Array(neighbor.length);
  const similarity = new Float64Array(neighbor.length);
  for (let row = 0, i = 0; row < end.length; row++) {
    for (; i < end[row]!; i++) {
      const to = next[neighbor[i]!]!++;
      target[to] = row;
      similarity[to] = similarities[i]!;
    }
  }
  return { ptr, target, similarity };
}

/** Where the rows of entries start that are sorted by these numbers: shape (rows + 1). */
function rowsOf(numbers: Int32Array, rows: number): Int32Array {
  const ptr = new Int32Array(rows + 1);
  for (let i = 0; i < numbers.length; i++) ptr[numbers[i]! + 1]!++;
  for (let row = 0; row < rows; row++) ptr[row + 1]! += ptr[row]!;
  return ptr;
}

/** Who did which activity: compressed rows of learners, ascending, one per activity. */
export interface LearnersByActivity {
  readonly ptr: Int32Array;
  readonly learner: Int32Array;
  /** The same shape as `learner`: the entry of the interactions. */
  readonly entry: Int32Array;
}

/** The interactions by activity. */
export function groupByActivity({ learnerPtr, activityIdx, activities }: Interactions): LearnersByActivity {
  const ptr = rowsOf(activityIdx, activities.length);
  const next = ptr.slice();
  const learner = new Int32Array(activityIdx.length);
  const entry = new Int32Array(activityIdx.length);
  for (let row = 0; row + 1 < learnerPtr.length; row++) {
    for (let i = learnerPtr[row]!; i < learnerPtr[row + 1]!; i++) {
      const to = next[activityIdx[i]!]!++;
      learner[to] = row;
      entry[to] = i;
    }
  }
  return { ptr, learner, entry };
}

/** Lists as two arrays of an artifact: how many entries each row has, and pairs of target and similarity. */
export function packNeighbors({ ptr, target, similarity }: NeighborLists): {
  counts: Int32Array;
  neighbors: Float64Array;
} {
  const neighbors = new Float64Array(target.length * ROW_ENTRIES);
  for (let at = 0; at < target.length; at++) {
    neighbors[at * ROW_ENTRIES] = target[at]!;
    neighbors[at * ROW_ENTRIES + 1] = similarity[at]!;
  }
  const counts = Int32Array.from({ length: ptr.length - 1 }, (_, row) => ptr[row + 1]! - ptr[row]!);
  return { counts, neighbors };
}

/**
 * The way back from {@link packNeighbors}.
 * @param counts - must have one entry per activity
 * @throws CairnError `ARTIFACT_CORRUPT` when the arrays do not fit together
 */
export function unpackNeighbors(counts: unknown, packed: Float64Array, activities: number): NeighborLists {
  const total = counts instanceof Int32Array ? counts.reduce((sum, count) => sum + count, 0) : -1;
  if (!(counts instanceof Int32Array) || counts.length !== activities || packed.length !== ROW_ENTRIES * total) {
    throw new CairnError("ARTIFACT_CORRUPT", "expected the neighbors of every activity, got others", {
      hint: "train the model again",
    });
  }
  const ptr = new Int32Array(activities + 1);
  for (let row = 0; row < activities; row++) ptr[row + 1] = ptr[row]! + counts[row]!;
  const target = new Int32Array(total);
  const similarity = new Float64Array(total);
  for (let at = 0; at < total; at++) {
    target[at] = packed[at * ROW_ENTRIES]!;
    similarity[at] = packed[at * ROW_ENTRIES + 1]!;
  }
  return { ptr, target, similarity };
}
