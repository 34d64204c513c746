import type { History, Interactions } from "../../../models/playlist/recommender.ts";
import type { Random } from "../../../numeric/random.ts";

/** Items per user in three disjoint parts; users and items by dense index, items ascending. */
export interface PlaylistSplit {
  /** The id of each item; ties in scores go to the one that comes first. */
  readonly items: readonly string[];
  /** Shape (users) each. */
  readonly train: readonly Int32Array[];
  readonly valid: readonly Int32Array[];
  readonly test: readonly Int32Array[];
  /** Shape (train): when each happened, in any unit; models of what comes next need it. */
  readonly trainTimes?: readonly Float64Array[];
}

const MOST_SCORES = 400_000_000; // scores of one ranking of everything: a minute or two; beyond it users are drawn

/** Rows of items as a recommender takes them. */
export function interactionsOf(
  items: readonly string[],
  rows: readonly Int32Array[],
  times: readonly Float64Array[] | undefined,
): Interactions {
  const learnerPtr = new Int32Array(rows.length + 1);
  for (const [user, row] of rows.entries()) learnerPtr[user + 1] = learnerPtr[user]! + row.length;
  const activityIdx = new Int32Array(learnerPtr[rows.length]!);
  for (const [user, row] of rows.entries()) activityIdx.set(row, learnerPtr[user]!);
  if (times === undefined) return { learnerPtr, activityIdx, activities: items };
  const time = new Float64Array(activityIdx.length);
  for (const [user, row] of times.entries()) time.set(row, learnerPtr[user]!);
  return { learnerPtr, activityIdx, time, activities: items };
}

/** The training part as a recommender takes it. */
export function trainingOf({ items, train, trainTimes }: PlaylistSplit): Interactions {
  return interactionsOf(items, train, trainTimes);
}

/** The same split with the validation items in the training part, without times: nobody wrote down those of the validation. */
export function withValidation({ items, train, valid, test }: PlaylistSplit): PlaylistSplit {
  const both = train.map((row, user) => Int32Array.from([...row, ...valid[user]!]).sort());
  return { items, train: both, valid: valid.map(() => new Int32Array(0)), test };
}

/** What a user did in the training. */
export function historyOf({ train, trainTimes }: PlaylistSplit, user: number): History {
  return { activityIdx: train[user]!, ...(trainTimes === undefined ? {} : { time: trainTimes[user]! }) };
}

/**
 * The users whose lists are made: all, or where that would take too many scores as many as it allows, drawn at random from those
 * with something held out.
 * @param held - the part that is measured
 * @param most - scores of one ranking
 * @returns ascending
 */
export function usersToRank(
  { items, train }: PlaylistSplit,
  held: readonly Int32Array[],
  rng: Random,
  most: number = MOST_SCORES,
): Int32Array {
  const all = Int32Array.from(train, (_, user) => user);
  const room = Math.max(1, Math.floor(most / Math.max(1, items.length)));
  if (all.length <= room) return all;
  const pool = all.filter((user) => held[user]!.length > 0);
  const taken = Math.min(room, pool.length);
  for (let i = 0; i < taken; i++) {
    const j = i + rng.integer(pool.length - i);
    [pool[i], pool[j]] = [pool[j]!, pool[i]!];
  }
  return pool.slice(0, taken).sort();
}
