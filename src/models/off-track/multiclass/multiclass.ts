import type { FeatureMatrix } from "../../../numeric/matrix.ts";
import type { Estimator, FittedModel } from "../../estimator.ts";

/** Rows to learn one of several outcomes from. */
export interface MulticlassMatrix {
  readonly matrix: FeatureMatrix;
  /** Shape (rows): the class of each row, as an index into `classes`. */
  readonly labels: Uint8Array;
  /** At least two names, all different; each has rows. */
  readonly classes: readonly string[];
}

/** A fitted model of one outcome out of several. */
export interface FittedMulticlass extends FittedModel {
  readonly classes: readonly string[];
  /** The columns it reads, by name; a matrix may hold more, in any order. */
  readonly features: readonly string[];
  /**
   * Probability of every class per row; each row sums to 1.
   * @param out - shape (matrix.rows × classes), row-major, overwritten
   * @throws CairnError `UNKNOWN_FEATURE`, `SHAPE_MISMATCH`
   */
  predict(matrix: FeatureMatrix, out: Float64Array): void;
  /**
   * Additive reasons for one class against all others, in log-odds before the classes are made to sum to 1: per row one
   * contribution per feature and, last, the base.
   * @param category - an index into `classes`
   * @param out - shape (matrix.rows × (features.length + 1)), row-major, overwritten
   * @throws CairnError `BAD_INPUT` for a class that is none
   */
  explain(matrix: FeatureMatrix, category: number, out: Float64Array): void;
}

/** A recipe for a {@link FittedMulticlass}. */
export type MulticlassClassifier = Estimator<MulticlassMatrix, FittedMulticlass>;
