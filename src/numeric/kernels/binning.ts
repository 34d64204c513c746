import type { KernelCall } from "../parallel/pool.ts";
import type { Kernels } from "./kernels.ts";

const THRESHOLDS = 255;
const RADIX_COUNTS = 6 * 2048;
const ROOMS = 8; // columns worked on at once

/** Room for one column: views of one arena. */
interface BinningRoom {
  /** Shape (rows). */
  readonly values: Float64Array;
  readonly scratch: Float64Array;
  readonly counts: Int32Array;
  readonly thresholds: Float64Array;
}

/** Room for several columns at once. */
export type BinningRooms = readonly BinningRoom[];

/**
 * Allocates room for columns of a given length.
 * @param columns - how many there are in all
 * @throws CairnError `UNAVAILABLE` when the arena cannot hold it
 */
export function allocateBinningRooms(kernels: Kernels, rows: number, columns: number): BinningRooms {
  return Array.from({ length: Math.max(1, Math.min(ROOMS, columns)) }, () => ({
    values: kernels.float64(rows),
    scratch: kernels.float64(rows),
    counts: kernels.int32(RADIX_COUNTS),
    thresholds: kernels.float64(THRESHOLDS),
  }));
}

/**
 * Sorts columns, several at once.
 * @param columns - shape (rows) each
 * @param take - gets the position of each column and its cells that are not NaN, upwards (−0 before 0): a view that is valid
 * until `take` returns
 */
export function sortColumns(
  kernels: Kernels,
  rooms: BinningRooms,
  columns: readonly Float64Array[],
  take: (position: number, sorted: Float64Array) => void,
): void {
  for (let first = 0; first < columns.length; first += rooms.length) {
    const batch = columns.slice(first, first + rooms.length);
    const present = batch.map((column, i) => copyPresent(column, rooms[i]!.values));
    kernels.callAll(
      batch.map((_, i) => {
        const { values, scratch, counts } = rooms[i]!;
        return ["sortDoubles", kernels.address(values), present[i]!, kernels.address(scratch), kernels.address(counts)];
      }),
    );
    for (let i = 0; i < batch.length; i++) take(first + i, rooms[i]!.values.subarray(0, present[i]!));
  }
}

/** @returns how many cells are not NaN */
function copyPresent(column: Float64Array, to: Float64Array): number {
  let count = 0;
  for (let row = 0; row < column.length; row++) {
    const value = column[row]!;
    if (!Number.isNaN(value)) to[count++] = value;
  }
  return count;
}

/** A column to be divided into bins. */
export interface BinnedColumn {
  /** Shape (rows). */
  readonly column: Float64Array;
  /** At most 254 numbers, upwards. */
  readonly thresholds: ArrayLike<number>;
  /** Shape (rows), a view of the arena. */
  readonly bins: Uint8Array;
}

/** Writes each cell's bin (the number of thresholds below it; 255 for NaN), several columns at once. */
export function writeBinColumns(kernels: Kernels, rooms: BinningRooms, columns: readonly BinnedColumn[]): void {
  for (let first = 0; first < columns.length; first += rooms.length) {
    const batch = columns.slice(first, first + rooms.length);
    kernels.callAll(
      batch.map(({ column, thresholds, bins }, i): KernelCall => {
        const room = rooms[i]!;
        room.values.set(column);
        room.thresholds.fill(Number.POSITIVE_INFINITY);
        room.thresholds.set(thresholds);
        const [values, bounds, to] = [room.values, room.thresholds, bins].map((view) => kernels.address(view));
        return ["writeBins", values!, column.length, bounds!, to!];
      }),
    );
  }
}
