// Walking rows down trees. All pointers are byte addresses.
// Node, 16 bytes: f64 threshold, i32 feature·4 + (2 if categorical) + (1 if missing goes left), i32 left child; the right child
// is the next one. A leaf asks a question whose answer is always the leaf itself (threshold +∞, missing left, left child itself),
// so that rows can take a fixed number of steps, four of them at a time, without a branch to foretell.

const NODE_SHIFT: usize = 4;
const TILE: usize = 64; // rows that meet all trees before the next rows do: they stay in the first-level cache

/**
 * Adds every tree's leaf value, tree after tree, to the scores of the rows [first … last).
 * @param columns - width × stride doubles, column after column, NaN where missing
 * @param cells - room for 64 rows × width doubles
 * @param roots - i32 per tree
 * @param depths - i32 per tree: steps from its root to its deepest leaf
 * @param values - f64 per node
 */
export function addTreesToRows(
  columns: usize,
  stride: i32,
  first: i32,
  last: i32,
  width: i32,
  cells: usize,
  nodes: usize,
  values: usize,
  roots: usize,
  depths: usize,
  trees: i32,
  scores: usize,
): void {
  for (let from: usize = first; from < <usize>last; from += TILE) {
    const to = min(from + TILE, <usize>last);
    takeRows(columns, stride, from, to, width, cells);
    for (let tree: usize = 0; tree < <usize>trees; tree++) {
      const root = load<i32>(roots + (tree << 2));
      const depth = load<i32>(depths + (tree << 2));
      addTreeToTile(cells, to - from, width, nodes, values, root, depth, scores + (from << 3));
    }
  }
}

/** Copies the rows [from … to) of columns side by side: row after row. */
export function takeRows(columns: usize, stride: i32, from: usize, to: usize, width: i32, cells: usize): void {
  const rowBytes: usize = <usize>width << 3;
  for (let column: usize = 0; column < <usize>width; column++) {
    const source = columns + ((column * <usize>stride) << 3);
    let target = cells + (column << 3);
    for (let row = from; row < to; row++) {
      store<f64>(target, load<f64>(source + (row << 3)));
      target += rowBytes;
    }
  }
}

// @ts-ignore: decorator
@inline
function step(node: usize, nodes: usize, row: usize): usize {
  const at = nodes + (node << NODE_SHIFT);
  const split = load<i32>(at, 8);
  const value = load<f64>(row + (<usize>(split >> 2) << 3));
  const threshold = load<f64>(at);
  const isLeft = i32(split & 2 ? value == threshold : value <= threshold) | (i32(value != value) & split);
  return <usize>(load<i32>(at, 12) + 1 - (isLeft & 1));
}

// @ts-ignore: decorator
@inline
function addValue(scores: usize, row: usize, values: usize, node: usize): void {
  const score = scores + (row << 3);
  store<f64>(score, load<f64>(score) + load<f64>(values + (node << 3)));
}

function addTreeToTile(
  cells: usize,
  rows: usize,
  width: i32,
  nodes: usize,
  values: usize,
  root: usize,
  depth: i32,
  scores: usize,
): void {
  const rowBytes: usize = <usize>width << 3;
  let row: usize = 0;
  for (; row + 4 <= rows; row += 4) {
    const a = cells + row * rowBytes;
    const b = a + rowBytes;
    const c = b + rowBytes;
    const d = c + rowBytes;
    let first = root;
    let second = root;
    let third = root;
    let fourth = root;
    for (let steps = 0; steps < depth; steps++) {
      first = step(first, nodes, a);
      second = step(second, nodes, b);
      third = step(third, nodes, c);
      fourth = step(fourth, nodes, d);
    }
    addValue(scores, row, values, first);
    addValue(scores, row + 1, values, second);
    addValue(scores, row + 2, values, third);
    addValue(scores, row + 3, values, fourth);
  }
  for (; row < rows; row++) {
    let node = root;
    for (let steps = 0; steps < depth; steps++) node = step(node, nodes, cells + row * rowBytes);
    addValue(scores, row, values, node);
  }
}
