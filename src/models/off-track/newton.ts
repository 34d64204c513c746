import { CholeskyDecomposition, Matrix } from "ml-matrix";
import { CairnError } from "../../errors.ts";
import type { Kernels } from "../../numeric/kernels/kernels.ts";
import { type NormalEquations, sumNormalEquations } from "../../numeric/kernels/normal-equations.ts";
import { sigmoid, softplus } from "../../numeric/log-odds.ts";

const MAX_ITERATIONS = 100; // Newton is quadratic: 5 to 10 are usual, 100 means stuck
const MAX_HALVINGS = 40; // 2⁻⁴⁰ of a step changes nothing that double precision shows
const GRADIENT_TOLERANCE = 1e-8; // largest component, in units of the summed log loss
const ROUNDING = 1e-12; // relative: a sum over rows does not know its value better than this

/** What the solver tells while it works. */
export interface NewtonHooks {
  /** Called before every step with the number of steps done; throws to stop. */
  readonly onIteration: (iteration: number) => void;
}

/**
 * Minimises Σ log loss + (penalty/2)·‖w‖² by Newton's method (iteratively reweighted least squares) with step halving:
 * H = XᵀWX + penalty·I₀ with W = diag(p(1−p)), step H⁻¹(Xᵀ(y − p) − penalty·I₀w), where I₀ leaves the last column, the
 * intercept, free.
 * @param problem - its `x` holds the design with a last column of ones; the rest is overwritten
 * @param weights - shape (cols), the start; overwritten with the solution
 * @throws CairnError `SINGULAR` when the penalised matrix is not positive definite, `NOT_CONVERGED` when the gradient stays
 *   above 1e-8
 * @see Hastie, Tibshirani and Friedman (2009), The Elements of Statistical Learning, equations 4.26 to 4.28
 */
export function minimiseLogLoss(
  kernels: Kernels,
  problem: NormalEquations,
  labels: Uint8Array,
  penalty: number,
  weights: Float64Array,
  { onIteration }: NewtonHooks,
): void {
  const cols = weights.length;
  const candidate = new Float64Array(cols);
  let objective = evaluateLogLoss(problem, labels, penalty, weights);
  for (let iteration = 0; iteration < MAX_ITERATIONS; iteration++) {
    onIteration(iteration);
    sumNormalEquations(kernels, problem);
    for (let j = 0; j < cols - 1; j++) problem.gradient[j]! -= penalty * weights[j]!;
    if (problem.gradient.every((component) => Math.abs(component) <= GRADIENT_TOLERANCE)) return;
    const step = newtonStep(problem, penalty);
    let share = 1;
    let reached = Number.POSITIVE_INFINITY;
    for (let halving = 0; halving < MAX_HALVINGS; halving++, share /= 2) {
      for (let j = 0; j < cols; j++) candidate[j] = weights[j]! + share * step[j]!;
      reached = evaluateLogLoss(problem, labels, penalty, candidate);
      if (reached <= objective + ROUNDING * Math.abs(objective)) break;
    }
    if (!(reached <= objective + ROUNDING * Math.abs(objective))) break;
    weights.set(candidate);
    objective = reached;
  }
  throw new CairnError(
    "NOT_CONVERGED",
    `expected a gradient of at most ${GRADIENT_TOLERANCE}, got ${largest(problem.gradient)}`,
    {
      hint: "raise the penalty: with little or none, separable rows push the weights to infinity",
    },
  );
}

/**
 * Σ log loss + (penalty/2)·‖w‖² at some weights, the intercept, which comes last, left free; fills the problem's W (p(1−p)) and
 * r (y − p) on the way.
 */
export function evaluateLogLoss(
  problem: NormalEquations,
  labels: Uint8Array,
  penalty: number,
  weights: Float64Array,
): number {
  const { x, rows, cols } = problem;
  let loss = 0;
  for (let row = 0, offset = 0; row < rows; row++, offset += cols) {
    let z = 0;
    for (let j = 0; j < cols; j++) z += x[offset + j]! * weights[j]!;
    const p = sigmoid(z);
    loss += softplus(labels[row] === 1 ? -z : z); // softplus(−z) = softplus(z) − z, without cancellation
    problem.weights[row] = p * (1 - p);
    problem.residuals[row] = labels[row]! - p;
  }
  let squares = 0;
  for (let j = 0; j < cols - 1; j++) squares += weights[j]! * weights[j]!;
  return loss + (penalty / 2) * squares;
}

function newtonStep({ hessian, gradient, cols }: NormalEquations, penalty: number): Float64Array {
  const matrix = new Matrix(cols, cols);
  for (let i = 0; i < cols; i++) {
    for (let j = 0; j <= i; j++) {
      const value = hessian[i * cols + j]! + (i === j && i < cols - 1 ? penalty : 0);
      matrix.set(i, j, value);
      matrix.set(j, i, value);
    }
  }
  const cholesky = new CholeskyDecomposition(matrix);
  if (!cholesky.isPositiveDefinite()) {
    throw new CairnError(
      "SINGULAR",
      `expected a positive definite matrix of ${cols} columns, got one whose columns depend on each other`,
      {
        hint: "raise the penalty, or drop columns that repeat each other",
      },
    );
  }
  return Float64Array.from(cholesky.solve(Matrix.columnVector(gradient)).to1DArray());
}

function largest(values: Float64Array): number {
  return values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
}
