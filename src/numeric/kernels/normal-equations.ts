import { CairnError } from "../../errors.ts";
import type { Kernels } from "./kernels.ts";

/** Rows per chunk. Part of the result's bytes: sums are taken within a chunk, then over chunks in index order. */
export const CHUNK_ROWS = 1024;

/** The weighted least-squares problem of one Newton step, and room for its sums: views of one arena. */
export interface NormalEquations {
  readonly rows: number;
  readonly cols: number;
  /** Shape (rows × cols), row-major; the caller fills it. */
  readonly x: Float64Array;
  /** Shape (rows), W's diagonal; the caller fills it. */
  readonly weights: Float64Array;
  /** Shape (rows), r; the caller fills it. */
  readonly residuals: Float64Array;
  /** Shape (cols × cols), row-major: the lower triangle of XᵀWX; nothing above the diagonal is meant. */
  readonly hessian: Float64Array;
  /** Shape (cols): Xᵀr. */
  readonly gradient: Float64Array;
  /** Room for one chunk's sums. */
  readonly chunkHessian: Float64Array;
  readonly chunkGradient: Float64Array;
}

/**
 * Allocates the views of a problem in the arena, all zero.
 * @param rows - at least 0
 * @param cols - at least 1
 * @throws CairnError `UNAVAILABLE` when the arena cannot hold it
 */
export function allocateNormalEquations(kernels: Kernels, rows: number, cols: number): NormalEquations {
  return {
    rows,
    cols,
    x: kernels.float64(rows * cols),
    weights: kernels.float64(rows),
    residuals: kernels.float64(rows),
    hessian: kernels.float64(cols * cols),
    gradient: kernels.float64(cols),
    chunkHessian: kernels.float64(cols * cols),
    chunkGradient: kernels.float64(cols),
  };
}

/** Computes H = XᵀWX and g = Xᵀr over all rows. */
export function sumNormalEquations(kernels: Kernels, problem: NormalEquations): void {
  problem.hessian.fill(0);
  problem.gradient.fill(0);
  addChunks(kernels, problem, 0, problem.rows);
}

/**
 * Adds the sums of the chunks of rows [firstRow, lastRow) to the totals, in index order. Calls that cover the rows in
 * order give the same bytes however they are split, because the chunks are fixed.
 * @param firstRow - a multiple of {@link CHUNK_ROWS}
 * @param lastRow - a multiple of {@link CHUNK_ROWS}, or the number of rows
 * @throws CairnError `BAD_INPUT` for a range that cuts a chunk
 */
export function addChunks(kernels: Kernels, problem: NormalEquations, firstRow: number, lastRow: number): void {
  const { x, weights, residuals, rows, hessian, gradient, chunkHessian, chunkGradient } = problem;
  if (firstRow % CHUNK_ROWS !== 0 || (lastRow % CHUNK_ROWS !== 0 && lastRow !== rows)) {
    throw new CairnError(
      "BAD_INPUT",
      `expected a range of whole chunks of ${CHUNK_ROWS} rows, got ${firstRow} to ${lastRow}`,
    );
  }
  for (let first = firstRow; first < lastRow; first += CHUNK_ROWS) {
    chunkHessian.fill(0);
    chunkGradient.fill(0);
    const last = Math.min(first + CHUNK_ROWS, rows);
    kernels.addNormalEquations(x, weights, residuals, first, last, chunkHessian, chunkGradient);
    for (let i = 0; i < hessian.length; i++) hessian[i]! += chunkHessian[i]!;
    for (let i = 0; i < gradient.length; i++) gradient[i]! += chunkGradient[i]!;
  }
}
