import type { FeatureMatrix } from "../numeric/matrix.ts";

/** Features of a cohort, row by row: whose they are, as of when, and the matrix a model reads. */
export interface FeatureTable {
  /** Shape (rows): the unit of a row, one learner in one period. */
  readonly learner: readonly string[];
  /** Shape (rows): the human being behind it, for splits that must not part a person. */
  readonly person: readonly string[];
  readonly period: readonly string[];
  /** Shape (rows); empty where the learner has no peer group. */
  readonly peerGroup: readonly string[];
  /** Shape (rows): the as-of day as `YYYY-MM-DD`. */
  readonly asOf: readonly string[];
  readonly matrix: FeatureMatrix;
  /**
   * Why cells are missing: one array of shape (rows) per matrix column, codes into `missingReasons`, 0 where the value is
   * known. Every built table has it; one that was made otherwise need not.
   */
  readonly reasons?: readonly Uint8Array[];
  /** The catalog version the columns were built with. */
  readonly catalogVersion: string;
}
