/** A matrix in single precision, row-major. */
export interface DenseMatrix {
  readonly rows: number;
  readonly cols: number;
  /** Shape (rows × cols). */
  readonly values: Float32Array;
}

/**
 * Multiplies matrices: the part of training that takes the time, and the only one that runs on tensors.
 */
export interface MatrixProducts {
  /** Such as `wasm` or `plain`. Two backends round differently: a model is the same bytes only on the same one. */
  readonly backend: string;
  /** a·b, with either side transposed when told; row-major, the caller's own. */
  multiply(a: DenseMatrix, b: DenseMatrix, transposeA?: boolean, transposeB?: boolean): Float32Array;
}

/** Products in plain TypeScript, summed in double precision: right everywhere, about thirty times slower than WASM. */
export const plainProducts: MatrixProducts = {
  backend: "plain",
  multiply(a, b, transposeA = false, transposeB = false) {
    const rows = transposeA ? a.cols : a.rows;
    const inner = transposeA ? a.rows : a.cols;
    const cols = transposeB ? b.rows : b.cols;
    const out = new Float32Array(rows * cols);
    const [aRow, aInner] = transposeA ? [1, a.cols] : [a.cols, 1];
    const [bInner, bCol] = transposeB ? [1, b.cols] : [b.cols, 1];
    for (let row = 0; row < rows; row++) {
      for (let col = 0; col < cols; col++) {
        let sum = 0;
        for (let k = 0; k < inner; k++) sum += a.values[row * aRow + k * aInner]! * b.values[k * bInner + col * bCol]!;
        out[row * cols + col] = sum;
      }
    }
    return out;
  },
};

let registered: MatrixProducts = plainProducts;

/**
 * Makes these the products every training in this thread uses from now on, as a backend is registered with TensorFlow.js.
 * @returns the ones used before
 */
export function registerProducts(products: MatrixProducts): MatrixProducts {
  const before = registered;
  registered = products;
  return before;
}

/** The registered products; plain ones when nobody registered others. */
export function currentProducts(): MatrixProducts {
  return registered;
}
