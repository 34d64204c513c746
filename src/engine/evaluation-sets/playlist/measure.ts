import { CairnError } from "../../../errors.ts";
import type { FittedRecommender } from "../../../models/playlist/recommender.ts";
import type { Measured } from "../../../numeric/measured.ts";
import {
  coverageScore,
  hitScore,
  ndcgScore,
  noveltyScore,
  recallScore,
  reciprocalRankScore,
  recommendationGini,
  topItems,
} from "../../../numeric/metrics/ranking.ts";
import type { Random } from "../../../numeric/random.ts";
import { type Figure, figureOf } from "../../evaluation/evaluation.ts";
import { type Interval, meanOf, percentileInterval, resampleMeans } from "./intervals.ts";
import { historyOf, type PlaylistSplit } from "./split.ts";

const USERS_PER_STEP = 256; // between two looks at the signal

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
  /** 95 %, by bootstrap over users. */
  readonly intervals: PlaylistIntervals;
}

/** Intervals of the figures that are means over users. */
export interface PlaylistIntervals {
  readonly ndcg: Readonly<Record<string, Interval>>;
  readonly recall: Readonly<Record<string, Interval>>;
  readonly hitRate: Readonly<Record<string, Interval>>;
  readonly mrr: Interval;
}

/** The lists a recommender made, and for whom. */
export interface RankedLists {
  readonly users: Int32Array;
  /** Shape (users): item indexes, best first, −1 from where nothing was left. */
  readonly lists: readonly Int32Array[];
}

/** Learners per item in the training. */
export function countUsers({ items, train }: PlaylistSplit): Int32Array {
  const counts = new Int32Array(items.length);
  for (const row of train) for (const item of row) counts[item]!++;
  return counts;
}

/**
 * The best items of these users, by the history of the training only. A user without a history gets the most popular items,
 * whatever the model: personal scores of nothing are all alike, and their order would be that of the ids.
 * @param masked - per user, further items that may not be recommended
 * @throws CairnError `CANCELLED`
 */
export function rankItems(
  model: FittedRecommender,
  split: PlaylistSplit,
  users: Int32Array,
  masked: readonly Int32Array[] | undefined,
  most: number,
  signal: AbortSignal | undefined,
): RankedLists {
  const scores = new Float64Array(split.items.length);
  const popularity = Float64Array.from(countUsers(split));
  const lists = Array.from(users, (user, i) => {
    if (i % USERS_PER_STEP === 0 && signal?.aborted) {
      throw new CairnError("CANCELLED", "expected to rank the items, got a request to stop");
    }
    const history = historyOf(split, user);
    if (history.activityIdx.length === 0) scores.set(popularity);
    else model.score(history, scores);
    for (const item of history.activityIdx) scores[item] = Number.NEGATIVE_INFINITY;
    for (const item of masked?.[user] ?? []) scores[item] = Number.NEGATIVE_INFINITY;
    const ranked = new Int32Array(most);
    topItems(scores, ranked);
    return ranked;
  });
  return { users, lists };
}

/** A metric of one list. */
export type ListMetric = (ranked: Int32Array, truth: ReadonlySet<number>, k: number) => Measured;

/** One value per user with something held out, in the order of the lists. */
export function valuesOf(
  { users, lists }: RankedLists,
  held: readonly Int32Array[],
  metric: ListMetric,
  k: number,
): Float64Array {
  const values: number[] = [];
  for (const [i, user] of users.entries()) {
    const measured = metric(lists[i]!, new Set(held[user]!), k);
    if (measured.status === "defined") values.push(measured.value);
  }
  return Float64Array.from(values);
}

/** NDCG@k on the validation items, with the training items masked; 0 when nothing was held out of these users. */
export function validationNdcg(
  model: FittedRecommender,
  split: PlaylistSplit,
  users: Int32Array,
  k: number,
  signal: AbortSignal | undefined,
): number {
  const values = valuesOf(rankItems(model, split, users, undefined, k, signal), split.valid, ndcgScore, k);
  return values.length === 0 ? 0 : meanOf(values);
}

/** A measurement and what others are compared with. */
export interface MeasuredLists {
  readonly figures: PlaylistMeasurement;
  readonly ranked: RankedLists;
  /** Users with something held out. */
  readonly judged: number;
  /** NDCG at the first cut-off of users drawn again; the same draws for every model measured with the same stream. */
  readonly drawnNdcg: Float64Array;
}

/**
 * Measures on the test items, with training and validation items masked.
 * @param at - cut-offs, 1 or more each
 * @param rng - draws users for the intervals
 */
export function measurePlaylist(
  model: FittedRecommender,
  split: PlaylistSplit,
  users: Int32Array,
  at: readonly number[],
  rng: Random,
  signal: AbortSignal | undefined,
): MeasuredLists {
  const ranked = rankItems(model, split, users, split.valid, Math.max(...at), signal);
  const { lists } = ranked;
  const items = split.items.length;
  const first = at[0]!;
  const metrics = { ndcg: ndcgScore, recall: recallScore, hitRate: hitScore } as const;
  type Metric = keyof typeof metrics;
  const asked = at.flatMap((k) =>
    (Object.keys(metrics) as Metric[]).map((metric) => ({
      metric,
      k: String(k),
      values: valuesOf(ranked, split.test, metrics[metric], k),
    })),
  );
  const rank = valuesOf(ranked, split.test, reciprocalRankScore, first);
  const drawn = resampleMeans([...asked.map(({ values }) => values), rank], rng);
  const figure = (values: Float64Array): Figure =>
    values.length === 0 ? { status: "undefined", reason: "nothing was held out of any user" } : meanOf(values);
  const byCutOff = <Value>(metric: Metric, value: (column: number) => Value): Readonly<Record<string, Value>> =>
    Object.fromEntries(asked.flatMap((one, i) => (one.metric === metric ? [[one.k, value(i)]] : [])));
  const figures = (metric: Metric) => byCutOff(metric, (i) => figure(asked[i]!.values));
  const intervals = (metric: Metric) => byCutOff(metric, (i) => percentileInterval(drawn[i]!, rank.length));
  return {
    figures: {
      ndcg: figures("ndcg"),
      recall: figures("recall"),
      hitRate: figures("hitRate"),
      mrr: figure(rank),
      coverage: figureOf(coverageScore(lists, items, first)),
      novelty: figureOf(noveltyScore(lists, countUsers(split), split.train.length, first)),
      gini: figureOf(recommendationGini(lists, items, first)),
      intervals: {
        ndcg: intervals("ndcg"),
        recall: intervals("recall"),
        hitRate: intervals("hitRate"),
        mrr: percentileInterval(drawn.at(-1)!, rank.length),
      },
    },
    ranked,
    judged: rank.length,
    drawnNdcg: drawn[0]!,
  };
}
