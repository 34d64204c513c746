import type { Kernels } from "./kernels.ts";

const THRESHOLDS = 255;
const RADIX_COUNTS = 6 * 2048;

/** Room for binning columns one after the other: views of one arena. */
export interface BinningRoom {
  /** Shape (rows): the column, as the caller wrote it; `sortPresent` leaves its cells sorted. */
  readonly values: Float64Array;
  readonly scratch: Float64Array;
  readonly counts: Int32Array;
  readonly thresholds: Float64Array;
}

/**
 * Allocates the room for columns of a given length.
 * @throws CairnError `UNAVAILABLE` when the arena cannot hold it
 */
export function allocateBinningRoom(kernels: Kernels, rows: number): BinningRoom {
  return {
    values: kernels.float64(rows),
    scratch: kernels.float64(rows),
    counts: kernels.int32(RADIX_COUNTS),
    thresholds: kernels.float64(THRESHOLDS),
  };
}

/**
 * The cells of a column that are not NaN, upwards (−0 before 0): a view of `room.values`, valid until the next call.
 * @param column - shape (rows)
 */
export function sortPresent(kernels: Kernels, room: BinningRoom, column: Float64Array): Float64Array {
  const { values, scratch, counts } = room;
  let count = 0;
  for (let row = 0; row < column.length; row++) {
    const value = column[row]!;
    if (!Number.isNaN(value)) values[count++] = value;
  }
  kernels.call("sortDoubles", values, count, scratch, counts);
  return values.subarray(0, count);
}

/**
 * Writes each cell's bin (the number of thresholds below it; 255 for NaN) to every fourth byte of `bins`.
 * @param thresholds - at most 254 numbers, upwards
 * @param bins - a view of the arena that starts at the first row's bin
 */
export function writeBinColumn(
  kernels: Kernels,
  room: BinningRoom,
  column: Float64Array,
  thresholds: ArrayLike<number>,
  bins: Uint8Array,
): void {
  room.values.set(column);
  room.thresholds.fill(Number.POSITIVE_INFINITY);
  room.thresholds.set(thresholds);
  kernels.call("writeBins", room.values, column.length, room.thresholds, bins, 4);
}
