// Histograms of gradients for boosted trees, in fixed point: integer sums are exact, so neither the order of rows nor a
// later split among threads can change a byte. All pointers are byte addresses.
//
// Bins: one byte per row and feature, in blocks of `width` features (4 or 16): a row's bytes of one block lie together. The
// value bins are 0 … 254, 255 is missing. Four features, a quad, are summed at a time: their histograms (16 KiB) stay in the
// first-level cache.
// Cell: two 64-bit integers, Σ gradient and (Σ hessian)·2^24 + rows. The host chooses the scales so that nothing overflows.

const CELL: usize = 16;
const FEATURE_BYTES: usize = 256 * CELL;
const QUAD_BYTES: usize = 4 * FEATURE_BYTES;
const COUNT_BITS: i64 = 24;
const CHUNK: usize = 1024; // rows brought side by side before they are summed: 32 KiB of room for a part's bins and cells

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

/**
 * Overwrites the histograms of the quads [firstQuad … lastQuad) with the sums over `count` rows. Scattered rows are first
 * copied side by side, some at a time: a processor that waits for a far bin cannot foretell which cell it will add to, and
 * would wait for one row after the other.
 * @param width - features per block of the bins: 4 or 16
 * @param chosen - the rows' numbers; 0 for all rows in their own order
 * @param cells - of all rows, in their own order
 * @param room - 1,024 × 32 bytes of this part's own; not used when `chosen` is 0
 */
export function buildHistograms(
  bins: usize,
  rows: i32,
  width: i32,
  chosen: usize,
  count: i32,
  cells: usize,
  firstQuad: i32,
  lastQuad: i32,
  histograms: usize,
  room: usize,
): void {
  memory.fill(histograms + <usize>firstQuad * QUAD_BYTES, 0, <usize>(lastQuad - firstQuad) * QUAD_BYTES);
  const quads = width >> 2; // per block
  const roomCells = room + (CHUNK << 4);
  for (let quad = firstQuad; quad < lastQuad; ) {
    const block = quad / quads;
    const end = min((block + 1) * quads, lastQuad);
    const blockBins = bins + <usize>block * <usize>rows * <usize>width;
    for (let from: usize = 0; from < <usize>count; from += CHUNK) {
      const size = min(CHUNK, <usize>count - from);
      let nearBins = room;
      let nearCells = roomCells;
      if (chosen == 0) {
        nearBins = blockBins + from * <usize>width;
        nearCells = cells + from * CELL;
      } else if (width == 16) gatherWide(chosen + (from << 2), size, blockBins, cells, room, roomCells);
      else gatherNarrow(chosen + (from << 2), size, blockBins, cells, room, roomCells);
      for (let one = quad; one < end; one++) {
        const lane = <usize>(one - block * quads) << 2;
        addRows(nearBins + lane, width, size, nearCells, histograms + <usize>one * QUAD_BYTES);
      }
    }
    quad = end;
  }
}

function gatherWide(chosen: usize, count: usize, bins: usize, cells: usize, nearBins: usize, nearCells: usize): void {
  for (let i: usize = 0; i < count << 4; i += 16) {
    const row: usize = <usize>load<u32>(chosen + (i >> 2)) << 4;
    v128.store(nearBins + i, v128.load(bins + row));
    v128.store(nearCells + i, v128.load(cells + row));
  }
}

function gatherNarrow(chosen: usize, count: usize, bins: usize, cells: usize, nearBins: usize, nearCells: usize): void {
  for (let i: usize = 0; i < count; i++) {
    const row: usize = load<u32>(chosen + (i << 2));
    store<u32>(nearBins + (i << 2), load<u32>(bins + (row << 2)));
    v128.store(nearCells + (i << 4), v128.load(cells + (row << 4)));
  }
}

/** Adds `count` rows to the histograms of one quad, whose bins lie `width` bytes apart. */
function addRows(bins: usize, width: usize, count: usize, cells: usize, histograms: usize): void {
  const end = cells + count * CELL;
  for (let at = bins, cell = cells; cell < end; at += width, cell += CELL) {
    const sum = v128.load(cell);
    const a = histograms + (<usize>load<u8>(at) << 4);
    v128.store(a, i64x2.add(v128.load(a), sum));
    const b = histograms + (<usize>load<u8>(at, 1) << 4);
    v128.store(b, i64x2.add(v128.load(b, FEATURE_BYTES), sum), FEATURE_BYTES);
    const c = histograms + (<usize>load<u8>(at, 2) << 4);
    v128.store(c, i64x2.add(v128.load(c, 2 * FEATURE_BYTES), sum), 2 * FEATURE_BYTES);
    const d = histograms + (<usize>load<u8>(at, 3) << 4);
    v128.store(d, i64x2.add(v128.load(d, 3 * FEATURE_BYTES), sum), 3 * FEATURE_BYTES);
  }
}

/** Takes a child's histograms from its parent's, in place: what is left is the sibling's, exactly. */
export function subtractHistograms(parent: usize, child: usize, firstQuad: i32, lastQuad: i32): void {
  const end = <usize>lastQuad * QUAD_BYTES;
  for (let at: usize = <usize>firstQuad * QUAD_BYTES; at < end; at += CELL) {
    v128.store(parent + at, i64x2.sub(v128.load(parent + at), v128.load(child + at)));
  }
}
