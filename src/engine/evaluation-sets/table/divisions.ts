import { CairnError } from "../../../errors.ts";
import { type Random, random } from "../../../numeric/random.ts";
import { contentKeys, type RowSplit, splitRows } from "../../../numeric/splits.ts";
import type { ClassedRows } from "./candidates.ts";
import type { Table } from "./read-table.ts";
import type { TableEvaluationOptions } from "./table-evaluation.ts";
import type { TableTask } from "./task.ts";

const MANY_ROWS = 20_000; // of so many training rows one fifth judges well enough; all five would only take longer
const MANY_CELLS = 1_000_000; // of training rows: a wide table takes its time once
const MOST_LEFT_OUT = 1_000; // values of a fold column; each costs a fit of every model
const VALIDATION_FOLDS = 5;
/** Rows of every class that a model needs wherever it is fitted: calibration needs one to fit and one to look at. */
export const FEWEST_ROWS = 2;

/**
 * The divisions a protocol asks for: one for a split, one per fold otherwise.
 * @throws CairnError `BAD_INPUT` without test or training rows, or with too few rows of a class
 */
export function rowFolds(table: Table, task: TableTask, options: TableEvaluationOptions): RowSplit[] {
  const folds = divide(table, task, options);
  if (folds.length === 0) {
    throw new CairnError("BAD_INPUT", "expected a period to test on with others far enough before it, got none", {
      hint: "give rows of more periods, or a smaller gap",
    });
  }
  for (const { train, test } of folds) {
    if (train.length === 0 || test.length === 0) throw emptyPart(options, train.length, test.length);
    checkClassRows(
      Uint8Array.from(train, (row) => task.labels[row]!),
      task.classes,
    );
  }
  return folds;
}

function divide(
  { marked, group, fold, period, matrix }: Table,
  { labels, classes }: TableTask,
  { folds, seed, gap = 0 }: TableEvaluationOptions,
): RowSplit[] {
  const rng = random(seed).derive("folds");
  if (marked !== undefined) return splitRows({ kind: "marked", marked }, rng);
  if (fold !== undefined) {
    const count = fold.reduce((most, own) => Math.max(most, own + 1), 0);
    if (count <= MOST_LEFT_OUT) return splitRows({ kind: "leaveOut", group: fold }, rng);
    throw new CairnError("BAD_INPUT", `expected a fold column with at most ${MOST_LEFT_OUT} values, got ${count}`, {
      hint: "use --folds, with --id for rows that belong together",
    });
  }
  if (period !== undefined) return splitRows({ kind: "rollingOrigin", period, gap }, rng);
  const rows = { labels, classes: classes.length, folds: folds!, group, keys: contentKeys(matrix) };
  return splitRows({ kind: "stratified", ...rows }, rng);
}

function emptyPart({ split }: TableEvaluationOptions, train: number, test: number): CairnError {
  const message =
    split === undefined
      ? `expected rows in and outside of every fold, got ${test} and ${train}`
      : `expected rows with "${split.column}" = "${split.value}" to test on and others to train on, got ${test} and ${train}`;
  const hint = split === undefined ? "use fewer folds" : "check how the value is written in the file";
  return new CairnError("BAD_INPUT", message, { hint });
}

function checkClassRows(labels: Uint8Array, classes: readonly string[]): void {
  const scarce = classes.findIndex((_, code) => labels.filter((label) => label === code).length < 2 * FEWEST_ROWS);
  if (scarce < 0) return;
  throw new CairnError(
    "BAD_INPUT",
    `expected at least ${2 * FEWEST_ROWS} training rows of each label value, got fewer of "${classes[scarce]}"`,
    { hint: "put rare values together with --positive, use fewer folds, or take another split" },
  );
}

/** How many validations inside so many training rows, of so many columns, there are at most. */
export function mostValidations(rows: number, columns: number): number {
  return rows > MANY_ROWS || rows * columns > MANY_CELLS ? 1 : VALIDATION_FOLDS;
}

/**
 * How training rows are divided to choose a model: as the test rows are. The last period is foretold from those before it, where
 * time is what divides; else rows are dealt into stratified folds, one of which is enough where there are many.
 * @param rows - the table's rows that train
 */
export function validationSplits(
  { table, task, gap = 0 }: Pick<TableEvaluationOptions, "gap"> & { readonly table: Table; readonly task: TableTask },
  train: ClassedRows,
  rows: Int32Array,
  seed: Random,
): RowSplit[] {
  const { period } = table;
  const rng = seed.derive("validation");
  if (period !== undefined) {
    const own = Float64Array.from(rows, (row) => period[row]!);
    const last = splitRows({ kind: "rollingOrigin", period: own, gap }, rng).at(-1);
    if (last !== undefined) return [last];
  }
  const group = groupsOf(table, rows);
  const areFew = group?.every((one) => !Number.isNaN(one)) ?? false; // a row of its own makes as many folds as it likes
  const folds = areFew ? Math.max(2, Math.min(VALIDATION_FOLDS, new Set(group).size)) : VALIDATION_FOLDS;
  const keys = contentKeys(train.matrix);
  const dealt = { labels: train.labels, classes: task.classes.length, folds, group, keys };
  return splitRows({ kind: "stratified", ...dealt }, rng).slice(
    0,
    mostValidations(rows.length, train.matrix.columns.length),
  );
}

/**
 * What must stay together when training rows are validated: rows of one id; where each value of a fold column is left out, its
 * values, so that the validation asks what the test will ask (a course never seen), as long as there are two of them.
 */
function groupsOf({ group, fold }: Table, rows: Int32Array): Float64Array | undefined {
  if (fold !== undefined && new Set(Array.from(rows, (row) => fold[row]!)).size >= 2)
    return Float64Array.from(rows, (row) => fold[row]!);
  return group === undefined ? undefined : Float64Array.from(rows, (row) => group[row]!);
}
