import type { FeatureMatrix } from "../numeric/matrix.ts";
import type { Random } from "../numeric/random.ts";
import type { Tensors } from "./artifact.ts";

/** How one run of `fit` goes: nothing here changes what the model is. */
export interface FitContext {
  readonly rng: Random;
  /** Aborting makes `fit` throw `CANCELLED` at its next check. */
  readonly signal?: AbortSignal;
  /** Called with the finished share, in [0, 1]. */
  readonly onProgress?: (fraction: number) => void;
}

/** JSON-like, validated hyperparameters: they are part of a model's identity. */
export type Parameters = Readonly<
  Record<string, number | string | boolean | null | readonly number[] | readonly string[]>
>;

/**
 * A recipe: validated parameters, no state. `fit` is pure (same input, parameters and seed give the same bytes; the input
 * is not changed) and returns an immutable fitted model, so "not fitted" cannot be written.
 *
 * `Input` is what it learns from; `Fitted` what it becomes.
 */
export interface Estimator<Input, Fitted extends FittedModel> {
  /** Names the family and method, such as `off-track/logistic`. */
  readonly kind: string;
  readonly parameters: Parameters;
  /** Learns from the input: pure, deterministic, the input unchanged. @throws CairnError `CANCELLED`, and what the recipe documents */
  fit(input: Input, context: FitContext): Fitted;
  /** The way back from an artifact: `decode(fitted.encode())` predicts the same bytes. */
  decode(tensors: Tensors): Fitted;
}

/** What every fitted model can do: name itself and be written down as named arrays. */
export interface FittedModel {
  readonly kind: string;
  /** The model as named arrays; `metadata.kind` names what can read them back. */
  encode(): Tensors;
}

/** Rows to learn a yes/no outcome from. */
export interface LabelledMatrix {
  readonly matrix: FeatureMatrix;
  /** Shape (rows), each 0 or 1; 1 is the bad outcome. */
  readonly labels: Uint8Array;
}

/** A fitted model of a yes/no outcome that can give reasons. */
export interface FittedClassifier extends FittedModel {
  /** The columns it reads, by name; a matrix may hold more, in any order. */
  readonly features: readonly string[];
  /**
   * Probability of the outcome per row.
   * @param out - shape (matrix.rows), overwritten; each in [0, 1]
   * @throws CairnError `UNKNOWN_FEATURE`, `SHAPE_MISMATCH`
   */
  predict(matrix: FeatureMatrix, out: Float64Array): void;
  /**
   * Additive reasons in log-odds: for each row one contribution per feature (in the order of `features`) and, last, the
   * base; they sum to the logit of the prediction within 1e-9.
   * @param out - shape (matrix.rows × (features.length + 1)), row-major, overwritten
   */
  explain(matrix: FeatureMatrix, out: Float64Array): void;
}

/** A recipe for a {@link FittedClassifier}. */
export type Classifier = Estimator<LabelledMatrix, FittedClassifier>;
