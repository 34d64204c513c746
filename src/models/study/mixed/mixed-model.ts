import { CairnError } from "../../../errors.ts";
import {
  type Dense,
  dot,
  fromColumns,
  quadraticForm,
  timesVector,
  transposeTimesVector,
  zeros,
} from "../../../numeric/linear/dense.ts";
import { type LeastSquares, leastSquares } from "../../../numeric/linear/least-squares.ts";
import { solveLower, symmetricFunction } from "../../../numeric/linear/symmetric.ts";
import { minimizeSimplex, numericGradient, numericHessian } from "../../../numeric/minimize.ts";
import type { Inference } from "../regression/inference.ts";
import type { Term } from "../regression/linear-model.ts";
import { lowerTriangle, type Profile, profile } from "./profile.ts";
import { type CrossProducts, crossProducts, type RandomTerm } from "./random-terms.ts";

/** The fitted covariance of one random term, in the units of the outcome. */
export interface VarianceComponent {
  readonly name: string;
  /** Intercept first, then the slopes. */
  readonly columns: readonly string[];
  /** Covariance matrix of a level's effects, row-major. */
  readonly covariance: Float64Array;
  /** Whether a variance came out at zero: the data do not tell this term from noise. */
  readonly boundary: boolean;
}

/** A linear mixed model fitted by restricted maximum likelihood. */
export interface MixedModel {
  /** Names of the kept fixed effects. */
  readonly names: readonly string[];
  readonly dropped: readonly string[];
  readonly coefficients: Float64Array;
  /** Residual variance σ². */
  readonly residualVariance: number;
  readonly components: readonly VarianceComponent[];
  /** −2 log restricted likelihood at the optimum. */
  readonly criterion: number;
  /** Relative covariance factor θ, term by term, the lower triangle column by column. */
  readonly theta: Float64Array;
  /** A fixed effect with Satterthwaite's degrees of freedom. @throws CairnError `SINGULAR` when the column was dropped */
  infer(name: string): Inference;
}

const BOUNDARY = 1e-4; // a relative standard deviation below this is zero to the likelihood

/**
 * y = Xβ + Zu + e with independent terms of random intercepts and slopes, nested or crossed, by restricted maximum likelihood:
 * profiled deviance over θ, degrees of freedom by Satterthwaite from numerical derivatives of the unprofiled deviance.
 * @param fixed - the fixed effects, an intercept among them
 * @param outcome - shape (rows), finite
 * @throws CairnError `BAD_INPUT` without a random term, or with one level only; `SINGULAR`; `NOT_CONVERGED`
 * @see Bates et al. (2015), JSS 67(1); Kuznetsova, Brockhoff and Christensen (2017), JSS 82(13); handbook 2.6
 */
export function mixedModel(
  fixed: readonly Term[],
  outcome: ArrayLike<number>,
  random: readonly RandomTerm[],
): MixedModel {
  checkRandom(random, outcome.length);
  const plain = leastSquares(fromColumns(fixed.map(({ values }) => values)), outcome);
  const right = beside(plain.rotated, plain.residuals);
  const data = crossProducts(random, right);
  const degrees = data.rows - plain.kept.length;
  const logScale = -2 * logDeterminant(plain.inverseFactor);
  const deviance = (theta: Float64Array): number => restrictedDeviance(profile(data, theta), degrees) + logScale;
  const start = startOf(data);
  const found = minimizeSimplex(deviance, start);
  if (!found.converged) {
    throw new CairnError(
      "NOT_CONVERGED",
      "expected the likelihood to reach its maximum, got a search that did not end",
      {
        hint: "leave out random slopes",
      },
    );
  }
  const theta = positiveDiagonal(found.point, data);
  const solution = profile(data, theta);
  const residualVariance = solution.residual / degrees;
  const names = plain.kept.map((column) => fixed[column]!.name);
  return {
    names,
    dropped: plain.dropped.map((column) => fixed[column]!.name),
    coefficients: fixedEffects(plain, solution),
    residualVariance,
    components: componentsOf(data, random, theta, residualVariance),
    criterion: found.value,
    theta,
    infer: (name) => {
      const position = names.indexOf(name);
      if (position < 0) {
        throw new CairnError("SINGULAR", `expected a fixed effect of "${name}", got a column that repeats others`, {
          hint: "remove the covariates that say the same",
        });
      }
      const contrast = new Float64Array(names.length);
      contrast[position] = 1;
      return satterthwaite(data, plain, theta, contrast, degrees);
    },
  };
}

function checkRandom(random: readonly RandomTerm[], rows: number): void {
  if (random.length === 0) {
    throw new CairnError("BAD_INPUT", "expected a random term, got none", { hint: "name the school or class" });
  }
  for (const { name, group } of random) {
    const levels = new Set(Array.from(group)).size;
    if (levels < 2 || levels >= rows) {
      throw new CairnError("BAD_INPUT", `expected "${name}" to group rows, got ${levels} levels of ${rows} rows`, {
        hint: "a random term needs several levels, some of them with several rows",
      });
    }
  }
}

function beside(left: Dense, column: Float64Array): Dense {
  const result = zeros(left.rows, left.cols + 1);
  for (let row = 0; row < left.rows; row++) {
    result.data.set(left.data.subarray(row * left.cols, (row + 1) * left.cols), row * result.cols);
    result.data[row * result.cols + left.cols] = column[row]!;
  }
  return result;
}

function logDeterminant({ rows, data }: Dense): number {
  let sum = 0;
  for (let i = 0; i < rows; i++) sum += Math.log(Math.abs(data[i * rows + i]!));
  return sum;
}

function logFixed({ fixedFactor }: Profile): number {
  return 2 * logDeterminant(fixedFactor);
}

/** log|L|² + log|R_X|² + (n − p)(1 + log(2πr²/(n − p))), eq. 41 of Bates et al. */
function restrictedDeviance(solution: Profile, degrees: number): number {
  return (
    solution.logRandom + logFixed(solution) + degrees * (1 + Math.log((2 * Math.PI * solution.residual) / degrees))
  );
}

function startOf({ terms }: CrossProducts): Float64Array {
  const theta: number[] = [];
  for (const { width } of terms) {
    for (let col = 0; col < width; col++) for (let row = col; row < width; row++) theta.push(row === col ? 1 : 0);
  }
  return Float64Array.from(theta);
}

/** The deviance does not see the sign of a column of Λ: the one with a positive diagonal is told. */
function positiveDiagonal(theta: Float64Array, { terms }: CrossProducts): Float64Array {
  const result = theta.slice();
  for (const { width, parameters } of terms) {
    let at = parameters;
    for (let col = 0; col < width; col++) {
      const length = width - col;
      if (result[at]! < 0) for (let k = 0; k < length; k++) result[at + k] = 0 - result[at + k]!;
      at += length;
    }
  }
  return result;
}

function fixedEffects(plain: LeastSquares, { fixed }: Profile): Float64Array {
  const shift = timesVector(plain.inverseFactor, fixed);
  return plain.coefficients.map((value, k) => value + shift[k]!);
}

function componentsOf(
  { terms }: CrossProducts,
  random: readonly RandomTerm[],
  theta: Float64Array,
  variance: number,
): VarianceComponent[] {
  return random.map(({ name, slopes }) => {
    const layout = terms.find((term) => term.name === name)!;
    const { width } = layout;
    const lambda = lowerTriangle(layout, theta);
    const covariance = new Float64Array(width * width);
    for (let i = 0; i < width; i++) {
      for (let j = 0; j < width; j++) {
        for (let k = 0; k < width; k++)
          covariance[i * width + j]! += variance * lambda[i * width + k]! * lambda[j * width + k]!;
      }
    }
    const diagonal = Array.from({ length: width }, (_, k) => lambda[k * width + k]!);
    return {
      name,
      columns: ["(intercept)", ...(slopes ?? []).map((slope) => slope.name)],
      covariance,
      boundary: diagonal.some((value) => Math.abs(value) < BOUNDARY),
    };
  });
}

/** c'V(θ, σ)c = σ²|L_X⁻¹R⁻ᵀc|² with V the covariance of the fixed effects. */
function contrastVariance(data: CrossProducts, theta: Float64Array, rotated: Float64Array, variance: number): number {
  const half = solveLower(profile(data, theta).fixedFactor, rotated.slice());
  return variance * dot(half, half);
}

function satterthwaite(
  data: CrossProducts,
  plain: LeastSquares,
  theta: Float64Array,
  contrast: Float64Array,
  degrees: number,
): Inference {
  const rotated = transposeTimesVector(plain.inverseFactor, contrast);
  const solution = profile(data, theta);
  const sigma = Math.sqrt(solution.residual / degrees);
  const point = Float64Array.of(...theta, sigma);
  const split = (at: Float64Array): [Float64Array, number] => [at.slice(0, -1), at[at.length - 1]! ** 2];
  const deviance = (at: Float64Array): number => {
    const [here, variance] = split(at);
    const { logRandom, residual, ...rest } = profile(data, here);
    return (
      logRandom +
      logFixed({ logRandom, residual, ...rest }) +
      degrees * Math.log(2 * Math.PI * variance) +
      residual / variance
    );
  };
  const varianceOf = (at: Float64Array): number => {
    const [here, variance] = split(at);
    return contrastVariance(data, here, rotated, variance);
  };
  const step = point.map((value) => 1e-3 * Math.max(Math.abs(value), 0.1));
  const gradient = numericGradient(varianceOf, point, step);
  const n = point.length;
  const hessian: Dense = { rows: n, cols: n, data: numericHessian(deviance, point, step) };
  // A direction in which the deviance is flat or falls (a variance at zero) carries no information about the variance.
  const largest = Math.max(...Array.from({ length: n }, (_, i) => Math.abs(hessian.data[i * n + i]!)));
  const inverse = symmetricFunction(hessian, (value) => (value > largest * 1e-8 ? 2 / value : 0));
  const variance = varianceOf(point);
  const { fixed } = solution;
  return {
    estimate: dot(contrast, plain.coefficients) + dot(rotated, fixed),
    se: Math.sqrt(variance),
    df: (2 * variance ** 2) / quadraticForm(inverse, gradient),
  };
}
