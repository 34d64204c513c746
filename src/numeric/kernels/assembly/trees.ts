// Walking rows down trees. All pointers are byte addresses.
// Node: f64 threshold (of a leaf: its value), i32 feature·4 + (2 if categorical) + (1 if missing goes left) (of a leaf: −1),
// i32 left child; the right child is the next one.

const NODE_SHIFT: usize = 4;

/**
 * Adds every tree's leaf value, tree after tree, to the scores of rows given row by row.
 * @param cells - rows × width doubles, NaN where missing
 * @param roots - i32 per tree
 */
export function addTrees(
  cells: usize,
  rows: i32,
  width: i32,
  nodes: usize,
  roots: usize,
  trees: i32,
  scores: usize,
): void {
  const stride: usize = <usize>width << 3;
  for (let tree: usize = 0; tree < <usize>trees; tree++) {
    const root = nodes + (<usize>load<i32>(roots + (tree << 2)) << NODE_SHIFT);
    let row = cells;
    for (let i: usize = 0; i < <usize>rows; i++) {
      let node = root;
      let split = load<i32>(node, 8);
      while (split >= 0) {
        const value = load<f64>(row + (<usize>(split >> 2) << 3));
        const threshold = load<f64>(node);
        const isLeft = i32(split & 2 ? value == threshold : value <= threshold) | (i32(value != value) & split);
        node = nodes + (<usize>(load<i32>(node, 12) + 1 - (isLeft & 1)) << NODE_SHIFT);
        split = load<i32>(node, 8);
      }
      const score = scores + (i << 3);
      store<f64>(score, load<f64>(score) + load<f64>(node));
      row += stride;
    }
  }
}
