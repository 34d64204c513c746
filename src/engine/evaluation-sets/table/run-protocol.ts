import { CairnError } from "../../../errors.ts";
import type { Classifier } from "../../../models/estimator.ts";
import { takeRows } from "../../../numeric/matrix.ts";
import { type Random, random } from "../../../numeric/random.ts";
import type { RowSplit } from "../../../numeric/splits.ts";
import { chooseBest } from "../../evaluation/choose-best.ts";
import { answersOf, fitAnswerWeights } from "./answers.ts";
import { type ClassedRows, fitClasses, widthOf, yardsticks } from "./candidates.ts";
import { FEWEST_ROWS, mostValidations, validationSplits } from "./divisions.ts";
import { measureClasses, measureOutcome } from "./measure.ts";
import type { Table } from "./read-table.ts";
import type { TableEvaluation, TableEvaluationOptions, TableModelEvaluation } from "./table-evaluation.ts";
import type { TableTask } from "./task.ts";

/** What {@link runProtocol} takes. */
export interface ProtocolInput
  extends Pick<TableEvaluationOptions, "seed" | "gap" | "clock" | "onProgress" | "signal"> {
  readonly table: Table;
  readonly task: TableTask;
  readonly folds: readonly RowSplit[];
  readonly models: Readonly<Record<string, Classifier>>;
}

/** What models said about rows they had not seen, fold after fold. */
export interface PooledPredictions {
  /** Shape (n): the table's row of each prediction. */
  readonly rows: Int32Array;
  /** Shape (n). */
  readonly labels: Uint8Array;
  /** By model: shape (n) for two classes, (n × classes) for more. */
  readonly probabilities: ReadonlyMap<string, Float64Array>;
}

interface Trial {
  readonly labels: Uint8Array[];
  readonly probabilities: Map<string, Float64Array[]>;
}

/** What a validation inside training rows says: which model, and with what weights each answers when there are several classes. */
interface Judgement {
  readonly chosen: string;
  readonly weights: ReadonlyMap<string, readonly number[]>;
}

/** Runs every model over every division and measures the pooled predictions. */
export function runProtocol(
  input: ProtocolInput,
): Pick<TableEvaluation, "models" | "best" | "choices" | "chosen" | "failed"> & { readonly pooled: PooledPredictions } {
  const { task, folds, models, table } = input;
  const run = new ProtocolRun(input);
  const tested: Trial = { labels: [], probabilities: new Map() };
  const judgements = folds.map((fold, index) => {
    const seed = random(input.seed).derive(index);
    const train = takeClassed(table, task, fold.train);
    const judgement = judgeInside(run, train, validationSplits(input, train, fold.train, seed), seed);
    run.predict(train, takeClassed(table, task, fold.test), seed, tested, true);
    return judgement;
  });
  input.onProgress?.(1);
  const labels = join(tested.labels, Uint8Array);
  const kept = Object.keys(models).filter((name) => !Object.hasOwn(run.failed, name));
  if (kept.length === 0) throw run.firstFailure;
  const probabilities = new Map(kept.map((name) => [name, join(tested.probabilities.get(name)!, Float64Array)]));
  const choices = judgements.map(({ chosen }) => chosen);
  const evaluations = kept.map((name): [string, TableModelEvaluation] => [
    name,
    {
      ...measureModel(
        choices.map(() => name),
        task,
        labels,
        tested,
        judgements,
      ),
      ...run.seconds.get(name)!,
    },
  ]);
  const valid = choices.filter((name) => kept.includes(name));
  const votes = (name: string): number => valid.filter((choice) => choice === name).length;
  const best = kept.reduce((most, name) => (votes(name) > votes(most) ? name : most));
  const chosen = valid.length < choices.length ? undefined : measureModel(choices, task, labels, tested, judgements);
  const rows = join(
    folds.map(({ test }) => test),
    Int32Array,
  );
  return {
    models: Object.fromEntries(evaluations),
    best,
    choices,
    ...(chosen === undefined ? {} : { chosen }),
    failed: run.failed,
    pooled: { rows, labels, probabilities },
  };
}

/** Figures of predictions pooled over the folds. @param names - the model whose predictions count, by fold */
function measureModel(
  names: readonly string[],
  { classes }: TableTask,
  labels: Uint8Array,
  tested: Trial,
  judgements: readonly Judgement[],
): Omit<TableModelEvaluation, "fitSeconds" | "predictSeconds"> {
  const parts = names.map((name, fold) => tested.probabilities.get(name)![fold]!);
  const probabilities = join(parts, Float64Array);
  if (classes.length === 2) return measureOutcome(labels, probabilities);
  const weights = judgements.map((judgement, fold) => judgement.weights.get(names[fold]!) ?? classes.map(() => 1));
  const answers = join(
    parts.map((part, fold) => answersOf(part, classes.length, weights[fold])),
    Uint8Array,
  );
  return { ...measureClasses(labels, probabilities, classes, answers), answerWeights: weights };
}

/** Chooses a model, and what the models answer with, by a validation inside the training rows. */
function judgeInside(run: ProtocolRun, train: ClassedRows, splits: readonly RowSplit[], seed: Random): Judgement {
  const { classes } = run.input.task;
  const names = (): string[] => {
    const kept = Object.keys(run.input.models).filter((name) => !Object.hasOwn(run.failed, name));
    const able = kept.filter((name) => !yardsticks.includes(name));
    return able.length > 0 ? able : kept;
  };
  const none = new Map<string, number[]>();
  if (names().length === 1 && classes.length === 2) return { chosen: names()[0]!, weights: none };
  const judged = validate(run, train, splits, seed);
  const able = names();
  if (judged.labels.length === 0 || able.length === 0) return { chosen: able[0] ?? "", weights: none };
  const labels = join(judged.labels, Uint8Array);
  const width = widthOf(classes);
  const isClass =
    width === 1
      ? labels
      : Uint8Array.from({ length: labels.length * width }, (_, at) =>
          labels[Math.floor(at / width)] === at % width ? 1 : 0,
        );
  const probabilities = able.map((name) => join(judged.probabilities.get(name)!, Float64Array));
  const weights = able.map((name, index): [string, number[]] => [
    name,
    width === 1 ? [] : fitAnswerWeights(labels, probabilities[index]!, width),
  ]);
  const chosen = able[chooseBest(probabilities, isClass, seed.derive("choose best"))]!;
  return { chosen, weights: new Map(weights) };
}

/** Predictions for training rows by models that were fitted on other training rows. */
function validate(run: ProtocolRun, train: ClassedRows, splits: readonly RowSplit[], seed: Random): Trial {
  const { classes } = run.input.task;
  const judged: Trial = { labels: [], probabilities: new Map() };
  for (const [own, split] of splits.entries()) {
    const rest = takeClassed(train, train, split.train);
    const held = takeClassed(train, train, split.test);
    const isLearnable = classes.every((_, code) => rest.labels.filter((label) => label === code).length >= FEWEST_ROWS);
    if (isLearnable && held.labels.length > 0) run.predict(rest, held, seed.derive(own), judged, false);
    else run.skip();
  }
  return judged;
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
    const validations = mostValidations(input.folds[0]!.train.length, input.table.matrix.columns.length);
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

function join<Values extends Float64Array | Uint8Array | Int32Array>(
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
