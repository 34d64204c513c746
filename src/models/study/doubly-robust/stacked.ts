import { crossProduct, type Dense, dot, fromColumns, timesVector } from "../../../numeric/linear/dense.ts";
import { leastSquares, predictLinear } from "../../../numeric/linear/least-squares.ts";
import { invertPositive } from "../../../numeric/linear/symmetric.ts";
import type { Inference } from "../regression/inference.ts";
import { intercept, type Term } from "../regression/linear-model.ts";
import type { Propensity } from "../weighting/propensity.ts";
import { type Comparison, influenceError } from "../weighting/weights.ts";

/** An average effect with both mean potential outcomes. */
export interface AverageEffect extends Inference {
  /** Mean outcome had nobody been treated, with its standard error. */
  readonly withoutTreatment: Inference;
}

/** One arm's outcome regression and how every row moved it. */
interface ArmModel {
  readonly predicted: Float64Array;
  readonly coefficientInfluence: Dense;
  readonly design: Dense;
  /** Rows' weights in the regression, 0 outside the arm. */
  readonly weights: Float64Array;
}

/**
 * Average effect of treatment with standard errors that count every estimated part (stacked M-estimation): `regression` predicts both
 * outcomes of everybody from one least-squares fit per arm; `weighted-regression` (IPWRA) weights those fits by 1/e and 1/(1 − e);
 * `augmented` (AIPW) adds the weighted residuals to the predictions.
 * @param covariates - of the outcome models, without an intercept
 * @param scores - the chance of treatment; unused by `regression`
 * @throws CairnError what `leastSquares` throws
 * @see Wooldridge (2007), Journal of Econometrics 141; Stata's teffects; handbook 1.6 and 2.10
 */
export function stackedAverage(
  kind: "regression" | "weighted-regression" | "augmented",
  { outcome, treatment, cluster }: Comparison,
  covariates: readonly Term[],
  scores: Propensity,
): AverageEffect {
  const design = fromColumns([intercept(outcome.length), ...covariates].map(({ values }) => values));
  const means = ([0, 1] as const).map((arm) => {
    const model = armModel(kind, outcome, treatment, design, scores, arm);
    return potentialMean(kind, outcome, treatment, model, scores, arm);
  }) as [PotentialMean, PotentialMean];
  const [zero, one] = means;
  return {
    ...inference(
      one.mean - zero.mean,
      one.influence.map((value, row) => value - zero.influence[row]!),
      cluster,
    ),
    withoutTreatment: inference(zero.mean, zero.influence, cluster),
  };
}

function inference(estimate: number, influence: Float64Array, cluster?: ArrayLike<number>): Inference {
  return { estimate, se: influenceError(influence, cluster), df: Number.POSITIVE_INFINITY };
}

/** ∂(1/e)/∂η of the own arm: −e'/e² for the treated, e'/(1 − e)² for the compared. */
function weightSlope(scores: Propensity, row: number, arm: 0 | 1): number {
  const e = scores.probability[row]!;
  return arm === 1 ? -scores.slope[row]! / e ** 2 : scores.slope[row]! / (1 - e) ** 2;
}

function ownChance(scores: Propensity, row: number, arm: 0 | 1): number {
  return arm === 1 ? scores.probability[row]! : 1 - scores.probability[row]!;
}

function armModel(
  kind: string,
  outcome: Float64Array,
  treatment: Uint8Array,
  whole: Dense,
  scores: Propensity,
  arm: 0 | 1,
): ArmModel {
  const rows = outcome.length;
  const weighted = kind === "weighted-regression";
  const weights = Float64Array.from(treatment, (own, row) =>
    own !== arm ? 0 : weighted ? 1 / ownChance(scores, row, arm) : 1,
  );
  const fit = leastSquares(whole, outcome, weights);
  const design = fromColumns(fit.kept.map((column) => columnOf(whole, column)));
  const inverse = invertPositive(crossProduct(design, design, weights));
  const influence: Dense = { rows, cols: design.cols, data: new Float64Array(rows * design.cols) };
  // The coefficients' pull through the weights: Σ ∂w/∂η·r·x·x_e' over the arm, a matrix (kept × scores).
  const pull = Float64Array.from(treatment, (own, row) =>
    weighted && own === arm ? weightSlope(scores, row, arm) * fit.residuals[row]! : 0,
  );
  const through = crossProduct(design, scores.design, pull);
  for (let row = 0; row < rows; row++) {
    const score = timesVector(through, scores.influence.data.subarray(row * through.cols, (row + 1) * through.cols));
    const own = weights[row]! * fit.residuals[row]!;
    for (let k = 0; k < design.cols; k++) score[k]! += own * design.data[row * design.cols + k]!;
    influence.data.set(timesVector(inverse, score), row * design.cols);
  }
  return { predicted: predictLinear(fit, whole), coefficientInfluence: influence, design, weights };
}

function columnOf({ rows, cols, data }: Dense, column: number): Float64Array {
  return Float64Array.from({ length: rows }, (_, row) => data[row * cols + column]!);
}

interface PotentialMean {
  readonly mean: number;
  /** Shape (rows): each row's pull on the mean. */
  readonly influence: Float64Array;
}

/** The mean of φ_a = μ_a + 1[T = a](Y − μ_a)/P(T = a) (or of μ_a alone), with the pull of its estimated parts. */
function potentialMean(
  kind: string,
  outcome: Float64Array,
  treatment: Uint8Array,
  { predicted, coefficientInfluence, design }: ArmModel,
  scores: Propensity,
  arm: 0 | 1,
): PotentialMean {
  const rows = outcome.length;
  const augmented = kind === "augmented";
  const values = new Float64Array(rows);
  const byCoefficient = new Float64Array(design.cols);
  const byScore = new Float64Array(scores.design.cols);
  for (let row = 0; row < rows; row++) {
    const own = augmented && treatment[row] === arm ? 1 / ownChance(scores, row, arm) : 0;
    const rest = outcome[row]! - predicted[row]!;
    values[row] = predicted[row]! + own * rest;
    for (let k = 0; k < design.cols; k++) byCoefficient[k]! += ((1 - own) * design.data[row * design.cols + k]!) / rows;
    if (own === 0) continue;
    const slope = (weightSlope(scores, row, arm) * rest) / rows;
    for (let k = 0; k < byScore.length; k++) byScore[k]! += slope * scores.design.data[row * byScore.length + k]!;
  }
  const mean = values.reduce((sum, value) => sum + value, 0) / rows;
  const influence = values.map(
    (value, row) =>
      (value - mean) / rows +
      dot(byCoefficient, coefficientInfluence.data.subarray(row * design.cols, (row + 1) * design.cols)) +
      dot(byScore, scores.influence.data.subarray(row * byScore.length, (row + 1) * byScore.length)),
  );
  return { mean, influence };
}
