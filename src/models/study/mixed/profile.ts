import { type Dense, zeros } from "../../../numeric/linear/dense.ts";
import { cholesky } from "../../../numeric/linear/symmetric.ts";
import type { CrossProducts, Level, TermLayout } from "./random-terms.ts";

/** What the penalised least squares at one θ comes to. */
export interface Profile {
  /** log|Λ'Z'ZΛ + I|. */
  readonly logRandom: number;
  /** R_X'R_X is the precision of the fixed effects over σ²; R_X is upper, here its transpose (lower). */
  readonly fixedFactor: Dense;
  /** Penalised residual sum of squares r². */
  readonly residual: number;
  /** Shape (p): the fixed effects in the coordinates of [X y]. */
  readonly fixed: Float64Array;
}

/**
 * Solves the penalised least-squares problem of a mixed model at the relative covariance factor θ, block by block: the first grouping
 * level by level, the others dense, then the fixed effects and the outcome.
 * @see Bates, Mächler, Bolker and Walker (2015), Journal of Statistical Software 67(1), eq. 33 to 41; handbook 2.6
 */
export function profile(data: CrossProducts, theta: Float64Array): Profile {
  const { others, width, levels, terms } = data;
  const right = data.rightSquares.cols;
  const lambda = lowerTriangle(terms[0]!, theta);
  const squares: Dense = { rows: others, cols: others, data: data.otherSquares.data.slice() };
  const otherRight: Dense = { rows: others, cols: right, data: data.otherRight.data.slice() };
  const rest: Dense = { rows: right, cols: right, data: data.rightSquares.data.slice() };
  let logRandom = 0;
  for (const level of levels) {
    const factor = levelFactor(level, lambda, width);
    for (let k = 0; k < width; k++) logRandom += 2 * Math.log(factor[k * width + k]!);
    const w = halfSolve(factor, lambda, level.right, width, right);
    const v = halfSolve(factor, lambda, level.cross, width, level.touched.length);
    subtract(rest.data, w, w, width, right, right);
    subtractTouched(squares, otherRight, level, v, w, width, right);
  }
  if (others > 0) logRandom += eliminateOthers(squares, otherRight, rest, terms, theta);
  return { logRandom, ...finish(rest, right - 1) };
}

/** Λ's block of one term: lower triangle, column by column from θ. */
export function lowerTriangle({ width, parameters }: TermLayout, theta: Float64Array): Float64Array {
  const lambda = new Float64Array(width * width);
  let next = parameters;
  for (let col = 0; col < width; col++) {
    for (let row = col; row < width; row++) lambda[row * width + col] = theta[next++]!;
  }
  return lambda;
}

/** Lower Cholesky factor of Λ'Z'ZΛ + I of one level. */
function levelFactor({ squares }: Level, lambda: Float64Array, width: number): Float64Array {
  const inner = zeros(width, width);
  for (let i = 0; i < width; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = i === j ? 1 : 0;
      for (let a = i; a < width; a++) {
        for (let b = j; b < width; b++)
          sum += lambda[a * width + i]! * squares[a * width + b]! * lambda[b * width + j]!;
      }
      inner.data[i * width + j] = sum;
    }
  }
  return cholesky(inner).data;
}

/** L⁻¹Λ'A for A of shape (width × cols). */
function halfSolve(
  factor: Float64Array,
  lambda: Float64Array,
  a: Float64Array,
  width: number,
  cols: number,
): Float64Array {
  const result = new Float64Array(width * cols);
  for (let j = 0; j < cols; j++) {
    for (let i = 0; i < width; i++) {
      let sum = 0;
      for (let k = i; k < width; k++) sum += lambda[k * width + i]! * a[k * cols + j]!;
      for (let k = 0; k < i; k++) sum -= factor[i * width + k]! * result[k * cols + j]!;
      result[i * cols + j] = sum / factor[i * width + i]!;
    }
  }
  return result;
}

function subtract(
  target: Float64Array,
  left: Float64Array,
  right: Float64Array,
  width: number,
  rows: number,
  cols: number,
): void {
  for (let k = 0; k < width; k++) {
    for (let i = 0; i < rows; i++) {
      const factor = left[k * rows + i]!;
      for (let j = 0; j < cols; j++) target[i * cols + j]! -= factor * right[k * cols + j]!;
    }
  }
}

function subtractTouched(
  squares: Dense,
  otherRight: Dense,
  { touched }: Level,
  v: Float64Array,
  w: Float64Array,
  width: number,
  right: number,
): void {
  const count = touched.length;
  for (let k = 0; k < width; k++) {
    for (let i = 0; i < count; i++) {
      const factor = v[k * count + i]!;
      const row = touched[i]!;
      for (let j = 0; j < count; j++) squares.data[row * squares.cols + touched[j]!]! -= factor * v[k * count + j]!;
      for (let j = 0; j < right; j++) otherRight.data[row * right + j]! -= factor * w[k * right + j]!;
    }
  }
}

/** The dense block of the other groupings; gives its share of log|Λ'Z'ZΛ + I|. */
function eliminateOthers(
  squares: Dense,
  otherRight: Dense,
  rest: Dense,
  terms: readonly TermLayout[],
  theta: Float64Array,
): number {
  const n = squares.rows;
  const right = rest.cols;
  for (const term of terms.slice(1)) {
    const lambda = lowerTriangle(term, theta);
    for (let level = 0; level < term.levels; level++) {
      const at = term.offset + level * term.width;
      combineRows(squares.data, n, at, lambda, term.width);
      combineRows(otherRight.data, right, at, lambda, term.width);
      combineColumns(squares.data, n, at, lambda, term.width);
    }
  }
  for (let i = 0; i < n; i++) squares.data[i * n + i]! += 1;
  const factor = cholesky(squares).data;
  let log = 0;
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < right; j++) {
      let sum = otherRight.data[i * right + j]!;
      for (let k = 0; k < i; k++) sum -= factor[i * n + k]! * otherRight.data[k * right + j]!;
      otherRight.data[i * right + j] = sum / factor[i * n + i]!;
    }
    log += 2 * Math.log(factor[i * n + i]!);
  }
  subtract(rest.data, otherRight.data, otherRight.data, n, right, right);
  return log;
}

/** Λ'A for `width` rows of A from `at` on: row i becomes Σ_k≥i λ_ki row k, so ascending i overwrites nothing still needed. */
function combineRows(data: Float64Array, cols: number, at: number, lambda: Float64Array, width: number): void {
  for (let i = 0; i < width; i++) {
    for (let j = 0; j < cols; j++) {
      let sum = 0;
      for (let k = i; k < width; k++) sum += lambda[k * width + i]! * data[(at + k) * cols + j]!;
      data[(at + i) * cols + j] = sum;
    }
  }
}

/** AΛ for `width` columns of a square A from `at` on. */
function combineColumns(data: Float64Array, n: number, at: number, lambda: Float64Array, width: number): void {
  for (let row = 0; row < n; row++) {
    for (let i = 0; i < width; i++) {
      let sum = 0;
      for (let k = i; k < width; k++) sum += data[row * n + at + k]! * lambda[k * width + i]!;
      data[row * n + at + i] = sum;
    }
  }
}

/** Cholesky of what is left of [X y]'[X y]: the factor of the fixed effects, the effects, and the residual. */
function finish(rest: Dense, p: number): Omit<Profile, "logRandom"> {
  const whole = p + 1;
  const inner = zeros(p, p);
  for (let i = 0; i < p; i++) for (let j = 0; j < p; j++) inner.data[i * p + j] = rest.data[i * whole + j]!;
  const fixedFactor = cholesky(inner);
  const l = fixedFactor.data;
  const half = new Float64Array(p);
  let residual = rest.data[p * whole + p]!;
  for (let i = 0; i < p; i++) {
    let sum = rest.data[i * whole + p]!;
    for (let k = 0; k < i; k++) sum -= l[i * p + k]! * half[k]!;
    half[i] = sum / l[i * p + i]!;
    residual -= half[i]! ** 2;
  }
  const fixed = new Float64Array(p);
  for (let i = p - 1; i >= 0; i--) {
    let sum = half[i]!;
    for (let k = i + 1; k < p; k++) sum -= l[k * p + i]! * fixed[k]!;
    fixed[i] = sum / l[i * p + i]!;
  }
  return { fixedFactor, residual, fixed };
}
