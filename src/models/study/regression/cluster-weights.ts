import { crossProduct, type Dense, multiply, zeros } from "../../../numeric/linear/dense.ts";
import { symmetricFunction } from "../../../numeric/linear/symmetric.ts";

const NEGLIGIBLE = 1e-10; // eigenvalues and lengths below this share of the largest are rounding, not information

/**
 * G = A·WT of one cluster for CR2 with weights or with a working variance Φ other than one:
 * B = Φ − TT'WΦ − ΦWTT' + TΩT' with Ω = T'WΦWT over all clusters, A = D(DBD)^(+1/2)D, D = Φ^(1/2).
 *
 * With Φ = I only the span of (T, WT) is touched, so the square root is taken there and its cost does not grow with the cluster.
 * With another Φ the cluster's own square matrix is decomposed: keep clusters below a few hundred rows.
 * @param rotated - T, shape (cluster × p)
 * @param weighted - WT, shape (cluster × p)
 * @param phi - shape (cluster): Φ; absent means ones
 * @see Pustejovsky and Tipton (2018), appendix A; handbook 2.5
 */
export function weightedAdjustment(rotated: Dense, weighted: Dense, omega: Dense, phi?: Float64Array): Dense {
  return phi === undefined ? lowRank(rotated, weighted, omega) : wholeCluster(rotated, weighted, omega, phi);
}

function lowRank(rotated: Dense, weighted: Dense, omega: Dense): Dense {
  const p = rotated.cols;
  const span = zeros(rotated.rows, 2 * p);
  for (let row = 0; row < rotated.rows; row++) {
    span.data.set(rotated.data.subarray(row * p, (row + 1) * p), row * 2 * p);
    span.data.set(weighted.data.subarray(row * p, (row + 1) * p), row * 2 * p + p);
  }
  const basis = orthonormalBasis(span);
  const left = crossProduct(basis, rotated); // Q'T
  const right = crossProduct(basis, weighted); // Q'WT
  const inner = multiplyTransposed(multiply(left, omega), left);
  const cross = multiplyTransposed(left, right);
  const size = basis.cols;
  for (let i = 0; i < size; i++) {
    for (let j = 0; j < size; j++) {
      inner.data[i * size + j]! += (i === j ? 1 : 0) - cross.data[i * size + j]! - cross.data[j * size + i]!;
    }
  }
  const root = symmetricFunction(inner, (value) => (value > NEGLIGIBLE ? 1 / Math.sqrt(value) : 0) - 1);
  const moved = multiply(basis, multiply(root, right));
  return { rows: rotated.rows, cols: p, data: weighted.data.map((value, i) => value + moved.data[i]!) };
}

/** Gram–Schmidt, each column twice: the second pass removes what rounding left of the first. */
function orthonormalBasis(span: Dense): Dense {
  const { rows, cols } = span;
  const kept: Float64Array[] = [];
  for (let col = 0; col < cols; col++) {
    const column = Float64Array.from({ length: rows }, (_, row) => span.data[row * cols + col]!);
    const whole = length(column);
    for (let pass = 0; pass < 2; pass++) {
      for (const other of kept) {
        let product = 0;
        for (let row = 0; row < rows; row++) product += other[row]! * column[row]!;
        for (let row = 0; row < rows; row++) column[row]! -= product * other[row]!;
      }
    }
    const rest = length(column);
    if (rest > whole * NEGLIGIBLE) kept.push(column.map((value) => value / rest));
  }
  const basis = zeros(rows, kept.length);
  kept.forEach((column, k) => {
    for (let row = 0; row < rows; row++) basis.data[row * kept.length + k] = column[row]!;
  });
  return basis;
}

function length(column: Float64Array): number {
  let squares = 0;
  for (const value of column) squares += value * value;
  return Math.sqrt(squares);
}

function multiplyTransposed(left: Dense, right: Dense): Dense {
  const result = zeros(left.rows, right.rows);
  for (let i = 0; i < left.rows; i++) {
    for (let j = 0; j < right.rows; j++) {
      let sum = 0;
      for (let k = 0; k < left.cols; k++) sum += left.data[i * left.cols + k]! * right.data[j * right.cols + k]!;
      result.data[i * right.rows + j] = sum;
    }
  }
  return result;
}

function wholeCluster(rotated: Dense, weighted: Dense, omega: Dense, phi: Float64Array): Dense {
  const n = rotated.rows;
  const cross = multiplyTransposed(rotated, weighted); // TT'W
  const b = multiplyTransposed(multiply(rotated, omega), rotated);
  const scaled = zeros(n, n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      const entry =
        (i === j ? phi[i]! : 0) -
        cross.data[i * n + j]! * phi[j]! -
        phi[i]! * cross.data[j * n + i]! +
        b.data[i * n + j]!;
      scaled.data[i * n + j] = Math.sqrt(phi[i]! * phi[j]!) * entry;
    }
  }
  const largest = phi.reduce((max, value) => Math.max(max, value * value), 1);
  const root = symmetricFunction(scaled, (value) => (value > NEGLIGIBLE * largest ? 1 / Math.sqrt(value) : 0));
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) root.data[i * n + j]! *= Math.sqrt(phi[i]! * phi[j]!);
  }
  return multiply(root, weighted);
}
