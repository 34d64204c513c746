import { CairnError } from "../../../errors.ts";
import { solveFoldIn } from "../../../numeric/kernels/implicit-als.ts";
import { type Kernels, withKernels } from "../../../numeric/kernels/kernels.ts";
import { penaltyOf, type Settings, settingsNames } from "../implicit-als/model.ts";
import { checkHistory, encodeActivities, type FittedRecommender, indexActivities } from "../recommender.ts";
import type { FeaturedFactors } from "./alternate.ts";
import { checkValues, type FeaturedHistory, project } from "./side-features.ts";
import { fixSide, type SolvedRow, solveRow } from "./solve-row.ts";

/** The kind of an artifact of iALS with features. */
export const FEATURE_ALS = "playlist/feature-als";

/** A fitted iALS model that knows what features foretell. */
export interface FittedFeatureAls extends FittedRecommender {
  readonly dimensions: number;
  /** Names of the learner features, in the order a history gives them. */
  readonly learnerFeatures: readonly string[];
  /** Names of the activity features. */
  readonly activityFeatures: readonly string[];
  /** Scores as every recommender; a learner who did nothing is what the features foretell, M·f. */
  score(history: FeaturedHistory, out: Float64Array): void;
  /**
   * The learner's embedding.
   * @param out - shape (dimensions), overwritten
   * @throws CairnError `SHAPE_MISMATCH`, `NOT_FINITE`, `BAD_INPUT`, `SINGULAR`
   */
  foldIn(history: FeaturedHistory, out: Float64Array): void;
  /**
   * The embedding of an activity that was not there at the training, from its features: its dot product with a learner's
   * embedding is its score.
   * @param out - shape (dimensions), overwritten
   * @throws CairnError `SHAPE_MISMATCH`, `NOT_FINITE`
   */
  embedActivity(features: Float64Array, out: Float64Array): void;
  /**
   * What each activity of the history adds to the score of one activity, and last what the learner's features add. The terms
   * add up to `score` within rounding (1e-9 of their size).
   * @param activity - index of the activity to explain
   * @param out - shape (history + 1), overwritten
   * @throws CairnError `SHAPE_MISMATCH`, `NOT_FINITE`, `BAD_INPUT`, `SINGULAR`
   */
  explain(history: FeaturedHistory, activity: number, out: Float64Array): void;
}

/** Names of the features on both sides. */
export interface FeatureNames {
  readonly learnerFeatures: readonly string[];
  readonly activityFeatures: readonly string[];
}

/** The fitted model around its embeddings and maps, which the caller gives away. */
export function fittedFeatureAls(
  activities: readonly string[],
  trained: FeaturedFactors,
  names: FeatureNames,
  settings: Settings,
): FittedFeatureAls {
  const { factors, learnerMap, activityMap } = trained;
  const { dimensions } = settings;
  const fixed = fixSide(factors, dimensions, settings.unobservedWeight);
  const priorOf = ({ features }: FeaturedHistory): Float64Array => {
    const prior = new Float64Array(dimensions);
    if (features === undefined) return prior;
    checkValues(features, learnerMap.cols);
    project(learnerMap, features, 0, prior);
    return prior;
  };
  const solve = <Result>(
    { activityIdx, weight }: FeaturedHistory,
    prior: Float64Array,
    learner: Float64Array,
    work: (kernels: Kernels, solved: SolvedRow) => Result,
  ): Result =>
    withKernels((kernels) => {
      const observed = weight === undefined ? activityIdx.length : weight.reduce((sum, value) => sum + value, 0);
      const row = { columns: activityIdx, weight, from: 0, to: activityIdx.length };
      const penalty = penaltyOf(observed, activities.length, settings);
      return work(kernels, solveRow(kernels, fixed, row, penalty, prior, learner));
    });
  const embed = (history: FeaturedHistory): Float64Array => {
    const learner = priorOf(history);
    if (history.activityIdx.length > 0) solve(history, learner.slice(), learner, () => undefined);
    return learner;
  };
  return {
    kind: FEATURE_ALS,
    activities,
    dimensions,
    ...names,
    indexOf: indexActivities(activities),
    score(history, out) {
      checkHistory(history, activities.length, out);
      const learner = embed(history);
      for (let i = 0, offset = 0; i < out.length; i++, offset += dimensions) out[i] = dot(factors, offset, learner);
    },
    foldIn(history, out) {
      checkHistory(history, activities.length, out, dimensions);
      out.set(embed(history));
    },
    embedActivity(features, out) {
      checkValues(features, activityMap.cols);
      checkValues(out, dimensions);
      project(activityMap, features, 0, out);
    },
    explain(history, activity, out) {
      const { activityIdx, weight } = history;
      checkHistory(history, activities.length, out, activityIdx.length + 1);
      if (!(Number.isInteger(activity) && activity >= 0 && activity < activities.length)) {
        throw new CairnError("BAD_INPUT", `expected an activity in [0, ${activities.length}), got ${activity}`);
      }
      const prior = priorOf(history);
      const offset = activity * dimensions;
      if (activityIdx.length === 0) {
        out[0] = dot(factors, offset, prior);
        return;
      }
      solve(history, prior, new Float64Array(dimensions), (kernels, { system, fromPrior }) => {
        system.solution.fill(0);
        for (let k = 0; k < dimensions; k++) system.solution[k] = factors[offset + k]!;
        solveFoldIn(kernels, system);
        const pull = system.solution.subarray(0, dimensions);
        for (let i = 0; i < activityIdx.length; i++) {
          out[i] = (weight === undefined ? 1 : weight[i]!) * dot(factors, activityIdx[i]! * dimensions, pull);
        }
        out[activityIdx.length] = dot(factors, offset, fromPrior);
      });
    },
    encode: () => ({
      metadata: { kind: FEATURE_ALS },
      arrays: {
        activities: encodeActivities(activities),
        activityFeatures: encodeActivities(names.activityFeatures),
        activityMap: activityMap.data.slice(),
        factors: factors.slice(),
        learnerFeatures: encodeActivities(names.learnerFeatures),
        learnerMap: learnerMap.data.slice(),
        settings: Float64Array.from(settingsNames, (name) => settings[name]),
      },
    }),
  };
}

function dot(factors: Float32Array, offset: number, vector: Float64Array): number {
  let sum = 0;
  for (let k = 0; k < vector.length; k++) sum += factors[offset + k]! * vector[k]!;
  return sum;
}
