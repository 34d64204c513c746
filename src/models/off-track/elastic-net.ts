import { CairnError } from "../../errors.ts";
import { type Kernels, withKernels } from "../../numeric/kernels/kernels.ts";
import {
  allocateNormalEquations,
  type NormalEquations,
  sumNormalEquations,
} from "../../numeric/kernels/normal-equations.ts";
import { logit } from "../../numeric/log-odds.ts";
import type { Estimator, FitContext, LabelledMatrix } from "../estimator.ts";
import { checkCancelled, checkTraining } from "./checks.ts";
import { planDesign, writeDesign } from "./design.ts";
import { decodeLogistic, type FittedLogistic, fittedLogistic, LOGISTIC } from "./logistic-model.ts";
import { evaluateLogLoss } from "./newton.ts";

const MAX_STEPS = 100; // proximal Newton: 5 to 15 are usual
const MAX_SWEEPS = 2_000; // over the coordinates of one quadratic; warm starts need tens
const MAX_HALVINGS = 40;
const TOLERANCE = 1e-8; // largest violation of the optimality conditions, in units of the summed log loss
const ROUNDING = 1e-12; // relative: a sum over rows does not know its value better than this

/** What {@link elasticNet} takes. */
export interface ElasticNetOptions {
  /** λ, over 0; see {@link elasticNet}. Default 2. */
  readonly penalty?: number;
  /** ρ: the share of the penalty on |w|, in [0, 1]; 0 is ridge, 1 the lasso. Default 0.5. */
  readonly l1Share?: number;
  /** Categories with fewer training rows share one column; a whole number from 1, default 10. */
  readonly minimumCategoryRows?: number;
}

/** What is minimised: see {@link elasticNet}. */
interface Penalties {
  readonly ridge: number;
  readonly lasso: number;
}

/**
 * Logistic regression that minimises Σ log loss + λ·(ρ‖w‖₁ + (1−ρ)/2·‖w‖²) on standardised columns (scikit-learn's C is 1/λ, its
 * l1_ratio is ρ): among columns that say the same it keeps few, and the weights of the others are exactly 0. Of a group of
 * columns that go together it keeps all or some together, which the lasso alone does not. Deterministic: it draws no number.
 * The fitted model is that of `logistic`: exact reasons, the same artifact.
 * `fit` throws `SINGLE_CLASS`, `NOT_FINITE`, `NOT_CONVERGED` and `CANCELLED`.
 * @throws CairnError `BAD_INPUT` for parameters out of range
 * @see Zou and Hastie (2005), JRSS B 67(2); Friedman, Hastie and Tibshirani (2010), Journal of Statistical Software 33(1),
 *   section 3 (quadratic approximations, each solved by coordinate descent)
 */
export function elasticNet({
  penalty = 2,
  l1Share = 0.5,
  minimumCategoryRows = 10,
}: ElasticNetOptions = {}): Estimator<LabelledMatrix, FittedLogistic> {
  if (!(penalty > 0 && Number.isFinite(penalty)))
    throw new CairnError("BAD_INPUT", `expected a penalty over 0, got ${penalty}`);
  if (!(l1Share >= 0 && l1Share <= 1)) throw new CairnError("BAD_INPUT", `expected l1Share in [0, 1], got ${l1Share}`);
  if (!(Number.isInteger(minimumCategoryRows) && minimumCategoryRows >= 1))
    throw new CairnError("BAD_INPUT", `expected minimumCategoryRows from 1, got ${minimumCategoryRows}`);
  return {
    kind: LOGISTIC,
    parameters: { penalty, l1Share, minimumCategoryRows },
    fit(input, context) {
      checkCancelled(context);
      const base = checkTraining(input) / input.labels.length;
      const design = planDesign(input.matrix, minimumCategoryRows);
      const cols = design.terms.length + 1;
      const weights = new Float64Array(cols);
      weights[cols - 1] = logit(base);
      withKernels((kernels) => {
        const problem = allocateNormalEquations(kernels, input.matrix.rows, cols);
        writeDesign(design, input.matrix, problem.x, cols);
        for (let at = cols - 1; at < problem.x.length; at += cols) problem.x[at] = 1;
        const penalties = { ridge: penalty * (1 - l1Share), lasso: penalty * l1Share };
        minimise(kernels, problem, input.labels, penalties, weights, context);
      });
      context.onProgress?.(1);
      return fittedLogistic(design, weights.subarray(0, cols - 1), weights[cols - 1]!);
    },
    decode: decodeLogistic,
  };
}

/** Proximal Newton: the log loss becomes a parabola, whose penalised minimum gives the direction of a step that must descend. */
function minimise(
  kernels: Kernels,
  problem: NormalEquations,
  labels: Uint8Array,
  penalties: Penalties,
  weights: Float64Array,
  context: FitContext,
): void {
  const objectiveOf = (at: Float64Array): number =>
    evaluateLogLoss(problem, labels, penalties.ridge, at) +
    penalties.lasso * at.subarray(0, -1).reduce((sum, weight) => sum + Math.abs(weight), 0);
  let objective = objectiveOf(weights);
  let violation = Number.POSITIVE_INFINITY;
  for (let step = 0; step < MAX_STEPS; step++) {
    checkCancelled(context);
    context.onProgress?.(1 - 1 / (step + 1.2)); // the number of steps is not known before the last one
    sumNormalEquations(kernels, problem);
    violation = largestViolation(problem.gradient, penalties, weights);
    if (violation <= TOLERANCE) return;
    const target = penalisedMinimum(problem, penalties, weights);
    const limit = objective + ROUNDING * Math.abs(objective);
    let [share, reached] = [1, Number.POSITIVE_INFINITY];
    let candidate = target;
    for (let halving = 0; halving < MAX_HALVINGS; halving++, share /= 2) {
      candidate = share === 1 ? target : weights.map((from, j) => from + share * (target[j]! - from));
      reached = objectiveOf(candidate);
      if (reached <= limit) break;
    }
    if (!(reached <= limit)) break;
    weights.set(candidate);
    objective = reached;
  }
  throw new CairnError(
    "NOT_CONVERGED",
    `expected the optimality conditions to hold within ${TOLERANCE}, got ${violation}`,
    { hint: "raise the penalty: with little of it, separable rows push the weights to infinity" },
  );
}

/** How far the weights are from where no column pulls harder than the penalty holds (the KKT conditions). */
function largestViolation(gradient: Float64Array, { ridge, lasso }: Penalties, weights: Float64Array): number {
  const last = weights.length - 1;
  let most = Math.abs(gradient[last]!);
  for (let j = 0; j < last; j++) {
    const [weight, pull] = [weights[j]!, gradient[j]! - ridge * weights[j]!];
    const own = weight === 0 ? Math.max(0, Math.abs(pull) - lasso) : Math.abs(pull - lasso * Math.sign(weight));
    if (own > most) most = own;
  }
  return most;
}

/** The minimum of the penalised parabola around the weights, coordinate by coordinate, from the weights on. */
function penalisedMinimum(
  { gradient, hessian, cols }: NormalEquations,
  { ridge, lasso }: Penalties,
  from: Float64Array,
): Float64Array {
  const at = from.slice();
  const slope = Float64Array.from(gradient.subarray(0, cols)); // of the parabola, downhill, without penalties
  const entry = (i: number, j: number): number => hessian[Math.max(i, j) * cols + Math.min(i, j)]!; // its lower triangle is filled
  for (let sweep = 0; sweep < MAX_SWEEPS; sweep++) {
    let most = 0;
    for (let j = 0; j < cols; j++) {
      const curvature = entry(j, j);
      const pull = slope[j]! + curvature * at[j]!;
      const isFree = j === cols - 1;
      const next = isFree
        ? pull / curvature
        : (Math.max(0, pull - lasso) + Math.min(0, pull + lasso)) / (curvature + ridge);
      const move = next - at[j]!;
      if (move === 0 || !Number.isFinite(next)) continue;
      at[j] = next;
      for (let i = 0; i < cols; i++) slope[i]! -= move * entry(i, j);
      most = Math.max(most, Math.abs(move) * (curvature + ridge));
    }
    if (most <= TOLERANCE / 100) break;
  }
  return at;
}
