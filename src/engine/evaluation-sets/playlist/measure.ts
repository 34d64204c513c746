import { CairnError } from "../../../errors.ts";
import type { FittedRecommender, Interactions } from "../../../models/playlist/recommender.ts";
import { noveltyScore, rankingQuality, recommendationGini, topItems } from "../../../numeric/metrics/ranking.ts";
import { type Figure, figureOf } from "../../evaluation/evaluation.ts";

const USERS_PER_STEP = 256; // between two looks at the signal

/** Items per user in three disjoint parts; users and items by dense index, items ascending. */
export interface PlaylistSplit {
  /** The id of each item; ties in scores go to the one that comes first. */
  readonly items: readonly string[];
  /** Shape (users) each. */
  readonly train: readonly Int32Array[];
  readonly valid: readonly Int32Array[];
  readonly test: readonly Int32Array[];
}

/** How one recommender did on the test items, with all other items ranked and what the user had masked. */
export interface PlaylistMeasurement {
  /** By cut-off: gain over that of the best possible list (min(k, held out) hits at the top). */
  readonly ndcg: Readonly<Record<string, Figure>>;
  /** By cut-off: hits over everything held out (RecBole's definition). */
  readonly recall: Readonly<Record<string, Figure>>;
  /** By cut-off: share of users with a hit. */
  readonly hitRate: Readonly<Record<string, Figure>>;
  /** At the first cut-off, like the rest: mean of one over the rank of the first hit, 0 without one. */
  readonly mrr: Figure;
  /** Share of the items in anybody's list. */
  readonly coverage: Figure;
  /** Mean of −log₂(share of users who had the item in training) over all places, in bits. */
  readonly novelty: Figure;
  /** Inequality of how often the items are recommended, in [0, 1). */
  readonly gini: Figure;
}

/** The training part as a recommender takes it. */
export function trainingOf({ items, train }: PlaylistSplit): Interactions {
  const learnerPtr = new Int32Array(train.length + 1);
  for (const [user, row] of train.entries()) learnerPtr[user + 1] = learnerPtr[user]! + row.length;
  const activityIdx = new Int32Array(learnerPtr[train.length]!);
  for (const [user, row] of train.entries()) activityIdx.set(row, learnerPtr[user]!);
  return { learnerPtr, activityIdx, activities: items };
}

/**
 * Every user's best items, by the history of the training only.
 * @param masked - per user, further items that may not be recommended
 * @throws CairnError `CANCELLED`
 */
export function rankAll(
  model: FittedRecommender,
  split: PlaylistSplit,
  masked: readonly Int32Array[] | undefined,
  most: number,
  signal: AbortSignal | undefined,
): Int32Array[] {
  const scores = new Float64Array(split.items.length);
  return split.train.map((activityIdx, user) => {
    if (user % USERS_PER_STEP === 0 && signal?.aborted) {
      throw new CairnError("CANCELLED", "expected to rank the items, got a request to stop");
    }
    model.score({ activityIdx }, scores);
    for (const item of activityIdx) scores[item] = Number.NEGATIVE_INFINITY;
    for (const item of masked?.[user] ?? []) scores[item] = Number.NEGATIVE_INFINITY;
    const ranked = new Int32Array(most);
    topItems(scores, ranked);
    return ranked;
  });
}

/** NDCG@k on the validation items, with the training items masked; 0 when nothing was held out. */
export function validationNdcg(
  model: FittedRecommender,
  split: PlaylistSplit,
  k: number,
  signal: AbortSignal | undefined,
): number {
  const lists = rankAll(model, split, undefined, k, signal);
  const truths = split.valid.map((items) => new Set(items));
  const { ndcg } = rankingQuality(lists, truths, split.items.length, k);
  return ndcg.status === "defined" ? ndcg.value : 0;
}

/**
 * Measures on the test items, with training and validation items masked.
 * @param at - cut-offs, 1 or more each
 */
export function measurePlaylist(
  model: FittedRecommender,
  split: PlaylistSplit,
  at: readonly number[],
  signal: AbortSignal | undefined,
): PlaylistMeasurement {
  const items = split.items.length;
  const lists = rankAll(model, split, split.valid, Math.max(...at), signal);
  const truths = split.test.map((held) => new Set(held));
  const counts = new Int32Array(items);
  for (const row of split.train) for (const item of row) counts[item]!++;
  const qualities = at.map((k) => ({ k: String(k), quality: rankingQuality(lists, truths, items, k) }));
  const byCutOff = (metric: "ndcg" | "recall" | "hit"): Record<string, Figure> =>
    Object.fromEntries(qualities.map(({ k, quality }) => [k, figureOf(quality[metric])]));
  const first = qualities[0]!.quality;
  return {
    ndcg: byCutOff("ndcg"),
    recall: byCutOff("recall"),
    hitRate: byCutOff("hit"),
    mrr: figureOf(first.mrr),
    coverage: figureOf(first.coverage),
    novelty: figureOf(noveltyScore(lists, counts, split.train.length, at[0]!)),
    gini: figureOf(recommendationGini(lists, items, at[0]!)),
  };
}
