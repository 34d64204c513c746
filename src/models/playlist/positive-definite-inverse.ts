import { CairnError } from "../../errors.ts";

/** Side of a tile: three packed tiles of doubles (96 KiB) stay in a core's second-level cache. */
export const TILE = 64;
const TILE_AREA = TILE * TILE;
const PANEL = 4; // rows of the register block: 4 × 4 sums live in registers
const SMALLEST_PIVOT = 1e-13; // of the largest diagonal cell: below it a pivot is rounding error

/** The order of the padded storage of a matrix of `order` rows: the next multiple of {@link TILE}. */
export function paddedOrder(order: number): number {
  return Math.max(1, Math.ceil(order / TILE)) * TILE;
}

/**
 * Replaces a symmetric positive definite matrix by its inverse, in place, by tiles: G = LLᵀ (Cholesky), L ← L⁻¹,
 * P = L⁻ᵀL⁻¹; about n³/2 multiply–adds in all. Only the lower triangle is read and written.
 * @param matrix - shape (padded × padded) with padded = {@link paddedOrder}(order), row-major; rows and columns from `order`
 * on must be those of the identity
 * @param order - rows that belong to the matrix
 * @param onStep - called after each row of tiles with the finished share, in (0, 1]; may throw to stop
 * @throws CairnError `SINGULAR` with the row of the pivot that is not above rounding error
 * @see Golub and Van Loan (2013), Matrix Computations, 4.2.5 and 4.2.6; the tile products follow Goto and van de Geijn (2008)
 */
export function invertPositiveDefinite(matrix: Float64Array, order: number, onStep: (fraction: number) => void): void {
  const padded = paddedOrder(order);
  const tiles = padded / TILE;
  const scratch = {
    left: new Float64Array(TILE_AREA),
    right: Array.from({ length: tiles }, () => new Float64Array(TILE_AREA)),
    product: new Float64Array(TILE_AREA),
    diagonal: new Float64Array(TILE_AREA),
  };
  let largest = 0;
  for (let i = 0; i < order; i++) largest = Math.max(largest, matrix[i * padded + i]!);
  const work = 3 * tiles;
  for (let k = 0; k < tiles; k++) {
    factorTileColumn(matrix, padded, k, largest * SMALLEST_PIVOT, scratch);
    onStep((k + 1) / work);
  }
  for (let i = 0; i < tiles; i++) {
    invertTileRow(matrix, padded, i, scratch);
    onStep((tiles + i + 1) / work);
  }
  for (let i = 0; i < tiles; i++) {
    multiplyTileRow(matrix, padded, i, scratch);
    onStep((2 * tiles + i + 1) / work);
  }
}

interface Scratch {
  readonly left: Float64Array;
  readonly right: readonly Float64Array[];
  readonly product: Float64Array;
  readonly diagonal: Float64Array;
}

/** Left-looking Cholesky of one column of tiles; leaves the inverse of the diagonal tile's factor in its place. */
function factorTileColumn(matrix: Float64Array, stride: number, k: number, smallest: number, scratch: Scratch): void {
  const tiles = stride / TILE;
  const { left, right, product, diagonal } = scratch;
  for (let j = 0; j < k; j++) packRows(matrix, tileOffset(k, j, stride), stride, right[j]!);
  for (let i = k; i < tiles; i++) {
    const target = tileOffset(i, k, stride);
    for (let j = 0; j < k; j++) {
      packRows(matrix, tileOffset(i, j, stride), stride, left);
      multiplyTiles(left, right[j]!, matrix, target, stride, -1);
    }
    if (i === k) {
      factorTile(matrix, target, stride, k * TILE, smallest);
      invertTriangle(matrix, target, stride);
      packRows(matrix, target, stride, diagonal);
      continue;
    }
    packRows(matrix, target, stride, left);
    product.fill(0);
    multiplyTiles(left, diagonal, product, 0, TILE, 1);
    storeTile(product, 1, matrix, target, stride);
  }
}

/** X_IJ = −X_II Σ_{J ≤ K < I} L_IK X_KJ for one row of tiles, J ascending so that L_IK is overwritten after its last use. */
function invertTileRow(matrix: Float64Array, stride: number, i: number, scratch: Scratch): void {
  const { left, right, product, diagonal } = scratch;
  for (let k = 0; k < i; k++) packRows(matrix, tileOffset(i, k, stride), stride, right[k]!);
  packRows(matrix, tileOffset(i, i, stride), stride, diagonal);
  for (let j = 0; j < i; j++) {
    product.fill(0);
    for (let k = j; k < i; k++) {
      packColumns(matrix, tileOffset(k, j, stride), stride, left);
      multiplyTiles(right[k]!, left, product, 0, TILE, 1);
    }
    packColumns(product, 0, TILE, left);
    product.fill(0);
    multiplyTiles(diagonal, left, product, 0, TILE, 1);
    storeTile(product, -1, matrix, tileOffset(i, j, stride), stride);
  }
}

/** P_IJ = Σ_{K ≥ I} X_KIᵀ X_KJ for one row of tiles; the rows below still hold X. */
function multiplyTileRow(matrix: Float64Array, stride: number, i: number, scratch: Scratch): void {
  const tiles = stride / TILE;
  const { left, right, product } = scratch;
  for (let k = i; k < tiles; k++) packColumns(matrix, tileOffset(k, i, stride), stride, right[k]!);
  for (let j = 0; j <= i; j++) {
    product.fill(0);
    for (let k = i; k < tiles; k++) {
      packColumns(matrix, tileOffset(k, j, stride), stride, left);
      multiplyTiles(right[k]!, left, product, 0, TILE, 1);
    }
    storeTile(product, 1, matrix, tileOffset(i, j, stride), stride);
  }
}

function tileOffset(row: number, column: number, stride: number): number {
  return (row * stride + column) * TILE;
}

/** Plain Cholesky of a diagonal tile; zeroes what lies above the diagonal. */
function factorTile(matrix: Float64Array, offset: number, stride: number, firstRow: number, smallest: number): void {
  for (let j = 0; j < TILE; j++) {
    const row = offset + j * stride;
    let pivot = matrix[row + j]!;
    for (let k = 0; k < j; k++) pivot -= matrix[row + k]! * matrix[row + k]!;
    if (!(pivot > smallest)) {
      throw new CairnError(
        "SINGULAR",
        `expected a positive definite matrix, got pivot ${pivot} in row ${firstRow + j}`,
        {
          hint: "raise the regularization, or drop activities that were always done together",
          details: { row: firstRow + j },
        },
      );
    }
    const root = Math.sqrt(pivot);
    matrix[row + j] = root;
    matrix.fill(0, row + j + 1, row + TILE);
    for (let i = j + 1; i < TILE; i++) {
      const below = offset + i * stride;
      let sum = matrix[below + j]!;
      for (let k = 0; k < j; k++) sum -= matrix[below + k]! * matrix[row + k]!;
      matrix[below + j] = sum / root;
    }
  }
}

/** Inverse of a lower triangular tile, in place, row by row: x_ij = −Σ_{j ≤ k < i} l_ik x_kj / l_ii. */
function invertTriangle(matrix: Float64Array, offset: number, stride: number): void {
  for (let i = 0; i < TILE; i++) {
    const row = offset + i * stride;
    const inverse = 1 / matrix[row + i]!;
    for (let j = 0; j < i; j++) {
      let sum = 0;
      for (let k = j; k < i; k++) sum += matrix[row + k]! * matrix[offset + k * stride + j]!;
      matrix[row + j] = -sum * inverse;
    }
    matrix[row + i] = inverse;
  }
}

/** Packs a tile by panels of four rows: cell (4p + r, k) goes to (64p + k)·4 + r. */
function packRows(source: Float64Array, offset: number, stride: number, out: Float64Array): void {
  for (let row = 0, to = 0; row < TILE; row += PANEL) {
    let from = offset + row * stride;
    for (let k = 0; k < TILE; k++, from++, to += PANEL) {
      out[to] = source[from]!;
      out[to + 1] = source[from + stride]!;
      out[to + 2] = source[from + 2 * stride]!;
      out[to + 3] = source[from + 3 * stride]!;
    }
  }
}

/** Packs the transpose of a tile by panels of four of its columns: cell (k, 4p + r) goes to (64p + k)·4 + r. */
function packColumns(source: Float64Array, offset: number, stride: number, out: Float64Array): void {
  for (let k = 0; k < TILE; k++) {
    let from = offset + k * stride;
    for (let to = k * PANEL; to < TILE_AREA; to += TILE * PANEL, from += PANEL) {
      out[to] = source[from]!;
      out[to + 1] = source[from + 1]!;
      out[to + 2] = source[from + 2]!;
      out[to + 3] = source[from + 3]!;
    }
  }
}

function storeTile(tile: Float64Array, sign: number, matrix: Float64Array, offset: number, stride: number): void {
  for (let row = 0; row < TILE; row++) {
    for (let column = 0; column < TILE; column++) {
      matrix[offset + row * stride + column] = sign * tile[row * TILE + column]!;
    }
  }
}

/** target += sign·ABᵀ for packed tiles A and B: the one hot loop of the inverse, sixteen sums at a time. */
function multiplyTiles(
  a: Float64Array,
  b: Float64Array,
  target: Float64Array,
  offset: number,
  stride: number,
  sign: number,
): void {
  for (let row = 0; row < TILE; row += PANEL) {
    for (let column = 0; column < TILE; column += PANEL) {
      let s00 = 0;
      let s01 = 0;
      let s02 = 0;
      let s03 = 0;
      let s10 = 0;
      let s11 = 0;
      let s12 = 0;
      let s13 = 0;
      let s20 = 0;
      let s21 = 0;
      let s22 = 0;
      let s23 = 0;
      let s30 = 0;
      let s31 = 0;
      let s32 = 0;
      let s33 = 0;
      let p = row * TILE;
      let q = column * TILE;
      for (let k = 0; k < TILE; k++, p += PANEL, q += PANEL) {
        const b0 = b[q]!;
        const b1 = b[q + 1]!;
        const b2 = b[q + 2]!;
        const b3 = b[q + 3]!;
        const a0 = a[p]!;
        s00 += a0 * b0;
        s01 += a0 * b1;
        s02 += a0 * b2;
        s03 += a0 * b3;
        const a1 = a[p + 1]!;
        s10 += a1 * b0;
        s11 += a1 * b1;
        s12 += a1 * b2;
        s13 += a1 * b3;
        const a2 = a[p + 2]!;
        s20 += a2 * b0;
        s21 += a2 * b1;
        s22 += a2 * b2;
        s23 += a2 * b3;
        const a3 = a[p + 3]!;
        s30 += a3 * b0;
        s31 += a3 * b1;
        s32 += a3 * b2;
        s33 += a3 * b3;
      }
      let to = offset + row * stride + column;
      target[to] = target[to]! + sign * s00;
      target[to + 1] = target[to + 1]! + sign * s01;
      target[to + 2] = target[to + 2]! + sign * s02;
      target[to + 3] = target[to + 3]! + sign * s03;
      to += stride;
      target[to] = target[to]! + sign * s10;
      target[to + 1] = target[to + 1]! + sign * s11;
      target[to + 2] = target[to + 2]! + sign * s12;
      target[to + 3] = target[to + 3]! + sign * s13;
      to += stride;
      target[to] = target[to]! + sign * s20;
      target[to + 1] = target[to + 1]! + sign * s21;
      target[to + 2] = target[to + 2]! + sign * s22;
      target[to + 3] = target[to + 3]! + sign * s23;
      to += stride;
      target[to] = target[to]! + sign * s30;
      target[to + 1] = target[to + 1]! + sign * s31;
      target[to + 2] = target[to + 2]! + sign * s32;
      target[to + 3] = target[to + 3]! + sign * s33;
    }
  }
}
