import { CairnError } from "../../../errors.ts";
import type { Tensor } from "../../artifact.ts";
import type { Estimator } from "../../estimator.ts";
import { implicitAls } from "../implicit-als/implicit-als.ts";
import { type Settings, settingsNames } from "../implicit-als/model.ts";
import { checkInteractions, readRecommender, stopIfCancelled } from "../recommender.ts";
import { alternateWithFeatures } from "./alternate.ts";
import { FEATURE_ALS, type FittedFeatureAls, fittedFeatureAls } from "./model.ts";
import { checkSideFeatures, type FeaturedInteractions } from "./side-features.ts";

/** Settings of {@link featureAls}. */
export interface FeatureAlsOptions {
  /** d, 1 to 1,024: length of an embedding. Default 64. */
  readonly dimensions?: number;
  /** α0, above 0: the weight of every learner–activity pair, observed or not, at target 0. Default 0.5. */
  readonly unobservedWeight?: number;
  /** λ, above 0: pulls an embedding to what its features foretell. Default 0.01. */
  readonly regularization?: number;
  /** ν in [0, 1]: a row's penalty is λ·nᵛ with n its weight, observed and not. Default 1. */
  readonly frequencyExponent?: number;
  /** Passes over learners and activities, 1 or more. Default 16. */
  readonly epochs?: number;
  /** μ, above 0: pulls the maps from features to embeddings to 0, in the unit of the penalties' sum. Default 1. */
  readonly mapPenalty?: number;
}

/**
 * iALS whose embeddings are pulled to a linear map of features in place of 0: λ n_u^ν‖w_u − M f_u‖² and the same for activities.
 * A learner or an activity nobody has seen anything of is where its features put it, and moves from there with every response. Without
 * features it is iALS. Every row is solved exactly.
 *
 * Features are what recommendations may differ by from the first minute: never a protected attribute without a school's recorded
 * decision.
 * @throws CairnError `BAD_INPUT` when an option is out of range; `fit` throws `SHAPE_MISMATCH`, `NOT_FINITE`, `BAD_INPUT`,
 * `SINGULAR` (λ too small for the data), `CANCELLED`
 * @see Rendle, Krichene, Zhang and Koren (2022), arXiv 2110.14037, for iALS; the prior of features is that of Agarwal and Chen (2009),
 * Regression-based latent factor models, KDD
 */
export function featureAls(options: FeatureAlsOptions = {}): Estimator<FeaturedInteractions, FittedFeatureAls> {
  const { mapPenalty = 1, ...rest } = options;
  const { dimensions = 64, unobservedWeight = 0.5, regularization = 0.01, frequencyExponent = 1, epochs = 16 } = rest;
  implicitAls(rest); // refuses what iALS refuses
  if (!(mapPenalty > 0 && Number.isFinite(mapPenalty))) {
    throw new CairnError("BAD_INPUT", `expected a mapPenalty above 0, got ${mapPenalty}`, { hint: "start with 1" });
  }
  const settings: Settings = { dimensions, unobservedWeight, regularization, frequencyExponent };
  return {
    kind: FEATURE_ALS,
    parameters: { ...settings, epochs, mapPenalty },
    fit(interactions, context) {
      stopIfCancelled(context);
      checkInteractions(interactions);
      const { learnerFeatures, activityFeatures, learnerPtr, activities } = interactions;
      if (learnerFeatures !== undefined) checkSideFeatures(learnerFeatures, learnerPtr.length - 1);
      if (activityFeatures !== undefined) checkSideFeatures(activityFeatures, activities.length);
      const trained = alternateWithFeatures(interactions, { ...settings, epochs, mapPenalty }, context);
      const names = {
        learnerFeatures: [...(learnerFeatures?.names ?? [])],
        activityFeatures: [...(activityFeatures?.names ?? [])],
      };
      return fittedFeatureAls([...activities], trained, names, settings);
    },
    decode(tensors) {
      const { activities, values } = readRecommender(FEATURE_ALS, tensors, "settings", () => settingsNames.length);
      const read = Object.fromEntries(settingsNames.map((name, i) => [name, values[i]!])) as unknown as Settings;
      const { factors, learnerMap, activityMap } = tensors.arrays;
      const learnerFeatures = readNames(tensors.arrays.learnerFeatures);
      const activityFeatures = readNames(tensors.arrays.activityFeatures);
      const isMap = (map: Tensor | undefined, names: readonly string[]): map is Float64Array =>
        map instanceof Float64Array && map.length === read.dimensions * names.length;
      if (
        !(factors instanceof Float32Array && factors.length === activities.length * read.dimensions) ||
        !isMap(learnerMap, learnerFeatures) ||
        !isMap(activityMap, activityFeatures)
      ) {
        throw corrupt();
      }
      const map = (data: Float64Array, names: readonly string[]) => ({
        rows: read.dimensions,
        cols: names.length,
        data: data.slice(),
      });
      const trained = {
        factors: factors.slice(),
        learnerMap: map(learnerMap, learnerFeatures),
        activityMap: map(activityMap, activityFeatures),
      };
      return fittedFeatureAls(activities, trained, { learnerFeatures, activityFeatures }, read);
    },
  };
}

function readNames(bytes: Tensor | undefined): readonly string[] {
  try {
    const names: unknown = JSON.parse(new TextDecoder().decode(bytes instanceof Uint8Array ? bytes : undefined));
    if (Array.isArray(names) && names.every((name) => typeof name === "string")) return names;
  } catch {
    // told below, with every other way the artifact can be damaged
  }
  throw corrupt();
}

function corrupt(): CairnError {
  return new CairnError("ARTIFACT_CORRUPT", "expected embeddings and maps of features that fit, got others", {
    hint: "train the model again",
  });
}
