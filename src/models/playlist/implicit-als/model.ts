import { CairnError } from "../../../errors.ts";
import {
  allocateFoldIn,
  type FoldIn,
  factorFoldIn,
  paddedWidth,
  solveFoldIn,
} from "../../../numeric/kernels/implicit-als.ts";
import { type Kernels, withKernels } from "../../../numeric/kernels/kernels.ts";
import {
  checkHistory,
  encodeActivities,
  type FittedRecommender,
  type History,
  indexActivities,
} from "../recommender.ts";

/** The kind of an iALS artifact. */
export const IMPLICIT_ALS = "playlist/implicit-als";

/** What a fold-in needs to know of the training: see the options of the same names. */
export interface Settings {
  readonly dimensions: number;
  readonly unobservedWeight: number;
  readonly regularization: number;
  readonly frequencyExponent: number;
}

/** The order of the settings in an artifact. */
export const settingsNames: readonly (keyof Settings)[] = [
  "dimensions",
  "unobservedWeight",
  "regularization",
  "frequencyExponent",
];

/** A fitted iALS model: activities only. Every learner is folded in from the history, exactly as training would do it. */
export interface FittedImplicitAls extends FittedRecommender {
  /** Length of an embedding. */
  readonly dimensions: number;
  /**
   * The learner's embedding from the normal equations with the activities held fixed; 0 for an empty history.
   * @param out - shape (dimensions), overwritten
   * @throws CairnError `SHAPE_MISMATCH`, `NOT_FINITE`, `BAD_INPUT`, `SINGULAR`
   */
  foldIn(history: History, out: Float64Array): void;
  /**
   * What each activity of the history adds to the score of one activity: c_j·h_iᵀA⁻¹h_j. The terms add up to `score` within
   * rounding (1e-9 of their size).
   * @param activity - index of the activity to explain
   * @param out - shape (history), overwritten
   * @throws CairnError `SHAPE_MISMATCH`, `NOT_FINITE`, `BAD_INPUT`, `SINGULAR`
   */
  explain(history: History, activity: number, out: Float64Array): void;
}

/**
 * λ·nᵛ with n the weight of a row over all pairs, observed and not.
 * @param observed - sum of the weights of the row's entries
 * @param others - rows of the other side
 */
export function penaltyOf(observed: number, others: number, settings: Settings): number {
  const { unobservedWeight, regularization, frequencyExponent } = settings;
  return regularization * (observed + unobservedWeight * others) ** frequencyExponent;
}

/**
 * The fitted model around its embeddings.
 * @param factors - shape (activities × dimensions), row-major; kept, so the caller gives it away
 */
export function fittedImplicitAls(
  activities: readonly string[],
  factors: Float32Array,
  settings: Settings,
): FittedImplicitAls {
  const { dimensions } = settings;
  const width = paddedWidth(dimensions);
  const count = activities.length;
  const gram = scaledGram(factors, settings);
  const withSystem = <Result>(history: History, work: (kernels: Kernels, system: FoldIn) => Result): Result =>
    withKernels((kernels) => {
      const system = allocateFoldIn(kernels, history.activityIdx.length, width);
      fillSystem(system, history, factors, gram, dimensions);
      const observed = system.weight.reduce((sum, value) => sum + value, 0);
      if (factorFoldIn(kernels, system, penaltyOf(observed, count, settings)) >= 0) {
        throw new CairnError("SINGULAR", "expected a positive definite system, got one that is not within rounding", {
          hint: "raise the regularization",
        });
      }
      return work(kernels, system);
    });
  const embed = (history: History): Float64Array =>
    withSystem(history, (_, { solution }) => Float64Array.from(solution.subarray(0, dimensions)));
  return {
    kind: IMPLICIT_ALS,
    activities,
    dimensions,
    indexOf: indexActivities(activities),
    score(history, out) {
      checkHistory(history, count, out);
      if (history.activityIdx.length === 0) {
        out.fill(0);
        return;
      }
      const learner = embed(history);
      for (let i = 0, offset = 0; i < count; i++, offset += dimensions) out[i] = dot(factors, offset, learner);
    },
    foldIn(history, out) {
      checkHistory(history, count, out, dimensions);
      if (history.activityIdx.length === 0) out.fill(0);
      else out.set(embed(history));
    },
    explain(history, activity, out) {
      const { activityIdx, weight } = history;
      checkHistory(history, count, out, activityIdx.length);
      if (!(Number.isInteger(activity) && activity >= 0 && activity < count)) {
        throw new CairnError("BAD_INPUT", `expected an activity in [0, ${count}), got ${activity}`);
      }
      withSystem(history, (kernels, system) => {
        system.solution.fill(0);
        for (let k = 0; k < dimensions; k++) system.solution[k] = factors[activity * dimensions + k]!;
        solveFoldIn(kernels, system);
        for (let i = 0; i < activityIdx.length; i++) {
          const term = dot(factors, activityIdx[i]! * dimensions, system.solution.subarray(0, dimensions));
          out[i] = (weight === undefined ? 1 : weight[i]!) * term;
        }
      });
    },
    encode: () => ({
      metadata: { kind: IMPLICIT_ALS },
      arrays: {
        activities: encodeActivities(activities),
        factors: factors.slice(),
        settings: Float64Array.from(settingsNames, (name) => settings[name]),
      },
    }),
  };
}

function fillSystem(
  system: FoldIn,
  { activityIdx, weight }: History,
  factors: Float32Array,
  gram: Float64Array,
  dimensions: number,
): void {
  const width = system.solution.length;
  system.gram.set(gram);
  for (let i = 0; i < activityIdx.length; i++) {
    system.weight[i] = weight === undefined ? 1 : weight[i]!;
    const from = activityIdx[i]! * dimensions;
    for (let k = 0; k < dimensions; k++) system.gathered[i * width + k] = factors[from + k]!;
  }
}

/** α0·HᵀH, padded to the kernels' width. */
function scaledGram(factors: Float32Array, { dimensions, unobservedWeight }: Settings): Float64Array {
  const width = paddedWidth(dimensions);
  const gram = new Float64Array(width * width);
  for (let offset = 0; offset < factors.length; offset += dimensions) {
    for (let i = 0; i < dimensions; i++) {
      const value = unobservedWeight * factors[offset + i]!;
      for (let j = 0; j <= i; j++) gram[i * width + j]! += value * factors[offset + j]!;
    }
  }
  for (let i = 0; i < dimensions; i++) for (let j = 0; j < i; j++) gram[j * width + i] = gram[i * width + j]!;
  return gram;
}

function dot(factors: Float32Array, offset: number, vector: Float64Array): number {
  let sum = 0;
  for (let k = 0; k < vector.length; k++) sum += factors[offset + k]! * vector[k]!;
  return sum;
}
