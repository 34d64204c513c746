import type { KernelCall } from "../parallel/pool.ts";
import type { Kernels } from "./kernels.ts";

const CHUNK_ROWS = 16_384; // rows whose columns are in the arena at once
const TILE_ROWS = 64; // what the kernels turn into rows at a time
const PART_ROWS = 256; // fewer are not worth a thread
const NODE_INTEGERS = 4; // 16 bytes: a double and two integers

/** Trees as {@link addTrees} reads them: views of one arena, filled by {@link placeTrees}. */
export interface PlacedTrees {
  readonly width: number;
  readonly trees: number;
  readonly nodes: Int32Array;
  readonly values: Float64Array;
  readonly roots: Int32Array;
  readonly depths: Int32Array;
}

/** One node: a leaf has feature −1 and a value; children lie side by side, after their parent. */
export interface TreeNode {
  readonly feature: number;
  readonly threshold: number;
  readonly isCategorical: boolean;
  readonly missingLeft: boolean;
  readonly left: number;
  readonly value: number;
}

/**
 * Places trees in the arena.
 * @param width - features per row
 * @param roots - node numbers, one per tree and the number of nodes
 * @param nodeAt - what each is
 * @throws CairnError `UNAVAILABLE` when the arena cannot hold them
 */
export function placeTrees(
  kernels: Kernels,
  width: number,
  roots: Int32Array,
  nodeAt: (node: number) => TreeNode,
): PlacedTrees {
  const trees = roots.length - 1;
  const count = roots[trees]!;
  const placed: PlacedTrees = {
    width,
    trees,
    nodes: kernels.int32(count * NODE_INTEGERS),
    values: kernels.float64(count),
    roots: kernels.int32(trees),
    depths: kernels.int32(trees),
  };
  placed.roots.set(roots.subarray(0, trees));
  const doubles = new Float64Array(placed.nodes.buffer, placed.nodes.byteOffset, count * 2);
  for (let node = 0; node < count; node++) {
    const { feature, threshold, isCategorical, missingLeft, left, value } = nodeAt(node);
    const isLeaf = feature < 0;
    // A leaf asks whether a number is below infinity, and answers "yes" with itself.
    doubles[node * 2] = isLeaf ? Number.POSITIVE_INFINITY : threshold;
    placed.nodes[node * 4 + 2] = isLeaf ? 1 : feature * 4 + (isCategorical ? 2 : 0) + (missingLeft ? 1 : 0);
    placed.nodes[node * 4 + 3] = isLeaf ? node : left;
    placed.values[node] = isLeaf ? value : 0;
  }
  for (let tree = 0; tree < trees; tree++) placed.depths[tree] = depthOf(placed.nodes, roots[tree]!, roots[tree + 1]!);
  return placed;
}

/** Steps from a tree's root to its deepest leaf. */
function depthOf(nodes: Int32Array, root: number, end: number): number {
  const depths = new Int32Array(end - root);
  let deepest = 0;
  for (let node = root; node < end; node++) {
    const left = nodes[node * 4 + 3]!;
    if (left === node) continue;
    const depth = depths[node - root]! + 1;
    depths[left - root] = depth;
    depths[left + 1 - root] = depth;
    if (depth > deepest) deepest = depth;
  }
  return deepest;
}

/**
 * Adds every tree's leaf value, tree after tree, to each row's score.
 * @param columns - one array of shape (rows) per feature, NaN where missing, never ±∞
 * @param out - shape (rows)
 */
export function addTrees(
  kernels: Kernels,
  { width, trees, nodes, values, roots, depths }: PlacedTrees,
  columns: readonly Float64Array[],
  out: Float64Array,
): void {
  if (width === 0) {
    // Without a feature every tree is its root.
    for (const root of roots) for (let row = 0; row < out.length; row++) out[row]! += values[root]!;
    return;
  }
  const scores = kernels.float64(Math.min(out.length, CHUNK_ROWS));
  const forest = [nodes, values, roots, depths].map((view) => kernels.address(view));
  eachChunk(kernels, columns, out.length, (from, rows, calls) => {
    scores.set(out.subarray(from, from + rows));
    kernels.callAll(
      calls.map((part): KernelCall => ["addTreesToRows", ...part, ...forest, trees, kernels.address(scores)]),
    );
    out.set(scores.subarray(0, rows), from);
  });
}

/**
 * Brings columns into the arena, many rows at a time, for kernels that read rows.
 * @param work - gets the first row, the number of rows, and per part the operands: columns, stride, first, last, width, room
 */
export function eachChunk(
  kernels: Kernels,
  columns: readonly Float64Array[],
  rows: number,
  work: (from: number, rows: number, parts: readonly (readonly number[])[]) => void,
): void {
  const width = columns.length;
  const stride = Math.min(rows, CHUNK_ROWS);
  const most = Math.max(1, Math.ceil(stride / PART_ROWS));
  const placed = kernels.float64(stride * width);
  const room = kernels.float64(most * TILE_ROWS * width);
  for (let from = 0; from < rows; from += CHUNK_ROWS) {
    const here = Math.min(CHUNK_ROWS, rows - from);
    for (const [column, values] of columns.entries()) placed.set(values.subarray(from, from + here), column * stride);
    const parts = Math.max(1, Math.ceil(here / PART_ROWS));
    work(
      from,
      here,
      Array.from({ length: parts }, (_, part) => [
        kernels.address(placed),
        stride,
        part * PART_ROWS,
        Math.min(here, (part + 1) * PART_ROWS),
        width,
        kernels.address(room) + part * TILE_ROWS * width * 8,
      ]),
    );
  }
}
