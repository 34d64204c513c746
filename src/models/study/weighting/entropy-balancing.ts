import { CairnError } from "../../../errors.ts";
import { type Dense, dot, timesVector, transposeTimesVector, zeros } from "../../../numeric/linear/dense.ts";
import { solvePositive } from "../../../numeric/linear/symmetric.ts";
import type { Term } from "../regression/linear-model.ts";
import { type Comparison, finish, type WeightedEffect, weightedInfluence, weightedMeans } from "./weights.ts";

const STEPS = 200; // Newton takes about ten when a solution exists
const BALANCED = 1e-8; // largest difference of means, in standard deviations, that counts as balanced (handbook 1.1)
const UNBOUNDED = 1e4; // multipliers per standard deviation beyond this: the treated mean lies outside the comparison group

/**
 * Entropy balancing for the effect on the treated: the comparison learners get the weights nearest to equal at which their means of all
 * terms are those of the treated. The standard error counts that weights and target means were estimated.
 * @param terms - covariates whose means must agree, without an intercept
 * @throws CairnError `NOT_CONVERGED` when no weights balance the means: never the last iterate
 * @see Hainmueller (2012), Political Analysis 20(1); handbook 2.8
 */
export function entropyBalancing(data: Comparison, terms: readonly Term[]): WeightedEffect {
  const { outcome, treatment } = data;
  const rows = outcome.length;
  const z = standardized(terms, treatment);
  const own = balance(z, treatment);
  const treated = treatment.reduce((sum, arm) => sum + arm, 0);
  const weights = Float64Array.from(treatment, (arm, row) => (arm === 1 ? 1 / treated : own.weights[row]!));
  const means = weightedMeans(outcome, treatment, weights);
  const covariance = new Float64Array(z.cols);
  for (let row = 0; row < rows; row++) {
    if (treatment[row] === 1) continue;
    const pull = weights[row]! * (outcome[row]! - means[0]);
    for (let k = 0; k < z.cols; k++) covariance[k]! += pull * z.data[row * z.cols + k]!;
  }
  // μ₀ moves with the multipliers as a regression on z in the weighted comparison group would: β = H⁻¹·Cov(y, z).
  const beta = solvePositive(own.hessian, covariance);
  const fitted = timesVector(z, beta);
  const influence = weightedInfluence(data, weights, means);
  for (let row = 0; row < rows; row++)
    influence[row]! += weights[row]! * fitted[row]! * (treatment[row] === 1 ? -1 : 1);
  return finish(means, weights, influence, data);
}

/** (x − mean of the treated)/(standard deviation of the treated, or of all when the treated do not vary), by row. */
function standardized(terms: readonly Term[], treatment: ArrayLike<number>): Dense {
  const rows = treatment.length;
  const result = zeros(rows, terms.length);
  terms.forEach(({ name, values }, k) => {
    const treated = moments(values, (row) => treatment[row] === 1);
    const all = moments(values, () => true);
    const scale = treated.deviation > 1e-12 * all.deviation ? treated.deviation : all.deviation;
    if (!(scale > 0)) {
      throw new CairnError("BAD_INPUT", `expected a covariate "${name}" that varies, got a constant`, {
        hint: "leave it out",
      });
    }
    for (let row = 0; row < rows; row++) result.data[row * terms.length + k] = (values[row]! - treated.mean) / scale;
  });
  return result;
}

function moments(values: ArrayLike<number>, of: (row: number) => boolean): { mean: number; deviation: number } {
  let count = 0;
  let mean = 0;
  let squares = 0;
  for (let row = 0; row < values.length; row++) {
    if (!of(row)) continue;
    count++;
    const step = values[row]! - mean;
    mean += step / count;
    squares += step * (values[row]! - mean);
  }
  return { mean, deviation: Math.sqrt(squares / Math.max(1, count - 1)) };
}

/** Newton on the dual log Σ exp(−λ'z) over the comparison rows. */
function balance(z: Dense, treatment: ArrayLike<number>): { weights: Float64Array; hessian: Dense } {
  let lambda = new Float64Array(z.cols);
  let state = evaluate(z, treatment, lambda);
  for (let step = 0; step < STEPS; step++) {
    if (state.imbalance < BALANCED) return state;
    const direction = newton(state.hessian, state.means);
    let scale = 1;
    let next = state;
    let moved = lambda;
    for (; scale > 1e-10; scale /= 2) {
      moved = lambda.map((value, k) => value + scale * direction[k]!);
      next = evaluate(z, treatment, moved);
      // Near the end the dual changes by less than its rounding; then the balance itself says whether the step helped.
      const falls = next.dual <= state.dual - 1e-4 * scale * dot(direction, state.means);
      if (falls || next.imbalance < state.imbalance / 2) break;
    }
    if (scale <= 1e-10) break;
    lambda = moved;
    state = next;
    if (lambda.some((value) => Math.abs(value) > UNBOUNDED)) break;
  }
  if (state.imbalance < BALANCED) return state;
  throw infeasible();
}

function newton(hessian: Dense, means: Float64Array): Float64Array {
  try {
    return solvePositive(hessian, means);
  } catch (error) {
    if (error instanceof CairnError && error.code === "SINGULAR") throw infeasible();
    throw error;
  }
}

function infeasible(): CairnError {
  return new CairnError(
    "NOT_CONVERGED",
    "expected weights that balance every covariate, got none: balancing is not feasible",
    {
      hint: "the treated lie outside the comparison group: drop covariates that repeat each other, or widen the comparison",
    },
  );
}

function evaluate(z: Dense, treatment: ArrayLike<number>, lambda: Float64Array) {
  const exponent = timesVector(z, lambda).map((value, row) =>
    treatment[row] === 1 ? Number.NEGATIVE_INFINITY : -value,
  );
  const largest = exponent.reduce((max, value) => Math.max(max, value), Number.NEGATIVE_INFINITY);
  const weights = exponent.map((value) => Math.exp(value - largest));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  for (let row = 0; row < weights.length; row++) weights[row]! /= total;
  const means = transposeTimesVector(z, weights);
  const hessian = zeros(z.cols, z.cols);
  for (let row = 0; row < z.rows; row++) {
    if (weights[row] === 0) continue;
    for (let i = 0; i < z.cols; i++) {
      const factor = weights[row]! * (z.data[row * z.cols + i]! - means[i]!);
      for (let j = 0; j < z.cols; j++)
        hessian.data[i * z.cols + j]! += factor * (z.data[row * z.cols + j]! - means[j]!);
    }
  }
  const imbalance = means.reduce((max, value) => Math.max(max, Math.abs(value)), 0);
  return { dual: largest + Math.log(total), weights, means, hessian, imbalance };
}
