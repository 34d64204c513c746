// Steps of additive models: shapes over one feature's bins and over a coarse grid of two features. All pointers are byte
// addresses; histograms and cells as in histogram.ts.

const CELL: usize = 16;
const MISSING: usize = 255;
const COUNT_BITS: i64 = 24;
const COUNT_MASK: i64 = (1 << 24) - 1;
const GRID_SHIFT: usize = 4; // a grid has 16 × 16 cells

// What a step needs: set by stepShape and stepGrid, one step at a time.
let penalty: f64 = 0;
let minimumRows: i64 = 0;
let rate: f64 = 0;
let gradientUnit: f64 = 0;
let hessianUnit: f64 = 0;

function take(settings: usize): void {
  penalty = load<f64>(settings);
  minimumRows = <i64>load<f64>(settings, 8);
  rate = load<f64>(settings, 16);
  gradientUnit = load<f64>(settings, 24);
  hessianUnit = load<f64>(settings, 32);
}

// @ts-ignore: decorator
@inline
function valueOf(gradient: i64, second: i64): f64 {
  return (-rate * (<f64>gradient * gradientUnit)) / (<f64>(second >> COUNT_BITS) * hessianUnit + penalty);
}

// @ts-ignore: decorator
@inline
function gainOf(gradient: i64, second: i64): f64 {
  const sum = <f64>gradient * gradientUnit;
  return (sum * sum) / (<f64>(second >> COUNT_BITS) * hessianUnit + penalty);
}

let bestGain: f64 = 0; // of the last search
let bestBin: i32 = -1;

/** The bin after which [from, to) is best divided, in bestBin (−1: not at all), and what that gains. */
function searchRange(histogram: usize, from: i32, to: i32): void {
  let gradient: i64 = 0;
  let second: i64 = 0;
  for (let bin = from; bin < to; bin++) {
    gradient += load<i64>(histogram + <usize>bin * CELL);
    second += load<i64>(histogram + <usize>bin * CELL, 8);
  }
  const whole = gainOf(gradient, second);
  let left: i64 = 0;
  let leftSecond: i64 = 0;
  bestGain = 1e-12 * abs(whole);
  bestBin = -1;
  for (let bin = from; bin + 1 < to; bin++) {
    const own = load<i64>(histogram + <usize>bin * CELL, 8);
    left += load<i64>(histogram + <usize>bin * CELL);
    leftSecond += own;
    if (own == 0) continue; // the same rows as at the bin before
    if ((leftSecond & COUNT_MASK) < minimumRows || ((second - leftSecond) & COUNT_MASK) < minimumRows) continue;
    const gain = gainOf(left, leftSecond) + gainOf(gradient - left, second - leftSecond) - whole;
    if (gain > bestGain) {
      bestGain = gain;
      bestBin = bin;
    }
  }
}

/**
 * Writes the step of one feature's shape, 256 doubles: of numbers a step function of at most three levels, the best found by
 * dividing once and once more; of categories a level each. Missing cells have a level of their own.
 * @param settings - f64: λ, fewest rows of a level, learning rate, gradient unit, hessian unit
 */
export function stepShape(histogram: usize, bins: i32, isCategorical: i32, settings: usize, step: usize): void {
  take(settings);
  memory.fill(step, 0, 256 * 8);
  const missing = histogram + MISSING * CELL;
  store<f64>(step + (MISSING << 3), valueOf(load<i64>(missing), load<i64>(missing, 8)));
  if (isCategorical) {
    for (let bin: usize = 0; bin < <usize>bins; bin++) {
      const cell = histogram + bin * CELL;
      store<f64>(step + (bin << 3), valueOf(load<i64>(cell), load<i64>(cell, 8)));
    }
    return;
  }
  searchRange(histogram, 0, bins);
  if (bestBin < 0) {
    writeLevel(histogram, 0, bins, step);
    return;
  }
  const first = bestBin + 1;
  searchRange(histogram, 0, first);
  const leftGain = bestBin < 0 ? -1 : bestGain;
  const leftBin = bestBin + 1;
  searchRange(histogram, first, bins);
  const rightGain = bestBin < 0 ? -1 : bestGain;
  const rightBin = bestBin + 1;
  if (leftGain >= rightGain && leftGain > 0) {
    writeLevel(histogram, 0, leftBin, step);
    writeLevel(histogram, leftBin, first, step);
    writeLevel(histogram, first, bins, step);
  } else {
    writeLevel(histogram, 0, first, step);
    writeLevel(histogram, first, rightGain > 0 ? rightBin : bins, step);
    if (rightGain > 0) writeLevel(histogram, rightBin, bins, step);
  }
}

function writeLevel(histogram: usize, from: i32, to: i32, step: usize): void {
  let gradient: i64 = 0;
  let second: i64 = 0;
  for (let bin = from; bin < to; bin++) {
    gradient += load<i64>(histogram + <usize>bin * CELL);
    second += load<i64>(histogram + <usize>bin * CELL, 8);
  }
  const value = valueOf(gradient, second);
  for (let bin = from; bin < to; bin++) store<f64>(step + (<usize>bin << 3), value);
}

/** Adds the shapes of a block's four features (4 × 256 doubles) to the scores of the rows [first … last). */
export function addShapes(bins: usize, rows: i32, block: i32, first: i32, last: i32, shapes: usize, scores: usize): void {
  const words = bins + (<usize>block * <usize>rows << 2);
  for (let row: usize = first; row < <usize>last; row++) {
    const word = load<u32>(words + (row << 2));
    const sum =
      load<f64>(shapes + (<usize>(word & 255) << 3)) +
      load<f64>(shapes + (<usize>((word >> 8) & 255) << 3), 2048) +
      (load<f64>(shapes + (<usize>((word >> 16) & 255) << 3), 4096) +
        load<f64>(shapes + (<usize>(word >> 24) << 3), 6144));
    const score = scores + (row << 3);
    store<f64>(score, load<f64>(score) + sum);
  }
}

// @ts-ignore: decorator
@inline
function columnOf(bins: usize, rows: i32, feature: i32): usize {
  return bins + <usize>(feature >> 2) * (<usize>rows << 2) + <usize>(feature & 3);
}

/**
 * Sums the rows' cells over the grid of two features.
 * @param coarse - 256 bytes per feature: the line of the grid, 0 … 15, of each bin
 * @param grid - 256 cells, overwritten
 */
export function sumGrid(bins: usize, rows: i32, one: i32, other: i32, coarse: usize, cells: usize, grid: usize): void {
  memory.fill(grid, 0, 256 * CELL);
  const a = columnOf(bins, rows, one);
  const b = columnOf(bins, rows, other);
  const coarseA = coarse + (<usize>one << 8);
  const coarseB = coarse + (<usize>other << 8);
  for (let row: usize = 0; row < <usize>rows; row++) {
    const line: usize = load<u8>(coarseA + <usize>load<u8>(a + (row << 2)));
    const place: usize = load<u8>(coarseB + <usize>load<u8>(b + (row << 2)));
    const cell = grid + ((line << GRID_SHIFT) + place) * CELL;
    v128.store(cell, i64x2.add(v128.load(cell), v128.load(cells + row * CELL)));
  }
}

/**
 * How much a grid explains beyond its lines and its columns: Σ G²/(H + λ) of its cells less that of both margins.
 * @param settings - see {@link stepShape}
 */
export function strengthOfGrid(grid: usize, settings: usize): f64 {
  take(settings);
  let strength: f64 = 0;
  for (let line: usize = 0; line < 16; line++) {
    let lineGradient: i64 = 0;
    let lineSecond: i64 = 0;
    let columnGradient: i64 = 0;
    let columnSecond: i64 = 0;
    for (let place: usize = 0; place < 16; place++) {
      const cell = grid + ((line << GRID_SHIFT) + place) * CELL;
      const across = grid + ((place << GRID_SHIFT) + line) * CELL;
      strength += gainOf(load<i64>(cell), load<i64>(cell, 8));
      lineGradient += load<i64>(cell);
      lineSecond += load<i64>(cell, 8);
      columnGradient += load<i64>(across);
      columnSecond += load<i64>(across, 8);
    }
    strength -= gainOf(lineGradient, lineSecond) + gainOf(columnGradient, columnSecond);
  }
  return strength;
}

/** Writes the step of a grid: a level per cell, 256 doubles. */
export function stepGrid(grid: usize, settings: usize, step: usize): void {
  take(settings);
  for (let i: usize = 0; i < 256; i++) {
    store<f64>(step + (i << 3), valueOf(load<i64>(grid + i * CELL), load<i64>(grid + i * CELL, 8)));
  }
}

/** Adds the levels of a grid to the scores of the rows [first … last). */
export function addGrid(
  bins: usize,
  rows: i32,
  one: i32,
  other: i32,
  coarse: usize,
  first: i32,
  last: i32,
  levels: usize,
  scores: usize,
): void {
  const a = columnOf(bins, rows, one);
  const b = columnOf(bins, rows, other);
  const coarseA = coarse + (<usize>one << 8);
  const coarseB = coarse + (<usize>other << 8);
  for (let row: usize = first; row < <usize>last; row++) {
    const line: usize = load<u8>(coarseA + <usize>load<u8>(a + (row << 2)));
    const place: usize = load<u8>(coarseB + <usize>load<u8>(b + (row << 2)));
    const score = scores + (row << 3);
    store<f64>(score, load<f64>(score) + load<f64>(levels + (((line << GRID_SHIFT) + place) << 3)));
  }
}

/** Log loss over the rows whose `taken` is `wanted`, in row order. */
export function logLossOf(scores: usize, labels: usize, taken: usize, rows: i32, wanted: i32): f64 {
  let units: i64 = 0; // fixed point: the order of rows cannot change it
  for (let row: usize = 0; row < <usize>rows; row++) {
    if (<i32>load<u8>(taken + row) != wanted) continue;
    const score = load<f64>(scores + (row << 3));
    const margin = load<u8>(labels + row) ? -score : score;
    const loss = margin > 0 ? margin + Math.log(1.0 + Math.exp(-margin)) : Math.log(1.0 + Math.exp(margin));
    units += <i64>nearest(loss * 4294967296.0);
  }
  return <f64>units / 4294967296.0;
}
