// Exact Shapley values of trees by quadrature. All pointers are byte addresses.
//
// The weight of a set of s known among m path features is s!(m−1−s)!/m! = ∫₀¹ tˢ(1−t)^(m−1−s) dt, so a leaf of value v gives
// feature i of its path v·(oᵢ − zᵢ)·∫ Π_{j≠i} (oⱼ·t + zⱼ·(1−t)) dt, where zⱼ is the share of training rows that j's splits on the
// path let through and oⱼ is 1 when they let this row through. The integrand is a polynomial of degree m − 1: Gauss–Legendre with
// ⌈m/2⌉ points is exact. With the product over the whole path at the points, what a feature gets from all leaves below one of its
// edges is one sum: a row costs O(nodes × points), not O(leaves × depth²).
//
// Node, 24 bytes: f64 threshold (of a leaf: its value), i32 feature·4 + (2 if categorical) + (1 if missing goes left) (of a leaf:
// −1), i32 left child (the right one is next), i32 feature of the edge into the node, i32 the nearest node above whose edge has
// the same feature (−1: none); numbers of nodes count within the tree. Tables, per node 6 × points doubles: what the product is
// multiplied by and what a sum over leaves is worth to the feature, each for the three cases "let through", "stopped here",
// "stopped above".

import { takeRows } from "./trees";

const NODE: usize = 24;
const TILE: usize = 64; // rows that meet all trees before the next rows do

/**
 * Adds the Shapley values of all trees to the contributions of the rows [first … last).
 * @param columns - width × stride doubles, column after column, NaN where missing
 * @param cells - room for 64 rows × width doubles
 * @param roots - i32 per tree and one more: where its nodes begin
 * @param room - for the largest tree: nodes × (2 × points doubles and a byte)
 * @param out - rows × (width + 1) doubles
 */
export function addShapleyToRows(
  columns: usize,
  stride: i32,
  first: i32,
  last: i32,
  width: i32,
  cells: usize,
  nodes: usize,
  tables: usize,
  roots: usize,
  trees: i32,
  points: i32,
  largest: i32,
  room: usize,
  out: usize,
): void {
  const vectors = <usize>largest * (<usize>points << 3);
  for (let from: usize = first; from < <usize>last; from += TILE) {
    const to = min(from + TILE, <usize>last);
    takeRows(columns, stride, from, to, width, cells);
    const target = out + from * ((<usize>width + 1) << 3);
    for (let tree: usize = 0; tree < <usize>trees; tree++) {
      const begin: usize = load<i32>(roots + (tree << 2));
      const count = load<i32>(roots + (tree << 2), 4) - <i32>begin;
      const own = tables + begin * 6 * (<usize>points << 3);
      const cases = room + 2 * vectors;
      addShapleyOfTree(
        cells, <i32>(to - from), width, nodes + begin * NODE, count, own, points, cases, room, room + vectors, target,
      );
    }
  }
}

/**
 * Adds the Shapley values of one tree to rows given row by row.
 * @param cells - rows × width doubles, NaN where missing
 * @param points - even: quadrature points, filled up with points of weight 0
 * @param cases - room for `count` bytes
 * @param products - room for count × points doubles
 * @param sums - room for as many
 * @param out - rows × (width + 1) doubles
 */
function addShapleyOfTree(
  cells: usize,
  rows: i32,
  width: i32,
  nodes: usize,
  count: i32,
  tables: usize,
  points: i32,
  cases: usize,
  products: usize,
  sums: usize,
  out: usize,
): void {
  const vector: usize = <usize>points << 3;
  const table: usize = 6 * vector;
  const rowBytes: usize = <usize>width << 3;
  for (let i: usize = 0; i < <usize>rows; i++) {
    const row = cells + i * rowBytes;
    const to = out + i * (rowBytes + 8);
    for (let q: usize = 0; q < vector; q += 16) v128.store(products + q, f64x2.splat(1));
    store<u8>(cases, 0);
    for (let node: usize = 0; node < <usize>count; node++) {
      const at = nodes + node * NODE;
      const split = load<i32>(at, 8);
      const product = products + node * vector;
      if (split < 0) {
        const value = f64x2.splat(load<f64>(at));
        for (let q: usize = 0; q < vector; q += 16) {
          v128.store(sums + node * vector + q, f64x2.mul(v128.load(product + q), value));
        }
        continue;
      }
      const value = load<f64>(row + (<usize>(split >> 2) << 3));
      const threshold = load<f64>(at);
      const isLeft = (i32(split & 2 ? value == threshold : value <= threshold) | (i32(value != value) & split)) & 1;
      const left: usize = load<i32>(at, 12);
      enter(left, isLeft, nodes, tables, table, vector, cases, product, products);
      enter(left + 1, 1 - isLeft, nodes, tables, table, vector, cases, product, products);
    }
    for (let node: usize = count - 1; node > 0; node--) {
      const at = nodes + node * NODE;
      const sum = sums + node * vector;
      const left = load<i32>(at, 12);
      if (load<i32>(at, 8) >= 0) {
        const a = sums + <usize>left * vector;
        for (let q: usize = 0; q < vector; q += 16) {
          v128.store(sum + q, f64x2.add(v128.load(a + q), v128.load(a + vector + q)));
        }
      }
      const worth = tables + node * table + (3 + <usize>load<u8>(cases + node)) * vector;
      let share = f64x2.splat(0);
      for (let q: usize = 0; q < vector; q += 16) {
        share = f64x2.add(share, f64x2.mul(v128.load(sum + q), v128.load(worth + q)));
      }
      const cell = to + (<usize>load<i32>(at, 16) << 3);
      store<f64>(cell, load<f64>(cell) + f64x2.extract_lane(share, 0) + f64x2.extract_lane(share, 1));
    }
  }
}

// @ts-ignore: decorator
@inline
function enter(
  child: usize,
  passes: i32,
  nodes: usize,
  tables: usize,
  table: usize,
  vector: usize,
  cases: usize,
  product: usize,
  products: usize,
): void {
  const above = load<i32>(nodes + child * NODE, 20);
  const isStopped = above >= 0 && load<u8>(cases + <usize>above) != 0;
  const which: usize = isStopped ? 2 : passes ? 0 : 1;
  store<u8>(cases + child, <u8>which);
  const factor = tables + child * table + which * vector;
  const to = products + child * vector;
  for (let q: usize = 0; q < vector; q += 16) {
    v128.store(to + q, f64x2.mul(v128.load(product + q), v128.load(factor + q)));
  }
}
