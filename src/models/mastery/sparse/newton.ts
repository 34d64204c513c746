import { CairnError } from "../../../errors.ts";
import { sigmoid, softplus } from "../../../numeric/log-odds.ts";
import { blockPreconditioner, type ColumnGroups } from "./preconditioner.ts";
import { addGram, addTransposed, multiply, type SparseRows } from "./sparse-rows.ts";

const MAX_NEWTON_STEPS = 100; // quadratic near the end: 6 to 10 are usual, 100 means stuck
const MAX_INNER_STEPS = 200; // of conjugate gradients, per Newton step
const MAX_HALVINGS = 40;
const RELATIVE_DECREASE = 1e-9; // of the objective, that ends the iteration
const ARMIJO = 1e-4;

/** A penalised sparse logistic regression: minimise Σ_n log loss + ½·Σ_j penalty_j·w_j². */
export interface SparseLogisticProblem {
  readonly x: SparseRows;
  /** Shape (rows), each 0 or 1. */
  readonly labels: Uint8Array;
  /** Shape (cols): weight of each column's square, 0 for one that is free; scikit-learn's C = 1 is a penalty of 1. */
  readonly penalty: Float64Array;
  readonly groups: ColumnGroups;
}

/** How a fit ended. */
export interface SparseLogisticFit {
  /** Shape (cols). */
  readonly weights: Float64Array;
  /** The penalised objective at the weights. */
  readonly objective: number;
  readonly newtonSteps: number;
  /** Steps of conjugate gradients over all Newton steps. */
  readonly innerSteps: number;
}

/**
 * Newton's method with preconditioned conjugate gradients, to a relative decrease of the objective below 1e-9. A fit that is
 * stopped early hides features (.7753 for .7818 on ASSISTments 2009), so there is no setting for fewer steps.
 * @param onStep - called before every Newton step and every tenth inner step; throws to stop
 * @throws CairnError `NOT_CONVERGED`
 * @see Lin, Weng and Keerthi (2008), Trust region Newton method for large-scale logistic regression, JMLR 9, with line search
 */
export function fitSparseLogistic(
  { x, labels, penalty, groups }: SparseLogisticProblem,
  onStep: (newtonStep: number) => void,
): SparseLogisticFit {
  const { rows, cols } = x;
  const weights = new Float64Array(cols);
  const z = new Float64Array(rows);
  const slope = new Float64Array(rows);
  const curvature = new Float64Array(rows);
  const gradient = new Float64Array(cols);
  const step = new Float64Array(cols);
  const stepZ = new Float64Array(rows);
  const preconditioner = blockPreconditioner(x, groups);
  const solver = conjugateGradients(x, penalty);
  let objective = objectiveAt(z, labels, weights, penalty);
  let firstNorm = 0;
  let innerSteps = 0;
  for (let newtonStep = 0; newtonStep < MAX_NEWTON_STEPS; newtonStep++) {
    onStep(newtonStep);
    for (let row = 0; row < rows; row++) {
      const p = sigmoid(z[row]!);
      slope[row] = p - labels[row]!;
      curvature[row] = p * (1 - p);
    }
    for (let column = 0; column < cols; column++) gradient[column] = penalty[column]! * weights[column]!;
    addTransposed(x, slope, gradient);
    const norm = Math.sqrt(dot(gradient, gradient));
    if (newtonStep === 0) firstNorm = norm;
    if (norm === 0) return { weights, objective, newtonSteps: newtonStep, innerSteps };
    preconditioner.update(curvature, penalty);
    const forcing = Math.min(0.1, Math.sqrt(norm / firstNorm));
    innerSteps += solver(gradient, curvature, forcing, step, preconditioner.solve, () => onStep(newtonStep));
    multiply(x, step, stepZ);
    const descent = dot(gradient, step);
    const reached = searchLine({ z, stepZ, labels, weights, step, penalty, objective, descent });
    const decrease = objective - reached;
    objective = reached;
    if (!(decrease >= RELATIVE_DECREASE * Math.abs(objective)))
      return { weights, objective, newtonSteps: newtonStep + 1, innerSteps };
  }
  throw new CairnError("NOT_CONVERGED", `expected an end within ${MAX_NEWTON_STEPS} Newton steps, got none`, {
    hint: "raise the penalty",
  });
}

interface Line {
  readonly z: Float64Array;
  readonly stepZ: Float64Array;
  readonly labels: Uint8Array;
  readonly weights: Float64Array;
  readonly step: Float64Array;
  readonly penalty: Float64Array;
  readonly objective: number;
  readonly descent: number;
}

/** Halves the step until it descends, takes it (z and weights move), and returns the objective there. */
function searchLine({ z, stepZ, labels, weights, step, penalty, objective, descent }: Line): number {
  let share = 1;
  shift(z, stepZ, share);
  shift(weights, step, share);
  let reached = objectiveAt(z, labels, weights, penalty);
  for (let halving = 0; halving < MAX_HALVINGS && !(reached <= objective + ARMIJO * share * descent); halving++) {
    share /= 2;
    shift(z, stepZ, -share);
    shift(weights, step, -share);
    reached = objectiveAt(z, labels, weights, penalty);
  }
  return reached;
}

function shift(values: Float64Array, direction: Float64Array, share: number): void {
  for (let i = 0; i < values.length; i++) values[i]! += share * direction[i]!;
}

function objectiveAt(z: Float64Array, labels: Uint8Array, weights: Float64Array, penalty: Float64Array): number {
  let loss = 0;
  for (let row = 0; row < z.length; row++) loss += softplus(labels[row] === 1 ? -z[row]! : z[row]!);
  let squares = 0;
  for (let column = 0; column < weights.length; column++) squares += penalty[column]! * weights[column]! ** 2;
  return loss + squares / 2;
}

type Solver = (
  gradient: Float64Array,
  curvature: Float64Array,
  forcing: number,
  step: Float64Array,
  precondition: (r: Float64Array, out: Float64Array) => void,
  onTenth: () => void,
) => number;

/** Solves H·step = −gradient until the preconditioned residual has fallen by `forcing`; returns the number of steps. */
function conjugateGradients(x: SparseRows, penalty: Float64Array): Solver {
  const { cols } = x;
  const residual = new Float64Array(cols);
  const scaled = new Float64Array(cols);
  const direction = new Float64Array(cols);
  const product = new Float64Array(cols);
  return (gradient, curvature, forcing, step, precondition, onTenth) => {
    step.fill(0);
    for (let i = 0; i < cols; i++) residual[i] = -gradient[i]!;
    precondition(residual, scaled);
    direction.set(scaled);
    let size = dot(residual, scaled);
    const enough = size * forcing * forcing;
    for (let inner = 1; inner <= MAX_INNER_STEPS; inner++) {
      if (inner % 10 === 0) onTenth();
      for (let i = 0; i < cols; i++) product[i] = penalty[i]! * direction[i]!;
      addGram(x, curvature, direction, product);
      const bend = dot(direction, product);
      if (!(bend > 0)) return inner; // rounding has eaten the curvature: the step so far still descends
      const length = size / bend;
      shift(step, direction, length);
      shift(residual, product, -length);
      precondition(residual, scaled);
      const next = dot(residual, scaled);
      if (!(next > enough)) return inner;
      const turn = next / size;
      for (let i = 0; i < cols; i++) direction[i] = scaled[i]! + turn * direction[i]!;
      size = next;
    }
    return MAX_INNER_STEPS;
  };
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}
