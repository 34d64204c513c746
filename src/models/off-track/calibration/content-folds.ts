import type { FeatureColumn, FeatureMatrix } from "../../../numeric/matrix.ts";
import type { LabelledMatrix } from "../../estimator.ts";

const MISSING = 0x9e3779b1; // stands for an empty cell

/**
 * Stratified folds that depend on what rows hold and on nothing else: rows are ordered by a salted hash of their cells and
 * dealt out class by class. The order of rows and columns and the numbering of categories cannot change what is in a fold;
 * rows that hold the same may change places, which changes nothing.
 * @param folds - at least 2
 * @param salt - an unsigned 32-bit number
 * @returns shape (rows): the fold of each row
 */
export function contentFolds({ matrix, labels }: LabelledMatrix, folds: number, salt: number): Uint8Array {
  const keys = keysOf(matrix, salt);
  const fold = new Uint8Array(matrix.rows);
  let next = 0;
  for (const label of [0, 1]) {
    const rows = Int32Array.from(labels.keys()).filter((row) => labels[row] === label);
    rows.sort((a, b) => keys[a]! - keys[b]!);
    for (const row of rows) fold[row] = next++ % folds;
  }
  return fold;
}

/**
 * The rows in an order that follows from what they hold, by outcome and then by hash: whatever their order was, it is this one
 * afterwards. Rows that hold the same may change places, which changes nothing.
 * @returns shape (rows): row numbers
 */
export function contentOrder({ matrix, labels }: LabelledMatrix): Int32Array {
  const keys = keysOf(matrix, 0);
  return Int32Array.from(labels.keys()).sort((a, b) => labels[a]! - labels[b]! || keys[a]! - keys[b]!);
}

/**
 * Folds that keep the rows of one group together, by what the group is called: groups are ordered by a salted hash of their
 * name and dealt out, whatever the order of the rows. A row whose group is missing is a group of its own.
 * @param column - the group of each row
 * @param input - the rows without that column
 * @param folds - at least 2
 * @param salt - an unsigned 32-bit number
 * @returns shape (rows): the fold of each row
 */
export function groupFolds(column: FeatureColumn, { matrix }: LabelledMatrix, folds: number, salt: number): Uint8Array {
  const named = keysOf({ rows: matrix.rows, columns: [column] }, salt);
  const own = keysOf(matrix, salt);
  // an own key is negative, so that it never is the key of a name
  const keys = named.map((key, row) => (Number.isNaN(column.values[row]!) ? -1 - own[row]! : key));
  const foldOf = new Map([...new Set(keys)].sort((a, b) => a - b).map((key, position) => [key, position % folds]));
  return Uint8Array.from(keys, (key) => foldOf.get(key)!);
}

/** Shape (rows): a hash of what each row holds, 53 bits; the order of columns and the numbering of categories do not matter. */
function keysOf(matrix: FeatureMatrix, salt: number): Float64Array {
  const low = new Uint32Array(matrix.rows).fill(salt);
  const high = new Uint32Array(matrix.rows).fill(~salt >>> 0);
  for (const column of [...matrix.columns].sort((a, b) => (a.name < b.name ? -1 : 1))) addColumn(column, low, high);
  return Float64Array.from(low, (hash, row) => hash * 0x20_0000 + (high[row]! >>> 11));
}

function addColumn({ values, categories }: FeatureColumn, low: Uint32Array, high: Uint32Array): void {
  const labels = categories?.map(hashText);
  const cell = new Float64Array(1);
  const words = new Uint32Array(cell.buffer);
  for (let row = 0; row < values.length; row++) {
    const value = values[row]!;
    let word = MISSING;
    if (!Number.isNaN(value)) {
      cell[0] = value + 0; // −0 is 0
      word = labels === undefined ? mix(words[0]! ^ Math.imul(words[1]!, 0x85ebca6b)) : labels[value]!;
    }
    low[row] = mix(low[row]! ^ word);
    high[row] = mix(Math.imul(high[row]!, 31) + word);
  }
}

function hashText(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return mix(hash);
}

/** MurmurHash3's finalizer. */
function mix(word: number): number {
  let mixed = Math.imul(word ^ (word >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}
