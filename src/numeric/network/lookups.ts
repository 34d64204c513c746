import type { NetworkRows } from "./sequences.ts";
import { type NetworkShape, type NetworkWeights, type RowShape, widthOf } from "./shape.ts";

/**
 * Rows written out: numbers first, then the looked-up vectors; an index of −1 gives zeros.
 * @param chosen - rows of the data, in the order wanted
 * @param before - columns left free (0) at the start of each row, default 0
 * @returns shape (chosen × (before + row width)), row-major
 */
export function writeRows(
  row: RowShape,
  { tables }: NetworkShape,
  weights: NetworkWeights,
  data: NetworkRows,
  chosen: Int32Array,
  before = 0,
): Float32Array {
  const width = before + widthOf(row, tables);
  const out = new Float32Array(chosen.length * width);
  for (let i = 0; i < chosen.length; i++) {
    let at = i * width + before;
    for (let k = 0; k < row.numbers; k++) out[at++] = data.values[chosen[i]! * row.numbers + k]!;
    for (let k = 0; k < row.lookups.length; k++) {
      const table = row.lookups[k]!;
      const size = tables[table]!.width;
      const index = data.indexes[chosen[i]! * row.lookups.length + k]!;
      if (index >= 0) {
        const values = weights.tables[table]!;
        for (let j = 0; j < size; j++) out[at + j] = values[index * size + j]!;
      }
      at += size;
    }
  }
  return out;
}

/** Slopes at rows that were written out, and where in them the row's own columns start. */
interface RowSlopes {
  readonly values: Float32Array;
  readonly width: number;
  readonly first: number;
}

/** The way back of {@link writeRows}: adds the slopes at looked-up vectors to the tables' gradient. */
export function addRowSlopes(
  row: RowShape,
  { tables }: NetworkShape,
  gradient: NetworkWeights,
  data: NetworkRows,
  chosen: Int32Array,
  { values, width, first }: RowSlopes,
  onTableRow: (table: number, row: number) => void,
): void {
  for (let i = 0; i < chosen.length; i++) {
    let at = i * width + first + row.numbers;
    for (let k = 0; k < row.lookups.length; k++) {
      const table = row.lookups[k]!;
      const size = tables[table]!.width;
      const index = data.indexes[chosen[i]! * row.lookups.length + k]!;
      if (index >= 0) {
        const to = gradient.tables[table]!;
        for (let j = 0; j < size; j++) to[index * size + j]! += values[at + j]!;
        onTableRow(table, index);
      }
      at += size;
    }
  }
}
