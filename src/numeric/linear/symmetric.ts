import { EigenvalueDecomposition, Matrix } from "ml-matrix";
import { CairnError } from "../../errors.ts";
import { type Dense, zeros } from "./dense.ts";

/** Eigenvalues ascending or not, as they come, with their orthonormal vectors as columns. */
export interface SymmetricEigen {
  /** Shape (n). */
  readonly values: Float64Array;
  /** Shape (n × n); column k belongs to `values[k]`. */
  readonly vectors: Dense;
}

/** The eigen-decomposition of a symmetric matrix; only symmetry up to rounding is asked for. */
export function symmetricEigen({ rows, data }: Dense): SymmetricEigen {
  const matrix = Matrix.zeros(rows, rows);
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < rows; j++) matrix.set(i, j, (data[i * rows + j]! + data[j * rows + i]!) / 2);
  }
  const { realEigenvalues, eigenvectorMatrix } = new EigenvalueDecomposition(matrix, { assumeSymmetric: true });
  return {
    values: Float64Array.from(realEigenvalues),
    vectors: { rows, cols: rows, data: Float64Array.from(eigenvectorMatrix.to1DArray()) },
  };
}

/**
 * f(A) of a symmetric matrix: every eigenvalue replaced by `of(value)`. A pseudo-inverse square root is
 * `(value) => (value > tolerance ? 1 / Math.sqrt(value) : 0)`.
 */
export function symmetricFunction(matrix: Dense, of: (eigenvalue: number) => number): Dense {
  const { values, vectors } = symmetricEigen(matrix);
  const n = matrix.rows;
  const result = zeros(n, n);
  for (let k = 0; k < n; k++) {
    const value = of(values[k]!);
    if (value === 0) continue;
    for (let i = 0; i < n; i++) {
      const factor = value * vectors.data[i * n + k]!;
      for (let j = 0; j < n; j++) result.data[i * n + j]! += factor * vectors.data[j * n + k]!;
    }
  }
  return result;
}

/**
 * The lower triangle L of A = LL'.
 * @throws CairnError `SINGULAR` with the failing pivot when A is not positive definite
 */
export function cholesky({ rows: n, data }: Dense): Dense {
  const factor = zeros(n, n);
  const l = factor.data;
  for (let j = 0; j < n; j++) {
    for (let i = j; i < n; i++) {
      let sum = data[i * n + j]!;
      for (let k = 0; k < j; k++) sum -= l[i * n + k]! * l[j * n + k]!;
      if (i > j) {
        l[i * n + j] = sum / l[j * n + j]!;
        continue;
      }
      if (!(sum > data[j * n + j]! * 1e-14)) {
        throw new CairnError("SINGULAR", `expected a positive definite matrix, got pivot ${sum} in column ${j}`, {
          hint: "drop the columns that are sums of others, or those that do not vary",
        });
      }
      l[j * n + j] = Math.sqrt(sum);
    }
  }
  return factor;
}

/** Solves L·x = b in place for a lower triangle L; b is overwritten by x. */
export function solveLower({ rows: n, data: l }: Dense, b: Float64Array): Float64Array {
  for (let i = 0; i < n; i++) {
    let sum = b[i]!;
    for (let k = 0; k < i; k++) sum -= l[i * n + k]! * b[k]!;
    b[i] = sum / l[i * n + i]!;
  }
  return b;
}

/** Solves L'·x = b in place for a lower triangle L; b is overwritten by x. */
export function solveLowerTransposed({ rows: n, data: l }: Dense, b: Float64Array): Float64Array {
  for (let i = n - 1; i >= 0; i--) {
    let sum = b[i]!;
    for (let k = i + 1; k < n; k++) sum -= l[k * n + i]! * b[k]!;
    b[i] = sum / l[i * n + i]!;
  }
  return b;
}

/**
 * A⁻¹b of a symmetric positive definite matrix.
 * @throws CairnError `SINGULAR`
 */
export function solvePositive(matrix: Dense, b: ArrayLike<number>): Float64Array {
  const factor = cholesky(matrix);
  return solveLowerTransposed(factor, solveLower(factor, Float64Array.from(b)));
}

/**
 * A⁻¹ of a symmetric positive definite matrix, after scaling its diagonal to one: earnings stand beside 0/1 columns.
 * @throws CairnError `SINGULAR`
 */
export function invertPositive(matrix: Dense): Dense {
  const n = matrix.rows;
  const scale = Float64Array.from({ length: n }, (_, i) => 1 / Math.sqrt(matrix.data[i * n + i]!));
  const scaled = zeros(n, n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) scaled.data[i * n + j] = matrix.data[i * n + j]! * scale[i]! * scale[j]!;
  }
  const factor = cholesky(scaled);
  const result = zeros(n, n);
  const column = new Float64Array(n);
  for (let j = 0; j < n; j++) {
    column.fill(0);
    column[j] = 1;
    solveLowerTransposed(factor, solveLower(factor, column));
    for (let i = 0; i < n; i++) result.data[i * n + j] = column[i]! * scale[i]! * scale[j]!;
  }
  return result;
}
