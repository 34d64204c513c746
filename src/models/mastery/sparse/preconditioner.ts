import type { SparseRows } from "./sparse-rows.ts";

/**
 * Which columns belong together, such as all columns of one skill: the Hessian's block of a group is inverted exactly by
 * the preconditioner. Groups pay where columns resemble each other (the success record at three decays); a column of its
 * own has group −1.
 */
export interface ColumnGroups {
  /** Shape (cols): the group of each column in [0, count), or −1. */
  readonly group: Int32Array;
  readonly count: number;
}

/** An approximate inverse of a Hessian. */
export interface Preconditioner {
  /** Takes in new row weights d and a diagonal: the Hessian is diag(ridge) + Xᵀ·diag(d)·X. */
  update(d: Float64Array, ridge: Float64Array): void;
  /** out = M⁻¹·r, both of shape (cols). */
  solve(r: Float64Array, out: Float64Array): void;
}

/** Block-diagonal (Jacobi) preconditioner: exact on each group of columns, diagonal elsewhere. */
export function blockPreconditioner(matrix: SparseRows, { group, count }: ColumnGroups): Preconditioner {
  const { cols } = matrix;
  const members: number[][] = Array.from({ length: count }, () => []);
  const place = new Int32Array(cols); // of a column inside its group
  for (let column = 0; column < cols; column++) {
    if (group[column]! >= 0) place[column] = members[group[column]!]!.push(column) - 1;
  }
  const blocks = members.map(({ length }) => new Float64Array(length * length)); // lower triangles, later Cholesky factors
  const scratch = new Float64Array(members.reduce((most, { length }) => Math.max(most, length), 0));
  const diagonal = new Float64Array(cols);
  return {
    update(d, ridge) {
      diagonal.set(ridge);
      for (const block of blocks) block.fill(0);
      addBlocks(matrix, d, group, place, members, blocks, diagonal);
      for (const [index, block] of blocks.entries()) {
        const own = members[index]!;
        for (let i = 0; i < own.length; i++) block[i * own.length + i]! += diagonal[own[i]!]!;
        factorise(block, own.length);
      }
    },
    solve(r, out) {
      for (let column = 0; column < cols; column++) {
        if (group[column]! < 0) out[column] = r[column]! / diagonal[column]!;
      }
      for (const [index, own] of members.entries()) {
        for (let i = 0; i < own.length; i++) scratch[i] = r[own[i]!]!;
        substitute(blocks[index]!, own.length, scratch);
        for (let i = 0; i < own.length; i++) out[own[i]!] = scratch[i]!;
      }
    },
  };
}

/** Adds d·x² to the diagonal and d·x_i·x_j of every pair i > j inside a group to the group's block. */
function addBlocks(
  { rows, rowPtr, col, value }: SparseRows,
  d: Float64Array,
  group: Int32Array,
  place: Int32Array,
  members: readonly (readonly number[])[],
  blocks: readonly Float64Array[],
  diagonal: Float64Array,
): void {
  for (let row = 0; row < rows; row++) {
    const end = rowPtr[row + 1]!;
    for (let i = rowPtr[row]!; i < end; i++) {
      const column = col[i]!;
      const weighted = d[row]! * value[i]!;
      diagonal[column]! += weighted * value[i]!;
      const own = group[column]!;
      if (own < 0) continue;
      const block = blocks[own]!;
      const offset = place[column]! * members[own]!.length;
      const mine = place[column]!;
      for (let j = rowPtr[row]!; j < end; j++) {
        const other = col[j]!;
        if (group[other] === own && place[other]! < mine) block[offset + place[other]!]! += weighted * value[j]!;
      }
    }
  }
}

/** Cholesky in place on the lower triangle; the ridge keeps every pivot positive, up to rounding. */
function factorise(block: Float64Array, size: number): void {
  for (let i = 0; i < size; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = block[i * size + j]!;
      for (let k = 0; k < j; k++) sum -= block[i * size + k]! * block[j * size + k]!;
      if (i === j)
        block[i * size + i] = Math.sqrt(Math.max(sum, 1e-10)); // only a preconditioner: near enough is enough
      else block[i * size + j] = sum / block[j * size + j]!;
    }
  }
}

/** x ← (L·Lᵀ)⁻¹·x. */
function substitute(factor: Float64Array, size: number, x: Float64Array): void {
  for (let i = 0; i < size; i++) {
    let sum = x[i]!;
    for (let k = 0; k < i; k++) sum -= factor[i * size + k]! * x[k]!;
    x[i] = sum / factor[i * size + i]!;
  }
  for (let i = size - 1; i >= 0; i--) {
    let sum = x[i]!;
    for (let k = i + 1; k < size; k++) sum -= factor[k * size + i]! * x[k]!;
    x[i] = sum / factor[i * size + i]!;
  }
}
