import { CairnError } from "../../../errors.ts";
import { sigmoid, softplus } from "../../../numeric/log-odds.ts";

const MAX_ITERATIONS = 100; // Newton is quadratic: 100 means stuck
const MAX_HALVINGS = 40; // 2⁻⁴⁰ of a step changes nothing that double precision shows
const TOLERANCE = 1e-12; // gradient per row, of inputs in [-1, 1]
const GOOD_ENOUGH = 1e-7; // promised decrease per row, where rounding ends the descent earlier
const DEPENDENT = 1e-8; // a pivot this much smaller than its diagonal says that an input repeats the others

/** The minimum that {@link fitLogOdds} found. */
export interface LogOddsFit {
  /** Shape (inputs + 1): one weight per input, then the intercept. */
  readonly weights: Float64Array;
  /** Σ softplus(z) − t·z at the minimum. */
  readonly loss: number;
}

const NEVER_VARIES = 1e-6; // log-odds, or a share of the values: scores this close are one score

/**
 * Maximum likelihood of t ~ σ(Σ w_j·x_j + c) for a handful of inputs and targets between 0 and 1, without a penalty, by
 * Newton's method with step halving. An input that repeats the others (or never varies) keeps the weight 0.
 * @param inputs - at most a few arrays of shape (n)
 * @param targets - shape (n), each inside (0, 1)
 * @param start - the intercept to start from
 * @throws CairnError `NOT_CONVERGED`
 * @see Lin, Lin and Weng (2007), A note on Platt's probabilistic outputs for support vector machines, algorithm 1
 */
export function fitLogOdds(inputs: readonly Float64Array[], targets: Float64Array, start: number): LogOddsFit {
  // Centred and scaled to [-1, 1], weights are of the order of one, and "flat" means the same for every input.
  const shifts = inputs.map((input) => input.reduce((sum, value) => sum + value, 0) / input.length);
  const spreads = inputs.map((input, j) => {
    const spread = input.reduce((most, value) => Math.max(most, Math.abs(value - shifts[j]!)), 0);
    return spread > NEVER_VARIES * Math.max(1, largest(input)) ? spread : Number.POSITIVE_INFINITY;
  });
  const scaled = inputs.map((input, j) => input.map((value) => (value - shifts[j]!) / spreads[j]!));
  const { weights, loss } = descend(scaled, targets, start);
  const last = inputs.length;
  for (let j = 0; j < last; j++) {
    weights[j]! /= spreads[j]!;
    weights[last]! -= weights[j]! * shifts[j]!;
  }
  return { weights, loss };
}

function descend(inputs: readonly Float64Array[], targets: Float64Array, start: number): LogOddsFit {
  const size = inputs.length + 1;
  let weights = new Float64Array(size);
  weights[size - 1] = start;
  const gradient = new Float64Array(size);
  const hessian = new Float64Array(size * size);
  const scale = targets.length;
  let loss = lossAt(inputs, targets, weights);
  let promised = 0;
  for (let iteration = 0; iteration < MAX_ITERATIONS; iteration++) {
    fillDerivatives(inputs, targets, weights, gradient, hessian);
    if (largest(gradient) <= TOLERANCE * scale) return { weights, loss };
    const step = solve(hessian, gradient);
    // What the step promises; an input that repeats the others takes no part in it, whatever its gradient.
    promised = gradient.reduce((sum, slope, j) => sum + slope * step[j]!, 0);
    let candidate = weights;
    let reached = Number.POSITIVE_INFINITY;
    let share = 1;
    for (let halving = 0; halving < MAX_HALVINGS && !(reached < loss); halving++, share /= 2) {
      candidate = weights.map((weight, j) => weight - share * step[j]!);
      reached = lossAt(inputs, targets, candidate);
    }
    if (!(reached < loss)) break;
    weights = candidate;
    loss = reached;
  }
  if (promised <= GOOD_ENOUGH * scale) return { weights, loss };
  throw new CairnError("NOT_CONVERGED", `expected a flat likelihood, got a promised decrease of ${promised}`, {
    hint: "report this: smoothed targets always have a maximum",
  });
}

function scoreOf(inputs: readonly Float64Array[], weights: Float64Array, row: number): number {
  let z = weights[inputs.length]!;
  for (let j = 0; j < inputs.length; j++) z += weights[j]! * inputs[j]![row]!;
  return z;
}

function lossAt(inputs: readonly Float64Array[], targets: Float64Array, weights: Float64Array): number {
  let loss = 0;
  for (let row = 0; row < targets.length; row++) {
    const z = scoreOf(inputs, weights, row);
    loss += targets[row]! * softplus(-z) + (1 - targets[row]!) * softplus(z);
  }
  return loss;
}

function fillDerivatives(
  inputs: readonly Float64Array[],
  targets: Float64Array,
  weights: Float64Array,
  gradient: Float64Array,
  hessian: Float64Array,
): void {
  const size = weights.length;
  gradient.fill(0);
  hessian.fill(0);
  for (let row = 0; row < targets.length; row++) {
    const p = sigmoid(scoreOf(inputs, weights, row));
    const residual = p - targets[row]!;
    const curvature = p * (1 - p);
    for (let i = 0; i < size; i++) {
      const x = i < inputs.length ? inputs[i]![row]! : 1;
      gradient[i]! += residual * x;
      for (let j = 0; j <= i; j++) hessian[i * size + j]! += curvature * x * (j < inputs.length ? inputs[j]![row]! : 1);
    }
  }
}

/** Solves H·step = gradient by elimination, intercept first; an input that depends on the earlier ones gets the step 0. */
function solve(hessian: Float64Array, gradient: Float64Array): Float64Array {
  const size = gradient.length;
  const rows = Array.from({ length: size }, (_, i) => {
    const own = size - 1 - i;
    const cells = Array.from({ length: size }, (_, k) => {
      const other = size - 1 - k;
      return hessian[Math.max(own, other) * size + Math.min(own, other)]!;
    });
    return [...cells, gradient[own]!];
  });
  const step = new Float64Array(size);
  const kept = rows.filter((row, i) => {
    const before = row[i]!;
    for (let k = 0; k < i; k++) if (rows[k]![k] !== 0) subtract(row, rows[k]!, k);
    if (row[i]! > DEPENDENT * before) return true;
    row[i] = 0;
    return false;
  });
  for (const row of kept.reverse()) {
    const i = rows.indexOf(row);
    let sum = row[size]!;
    for (let k = i + 1; k < size; k++) sum -= row[k]! * step[size - 1 - k]!;
    step[size - 1 - i] = sum / row[i]!;
  }
  return step;
}

/** Makes the cell of a column 0 by a multiple of the column's pivot row. */
function subtract(row: number[], pivot: readonly number[], column: number): void {
  const share = row[column]! / pivot[column]!;
  for (let k = column; k < row.length; k++) row[k]! -= share * pivot[k]!;
}

function largest(values: Float64Array): number {
  return values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
}
