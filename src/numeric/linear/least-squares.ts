import { CairnError } from "../../errors.ts";
import { type Dense, timesVector, transposeTimesVector, zeros } from "./dense.ts";

const COLLINEAR = 1e-7; // what is left of a column, relative to its length, below which it says nothing new (as R's lm)

/** A weighted least-squares fit in the coordinates in which robust variances are short: X·R⁻¹ is orthonormal. */
export interface LeastSquares {
  /** Shape (n): rows of the design. */
  readonly rows: number;
  /** Positions of the columns that were kept, ascending; the others repeat earlier ones. */
  readonly kept: readonly number[];
  /** Positions of the columns that were dropped. */
  readonly dropped: readonly number[];
  /** Shape (kept): coefficients b of the kept columns. */
  readonly coefficients: Float64Array;
  /** Shape (n): y − Xb, unweighted. */
  readonly residuals: Float64Array;
  /** Shape (n × kept): T = X·R⁻¹, so that T'WT = I and X(X'WX)⁻¹X' = TT'. */
  readonly rotated: Dense;
  /** Shape (kept × kept): R⁻¹, so that (X'WX)⁻¹ = R⁻¹R⁻ᵀ and a contrast c of b is R⁻ᵀc of T. */
  readonly inverseFactor: Dense;
  /** Shape (n); absent when every row weighs one. */
  readonly weights?: Float64Array;
}

/**
 * Least squares by Householder reflections. Columns are taken in their order, and one of which less than 1e-7 of its length is
 * left by those before it is dropped: of repeated columns the one named last goes, as in R's `lm`.
 * @param design - shape (n × p)
 * @param outcome - shape (n), finite
 * @param weights - shape (n), at or above 0; a row of weight 0 is predicted but not learned from
 * @throws CairnError `SHAPE_MISMATCH`; `SINGULAR` when no row is left over for a residual or every column is zero
 * @see Golub and Van Loan (2013), Matrix Computations, 5.2; LINPACK dqrdc2 as R uses it
 */
export function leastSquares(design: Dense, outcome: ArrayLike<number>, weights?: Float64Array): LeastSquares {
  const { rows, cols } = design;
  if (outcome.length !== rows || (weights !== undefined && weights.length !== rows)) {
    throw new CairnError(
      "SHAPE_MISMATCH",
      `expected ${rows} outcomes and weights, got ${outcome.length} and ${weights?.length ?? rows}`,
      { hint: "pass one outcome per row of the design" },
    );
  }
  const root = weights === undefined ? undefined : weights.map(Math.sqrt);
  const columns = Array.from({ length: cols }, (_, col) =>
    Float64Array.from({ length: rows }, (_, row) => (root?.[row] ?? 1) * design.data[row * cols + col]!),
  );
  const right = Float64Array.from({ length: rows }, (_, row) => (root?.[row] ?? 1) * outcome[row]!);
  const { kept, dropped, triangle } = triangularize(columns, right);
  if (kept.length === 0 || kept.length > rows) {
    throw new CairnError("SINGULAR", `expected a design with a column that varies, got ${kept.length} of ${cols}`, {
      hint: "check the covariates",
    });
  }
  const inverseFactor = invertUpper(triangle, kept.length);
  const coefficients = timesVector(inverseFactor, right.subarray(0, kept.length));
  const rotated = rotate(design, kept, inverseFactor);
  const residuals = new Float64Array(rows);
  for (let row = 0; row < rows; row++) {
    let fitted = 0;
    for (let k = 0; k < kept.length; k++) fitted += design.data[row * cols + kept[k]!]! * coefficients[k]!;
    residuals[row] = outcome[row]! - fitted;
  }
  return {
    rows,
    kept,
    dropped,
    coefficients,
    residuals,
    rotated,
    inverseFactor,
    ...(weights === undefined ? {} : { weights }),
  };
}

/** Reflects the columns and the right side; gives the triangle R (kept columns of it, flat, row-major). */
function triangularize(
  columns: readonly Float64Array[],
  right: Float64Array,
): { kept: number[]; dropped: number[]; triangle: Float64Array[] } {
  const rows = right.length;
  const kept: number[] = [];
  const dropped: number[] = [];
  const triangle: Float64Array[] = [];
  for (let col = 0; col < columns.length; col++) {
    const column = columns[col]!;
    const rank = kept.length;
    let rest = 0;
    let whole = 0;
    for (let row = 0; row < rows; row++) {
      const square = column[row]! ** 2; // reflections keep lengths: the whole column is still as long as it was
      whole += square;
      if (row >= rank) rest += square;
    }
    if (rank >= rows || !(rest > whole * COLLINEAR ** 2)) {
      dropped.push(col);
      continue;
    }
    const pivot = column[rank]!;
    const alpha = pivot > 0 ? -Math.sqrt(rest) : Math.sqrt(rest);
    const reflector = column.slice(rank);
    reflector[0] = pivot - alpha;
    const scale = 2 / (rest - pivot * pivot + reflector[0] ** 2);
    for (let other = col + 1; other < columns.length; other++) reflect(columns[other]!, reflector, scale, rank);
    reflect(right, reflector, scale, rank);
    column[rank] = alpha;
    triangle.push(column.slice(0, rank + 1));
    kept.push(col);
  }
  return { kept, dropped, triangle };
}

function reflect(target: Float64Array, reflector: Float64Array, scale: number, from: number): void {
  let product = 0;
  for (let i = 0; i < reflector.length; i++) product += reflector[i]! * target[from + i]!;
  product *= scale;
  for (let i = 0; i < reflector.length; i++) target[from + i]! -= product * reflector[i]!;
}

/** R⁻¹ of the upper triangle whose k-th column has k + 1 entries. */
function invertUpper(triangle: readonly Float64Array[], size: number): Dense {
  const inverse = zeros(size, size);
  for (let col = 0; col < size; col++) {
    inverse.data[col * size + col] = 1 / triangle[col]![col]!;
    for (let row = col - 1; row >= 0; row--) {
      let sum = 0;
      for (let k = row + 1; k <= col; k++) sum += triangle[k]![row]! * inverse.data[k * size + col]!;
      inverse.data[row * size + col] = -sum / triangle[row]![row]!;
    }
  }
  return inverse;
}

function rotate({ rows, cols, data }: Dense, kept: readonly number[], inverse: Dense): Dense {
  const size = kept.length;
  const rotated = zeros(rows, size);
  for (let row = 0; row < rows; row++) {
    for (let k = 0; k < size; k++) {
      const value = data[row * cols + kept[k]!]!;
      if (value === 0) continue;
      for (let col = k; col < size; col++) rotated.data[row * size + col]! += value * inverse.data[k * size + col]!;
    }
  }
  return rotated;
}

/** X·b for rows the model may not have seen: the design has all columns, the dropped ones weigh nothing. */
export function predictLinear({ kept, coefficients }: LeastSquares, design: Dense): Float64Array {
  const all = new Float64Array(design.cols);
  kept.forEach((column, k) => {
    all[column] = coefficients[k]!;
  });
  return timesVector(design, all);
}

/** Shape (n): hᵢ = wᵢxᵢ'(X'WX)⁻¹xᵢ, how far a row fits itself, in [0, 1]. */
export function leverages({ rotated, weights }: LeastSquares): Float64Array {
  const result = new Float64Array(rotated.rows);
  for (let row = 0; row < rotated.rows; row++) {
    let square = 0;
    for (let k = 0; k < rotated.cols; k++) square += rotated.data[row * rotated.cols + k]! ** 2;
    result[row] = square * (weights?.[row] ?? 1);
  }
  return result;
}

/** A contrast of the coefficients in the rotated coordinates: R⁻ᵀc. */
export function rotateContrast({ inverseFactor }: LeastSquares, contrast: ArrayLike<number>): Float64Array {
  return transposeTimesVector(inverseFactor, contrast);
}
