/** A sparse matrix in compressed rows: no explicit zeros, columns of a row in any order, each at most once. */
export interface SparseRows {
  readonly rows: number;
  readonly cols: number;
  /** Shape (rows + 1): where each row starts in `col` and `value`. */
  readonly rowPtr: Int32Array;
  /** Shape (non-zeros): column numbers in [0, cols). */
  readonly col: Int32Array;
  /** Shape (non-zeros). Single precision halves the traffic; sums run in double precision. */
  readonly value: Float32Array;
}

/**
 * out = X·v.
 * @param v - shape (cols)
 * @param out - shape (rows), overwritten
 */
export function multiply({ rows, rowPtr, col, value }: SparseRows, v: Float64Array, out: Float64Array): void {
  let at = 0;
  for (let row = 0; row < rows; row++) {
    const end = rowPtr[row + 1]!;
    let sum = 0;
    for (; at < end; at++) sum += value[at]! * v[col[at]!]!;
    out[row] = sum;
  }
}

/**
 * out += Xᵀ·r.
 * @param r - shape (rows)
 * @param out - shape (cols), added to
 */
export function addTransposed({ rows, rowPtr, col, value }: SparseRows, r: Float64Array, out: Float64Array): void {
  let at = 0;
  for (let row = 0; row < rows; row++) {
    const end = rowPtr[row + 1]!;
    const weight = r[row]!;
    for (; at < end; at++) out[col[at]!]! += value[at]! * weight;
  }
}

/**
 * out += Xᵀ·diag(d)·X·v in one walk over the rows, so that the matrix is read once.
 * @param d - shape (rows)
 * @param v - shape (cols)
 * @param out - shape (cols), added to
 */
export function addGram(matrix: SparseRows, d: Float64Array, v: Float64Array, out: Float64Array): void {
  const { rows, rowPtr, col, value } = matrix;
  let start = 0;
  for (let row = 0; row < rows; row++) {
    const end = rowPtr[row + 1]!;
    let sum = 0;
    for (let at = start; at < end; at++) sum += value[at]! * v[col[at]!]!;
    sum *= d[row]!;
    for (let at = start; at < end; at++) out[col[at]!]! += value[at]! * sum;
    start = end;
  }
}

/** Collects the rows of a {@link SparseRows} one after another. */
export interface SparseRowsBuilder {
  /** Adds a value to a column of the current row; a zero is left out. */
  push(column: number, value: number): void;
  /** Ends the current row. */
  endRow(): void;
  /** What was collected; the builder must not be used any more. */
  finish(cols: number): SparseRows;
}

/**
 * A builder with room for some rows; it grows by halves.
 * @param rows - the number of rows there will be
 * @param perRow - a guess of the non-zeros per row
 */
export function sparseRowsBuilder(rows: number, perRow: number): SparseRowsBuilder {
  const rowPtr = new Int32Array(rows + 1);
  let col = new Int32Array(Math.max(16, rows * perRow));
  let value = new Float32Array(col.length);
  let count = 0;
  let row = 0;
  return {
    push(column, cell) {
      if (cell === 0) return;
      for (let at = rowPtr[row]!; at < count; at++) {
        if (col[at] !== column) continue;
        value[at]! += cell; // the skills of one item may meet in a column
        return;
      }
      if (count === col.length) {
        const room = Math.ceil(count * 1.5);
        col = grown(col, new Int32Array(room));
        value = grown(value, new Float32Array(room));
      }
      col[count] = column;
      value[count++] = cell;
    },
    endRow() {
      rowPtr[++row] = count;
    },
    finish: (cols) => ({ rows: row, cols, rowPtr, col: col.subarray(0, count), value: value.subarray(0, count) }),
  };
}

function grown<Values extends Int32Array | Float32Array>(from: Values, to: Values): Values {
  to.set(from);
  return to;
}
