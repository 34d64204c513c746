/** A dense matrix in float64: entry (row, col) is `data[row * cols + col]`. */
export interface Dense {
  readonly rows: number;
  readonly cols: number;
  readonly data: Float64Array;
}

/** A matrix of zeros. */
export function zeros(rows: number, cols: number): Dense {
  return { rows, cols, data: new Float64Array(rows * cols) };
}

/** The identity matrix of the given size. */
export function identity(size: number): Dense {
  const result = zeros(size, size);
  for (let i = 0; i < size; i++) result.data[i * size + i] = 1;
  return result;
}

/** A matrix of the given columns, each of the same length. */
export function fromColumns(columns: readonly ArrayLike<number>[]): Dense {
  const rows = columns[0]?.length ?? 0;
  const result = zeros(rows, columns.length);
  for (let col = 0; col < columns.length; col++) {
    for (let row = 0; row < rows; row++) result.data[row * columns.length + col] = columns[col]![row]!;
  }
  return result;
}

/** A copy of the rows with the given numbers, in that order. */
export function selectRows({ cols, data }: Dense, rows: ArrayLike<number>): Dense {
  const result = zeros(rows.length, cols);
  for (let i = 0; i < rows.length; i++) {
    result.data.set(data.subarray(rows[i]! * cols, (rows[i]! + 1) * cols), i * cols);
  }
  return result;
}

/** The product of two matrices; `left.cols` must equal `right.rows`. */
export function multiply(left: Dense, right: Dense): Dense {
  const result = zeros(left.rows, right.cols);
  for (let row = 0; row < left.rows; row++) {
    for (let k = 0; k < left.cols; k++) {
      const factor = left.data[row * left.cols + k]!;
      if (factor === 0) continue;
      for (let col = 0; col < right.cols; col++) {
        result.data[row * right.cols + col]! += factor * right.data[k * right.cols + col]!;
      }
    }
  }
  return result;
}

/** The transpose, as a copy. */
export function transpose({ rows, cols, data }: Dense): Dense {
  const result = zeros(cols, rows);
  for (let row = 0; row < rows; row++) {
    for (let col = 0; col < cols; col++) result.data[col * rows + row] = data[row * cols + col]!;
  }
  return result;
}

/**
 * left'·diag(w)·right without forming the diagonal.
 * @param weights - shape (rows); absent means ones
 */
export function crossProduct(left: Dense, right: Dense = left, weights?: ArrayLike<number>): Dense {
  const result = zeros(left.cols, right.cols);
  for (let row = 0; row < left.rows; row++) {
    const weight = weights === undefined ? 1 : weights[row]!;
    if (weight === 0) continue;
    for (let i = 0; i < left.cols; i++) {
      const factor = weight * left.data[row * left.cols + i]!;
      if (factor === 0) continue;
      for (let j = 0; j < right.cols; j++) {
        result.data[i * right.cols + j]! += factor * right.data[row * right.cols + j]!;
      }
    }
  }
  return result;
}

/** matrix·vector. */
export function timesVector({ rows, cols, data }: Dense, vector: ArrayLike<number>): Float64Array {
  const result = new Float64Array(rows);
  for (let row = 0, offset = 0; row < rows; row++, offset += cols) {
    let sum = 0;
    for (let col = 0; col < cols; col++) sum += data[offset + col]! * vector[col]!;
    result[row] = sum;
  }
  return result;
}

/** matrix'·vector, without transposing. */
export function transposeTimesVector({ rows, cols, data }: Dense, vector: ArrayLike<number>): Float64Array {
  const result = new Float64Array(cols);
  for (let row = 0, offset = 0; row < rows; row++, offset += cols) {
    const factor = vector[row]!;
    if (factor === 0) continue;
    for (let col = 0; col < cols; col++) result[col]! += factor * data[offset + col]!;
  }
  return result;
}

/** Σ aᵢbᵢ. */
export function dot(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}

/** c'·A·c of a square matrix. */
export function quadraticForm(matrix: Dense, vector: ArrayLike<number>): number {
  return dot(vector, timesVector(matrix, vector));
}
