import type { Estimator } from "../../../models/estimator.ts";
import { bpr } from "../../../models/playlist/bpr/bpr.ts";
import { ease } from "../../../models/playlist/ease.ts";
import { type ImplicitAlsOptions, implicitAls } from "../../../models/playlist/implicit-als/implicit-als.ts";
import { itemNeighbors } from "../../../models/playlist/item-neighbors.ts";
import { nextActivity } from "../../../models/playlist/next-activity.ts";
import { popularity } from "../../../models/playlist/popularity.ts";
import type { FittedRecommender, Interactions } from "../../../models/playlist/recommender.ts";
import type { PlaylistSplit } from "./split.ts";

/** A recipe for a recommender. */
export type Recommender = Estimator<Interactions, FittedRecommender>;

/** How much there is to learn from: it decides how many settings are tried. */
export interface SplitSize {
  readonly items: number;
  readonly pairs: number;
  /** From the first event of the training to the last; undefined without times. */
  readonly timeSpan: number | undefined;
}

const LARGE = 3_000_000; // pairs: one setting of each model, or an evening goes by
const WIDE = 5_000; // items: an inverse of this size takes half a minute, and time grows cubed

const als = (options: ImplicitAlsOptions): Recommender => implicitAls(options);
const weighted = (regularization: number, popularityExponent: number): Recommender =>
  ease({ regularization, learnerExponent: 0.5, activityExponent: 0.5, popularityExponent });

/**
 * The settings each model is tried with, the likeliest first; the validation items choose among them. EASE's λ in steps of three, as
 * it grows with the number of users; iALS around what was best on MovieLens (handbook 2.2.4), in three sizes; the time scale of
 * what comes next from a tenth of the log's length down, as its unit is not known.
 */
function allRecipes(timeSpan: number): Readonly<Record<string, readonly Recommender[]>> {
  return {
    popularity: [popularity()],
    itemNeighbors: [itemNeighbors()],
    ease: [1000, 300, 100, 3000].map((regularization) => ease({ regularization })),
    easeWeighted: [weighted(1000, 0.1), weighted(400, 0.2), weighted(1500, 0.2)],
    ials: [
      als({ unobservedWeight: 0.5, regularization: 0.005 }),
      als({ unobservedWeight: 0.5, regularization: 0.01 }),
      als({ unobservedWeight: 0.3, regularization: 0.01 }),
      als({ unobservedWeight: 0.5, regularization: 0.08, frequencyExponent: 0.7 }),
    ],
    ialsSmall: [
      als({ dimensions: 32, unobservedWeight: 0.5, regularization: 0.005 }),
      als({ dimensions: 32, unobservedWeight: 0.5, regularization: 0.01 }),
    ],
    ialsLarge: [
      als({ dimensions: 128, unobservedWeight: 0.3, regularization: 0.01 }),
      als({ dimensions: 128, unobservedWeight: 0.3, regularization: 0.02 }),
    ],
    bpr: [bpr({ learningRate: 0.02, epochs: 60 })], // shorter steps than Rendle's, chosen on the validation items of MovieLens 100K
    nextActivity: [
      ...[1e-1, 1e-3, 1e-5].map((share) => nextActivity({ timeScale: share * timeSpan })),
      nextActivity({ succession: "direct" }),
    ],
  };
}

/** Every name that may be evaluated. */
export const playlistModelNames: readonly string[] = [...Object.keys(allRecipes(1)), "blend"];

/** Models that need to know when things happened. */
export const timedModels: readonly string[] = ["nextActivity"];

/** The models whose best settings are blended. */
export const blendedModels: readonly string[] = ["easeWeighted", "ials", "ialsSmall", "ialsLarge"];

/** How large a split is. */
export function sizeOf({ items, train, trainTimes }: PlaylistSplit): SplitSize {
  const pairs = train.reduce((sum, row) => sum + row.length, 0);
  if (trainTimes === undefined) return { items: items.length, pairs, timeSpan: undefined };
  let [first, last] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const row of trainTimes) {
    for (const time of row) {
      first = Math.min(first, time);
      last = Math.max(last, time);
    }
  }
  return { items: items.length, pairs, timeSpan: last > first ? last - first : 1 };
}

/** The settings to try each model with on so much data: all, or where a fit takes long only the likeliest. */
export function recipesFor({ items, pairs, timeSpan }: SplitSize): Readonly<Record<string, readonly Recommender[]>> {
  const isLong = (name: string): boolean => pairs > LARGE || (items > WIDE && name.startsWith("ease"));
  const entries = Object.entries(allRecipes(timeSpan ?? 1));
  return Object.fromEntries(entries.map(([name, recipes]) => [name, isLong(name) ? recipes.slice(0, 1) : recipes]));
}
