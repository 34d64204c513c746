// Walking rows down trees. All pointers are byte addresses.
// Reads: what trees ask of a row, each one column and one order-keeping 64-bit key per row. A missing number has key 0, below
// every number. A category's read is its answer: key 0 where it goes left, 1 where not.
// Node, 16 bytes: u64 limit, i32 read·2 + shift, i32 byte offset of the left child; the right child is the next node. A row
// goes left when its key − shift, without a sign, is at most the limit: with a shift of 1 a missing number is above all others.
// A leaf's limit is the largest there is and its left child the leaf itself, so that rows can take a fixed number of steps, four
// of them at a time, without a branch to foretell.

const NODE_SHIFT: usize = 4;
const TILE: usize = 64; // rows that meet all trees before the next rows do: they stay in the first-level cache
const READ_BYTES: usize = 16;

/**
 * Adds every tree's leaf value, tree after tree, to the scores of the rows [first … last).
 * @param columns - doubles, `stride` of them per column, column after column, NaN where missing
 * @param width - number of reads
 * @param keys - room for 64 rows × width keys
 * @param reads - per read f64 category (NaN for a number), i32 column, i32 1 if a missing cell goes left
 * @param values - f64 per node
 * @param roots - i32 per tree
 * @param depths - i32 per tree: steps from its root to its deepest leaf
 */
export function addTreesToRows(
  columns: usize,
  stride: i32,
  first: i32,
  last: i32,
  width: i32,
  keys: usize,
  reads: usize,
  nodes: usize,
  values: usize,
  roots: usize,
  depths: usize,
  trees: i32,
  scores: usize,
): void {
  const rowBytes: usize = <usize>width << 3;
  for (let from: usize = first; from < <usize>last; from += TILE) {
    const to = min(from + TILE, <usize>last);
    for (let read: usize = 0; read < <usize>width; read++) {
      const at = reads + read * READ_BYTES;
      const category = load<f64>(at);
      const column = columns + ((<usize>load<i32>(at, 8) * <usize>stride + from) << 3);
      const target = keys + (read << 3);
      if (category == category) writeAnswers(column, to - from, category, load<i32>(at, 12), target, rowBytes);
      else writeKeys(column, to - from, target, rowBytes);
    }
    for (let tree: usize = 0; tree < <usize>trees; tree++) {
      const root: usize = <usize>load<i32>(roots + (tree << 2)) << NODE_SHIFT;
      const depth = load<i32>(depths + (tree << 2));
      addTreeToTile(keys, to - from, rowBytes, nodes, values, root, depth, scores + (from << 3));
    }
  }
}

/** The keys of `count` numbers, `rowBytes` apart: their bits, turned so that they sort as the numbers do; 0 for NaN. */
function writeKeys(column: usize, count: usize, target: usize, rowBytes: usize): void {
  const zero = f64x2.splat(0);
  const sign = i64x2.splat(i64.MIN_VALUE);
  let to = target;
  let row: usize = 0;
  for (; row + 2 <= count; row += 2) {
    const value = f64x2.add(v128.load(column + (row << 3)), zero); // −0 becomes 0
    const turned = v128.xor(value, v128.or(i64x2.shr_s(value, 63), sign));
    const key = v128.and(turned, f64x2.eq(value, value));
    store<i64>(to, i64x2.extract_lane(key, 0));
    store<i64>(to + rowBytes, i64x2.extract_lane(key, 1));
    to += rowBytes << 1;
  }
  if (row < count) {
    const value = load<f64>(column + (row << 3)) + 0.0;
    const bits = reinterpret<i64>(value);
    store<i64>(to, value == value ? bits ^ ((bits >> 63) | i64.MIN_VALUE) : 0);
  }
}

function writeAnswers(
  column: usize,
  count: usize,
  category: f64,
  missingLeft: i32,
  target: usize,
  rowBytes: usize,
): void {
  let to = target;
  for (let row: usize = 0; row < count; row++) {
    const value = load<f64>(column + (row << 3));
    const isLeft = i32(value == category) | (i32(value != value) & missingLeft);
    store<i64>(to, isLeft ? 0 : 1);
    to += rowBytes;
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
  const at = nodes + node;
  const read: u32 = load<u32>(at, 8);
  const key = load<u64>(row + (<usize>(read >> 1) << 3)) - <u64>(read & 1);
  return <usize>(load<i32>(at, 12) + (i32(key > load<u64>(at)) << <i32>NODE_SHIFT));
}

// @ts-ignore: decorator
@inline
function addValue(scores: usize, row: usize, values: usize, node: usize): void {
  const score = scores + (row << 3);
  store<f64>(score, load<f64>(score) + load<f64>(values + (node >> 1)));
}

function addTreeToTile(
  keys: usize,
  rows: usize,
  rowBytes: usize,
  nodes: usize,
  values: usize,
  root: usize,
  depth: i32,
  scores: usize,
): void {
  let row: usize = 0;
  for (; row + 4 <= rows; row += 4) {
    const a = keys + row * rowBytes;
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
    for (let steps = 0; steps < depth; steps++) node = step(node, nodes, keys + row * rowBytes);
    addValue(scores, row, values, node);
  }
}
