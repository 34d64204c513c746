import { CairnError } from "../../errors.ts";
import { withKernels } from "../../numeric/kernels/kernels.ts";
import { allocateNormalEquations } from "../../numeric/kernels/normal-equations.ts";
import { logit } from "../../numeric/log-odds.ts";
import type { Estimator, FitContext, LabelledMatrix } from "../estimator.ts";
import { checkCancelled, checkTraining } from "./checks.ts";
import { type Design, planDesign, writeDesign } from "./design.ts";
import { decodeLogistic, type FittedLogistic, fittedLogistic, LOGISTIC } from "./logistic-model.ts";
import { minimiseLogLoss } from "./newton.ts";
import { fromRowSpace, rowSpace } from "./row-space.ts";

/** What {@link logistic} takes. */
export interface LogisticOptions {
  /**
   * λ in Σ log loss + (λ/2)·‖w‖² on standardised columns (scikit-learn's C is 1/λ); over 0, because separable rows have no
   * solution without it; default 2.
   */
  readonly penalty?: number;
  /** Categories with fewer training rows share one column; a whole number from 1, default 10. */
  readonly minimumCategoryRows?: number;
}

/**
 * Logistic regression with an L2 penalty: missing numbers become the training median with a flag of their own, columns are
 * standardised, categories become 0/1 columns, and the intercept is free. Deterministic: it draws no random number.
 * `fit` throws `SINGLE_CLASS`, `NOT_FINITE`, `SINGULAR`, `NOT_CONVERGED` and `CANCELLED`.
 * It sees no interactions and no bends: a threshold in a feature needs a feature of its own.
 * @throws CairnError `BAD_INPUT` for parameters out of range
 * @see src/models/off-track/newton.ts for the solver
 */
export function logistic({
  penalty = 2,
  minimumCategoryRows = 10,
}: LogisticOptions = {}): Estimator<LabelledMatrix, FittedLogistic> {
  if (!(penalty > 0 && Number.isFinite(penalty)))
    throw new CairnError("BAD_INPUT", `expected a penalty over 0, got ${penalty}`);
  if (!(Number.isInteger(minimumCategoryRows) && minimumCategoryRows >= 1)) {
    throw new CairnError("BAD_INPUT", `expected minimumCategoryRows from 1, got ${minimumCategoryRows}`);
  }
  return {
    kind: LOGISTIC,
    parameters: { penalty, minimumCategoryRows },
    fit(input, context) {
      checkCancelled(context);
      const base = checkTraining(input) / input.labels.length;
      const design = planDesign(input.matrix, minimumCategoryRows);
      const weights = new Float64Array(design.terms.length + 1);
      weights[design.terms.length] = logit(base); // the solution without any column: a start close to the end
      solve(design, input, penalty, weights, context);
      context.onProgress?.(1);
      return fittedLogistic(design, weights.subarray(0, design.terms.length), weights[design.terms.length]!);
    },
    decode: decodeLogistic,
  };
}

const WIDE = 2; // columns per row from which the rows' own space is worth the way there

/** Finds the weights; the last is the intercept. */
function solve(
  design: Design,
  { matrix, labels }: LabelledMatrix,
  penalty: number,
  weights: Float64Array,
  context: FitContext,
): void {
  const terms = design.terms.length;
  if (terms < WIDE * matrix.rows) {
    minimise(matrix.rows, terms, labels, penalty, weights, context, (x, stride) =>
      writeDesign(design, matrix, x, stride),
    );
    return;
  }
  const x = new Float64Array(matrix.rows * terms);
  writeDesign(design, matrix, x, terms);
  const space = rowSpace(x, matrix.rows, terms);
  const own = new Float64Array(space.rank + 1);
  own[space.rank] = weights[terms]!;
  minimise(matrix.rows, space.rank, labels, penalty, own, context, (out, stride) => {
    for (let row = 0; row < matrix.rows; row++)
      out.set(space.coordinates.subarray(row * space.rank, (row + 1) * space.rank), row * stride);
  });
  fromRowSpace(space, own, weights.subarray(0, terms));
  weights[terms] = own[space.rank]!;
}

/** @param write - writes the columns, all but the last, which is the intercept's */
function minimise(
  rows: number,
  columns: number,
  labels: Uint8Array,
  penalty: number,
  weights: Float64Array,
  context: FitContext,
  write: (x: Float64Array, stride: number) => void,
): void {
  withKernels((kernels) => {
    const cols = columns + 1;
    const problem = allocateNormalEquations(kernels, rows, cols);
    write(problem.x, cols);
    for (let at = cols - 1; at < problem.x.length; at += cols) problem.x[at] = 1;
    minimiseLogLoss(kernels, problem, labels, penalty, weights, {
      onIteration(iteration) {
        checkCancelled(context);
        context.onProgress?.(1 - 1 / (iteration + 1.2)); // the number of steps is not known before the last one
      },
    });
  });
}
