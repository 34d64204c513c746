import { CairnError } from "../../../errors.ts";
import { type ItemResponseLog, takeLearners } from "../../../models/mastery/item-log.ts";
import { applyBlend } from "./blend.ts";
import { type MasteryFigures, type MasterySplit, meanOf, measure } from "./measure.ts";
import { masteryBlends, masteryModels } from "./models.ts";
import { fitAndPredict, type RunOptions } from "./run-models.ts";
import { type Validation, validateModels } from "./validate.ts";

/** What `cairn evaluate mastery` prints. */
export interface MasteryEvaluation extends MasterySplit {
  /** The model with the lowest log loss on learners held out of the training rows; with folds, over those of all folds. */
  readonly best: string;
  /** Each fold on its own, by its number; the figures above are then the means. */
  readonly folds?: Readonly<Record<string, MasterySplit>>;
}

/** How an evaluation goes. */
export interface MasteryEvaluationOptions extends RunOptions {
  /** Names in {@link masteryModels} and {@link masteryBlends}; all when left out. */
  readonly models?: readonly string[];
}

/** What was asked for, and what must be fitted for it. */
interface Asked {
  readonly names: readonly string[];
  readonly models: readonly string[];
  readonly blends: readonly string[];
}

/**
 * Fits every model on the training learners and measures it on every response of the test learners, each predicted from that
 * learner's own earlier responses; nothing is fitted, weighed or chosen on the test rows.
 * @throws CairnError `BAD_INPUT` for an unknown model, and whatever a model's `fit` throws
 */
export function evaluateMastery(
  train: ItemResponseLog,
  test: ItemResponseLog,
  options: MasteryEvaluationOptions,
): MasteryEvaluation {
  const asked = resolve(options.models);
  const { split, losses } = evaluateSplit(train, test, asked, options);
  options.onProgress?.(1);
  return { ...split, best: lowest(asked.names, [losses]) };
}

/**
 * The same with published folds: each of `folds` in turn is the test, all other learners are training. Every fold validates
 * inside its own training rows.
 * @param fold - shape (learners)
 * @throws CairnError `BAD_INPUT` for an unknown fold or model
 */
export function evaluateMasteryFolds(
  log: ItemResponseLog,
  fold: Int32Array,
  folds: readonly number[] | "all",
  options: MasteryEvaluationOptions,
): MasteryEvaluation {
  const asked = resolve(options.models);
  const numbers = checkFolds(fold, folds);
  const share = 1 / numbers.length;
  const results = numbers.map((number, index) =>
    evaluateSplit(
      takeLearners(
        log,
        learnersWhere(fold, (own) => own !== number),
      ),
      takeLearners(
        log,
        learnersWhere(fold, (own) => own === number),
      ),
      asked,
      part(options, index * share, share),
    ),
  );
  options.onProgress?.(1);
  return {
    ...meanOf(results.map(({ split }) => split)),
    best: lowest(
      asked.names,
      results.map(({ losses }) => losses),
    ),
    folds: Object.fromEntries(results.map(({ split }, index) => [String(numbers[index]), split])),
  };
}

function checkFolds(fold: Int32Array, folds: readonly number[] | "all"): readonly number[] {
  const known = [...new Set(fold)].sort((a, b) => a - b);
  const asked = folds === "all" ? known : folds;
  for (const number of asked) {
    if (!known.includes(number) || known.length < 2) {
      throw new CairnError(
        "BAD_INPUT",
        `expected a fold among ${known.join(", ")} and another to train on, got ${number}`,
        { hint: "ask for --folds all" },
      );
    }
  }
  return asked;
}

function resolve(asked: readonly string[] | undefined): Asked {
  const known = [...Object.keys(masteryModels), ...Object.keys(masteryBlends)];
  const names = [...new Set(asked ?? known)];
  for (const name of names) {
    if (!known.includes(name))
      throw new CairnError("BAD_INPUT", `expected models among ${known.join(", ")}, got "${name}"`);
  }
  if (names.length === 0) throw new CairnError("BAD_INPUT", "expected at least one model, got none");
  const blends = names.filter((name) => Object.hasOwn(masteryBlends, name));
  const needed = new Set([...names, ...blends.flatMap((name) => masteryBlends[name]!)]);
  return { names, blends, models: Object.keys(masteryModels).filter((name) => needed.has(name)) };
}

function part(options: MasteryEvaluationOptions, from: number, share: number): MasteryEvaluationOptions {
  return { ...options, onProgress: (fraction) => options.onProgress?.(Math.min(1, from + fraction * share)) };
}

function learnersWhere(fold: Int32Array, holds: (own: number) => boolean): number[] {
  return Array.from(fold, (own, learner) => (holds(own) ? learner : -1)).filter((learner) => learner >= 0);
}

/** The name with the lowest mean loss over the validations; the first asked for when there is nothing to choose. */
function lowest(names: readonly string[], losses: readonly Readonly<Record<string, number>>[]): string {
  const total = (name: string): number => losses.reduce((sum, own) => sum + (own[name] ?? 0), 0);
  return names.reduce((best, name) => (total(name) < total(best) ? name : best));
}

function evaluateSplit(
  train: ItemResponseLog,
  test: ItemResponseLog,
  { names, models, blends }: Asked,
  options: MasteryEvaluationOptions,
): { split: MasterySplit; losses: Readonly<Record<string, number>> } {
  const choosing = names.length > 1 || blends.length > 0 ? 0.45 : 0; // the share of the work
  const validation: Validation =
    choosing === 0
      ? { losses: {}, blends: {}, runs: {} }
      : validateModels(train, models, blends, part(options, 0, choosing));
  const runs = fitAndPredict(train, test, models, part(options, choosing, 1 - choosing));
  const figuresOf = (name: string): MasteryFigures => {
    const blend = validation.blends[name];
    if (blend === undefined) return measure(test.outcome, runs[name]!.predicted, runs[name]!.seconds);
    const own = masteryBlends[name]!;
    const predicted = applyBlend(blend, Object.fromEntries(own.map((model) => [model, runs[model]!.predicted])));
    const sum = (of: (model: string) => number): number => own.reduce((seconds, model) => seconds + of(model), 0);
    const fitSeconds = sum(
      (model) =>
        runs[model]!.seconds.fitSeconds +
        validation.runs[model]!.seconds.fitSeconds +
        validation.runs[model]!.seconds.predictSeconds,
    );
    const predictSeconds = sum((model) => runs[model]!.seconds.predictSeconds);
    return { ...measure(test.outcome, predicted, { fitSeconds, predictSeconds }), blend };
  };
  return {
    split: {
      rows: { train: train.outcome.length, test: test.outcome.length },
      models: Object.fromEntries(names.map((name) => [name, figuresOf(name)])),
    },
    losses: validation.losses,
  };
}
