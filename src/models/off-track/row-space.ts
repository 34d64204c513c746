/** Rows of a wide matrix in a basis of the space they span: X = coordinates · basis. */
export interface RowSpace {
  /** Dimension of the space, at most the number of rows. */
  readonly rank: number;
  /** Shape (rows × rank), row-major, lower trapezoidal. */
  readonly coordinates: Float64Array;
  /** Shape (rank × cols), row-major; orthonormal rows. */
  readonly basis: Float64Array;
}

const DEPENDENT = 1e-10; // of a row's length: what is left of it is rounding

/**
 * An orthonormal basis of the rows of a matrix, by modified Gram–Schmidt with each row treated twice. A penalty on ‖w‖² does
 * not see rotations, and a solution has no part outside the rows' space (it would cost and change nothing), so a ridge problem
 * with more columns than rows is one of `rank` columns: solve with the coordinates, then w = basisᵀ·v.
 * @param x - shape (rows × cols), row-major, finite
 * @see Hastie and Tibshirani (2004), Efficient quadratic regularization for expression arrays, theorem 1
 * @see Giraud, Langou and Rozložník (2005), The loss of orthogonality in the Gram–Schmidt process (why twice is enough)
 */
export function rowSpace(x: Float64Array, rows: number, cols: number): RowSpace {
  const basis = new Float64Array(Math.min(rows, cols) * cols);
  const parts = new Float64Array(rows * rows); // room for rank ≤ rows coordinates of each row
  const own = new Float64Array(cols);
  let rank = 0;
  for (let row = 0; row < rows; row++) {
    for (let j = 0; j < cols; j++) own[j] = x[row * cols + j]!;
    const length = norm(own);
    for (let pass = 0; pass < 2; pass++) {
      for (let k = 0; k < rank; k++) parts[row * rows + k]! += takeAway(own, basis, k * cols);
    }
    const left = norm(own);
    if (rank === cols || !(left > DEPENDENT * length)) continue;
    for (let j = 0; j < cols; j++) basis[rank * cols + j] = own[j]! / left;
    parts[row * rows + rank] = left;
    rank++;
  }
  const coordinates = new Float64Array(rows * rank);
  for (let row = 0; row < rows; row++) coordinates.set(parts.subarray(row * rows, row * rows + rank), row * rank);
  return { rank, coordinates, basis: basis.slice(0, rank * cols) };
}

/** Weights of the columns from weights of the coordinates: basisᵀ·v. @param out - shape (cols), overwritten */
export function fromRowSpace({ rank, basis }: RowSpace, weights: Float64Array, out: Float64Array): void {
  out.fill(0);
  for (let k = 0, at = 0; k < rank; k++) for (let j = 0; j < out.length; j++, at++) out[j]! += weights[k]! * basis[at]!;
}

/** Removes from a row its part along a basis row; returns that part's length. */
function takeAway(row: Float64Array, basis: Float64Array, first: number): number {
  let along = 0;
  for (let j = 0; j < row.length; j++) along += row[j]! * basis[first + j]!;
  for (let j = 0; j < row.length; j++) row[j]! -= along * basis[first + j]!;
  return along;
}

function norm(row: Float64Array): number {
  let squares = 0;
  for (let j = 0; j < row.length; j++) squares += row[j]! * row[j]!;
  return Math.sqrt(squares);
}
