import { CairnError } from "../errors.ts";
import type { FeatureColumn, FeatureMatrix } from "./matrix.ts";
import type { Random } from "./random.ts";

/** One division of the rows: models learn from `train` and are asked about `test`. Row numbers ascend; no row is in both. */
export interface RowSplit {
  readonly train: Int32Array;
  readonly test: Int32Array;
}

/**
 * How rows are to be divided; arrays have shape (rows).
 *
 * - `marked` one division: rows with 1 are tested
 * - `stratified` so many folds, each with its share of every class; rows of one group (NaN: a group of its own) stay together
 * - `leaveOut` each group is tested once, such as a course or a school no model has seen
 * - `temporal` rows of periods from `testFrom` on are tested, rows of periods before `testFrom − gap` train
 * - `rollingOrigin` every period is tested once there are enough before it; only periods before it, less the gap, train
 *
 * Periods are whole numbers in the order of time. The gap is how many periods lie between training and test because their
 * outcomes were not known yet when the tested features were taken.
 */
export type SplitPlan =
  | { readonly kind: "marked"; readonly marked: Uint8Array }
  | ({ readonly kind: "stratified" } & StratifiedRows)
  | { readonly kind: "leaveOut"; readonly group: ArrayLike<number> }
  | { readonly kind: "temporal"; readonly period: ArrayLike<number>; readonly testFrom: number; readonly gap?: number }
  | {
      readonly kind: "rollingOrigin";
      readonly period: ArrayLike<number>;
      readonly gap?: number;
      /** Different periods the first division must train on, from 1; default 1. */
      readonly fewestTrainingPeriods?: number;
    };

/** Rows to be dealt into folds. */
export interface StratifiedRows {
  /** Class of each row, below `classes`. */
  readonly labels: Uint8Array;
  readonly classes: number;
  /** From 2. */
  readonly folds: number;
  /** Equal for rows that stay together, NaN for a row of its own; none stay together when left out. */
  readonly group?: ArrayLike<number> | undefined;
  /** What a row is known by, wherever it stands: see {@link contentKeys}. */
  readonly keys: Float64Array;
}

/**
 * Divides rows, whatever their order: the same rows in another order give the same divisions. Empty parts are returned, not
 * refused: whoever asks knows what they mean.
 * @param rng - its seed decides who is dealt where in `stratified`; the other plans draw nothing
 * @throws CairnError `BAD_INPUT` for fewer than two folds, a gap below 0, or periods that are not whole numbers
 */
export function splitRows(plan: SplitPlan, rng: Random): RowSplit[] {
  switch (plan.kind) {
    case "marked":
      return [
        { train: rowsWhere(plan.marked, (mark) => mark === 0), test: rowsWhere(plan.marked, (mark) => mark !== 0) },
      ];
    case "stratified":
      return splitsOfFolds(stratifiedFolds(plan, rng), plan.folds);
    case "leaveOut":
      return [...new Set(Array.from(plan.group))]
        .sort((a, b) => a - b)
        .map((own) => ({
          train: rowsWhere(plan.group, (other) => other !== own),
          test: rowsWhere(plan.group, (other) => other === own),
        }));
    case "temporal":
      checkPeriods(plan.period, plan.gap ?? 0);
      return [forwardSplit(plan.period, (period) => period >= plan.testFrom, plan.testFrom - (plan.gap ?? 0))];
    case "rollingOrigin":
      return rollingSplits(plan.period, plan.gap ?? 0, plan.fewestTrainingPeriods ?? 1);
  }
}

function rollingSplits(period: ArrayLike<number>, gap: number, fewest: number): RowSplit[] {
  checkPeriods(period, gap);
  const periods = [...new Set(Array.from(period))].sort((a, b) => a - b);
  return periods
    .filter((tested) => periods.filter((earlier) => earlier < tested - gap).length >= Math.max(1, fewest))
    .map((tested) => forwardSplit(period, (own) => own === tested, tested - gap));
}

function forwardSplit(period: ArrayLike<number>, isTested: (period: number) => boolean, before: number): RowSplit {
  return { train: rowsWhere(period, (own) => own < before), test: rowsWhere(period, isTested) };
}

function checkPeriods(period: ArrayLike<number>, gap: number): void {
  if (!(Number.isInteger(gap) && gap >= 0))
    throw new CairnError("BAD_INPUT", `expected a gap of whole periods from 0, got ${gap}`);
  for (let row = 0; row < period.length; row++) {
    if (!Number.isInteger(period[row]))
      throw new CairnError("BAD_INPUT", `expected whole numbers as periods, got ${period[row]} in row ${row}`);
  }
}

/**
 * Deals rows into stratified folds: within each class the groups are put into an order only their keys and the seed decide,
 * and dealt out in turn, so every fold has its share of every class. A group counts as the rarest class it holds and is known
 * by its number, a row of its own by its key.
 * @returns shape (rows): the fold of each row, below `folds`
 * @throws CairnError `BAD_INPUT` for fewer than two folds
 */
export function stratifiedFolds({ labels, classes, folds, group, keys }: StratifiedRows, rng: Random): Uint16Array {
  if (!(Number.isInteger(folds) && folds >= 2))
    throw new CairnError("BAD_INPUT", `expected at least 2 folds, got ${folds}`);
  const unit = unitsOf(keys, group);
  const rowsOf = new Float64Array(classes);
  for (let row = 0; row < labels.length; row++) rowsOf[labels[row]!]! += 1;
  const classOf = new Int16Array(unit.keys.length).fill(-1);
  for (let row = 0; row < labels.length; row++) {
    const [own, label, known] = [unit.of[row]!, labels[row]!, classOf[unit.of[row]!]!];
    const isRarer = known < 0 || rowsOf[label]! < rowsOf[known]! || (rowsOf[label] === rowsOf[known] && label < known);
    if (isRarer) classOf[own] = label;
  }
  const place = shuffledPlaces(unit.keys, rng);
  const foldOf = new Uint16Array(unit.keys.length);
  let next = 0;
  for (let category = 0; category < classes; category++) {
    const own = Int32Array.from(classOf.keys()).filter((index) => classOf[index] === category);
    own.sort((a, b) => place[a]! - place[b]! || unit.keys[a]! - unit.keys[b]!);
    for (const index of own) foldOf[index] = next++ % folds;
  }
  return Uint16Array.from(unit.of, (own) => foldOf[own]!);
}

/** The divisions that test each fold once. */
export function splitsOfFolds(fold: ArrayLike<number>, folds: number): RowSplit[] {
  return Array.from({ length: folds }, (_, own) => ({
    train: rowsWhere(fold, (other) => other !== own),
    test: rowsWhere(fold, (other) => other === own),
  }));
}

function rowsWhere(values: ArrayLike<number>, wanted: (value: number) => boolean): Int32Array {
  const rows = new Int32Array(values.length);
  let count = 0;
  for (let row = 0; row < values.length; row++) if (wanted(values[row]!)) rows[count++] = row;
  return rows.slice(0, count);
}

/** Numbers the groups, and says what each is known by. */
function unitsOf(
  keys: Float64Array,
  group: ArrayLike<number> | undefined,
): { readonly of: Int32Array; readonly keys: Float64Array } {
  const known = new Map<number, number>();
  const found: number[] = [];
  const of = Int32Array.from(keys, (key, row) => {
    const own = group?.[row] ?? Number.NaN;
    if (Number.isNaN(own)) return found.push(key) - 1;
    const unit = known.get(own) ?? found.push(own) - 1;
    known.set(own, unit);
    return unit;
  });
  return { of, keys: Float64Array.from(found) };
}

/** A number per key that looks random and depends on nothing but the key and the seed. */
function shuffledPlaces(keys: Float64Array, rng: Random): Float64Array {
  const [salt, pepper] = [rng.integer(0x1_0000_0000), rng.integer(0x1_0000_0000)];
  const words = wordsOf();
  return keys.map((key) => {
    const [low, high] = words(key);
    const first = mix(mix(low ^ salt) ^ high);
    return first * 0x20_0000 + (mix(mix(high ^ pepper) ^ low ^ first) >>> 11); // 53 bits
  });
}

/**
 * What each row is known by, wherever it stands: 53 bits of a hash of its cells. Rows that hold the same have the same key;
 * the order of rows and columns and the numbering of categories do not matter.
 * @returns shape (rows), whole numbers in [0, 2⁵³)
 */
export function contentKeys(matrix: FeatureMatrix): Float64Array {
  const low = new Uint32Array(matrix.rows);
  const high = new Uint32Array(matrix.rows).fill(0xffff_ffff);
  for (const column of [...matrix.columns].sort((a, b) => (a.name < b.name ? -1 : 1))) addColumn(column, low, high);
  return Float64Array.from(low, (word, row) => word * 0x20_0000 + (high[row]! >>> 11));
}

const MISSING = 0x9e3779b1; // stands for an empty cell

function addColumn({ values, categories }: FeatureColumn, low: Uint32Array, high: Uint32Array): void {
  const labels = categories?.map(hashText);
  const words = wordsOf();
  for (let row = 0; row < values.length; row++) {
    const value = values[row]!;
    let word = MISSING;
    if (!Number.isNaN(value)) {
      const [bottom, top] = words(value);
      word = labels === undefined ? mix(bottom ^ Math.imul(top, 0x85ebca6b)) : labels[value]!;
    }
    low[row] = mix(low[row]! ^ word);
    high[row] = mix(Math.imul(high[row]!, 31) + word);
  }
}

/** The two halves of a double. */
function wordsOf(): (value: number) => readonly [number, number] {
  const cell = new Float64Array(1);
  const words = new Uint32Array(cell.buffer);
  return (value) => {
    cell[0] = value + 0; // −0 is 0
    return [words[0]!, words[1]!];
  };
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
