import { CairnError } from "../../../errors.ts";
import { type Dense, zeros } from "../../../numeric/linear/dense.ts";
import { cholesky, solveLower, solveLowerTransposed } from "../../../numeric/linear/symmetric.ts";
import type { History, Interactions } from "../recommender.ts";

/** What is known of learners or activities before anybody did anything. */
export interface SideFeatures {
  /** Unique; a constant 1 among them gives those of whom nothing else is known the mean of all. */
  readonly names: readonly string[];
  /** Shape (rows × names), row-major, finite; of similar size, as one penalty shrinks all. */
  readonly values: Float64Array;
}

/** Interactions with what is known of who and what. */
export interface FeaturedInteractions extends Interactions {
  /** One row per learner: grade, programme, earlier mastery; never a protected attribute without a school's recorded decision. */
  readonly learnerFeatures?: SideFeatures;
  /** One row per activity: skills, grade, modality, provider. */
  readonly activityFeatures?: SideFeatures;
}

/** A learner's history with what is known of the learner. */
export interface FeaturedHistory extends History {
  /** Shape (names of the learner features); all 0 when absent. */
  readonly features?: Float64Array;
}

/**
 * Checks side features at the door.
 * @throws CairnError `SHAPE_MISMATCH`, `NOT_FINITE`, `BAD_INPUT` for a name that comes twice
 */
export function checkSideFeatures({ names, values }: SideFeatures, rows: number): void {
  if (new Set(names).size !== names.length) {
    throw new CairnError("BAD_INPUT", "expected every feature once, got a name twice", { hint: "rename one" });
  }
  checkValues(values, rows * names.length);
}

/**
 * Checks the features of one learner or activity.
 * @throws CairnError `SHAPE_MISMATCH`, `NOT_FINITE`
 */
export function checkValues(values: Float64Array, length: number): void {
  if (values.length !== length) {
    throw new CairnError("SHAPE_MISMATCH", `expected ${length} values of features, got ${values.length}`);
  }
  const wrong = values.findIndex((value) => !Number.isFinite(value));
  if (wrong >= 0) throw new CairnError("NOT_FINITE", `expected a feature's value, got ${values[wrong]} at ${wrong}`);
}

/** A linear map from features to embeddings: shape (dimensions × features), row-major. */
export type FeatureMap = Dense;

/**
 * out = map·features.
 * @param at - where the row's features start
 */
export function project({ rows, cols, data }: FeatureMap, features: Float64Array, at: number, out: Float64Array): void {
  for (let k = 0; k < rows; k++) {
    let sum = 0;
    for (let f = 0; f < cols; f++) sum += data[k * cols + f]! * features[at + f]!;
    out[k] = sum;
  }
}

/**
 * The ridge regression of embeddings on features, each row weighing its penalty:
 * M = (Σ p w fᵀ)(Σ p f fᵀ + μI)⁻¹ over the rows that did something.
 * @param embeddings - shape (rows × dimensions)
 * @param penalties - shape (rows); 0 leaves a row out
 * @param mapPenalty - μ, above 0
 */
export function regressOnFeatures(
  embeddings: Float64Array,
  dimensions: number,
  { names, values }: SideFeatures,
  penalties: Float64Array,
  mapPenalty: number,
): FeatureMap {
  const count = names.length;
  const gram = zeros(count, count);
  const moments = zeros(dimensions, count);
  for (let row = 0; row < penalties.length; row++) {
    const penalty = penalties[row]!;
    if (penalty === 0) continue;
    for (let f = 0; f < count; f++) {
      const value = penalty * values[row * count + f]!;
      if (value === 0) continue; // one-hot features are mostly 0
      for (let g = 0; g < count; g++) gram.data[f * count + g]! += value * values[row * count + g]!;
      for (let k = 0; k < dimensions; k++) moments.data[k * count + f]! += value * embeddings[row * dimensions + k]!;
    }
  }
  for (let f = 0; f < count; f++) gram.data[f * count + f]! += mapPenalty;
  const factor = cholesky(gram);
  for (let k = 0; k < dimensions; k++) {
    const row = moments.data.subarray(k * count, (k + 1) * count);
    solveLowerTransposed(factor, solveLower(factor, row));
  }
  return moments;
}
