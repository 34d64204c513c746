// A node's rows, and dividing them. All pointers are byte addresses; order holds row numbers (u32), every node a range of it.

/**
 * Divides order[first … last) into rows that go left and rows that go right, each in its old order.
 * @param column - the rows' bins of the feature that divides them
 * @param goesLeft - 256 bytes, by bin
 * @param scratch - room for last − first row numbers
 * @returns the position of the first row that goes right
 */
export function partitionRows(
  column: usize,
  goesLeft: usize,
  order: usize,
  first: i32,
  last: i32,
  scratch: usize,
): i32 {
  let left: usize = order + (<usize>first << 2);
  let right: usize = scratch;
  const end: usize = order + (<usize>last << 2);
  for (let at = left; at < end; at += 4) {
    const row = load<u32>(at);
    const isLeft: usize = load<u8>(goesLeft + <usize>load<u8>(column + <usize>row));
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
  column: usize,
  goesLeft: usize,
  order: usize,
  first: i32,
  last: i32,
  lefts: usize,
  rights: usize,
): i32 {
  let left: usize = lefts + (<usize>first << 2);
  let right: usize = rights + (<usize>first << 2);
  const start = left;
  const end: usize = order + (<usize>last << 2);
  for (let at = order + (<usize>first << 2); at < end; at += 4) {
    const row = load<u32>(at);
    const isLeft: usize = load<u8>(goesLeft + <usize>load<u8>(column + <usize>row));
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

/**
 * Writes the rows [first … last) of one block of 16 features from their columns, byte by byte.
 * @param columns - the block's columns, `rows` bytes each
 * @param count - of the columns that are there: 1 to 16
 * @param block - 16 bytes per row
 */
export function interleaveColumns(columns: usize, rows: i32, count: i32, first: i32, last: i32, block: usize): void {
  // Sixteen rows at a time: they share their lines of the cache with nobody, whatever the column.
  for (let from: usize = first; from < <usize>last; from += 16) {
    const to = min(from + 16, <usize>last);
    for (let lane: usize = 0; lane < <usize>count; lane++) {
      const column = columns + lane * <usize>rows;
      for (let row = from; row < to; row++) store<u8>(block + (row << 4) + lane, load<u8>(column + row));
    }
  }
}
