import { CairnError } from "../../../errors.ts";
import { fromColumns } from "../../../numeric/linear/dense.ts";
import { leastSquares, leverages, predictLinear } from "../../../numeric/linear/least-squares.ts";
import type { Inference } from "../regression/inference.ts";
import {
  centred,
  contrastOf,
  interactions,
  intercept,
  type LinearModel,
  linearModel,
  type Term,
} from "../regression/linear-model.ts";
import { inferContrast, type StandardError } from "../regression/robust.ts";
import { summarizeArm } from "../trial.ts";

/** One outcome of one comparison with what was known of every learner before it began. */
export interface Adjusted {
  /** Shape (rows), finite. */
  readonly outcome: Float64Array;
  /** Shape (rows): 1 treated, 0 compared. */
  readonly treatment: Uint8Array;
  /** Measured before the assignment. */
  readonly covariates: readonly Term[];
  /** Shape (rows), ids; when given, standard errors know that learners share clusters. */
  readonly cluster?: Int32Array;
}

/** A regression's effect with the regression it came from. */
export interface RegressionEffect extends Inference {
  readonly model: LinearModel;
}

const TREATMENT = "(treatment)"; // no column of a file can be named so by accident

/**
 * Analysis of covariance: least squares of the outcome on treatment and covariates; the effect is treatment's coefficient.
 * @param kind - default CR2 with clusters, HC2 without
 * @throws CairnError what `leastSquares` and `inferContrast` throw
 */
export function ancova(data: Adjusted, kind?: StandardError): RegressionEffect {
  return effectOf(data, [treatmentTerm(data), ...data.covariates], kind);
}

/**
 * Lin's regression: treatment, covariates minus their means over all learners, and treatment times those. In a randomised trial it
 * never does worse in large samples than the plain difference.
 * @param kind - default CR2 with clusters, HC2 without
 * @throws CairnError what `leastSquares` and `inferContrast` throw
 * @see Lin (2013), Annals of Applied Statistics 7(1)
 */
export function linRegression(data: Adjusted, kind?: StandardError): RegressionEffect {
  const around = centred(data.covariates);
  const treatment = treatmentTerm(data);
  return effectOf(data, [treatment, ...around, ...interactions(treatment, around)], kind);
}

function treatmentTerm({ treatment }: Adjusted): Term {
  return { name: TREATMENT, values: treatment };
}

function effectOf(data: Adjusted, terms: readonly Term[], kind?: StandardError): RegressionEffect {
  const model = linearModel([intercept(data.outcome.length), ...terms], data.outcome);
  const chosen = kind ?? (data.cluster === undefined ? "HC2" : "CR2");
  return { ...inferContrast(model.fit, contrastOf(model, TREATMENT), chosen, data.cluster), model };
}

/**
 * CUPED: the outcome minus θX with θ the slope of outcome on covariates over both arms together (arms ignored), then the difference
 * in means with Welch's degrees of freedom. `theta` has one entry per kept covariate.
 * @throws CairnError what `leastSquares` throws
 * @see Deng, Xu, Kohavi and Walker (2013), WSDM, eq. 4
 */
export function cuped({ outcome, treatment, covariates }: Adjusted): Inference & { readonly theta: Float64Array } {
  const pooled = linearModel([intercept(outcome.length), ...covariates], outcome);
  const theta = pooled.fit.coefficients.slice(1);
  const arm = (which: 0 | 1) => summarizeArm(pooled.fit.residuals.filter((_, row) => treatment[row] === which));
  const [compared, treated] = [arm(0), arm(1)];
  const [v1, v0] = [treated, compared].map(({ n, squares }) => squares / (n * (n - 1))) as [number, number];
  return {
    estimate: treated.mean - compared.mean,
    se: Math.sqrt(v1 + v0),
    df: (v1 + v0) ** 2 / (v1 ** 2 / (treated.n - 1) + v0 ** 2 / (compared.n - 1)),
    theta,
  };
}

/**
 * LOOP: both potential outcomes of every learner are imputed without that learner (least squares in each arm; arm means without
 * covariates), so that the estimate is exactly unbiased. The variance is the conservative one.
 * @param probability - chance of treatment by the lot; default the share that was treated
 * @throws CairnError `BAD_INPUT` when a learner alone determines the imputation (leverage 1); what `leastSquares` throws
 * @see Wu and Gagnon-Bartsch (2018), Evaluation Review 42(4), eq. 3 to 5
 */
export function loop({ outcome, treatment, covariates }: Adjusted, probability?: number): Inference {
  const rows = outcome.length;
  const p = probability ?? treatment.reduce((sum, arm) => sum + arm, 0) / rows;
  const terms = [intercept(rows), ...covariates];
  const treated = imputeWithout(outcome, treatment, terms, 1);
  const compared = imputeWithout(outcome, treatment, terms, 0);
  let sum = 0;
  const squares = [0, 0];
  const counts = [0, 0];
  for (let row = 0; row < rows; row++) {
    const arm = treatment[row]!;
    const middle = (1 - p) * treated[row]! + p * compared[row]!;
    sum += (outcome[row]! - middle) * (arm / p - (1 - arm) / (1 - p));
    squares[arm]! += (outcome[row]! - (arm === 1 ? treated : compared)[row]!) ** 2;
    counts[arm]!++;
  }
  const [errorCompared, errorTreated] = [squares[0]! / counts[0]!, squares[1]! / counts[1]!];
  const variance =
    (((1 - p) / p) * errorTreated + (p / (1 - p)) * errorCompared + 2 * Math.sqrt(errorTreated * errorCompared)) / rows;
  return { estimate: sum / rows, se: Math.sqrt(variance), df: Number.POSITIVE_INFINITY };
}

/** Predictions of one arm's model for every row; for the arm's own rows the leave-one-out prediction ŷ − rh/(1 − h). */
function imputeWithout(outcome: Float64Array, treatment: Uint8Array, terms: readonly Term[], arm: 0 | 1): Float64Array {
  const own = Array.from(treatment.keys()).filter((row) => treatment[row] === arm);
  const design = fromColumns(terms.map(({ values }) => values));
  const fit = leastSquares(
    fromColumns(terms.map(({ values }) => own.map((row) => values[row]!))),
    own.map((row) => outcome[row]!),
  );
  const imputed = predictLinear(fit, design);
  const leverage = leverages(fit);
  own.forEach((row, i) => {
    const free = 1 - leverage[i]!;
    if (free < 1e-10) {
      throw new CairnError(
        "BAD_INPUT",
        "expected every learner to be predictable from the others, got one who is not",
        {
          hint: "leave out covariates that single out one learner of an arm",
        },
      );
    }
    imputed[row] = outcome[row]! - fit.residuals[i]! / free;
  });
  return imputed;
}
