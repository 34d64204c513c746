import { CairnError } from "../../../errors.ts";
import { type ItemResponseLog, takeLearners } from "../../../models/mastery/item-log.ts";
import { areaUnderRocScore } from "../../../numeric/metrics/area-under-roc.ts";
import { brierLoss } from "../../../numeric/metrics/brier.ts";
import { expectedCalibrationError } from "../../../numeric/metrics/calibration-error.ts";
import { logLoss } from "../../../numeric/metrics/log-loss.ts";
import { random } from "../../../numeric/random.ts";
import { type Figure, figureOf } from "../../evaluation/evaluation.ts";
import { masteryModels } from "./models.ts";

const VALIDATION = 5; // one learner in five judges

/** How one model did on the test rows. */
export interface MasteryFigures {
  /** Area under the ROC curve, over all test rows together. */
  readonly auc: Figure;
  readonly rmse: Figure;
  readonly logLoss: Figure;
  /** Expected calibration error, ten equal-mass bins. */
  readonly ece: Figure;
  readonly fitSeconds: number;
  readonly predictSeconds: number;
}

/** One split: how many rows, and how each model did. */
export interface MasterySplit {
  readonly rows: { readonly train: number; readonly test: number };
  readonly models: Readonly<Record<string, MasteryFigures>>;
}

/** What `cairn evaluate mastery` prints. */
export interface MasteryEvaluation extends MasterySplit {
  /** The model with the lowest log loss on a validation split by learner inside the training rows. */
  readonly best: string;
  /** Each fold on its own, by its number; the figures above are then the means. */
  readonly folds?: Readonly<Record<string, MasterySplit>>;
}

/** How an evaluation goes. */
export interface MasteryEvaluationOptions {
  /** Names in {@link masteryModels}; all when left out. */
  readonly models?: readonly string[];
  readonly seed: string | number;
  /** The time in seconds, from any start. */
  readonly clock: () => number;
  /** Called with the finished share, in [0, 1]. */
  readonly onProgress?: (fraction: number) => void;
  readonly signal?: AbortSignal;
}

/**
 * Fits every model on the training learners and measures it on every response of the test learners, each predicted from that
 * learner's own earlier responses; nothing is fitted on the test rows.
 * @throws CairnError `BAD_INPUT` for an unknown model, and whatever a model's `fit` throws
 */
export function evaluateMastery(
  train: ItemResponseLog,
  test: ItemResponseLog,
  options: MasteryEvaluationOptions,
): MasteryEvaluation {
  const names = checkNames(options.models);
  const choosing = names.length > 1 ? 0.45 : 0; // the share of the work
  const best = chooseModel(train, names, part(options, 0, choosing));
  const split = evaluateSplit(train, test, names, part(options, choosing, 1 - choosing));
  options.onProgress?.(1);
  return { ...split, best };
}

/**
 * The same with published folds: each of `folds` in turn is the test, all other learners are training. The best model is chosen
 * inside the training rows of the first of them.
 * @param fold - shape (learners)
 * @throws CairnError `BAD_INPUT` for an unknown fold or model
 */
export function evaluateMasteryFolds(
  log: ItemResponseLog,
  fold: Int32Array,
  folds: readonly number[] | "all",
  options: MasteryEvaluationOptions,
): MasteryEvaluation {
  const names = checkNames(options.models);
  const known = [...new Set(fold)].sort((a, b) => a - b);
  const asked = folds === "all" ? known : folds;
  for (const number of asked) {
    if (!known.includes(number) || known.length < 2) {
      throw new CairnError(
        "BAD_INPUT",
        `expected a fold among ${known.join(", ")} and another to train on, got ${number}`,
        {
          hint: "ask for --folds all",
        },
      );
    }
  }
  const choosing = names.length > 1 ? 0.45 / asked.length : 0;
  const logs = (number: number): [ItemResponseLog, ItemResponseLog] => [
    takeLearners(
      log,
      learnersWhere(fold, (own) => own !== number),
    ),
    takeLearners(
      log,
      learnersWhere(fold, (own) => own === number),
    ),
  ];
  const best = chooseModel(logs(asked[0]!)[0], names, part(options, 0, choosing));
  const share = (1 - choosing) / asked.length;
  const splits = asked.map((number, index): [string, MasterySplit] => {
    const [train, test] = logs(number);
    return [String(number), evaluateSplit(train, test, names, part(options, choosing + index * share, share))];
  });
  options.onProgress?.(1);
  return { ...meanOf(splits.map(([, split]) => split)), best, folds: Object.fromEntries(splits) };
}

function checkNames(asked: readonly string[] | undefined): readonly string[] {
  const names = asked ?? Object.keys(masteryModels);
  for (const name of names) {
    if (!Object.hasOwn(masteryModels, name)) {
      throw new CairnError(
        "BAD_INPUT",
        `expected models among ${Object.keys(masteryModels).join(", ")}, got "${name}"`,
      );
    }
  }
  if (names.length === 0) throw new CairnError("BAD_INPUT", "expected at least one model, got none");
  return names;
}

function part(options: MasteryEvaluationOptions, from: number, share: number): MasteryEvaluationOptions {
  return { ...options, onProgress: (fraction) => options.onProgress?.(Math.min(1, from + fraction * share)) };
}

function learnersWhere(fold: Int32Array, holds: (own: number) => boolean): number[] {
  return Array.from(fold, (own, learner) => (holds(own) ? learner : -1)).filter((learner) => learner >= 0);
}

/** The lowest log loss on a fifth of the training learners, drawn by the seed, after fitting on the others. */
function chooseModel(train: ItemResponseLog, names: readonly string[], options: MasteryEvaluationOptions): string {
  if (names.length === 1) return names[0]!;
  const learners = train.learnerStart.length - 1;
  if (learners < 2) {
    throw new CairnError("BAD_INPUT", `expected two training learners or more to choose a model, got ${learners}`, {
      hint: "ask for one model with --models",
    });
  }
  const order = Int32Array.from({ length: learners }, (_, learner) => learner);
  const rng = random(options.seed).derive("validation");
  for (let i = learners - 1; i > 0; i--) {
    const j = rng.integer(i + 1);
    [order[i], order[j]] = [order[j]!, order[i]!];
  }
  const judges = Math.max(1, Math.floor(learners / VALIDATION));
  const { models } = evaluateSplit(
    takeLearners(train, order.slice(judges).sort()),
    takeLearners(train, order.slice(0, judges).sort()),
    names,
    options,
  );
  const lossOf = (name: string): number => {
    const { logLoss: loss } = models[name]!;
    return typeof loss === "number" ? loss : Number.POSITIVE_INFINITY;
  };
  return names.reduce((best, name) => (lossOf(name) < lossOf(best) ? name : best));
}

function evaluateSplit(
  train: ItemResponseLog,
  test: ItemResponseLog,
  names: readonly string[],
  { seed, clock, onProgress, signal }: MasteryEvaluationOptions,
): MasterySplit {
  const models = names.map((name, index): [string, MasteryFigures] => {
    const started = clock();
    const fitted = masteryModels[name]!.fit(train, {
      rng: random(seed).derive(name),
      onProgress: (fraction) => onProgress?.((index + fraction) / names.length),
      ...(signal === undefined ? {} : { signal }),
    });
    const ready = clock();
    const predicted = new Float64Array(test.outcome.length);
    fitted.predictNext(test, predicted);
    return [name, measure(test.outcome, predicted, { fitSeconds: ready - started, predictSeconds: clock() - ready })];
  });
  return { rows: { train: train.outcome.length, test: test.outcome.length }, models: Object.fromEntries(models) };
}

function measure(
  outcome: Uint8Array,
  predicted: Float64Array,
  seconds: Pick<MasteryFigures, "fitSeconds" | "predictSeconds">,
): MasteryFigures {
  const brier = figureOf(brierLoss(outcome, predicted));
  return {
    auc: figureOf(areaUnderRocScore(outcome, predicted)),
    rmse: typeof brier === "number" ? Math.sqrt(brier) : brier,
    logLoss: figureOf(logLoss(outcome, predicted)),
    ece: figureOf(expectedCalibrationError(outcome, predicted)),
    ...seconds,
  };
}

/** Means over splits, rows rounded; a figure that is undefined in one is undefined. */
function meanOf(splits: readonly MasterySplit[]): MasterySplit {
  const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
  const meanFigure = (figures: readonly Figure[]): Figure => {
    const missing = figures.find((figure) => typeof figure !== "number");
    return missing ?? mean(figures as readonly number[]);
  };
  const models = Object.keys(splits[0]!.models).map((name): [string, MasteryFigures] => {
    const own = splits.map((split) => split.models[name]!);
    return [
      name,
      {
        auc: meanFigure(own.map(({ auc }) => auc)),
        rmse: meanFigure(own.map(({ rmse }) => rmse)),
        logLoss: meanFigure(own.map((figures) => figures.logLoss)),
        ece: meanFigure(own.map(({ ece }) => ece)),
        fitSeconds: mean(own.map(({ fitSeconds }) => fitSeconds)),
        predictSeconds: mean(own.map(({ predictSeconds }) => predictSeconds)),
      },
    ];
  });
  const rows = (name: "train" | "test"): number => Math.round(mean(splits.map((split) => split.rows[name])));
  return { rows: { train: rows("train"), test: rows("test") }, models: Object.fromEntries(models) };
}
