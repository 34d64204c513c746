import { CairnError } from "../../../errors.ts";
import { normalCumulative } from "../../../numeric/distributions.ts";
import { crossProduct, type Dense, fromColumns, timesVector } from "../../../numeric/linear/dense.ts";
import { leastSquares } from "../../../numeric/linear/least-squares.ts";
import { invertPositive } from "../../../numeric/linear/symmetric.ts";
import { normalDensity } from "../../../numeric/tail-areas.ts";
import type { Term } from "../regression/linear-model.ts";

/** How the linear predictor becomes a probability. */
export type Link = "logit" | "probit";

/** The probability of treatment given covariates, and what standard errors need of its estimation. */
export interface Propensity {
  readonly link: Link;
  /** Names of the kept columns, in the order of the coefficients. */
  readonly names: readonly string[];
  readonly dropped: readonly string[];
  readonly coefficients: Float64Array;
  /** Shape (rows): Xb. */
  readonly linear: Float64Array;
  /** Shape (rows): the probability e of treatment. */
  readonly probability: Float64Array;
  /** Shape (rows): ∂e/∂(Xb). */
  readonly slope: Float64Array;
  /** Shape (rows × kept): the columns X. */
  readonly design: Dense;
  /** Shape (rows × kept): how much each row moved each coefficient, I⁻¹ times its score. */
  readonly influence: Dense;
  /** Whether a fitted probability is within 1e-8 of 0 or 1: some learners are certain to be in one arm. */
  readonly separated: boolean;
}

const STEPS = 100; // Newton: ten are enough unless the arms can be told apart perfectly
const DEVIANCE = 1e-12; // relative change of the deviance at which R's glm, asked for its best, also stops
const SEPARATED = 1e-8;
const PERFECT = 1e-6; // a deviance of all rows this small says that every arm was foretold

/**
 * Maximum likelihood of treatment on terms by iterated weighted least squares, steps halved when the deviance rises.
 * @param terms - the columns, an intercept among them
 * @param treatment - shape (rows), each 0 or 1
 * @throws CairnError `SINGLE_CLASS` with one arm; `NOT_CONVERGED`; what `leastSquares` throws
 * @see McCullagh and Nelder (1989), Generalized Linear Models, 2.5
 */
export function propensity(terms: readonly Term[], treatment: ArrayLike<number>, link: Link = "logit"): Propensity {
  const rows = treatment.length;
  let treated = 0;
  for (let row = 0; row < rows; row++) treated += treatment[row]!;
  if (treated === 0 || treated === rows) {
    throw new CairnError("SINGLE_CLASS", `expected two arms, got ${treated} treated of ${rows}`, {
      hint: "a chance of treatment needs learners with and without it",
    });
  }
  const whole = fromColumns(terms.map(({ values }) => values));
  const { linear, kept, dropped, coefficients } = maximize(whole, treatment, link, treated / rows);
  const probability = linear.map((eta) => chance(eta, link));
  const slope = linear.map((eta) => (link === "logit" ? logitSlope(eta) : normalDensity(eta)));
  const design = fromColumns(kept.map((column) => terms[column]!.values));
  return {
    link,
    names: kept.map((column) => terms[column]!.name),
    dropped: dropped.map((column) => terms[column]!.name),
    coefficients,
    linear,
    probability,
    slope,
    design,
    influence: influenceOf(design, treatment, linear, link),
    separated: probability.some((e) => e < SEPARATED || 1 - e < SEPARATED),
  };
}

/** The probability of a linear predictor. */
export function chance(eta: number, link: Link): number {
  if (link === "probit") return normalCumulative(eta);
  return eta >= 0 ? 1 / (1 + Math.exp(-eta)) : Math.exp(eta) / (1 + Math.exp(eta));
}

function logitSlope(eta: number): number {
  const tail = Math.exp(-Math.abs(eta));
  return tail / (1 + tail) ** 2;
}

/** −log of the probability of what happened. */
function surprise(eta: number, treated: number, link: Link): number {
  const side = treated === 1 ? eta : -eta;
  if (link === "probit") return -Math.log(normalCumulative(side));
  return side > 0 ? Math.log1p(Math.exp(-side)) : -side + Math.log1p(Math.exp(side));
}

function deviance(linear: Float64Array, treatment: ArrayLike<number>, link: Link): number {
  let sum = 0;
  for (let row = 0; row < linear.length; row++) sum += 2 * surprise(linear[row]!, treatment[row]!, link);
  return sum;
}

function maximize(design: Dense, treatment: ArrayLike<number>, link: Link, share: number) {
  const rows = design.rows;
  let linear = new Float64Array(rows).fill(link === "logit" ? Math.log(share / (1 - share)) : 0);
  let value = deviance(linear, treatment, link);
  const weights = new Float64Array(rows);
  const working = new Float64Array(rows);
  for (let step = 0; step < STEPS; step++) {
    for (let row = 0; row < rows; row++) {
      const eta = linear[row]!;
      const e = chance(eta, link);
      const slope = link === "logit" ? logitSlope(eta) : normalDensity(eta);
      const variance = e * chance(-eta, link);
      weights[row] = Math.max(slope ** 2 / variance, 1e-20);
      working[row] = eta + (treatment[row]! - e) / Math.max(slope, 1e-20);
    }
    const { coefficients, kept, dropped, residuals } = weighed(design, working, weights, step);
    let next = working.map((z, row) => z - residuals[row]!);
    let reached = deviance(next, treatment, link);
    for (let halving = 0; halving < 30 && !(reached <= value * (1 + 1e-9)); halving++) {
      next = next.map((eta, row) => (eta + linear[row]!) / 2);
      reached = deviance(next, treatment, link);
    }
    const change = Math.abs(reached - value) / (0.1 + Math.abs(reached));
    linear = next;
    value = reached;
    if (value < PERFECT) throw toldApart();
    if (change < DEVIANCE) return { linear, coefficients, kept, dropped };
  }
  throw toldApart();
}

/** Weights that all vanish after the first step leave no column to fit: the arms can be told apart. */
function weighed(design: Dense, working: Float64Array, weights: Float64Array, step: number) {
  try {
    return leastSquares(design, working, weights);
  } catch (error) {
    throw step > 0 && error instanceof CairnError && error.code === "SINGULAR" ? toldApart() : error;
  }
}

function toldApart(): CairnError {
  return new CairnError(
    "NOT_CONVERGED",
    "expected the chances of treatment to settle, got coefficients that still grow",
    {
      hint: "some covariates tell the arms apart perfectly: leave them out, or restrict the sample to where both arms are",
    },
  );
}

function influenceOf(design: Dense, treatment: ArrayLike<number>, linear: Float64Array, link: Link): Dense {
  const rows = design.rows;
  const score = new Float64Array(rows);
  const information = new Float64Array(rows);
  for (let row = 0; row < rows; row++) {
    const eta = linear[row]!;
    if (link === "logit") {
      score[row] = treatment[row]! - chance(eta, link);
      information[row] = logitSlope(eta);
    } else {
      const side = treatment[row] === 1 ? 1 : -1;
      score[row] = (side * normalDensity(eta)) / normalCumulative(side * eta);
      information[row] = score[row]! * (score[row]! + eta); // observed, not expected: what Stata and R's sandwich use
    }
  }
  const inverse = invertPositive(crossProduct(design, design, information));
  const influence = new Float64Array(rows * design.cols);
  for (let row = 0; row < rows; row++) {
    const moved = timesVector(inverse, design.data.subarray(row * design.cols, (row + 1) * design.cols));
    for (let k = 0; k < design.cols; k++) influence[row * design.cols + k] = moved[k]! * score[row]!;
  }
  return { rows, cols: design.cols, data: influence };
}
