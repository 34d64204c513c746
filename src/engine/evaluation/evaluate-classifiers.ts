import { CairnError } from "../../errors.ts";
import type { Classifier, FitContext, FittedClassifier, LabelledMatrix } from "../../models/estimator.ts";
import { isAdaptable } from "../../models/off-track/calibration/expected-rates.ts";
import { FIRST_FLAG, type FittedRule, isFittedRule } from "../../models/off-track/rule.ts";
import { takeRows } from "../../numeric/matrix.ts";
import { areaUnderRocScore } from "../../numeric/metrics/area-under-roc.ts";
import { averagePrecisionScore } from "../../numeric/metrics/average-precision.ts";
import { brierLoss } from "../../numeric/metrics/brier.ts";
import { expectedCalibrationError, expectedCalibrationNoiseFloor } from "../../numeric/metrics/calibration-error.ts";
import { logLoss } from "../../numeric/metrics/log-loss.ts";
import { precisionAtTop, topCount } from "../../numeric/metrics/precision-at-top.ts";
import { random } from "../../numeric/random.ts";
import { chooseBest } from "./choose-best.ts";
import { type Evaluation, type Figure, figureOf, type ModelEvaluation, probabilityFigures } from "./evaluation.ts";

const SHARES = ["0.05", "0.1"]; // of all rows: what a counselor's caseload can take on

/** Row numbers of the training rows: models are fitted on `train` and compared on `test` to choose the best one. */
export interface ValidationSplit {
  readonly train: ArrayLike<number>;
  readonly test: ArrayLike<number>;
}

/** What {@link evaluateClassifiers} takes. */
export interface ClassifierEvaluationInput {
  /** Recipes by name, the simplest first: inside the noise of the validation the earlier one is chosen. */
  readonly models: Readonly<Record<string, Classifier>>;
  readonly train: LabelledMatrix;
  /** One split of the training rows, or several whose judgements are pooled (cross-validation). */
  readonly validation: ValidationSplit | readonly ValidationSplit[];
  readonly test: LabelledMatrix;
  /** Names of the models that may be chosen, such as those that can rank; all when left out. The others are measured only. */
  readonly eligible?: readonly string[];
  readonly seed: string | number;
  /** The time in seconds, from any start. */
  readonly clock: () => number;
  /** Called with the finished share, in [0, 1]. */
  readonly onProgress?: (fraction: number) => void;
  readonly signal?: AbortSignal;
}

interface Trial {
  readonly name: string;
  readonly model: FittedClassifier;
  readonly probabilities: Float64Array;
  readonly fitSeconds: number;
  readonly predictSeconds: number;
}

/**
 * Fits every model on the training rows and measures it on the test rows; the best one is chosen by Brier loss on a
 * validation split inside the training rows, so that the test rows judge and never choose.
 * @throws CairnError `BAD_INPUT` without models or validation rows, `CANCELLED`, and whatever a model's `fit` throws
 */
export function evaluateClassifiers(input: ClassifierEvaluationInput): Evaluation {
  checkInput(input);
  const { models, train, test } = input;
  const recipes = Object.entries(models);
  const splits = splitsOf(input);
  const share = 1 / (2 * recipes.length);
  const attempt = (data: LabelledMatrix, asked: LabelledMatrix, first: number, span = share) =>
    recipes.map(([name, recipe], i) =>
      runTrial(name, recipe, data, asked, input, { from: first + i * span, share: span }),
    );
  const rehearsals = splits.map((split, i) => ({
    asked: takeLabelled(train, split.test),
    trials: attempt(
      takeLabelled(train, split.train),
      takeLabelled(train, split.test),
      i / (2 * splits.length),
      share / splits.length,
    ),
  }));
  const names = recipes.map(([name]) => name).filter((name) => input.eligible?.includes(name) ?? true);
  const chosen = chooseBest(
    names.map((name) =>
      pool(rehearsals.map(({ trials }) => trials.find((trial) => trial.name === name)!.probabilities)),
    ),
    Uint8Array.from(rehearsals.flatMap(({ asked }) => [...asked.labels])),
    random(input.seed).derive("choose best"),
  );
  const trials = attempt(train, test, 0.5);
  const rule = flagsOf(trials, test);
  const evaluations = trials.map((trial): [string, ModelEvaluation] => [trial.name, measure(trial, test.labels, rule)]);
  return {
    rows: { train: train.matrix.rows, test: test.matrix.rows },
    models: Object.fromEntries(evaluations),
    best: names[chosen]!,
  };
}

function splitsOf({ validation }: ClassifierEvaluationInput): readonly ValidationSplit[] {
  return "train" in validation ? [validation] : validation;
}

/** The probabilities of several splits as one array, in the order of the splits. */
function pool(parts: readonly Float64Array[]): Float64Array {
  return Float64Array.from(parts.flatMap((part) => [...part]));
}

function checkInput(input: ClassifierEvaluationInput): void {
  const { models, eligible, train, test } = input;
  const names = Object.keys(models);
  if (names.length === 0) throw new CairnError("BAD_INPUT", "expected at least one model, got none");
  if (eligible !== undefined && !names.some((name) => eligible.includes(name))) {
    throw new CairnError(
      "BAD_INPUT",
      `expected one of ${names.join(", ")} to be eligible, got ${eligible.join(", ") || "none"}`,
    );
  }
  for (const [name, { matrix, labels }] of Object.entries({ train, test })) {
    if (matrix.rows !== labels.length) {
      throw new CairnError(
        "SHAPE_MISMATCH",
        `expected one label per ${name} row, got ${matrix.rows} rows and ${labels.length} labels`,
      );
    }
  }
  const splits = splitsOf(input);
  if (splits.length === 0) {
    throw new CairnError("BAD_INPUT", "expected at least one validation split, got none", {
      hint: "validate on the last training period",
    });
  }
  const judged = new Uint8Array(train.matrix.rows);
  for (const split of splits) {
    checkRows("train", split.train, new Uint8Array(train.matrix.rows));
    checkRows("test", split.test, judged);
    const fits = new Uint8Array(train.matrix.rows);
    for (let i = 0; i < split.train.length; i++) fits[split.train[i]!] = 1;
    checkRows("test", split.test, fits);
  }
}

/** Marks rows as seen; a row that is none, or was seen, is refused. */
function checkRows(name: string, rows: ArrayLike<number>, seen: Uint8Array): void {
  if (rows.length === 0) {
    throw new CairnError("BAD_INPUT", `expected validation ${name} rows, got none`, {
      hint: "validate on the last training period",
    });
  }
  for (let i = 0; i < rows.length; i++) {
    if (seen[rows[i]!] !== 0) {
      throw new CairnError(
        "BAD_INPUT",
        `expected validation rows of the ${seen.length} training rows, each once, got row ${rows[i]}`,
        { hint: "a row either fits or judges, and judges once" },
      );
    }
    seen[rows[i]!] = 1;
  }
}

function takeLabelled({ matrix, labels }: LabelledMatrix, rows: ArrayLike<number>): LabelledMatrix {
  return { matrix: takeRows(matrix, rows), labels: Uint8Array.from(rows, (row) => labels[row]!) };
}

function runTrial(
  name: string,
  recipe: Classifier,
  data: LabelledMatrix,
  asked: LabelledMatrix,
  { seed, clock, onProgress, signal }: ClassifierEvaluationInput,
  { from, share }: { readonly from: number; readonly share: number },
): Trial {
  const context: FitContext = {
    rng: random(seed).derive(name),
    onProgress: (fraction) => onProgress?.(Math.min(1, from + fraction * share)),
    ...(signal === undefined ? {} : { signal }),
  };
  const started = clock();
  const learned = recipe.fit(data, context);
  const fitted = clock();
  // the rows that are asked about are a whole cohort; what they came to is not shown
  const model = isAdaptable(learned) ? learned.adapt(asked.matrix) : learned;
  const probabilities = new Float64Array(asked.matrix.rows);
  model.predict(asked.matrix, probabilities);
  return { name, model, probabilities, fitSeconds: fitted - started, predictSeconds: clock() - fitted };
}

interface RuleFlags {
  readonly model: FittedClassifier;
  readonly count: number;
}

/** How many test rows each rule flags, the first rule first. */
function flagsOf(trials: readonly Trial[], { matrix, labels }: LabelledMatrix): readonly RuleFlags[] {
  return trials
    .filter((trial): trial is Trial & { readonly model: FittedRule } => isFittedRule(trial.model))
    .map(({ model }) => {
      const answers = new Uint8Array(labels.length);
      model.answer(matrix, answers);
      return { model, count: answers.filter((answer) => answer >= FIRST_FLAG).length };
    });
}

function measure(
  { model, probabilities, fitSeconds, predictSeconds }: Trial,
  labels: Uint8Array,
  rules: readonly RuleFlags[],
): ModelEvaluation {
  const atTop = (count: number): Figure => figureOf(precisionAtTop(labels, probabilities, count));
  const own = rules.find((rule) => rule.model === model);
  return {
    auc: figureOf(areaUnderRocScore(labels, probabilities)),
    averagePrecision: figureOf(averagePrecisionScore(labels, probabilities)),
    brier: figureOf(brierLoss(labels, probabilities)),
    logLoss: figureOf(logLoss(labels, probabilities)),
    ece: figureOf(expectedCalibrationError(labels, probabilities)),
    eceNoiseFloor: figureOf(expectedCalibrationNoiseFloor(probabilities)),
    ...probabilityFigures(labels, probabilities),
    precisionAtTop: Object.fromEntries(SHARES.map((share) => [share, atTop(topCount(Number(share), labels.length))])),
    ...(own === undefined ? {} : { flagged: own.count }),
    ...(rules[0] === undefined ? {} : { precisionAtRuleCount: atTop(rules[0].count) }),
    fitSeconds,
    predictSeconds,
  };
}
