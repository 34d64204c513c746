import type { Estimator } from "../../../models/estimator.ts";
import { ease } from "../../../models/playlist/ease.ts";
import { type ImplicitAlsOptions, implicitAls } from "../../../models/playlist/implicit-als/implicit-als.ts";
import { itemNeighbors } from "../../../models/playlist/item-neighbors.ts";
import { popularity } from "../../../models/playlist/popularity.ts";
import type { FittedRecommender, Interactions } from "../../../models/playlist/recommender.ts";

/** A recipe for a recommender. */
export type Recommender = Estimator<Interactions, FittedRecommender>;

const als = (options: ImplicitAlsOptions): Recommender => implicitAls(options);
const weighted = (regularization: number, popularityExponent: number): Recommender =>
  ease({ regularization, learnerExponent: 0.5, activityExponent: 0.5, popularityExponent });

/**
 * The settings each model is tried with; the validation items choose among them. EASE's λ in steps of three, as it grows with
 * the number of users; iALS around what was best on MovieLens (handbook 2.2.4), in three sizes.
 */
export const candidateRecipes: Readonly<Record<string, readonly Recommender[]>> = {
  popularity: [popularity()],
  itemNeighbors: [itemNeighbors()],
  ease: [100, 300, 1000, 3000].map((regularization) => ease({ regularization })),
  easeWeighted: [weighted(400, 0.2), weighted(1000, 0.1), weighted(1500, 0.2)],
  ials: [
    als({ unobservedWeight: 0.5, regularization: 0.01 }),
    als({ unobservedWeight: 0.5, regularization: 0.005 }),
    als({ unobservedWeight: 0.3, regularization: 0.01 }),
    als({ unobservedWeight: 0.5, regularization: 0.08, frequencyExponent: 0.7 }),
  ],
  ialsSmall: [
    als({ dimensions: 32, unobservedWeight: 0.5, regularization: 0.01 }),
    als({ dimensions: 32, unobservedWeight: 0.5, regularization: 0.005 }),
  ],
  ialsLarge: [
    als({ dimensions: 128, unobservedWeight: 0.3, regularization: 0.01 }),
    als({ dimensions: 128, unobservedWeight: 0.3, regularization: 0.02 }),
  ],
};

/** The models whose best settings are blended. */
export const blendedModels: readonly string[] = ["easeWeighted", "ials", "ialsSmall", "ialsLarge"];

/** Every name that may be evaluated. */
export const playlistModelNames: readonly string[] = [...Object.keys(candidateRecipes), "blend"];
