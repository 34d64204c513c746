import type { Kernels } from "./kernels.ts";

const BLOCK_ROWS = 256; // a block of rows meets one tree after the other, so that both stay in the cache
const NODE_INTEGERS = 4; // 16 bytes: a double and two integers

/** Trees as {@link addTrees} reads them: views of one arena, filled by {@link placeTrees}. */
export interface PlacedTrees {
  readonly width: number;
  readonly trees: number;
  readonly nodes: Int32Array;
  readonly roots: Int32Array;
  /** Room for one block of rows, row by row, and its scores. */
  readonly cells: Float64Array;
  readonly scores: Float64Array;
}

/** One node: a leaf has feature −1 and its value as the threshold; children lie side by side. */
export interface TreeNode {
  readonly feature: number;
  readonly threshold: number;
  readonly isCategorical: boolean;
  readonly missingLeft: boolean;
  readonly left: number;
}

/**
 * Places trees in the arena.
 * @param width - features per row
 * @param roots - node numbers, one per tree
 * @param nodes - how many there are
 * @param nodeAt - what each is
 * @throws CairnError `UNAVAILABLE` when the arena cannot hold them
 */
export function placeTrees(
  kernels: Kernels,
  width: number,
  roots: ArrayLike<number>,
  nodes: number,
  nodeAt: (node: number) => TreeNode,
): PlacedTrees {
  const placed: PlacedTrees = {
    width,
    trees: roots.length,
    nodes: kernels.int32(nodes * NODE_INTEGERS),
    roots: kernels.int32(roots.length),
    cells: kernels.float64(BLOCK_ROWS * width),
    scores: kernels.float64(BLOCK_ROWS),
  };
  placed.roots.set(roots);
  const doubles = new Float64Array(placed.nodes.buffer, placed.nodes.byteOffset, nodes * 2);
  for (let node = 0; node < nodes; node++) {
    const { feature, threshold, isCategorical, missingLeft, left } = nodeAt(node);
    doubles[node * 2] = threshold;
    placed.nodes[node * 4 + 2] = feature < 0 ? -1 : feature * 4 + (isCategorical ? 2 : 0) + (missingLeft ? 1 : 0);
    placed.nodes[node * 4 + 3] = left;
  }
  return placed;
}

/**
 * Adds every tree's leaf value, tree after tree, to each row's score.
 * @param columns - one array of shape (rows) per feature, NaN where missing
 * @param out - shape (rows)
 */
export function addTrees(
  kernels: Kernels,
  { width, trees, nodes, roots, cells, scores }: PlacedTrees,
  columns: readonly Float64Array[],
  out: Float64Array,
): void {
  for (let first = 0; first < out.length; first += BLOCK_ROWS) {
    const last = Math.min(first + BLOCK_ROWS, out.length);
    for (let feature = 0; feature < width; feature++) {
      const column = columns[feature]!;
      for (let row = first, at = feature; row < last; row++, at += width) cells[at] = column[row]!;
    }
    scores.set(out.subarray(first, last));
    kernels.call("addTrees", cells, last - first, width, nodes, roots, trees, scores);
    out.set(scores.subarray(0, last - first), first);
  }
}
