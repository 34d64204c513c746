import { CairnError } from "../../../errors.ts";
import type { Classifier } from "../../../models/estimator.ts";
import { takeRows } from "../../../numeric/matrix.ts";
import { type Random, random } from "../../../numeric/random.ts";
import { chooseBest } from "../../evaluation/choose-best.ts";
import { type ClassedRows, fitClasses, widthOf, yardsticks } from "./candidates.ts";
import { stratifiedFolds } from "./folds.ts";
import { measureClasses, measureOutcome } from "./measure.ts";
import type { Table } from "./read-table.ts";
import type { TableEvaluation, TableEvaluationOptions, TableModelEvaluation } from "./table-evaluation.ts";
import type { TableTask } from "./task.ts";

const VALIDATION_FOLDS = 5;
const MANY_ROWS = 20_000; // of so many training rows one fifth judges well enough; all five would only take longer
const MOST_LEFT_OUT = 1_000; // values of a fold column; each costs a fit of every model
const FEWEST_ROWS = 2; // of every class, wherever a model is fitted: calibration needs one to fit and one to look at

/** One division of the rows: models are fitted on `train` and asked about `test`. */
export interface RowFold {
  readonly train: Int32Array;
  readonly test: Int32Array;
}

/** What {@link runProtocol} takes. */
export interface ProtocolInput extends Pick<TableEvaluationOptions, "seed" | "clock" | "onProgress" | "signal"> {
  readonly table: Table;
  readonly task: TableTask;
  readonly folds: readonly RowFold[];
  readonly models: Readonly<Record<string, Classifier>>;
}

/**
 * The divisions a protocol asks for: one for a split, one per fold otherwise.
 * @throws CairnError `BAD_INPUT` without test or training rows, or with too few rows of a class
 */
export function rowFolds(table: Table, task: TableTask, options: TableEvaluationOptions): RowFold[] {
  const folds = divide(table, task, options);
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
  { marked, group, fold }: Table,
  { labels, classes }: TableTask,
  { folds, seed }: TableEvaluationOptions,
): RowFold[] {
  if (marked !== undefined)
    return [{ train: where(marked, (mark) => mark === 0), test: where(marked, (mark) => mark === 1) }];
  if (fold !== undefined) {
    const count = fold.reduce((most, own) => Math.max(most, own + 1), 0);
    if (count <= MOST_LEFT_OUT) return foldsOf(fold, count);
    throw new CairnError("BAD_INPUT", `expected a fold column with at most ${MOST_LEFT_OUT} values, got ${count}`, {
      hint: "use --folds, with --id for rows that belong together",
    });
  }
  return foldsOf(stratifiedFolds(labels, classes.length, folds!, group, random(seed).derive("folds")), folds!);
}

function emptyPart({ split }: TableEvaluationOptions, train: number, test: number): CairnError {
  const message =
    split === undefined
      ? `expected rows in and outside of every fold, got ${test} and ${train}`
      : `expected rows with "${split.column}" = "${split.value}" to test on and others to train on, got ${test} and ${train}`;
  const hint = split === undefined ? "use fewer folds" : "check how the value is written in the file";
  return new CairnError("BAD_INPUT", message, { hint });
}

function foldsOf(fold: Uint16Array, folds: number): RowFold[] {
  return Array.from({ length: folds }, (_, own) => ({
    train: where(fold, (other) => other !== own),
    test: where(fold, (other) => other === own),
  }));
}

function where(values: Uint8Array | Uint16Array, wanted: (value: number) => boolean): Int32Array {
  return Int32Array.from(values.keys()).filter((row) => wanted(values[row]!));
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

interface Trial {
  readonly labels: Uint8Array[];
  readonly probabilities: Map<string, Float64Array[]>;
}

/** Runs every model over every division and measures the pooled predictions. */
export function runProtocol(input: ProtocolInput): Pick<TableEvaluation, "models" | "best" | "choices" | "failed"> {
  const { task, folds, models, table } = input;
  const run = new ProtocolRun(input);
  const tested: Trial = { labels: [], probabilities: new Map() };
  const choices: string[] = [];
  for (const [index, fold] of folds.entries()) {
    const seed = random(input.seed).derive(index);
    const train = takeClassed(table, task, fold.train);
    choices.push(chooseInside(run, train, groupsOf(table, fold.train), seed));
    run.predict(train, takeClassed(table, task, fold.test), seed, tested, true);
  }
  input.onProgress?.(1);
  const labels = join(tested.labels, Uint8Array);
  const kept = Object.keys(models).filter((name) => !Object.hasOwn(run.failed, name));
  if (kept.length === 0) throw run.firstFailure;
  const evaluations = kept.map((name): [string, TableModelEvaluation] => {
    const probabilities = join(tested.probabilities.get(name)!, Float64Array);
    const figures =
      task.classes.length === 2
        ? measureOutcome(labels, probabilities)
        : measureClasses(labels, probabilities, task.classes);
    return [name, { ...figures, ...run.seconds.get(name)! }];
  });
  const valid = choices.filter((name) => kept.includes(name));
  const votes = (name: string): number => valid.filter((choice) => choice === name).length;
  const best = kept.reduce((most, name) => (votes(name) > votes(most) ? name : most));
  return { models: Object.fromEntries(evaluations), best, choices, failed: run.failed };
}

/** The model a validation inside the training rows chooses. */
function chooseInside(run: ProtocolRun, train: ClassedRows, group: Float64Array | undefined, seed: Random): string {
  const { classes } = run.input.task;
  const names = (): string[] => {
    const kept = Object.keys(run.input.models).filter((name) => !Object.hasOwn(run.failed, name));
    const able = kept.filter((name) => !yardsticks.includes(name));
    return able.length > 0 ? able : kept;
  };
  if (names().length === 1) return names()[0]!;
  const fold = stratifiedFolds(train.labels, classes.length, VALIDATION_FOLDS, group, seed.derive("validation"));
  const judged: Trial = { labels: [], probabilities: new Map() };
  const used = train.labels.length > MANY_ROWS ? 1 : VALIDATION_FOLDS;
  for (let own = 0; own < used; own++) {
    const rest = takeClassed(
      train,
      train,
      where(fold, (other) => other !== own),
    );
    const held = takeClassed(
      train,
      train,
      where(fold, (other) => other === own),
    );
    const isLearnable = classes.every((_, code) => rest.labels.filter((label) => label === code).length >= FEWEST_ROWS);
    if (isLearnable && held.labels.length > 0) run.predict(rest, held, seed.derive(own), judged, false);
    else run.skip();
  }
  const able = names();
  if (judged.labels.length === 0 || able.length < 2) return able[0] ?? "";
  const labels = join(judged.labels, Uint8Array);
  const width = widthOf(classes);
  const isClass =
    width === 1
      ? labels
      : Uint8Array.from({ length: labels.length * width }, (_, at) =>
          labels[Math.floor(at / width)] === at % width ? 1 : 0,
        );
  const probabilities = able.map((name) => join(judged.probabilities.get(name)!, Float64Array));
  return able[chooseBest(probabilities, isClass, seed.derive("choose best"))]!;
}

/** Fits and asks models, keeps time, and remembers which ones failed. */
class ProtocolRun {
  readonly input: ProtocolInput;
  readonly failed: Record<string, { code: string; message: string }> = {};
  readonly seconds: Map<string, { fitSeconds: number; predictSeconds: number }> = new Map();
  firstFailure: CairnError | undefined;
  private done = 0;
  private readonly steps: number;

  constructor(input: ProtocolInput) {
    this.input = input;
    const validations = input.folds[0]!.train.length > MANY_ROWS ? 1 : VALIDATION_FOLDS;
    this.steps = input.folds.length * (validations + 1);
  }

  /** Counts a validation that could not be held. */
  skip(): void {
    this.done += 1;
  }

  /** Fits every model that has not failed and adds its predictions; on test rows also its time. */
  predict(train: ClassedRows, asked: ClassedRows, seed: Random, trial: Trial, isTest: boolean): void {
    const { models, task, signal, clock } = this.input;
    const names = Object.keys(models).filter((name) => !Object.hasOwn(this.failed, name));
    for (const [index, name] of names.entries()) {
      const onProgress = (fraction: number): void =>
        this.input.onProgress?.(Math.min(1, (this.done + (index + fraction) / names.length) / this.steps));
      const context = { rng: seed.derive(name), onProgress, ...(signal === undefined ? {} : { signal }) };
      try {
        const started = clock();
        const predictor = fitClasses(models[name]!, train, task.classes, context);
        const fitted = clock();
        const probabilities = predictor(asked.matrix);
        if (isTest) this.addSeconds(name, fitted - started, clock() - fitted);
        trial.probabilities.set(name, [...(trial.probabilities.get(name) ?? []), probabilities]);
      } catch (error) {
        this.fail(name, error);
      }
    }
    trial.labels.push(asked.labels);
    this.done += 1;
  }

  private addSeconds(name: string, fitSeconds: number, predictSeconds: number): void {
    const before = this.seconds.get(name) ?? { fitSeconds: 0, predictSeconds: 0 };
    this.seconds.set(name, {
      fitSeconds: before.fitSeconds + fitSeconds,
      predictSeconds: before.predictSeconds + predictSeconds,
    });
  }

  /** One model that cannot be fitted is told and does not end the evaluation; a request to stop, or a fault of ours, does. */
  private fail(name: string, error: unknown): void {
    if (!(error instanceof CairnError) || error.code === "CANCELLED" || error.code === "INTERNAL") throw error;
    this.failed[name] = { code: error.code, message: error.message };
    this.firstFailure ??= error;
  }
}

function takeClassed(
  { matrix }: Pick<Table, "matrix">,
  { labels }: Pick<TableTask, "labels">,
  rows: Int32Array,
): ClassedRows {
  return { matrix: takeRows(matrix, rows), labels: Uint8Array.from(rows, (row) => labels[row]!) };
}

function groupsOf({ group }: Table, rows: Int32Array): Float64Array | undefined {
  return group === undefined ? undefined : Float64Array.from(rows, (row) => group[row]!);
}

function join<Values extends Float64Array | Uint8Array>(
  parts: readonly Values[],
  type: { new (length: number): Values },
): Values {
  const whole = new type(parts.reduce((sum, { length }) => sum + length, 0));
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
}
