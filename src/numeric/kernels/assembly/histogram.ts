// Histograms of gradients for boosted trees, in fixed point: integer sums are exact, so neither the order of rows nor a
// later split among threads can change a byte. All pointers are byte addresses.
//
// Bins: one byte per row and feature, in blocks of four features: the four bytes of a row are one 32-bit word, so that one
// load serves four histograms (16 KiB, inside the first-level cache). The value bins are 0 … 254, 255 is missing.
// Cell: two 64-bit integers, Σ gradient and (Σ hessian)·2^24 + rows. The host chooses the scales so that nothing overflows.

const CELL: usize = 16;
const FEATURE_BYTES: usize = 256 * CELL;
const BLOCK_BYTES: usize = 4 * FEATURE_BYTES;
const COUNT_BITS: i64 = 24;

/**
 * Writes each row's cell for logistic loss at the given log-odds: g = p − y and h = p·(1 − p), times their scales, rounded
 * to integers. A row whose `taken` is 0 gets a cell of zeros. The exponential is the module's own, so bytes do not depend on
 * the engine.
 */
export function writeGradientCells(
  scores: usize,
  labels: usize,
  taken: usize,
  rows: i32,
  gradientScale: f64,
  hessianScale: f64,
  cells: usize,
): void {
  for (let row: usize = 0; row < <usize>rows; row++) {
    const cell = cells + row * CELL;
    if (load<u8>(taken + row) == 0) {
      v128.store(cell, i64x2.splat(0));
      continue;
    }
    const probability = 1.0 / (1.0 + Math.exp(-load<f64>(scores + (row << 3))));
    const gradient = probability - <f64>load<u8>(labels + row);
    const hessian = probability * (1.0 - probability);
    store<i64>(cell, <i64>nearest(gradient * gradientScale));
    store<i64>(cell, (<i64>nearest(hessian * hessianScale) << COUNT_BITS) | 1, 8);
  }
}

/** Copies the cells of the rows order[first … last) side by side, in that order. */
export function gatherCells(order: usize, first: i32, last: i32, cells: usize, gathered: usize): void {
  let to = gathered;
  for (let i: usize = first; i < <usize>last; i++) {
    v128.store(to, v128.load(cells + <usize>load<u32>(order + (i << 2)) * CELL));
    to += CELL;
  }
}

/**
 * Overwrites the histograms of the blocks [firstBlock … lastBlock) with the sums over `count` rows.
 * @param chosen - their row numbers; 0 for all rows in their own order
 * @param cells - side by side, in the same order as the rows
 */
export function buildHistograms(
  bins: usize,
  rows: i32,
  chosen: usize,
  count: i32,
  cells: usize,
  firstBlock: i32,
  lastBlock: i32,
  histograms: usize,
): void {
  const blockBins: usize = <usize>rows << 2;
  memory.fill(histograms + <usize>firstBlock * BLOCK_BYTES, 0, <usize>(lastBlock - firstBlock) * BLOCK_BYTES);
  for (let block: usize = firstBlock; block < <usize>lastBlock; block++) {
    const own = histograms + block * BLOCK_BYTES;
    if (chosen == 0) addAllRows(bins + block * blockBins, count, cells, own);
    else addChosenRows(bins + block * blockBins, chosen, count, cells, own);
  }
}

// @ts-ignore: decorator
@inline
function addWord(word: u32, cell: v128, histograms: usize): void {
  const a = histograms + (<usize>(word & 255) << 4);
  v128.store(a, i64x2.add(v128.load(a), cell));
  const b = histograms + (<usize>((word >> 8) & 255) << 4);
  v128.store(b, i64x2.add(v128.load(b, FEATURE_BYTES), cell), FEATURE_BYTES);
  const c = histograms + (<usize>((word >> 16) & 255) << 4);
  v128.store(c, i64x2.add(v128.load(c, 2 * FEATURE_BYTES), cell), 2 * FEATURE_BYTES);
  const d = histograms + (<usize>(word >> 24) << 4);
  v128.store(d, i64x2.add(v128.load(d, 3 * FEATURE_BYTES), cell), 3 * FEATURE_BYTES);
}

function addAllRows(bins: usize, count: usize, cells: usize, histograms: usize): void {
  for (let i: usize = 0; i < count; i++) addWord(load<u32>(bins + (i << 2)), v128.load(cells + i * CELL), histograms);
}

function addChosenRows(bins: usize, chosen: usize, count: usize, gathered: usize, histograms: usize): void {
  for (let i: usize = 0; i < count; i++) {
    const row: usize = load<u32>(chosen + (i << 2));
    addWord(load<u32>(bins + (row << 2)), v128.load(gathered + i * CELL), histograms);
  }
}

/** Takes a child's histograms from its parent's, in place: what is left is the sibling's, exactly. */
export function subtractHistograms(parent: usize, child: usize, firstBlock: i32, lastBlock: i32): void {
  const end = <usize>lastBlock * BLOCK_BYTES;
  for (let at: usize = <usize>firstBlock * BLOCK_BYTES; at < end; at += CELL) {
    v128.store(parent + at, i64x2.sub(v128.load(parent + at), v128.load(child + at)));
  }
}

/**
 * Divides order[first … last) into rows that go left and rows that go right, each in its old order.
 * @param goesLeft - 256 bytes, by bin
 * @param scratch - room for last − first row numbers
 * @returns the position of the first row that goes right
 */
export function partitionRows(
  bins: usize,
  rows: i32,
  feature: i32,
  goesLeft: usize,
  order: usize,
  first: i32,
  last: i32,
  scratch: usize,
): i32 {
  const column = bins + <usize>(feature >> 2) * (<usize>rows << 2) + <usize>(feature & 3);
  let left: usize = order + (<usize>first << 2);
  let right: usize = scratch;
  const end: usize = order + (<usize>last << 2);
  for (let at = left; at < end; at += 4) {
    const row = load<u32>(at);
    const isLeft: usize = load<u8>(goesLeft + <usize>load<u8>(column + (<usize>row << 2)));
    store<u32>(left, row);
    store<u32>(right, row);
    left += isLeft << 2;
    right += (1 - isLeft) << 2;
  }
  memory.copy(left, scratch, right - scratch);
  return <i32>((left - order) >> 2);
}

/**
 * The same for a part of the rows, to two places: several parts can be divided at once.
 * @returns how many go left
 */
export function partitionPart(
  bins: usize,
  rows: i32,
  feature: i32,
  goesLeft: usize,
  order: usize,
  first: i32,
  last: i32,
  lefts: usize,
  rights: usize,
): i32 {
  const column = bins + <usize>(feature >> 2) * (<usize>rows << 2) + <usize>(feature & 3);
  let left: usize = lefts + (<usize>first << 2);
  let right: usize = rights + (<usize>first << 2);
  const start = left;
  const end: usize = order + (<usize>last << 2);
  for (let at = order + (<usize>first << 2); at < end; at += 4) {
    const row = load<u32>(at);
    const isLeft: usize = load<u8>(goesLeft + <usize>load<u8>(column + (<usize>row << 2)));
    store<u32>(left, row);
    store<u32>(right, row);
    left += isLeft << 2;
    right += (1 - isLeft) << 2;
  }
  return <i32>((left - start) >> 2);
}

/** Copies `count` row numbers. */
export function copyRows(from: usize, to: usize, count: i32): void {
  memory.copy(to, from, <usize>count << 2);
}

/** Adds a leaf's value to the log-odds of the rows order[first … last). */
export function addLeafValue(order: usize, first: i32, last: i32, value: f64, scores: usize): void {
  for (let i: usize = first; i < <usize>last; i++) {
    const score = scores + (<usize>load<u32>(order + (i << 2)) << 3);
    store<f64>(score, load<f64>(score) + value);
  }
}
