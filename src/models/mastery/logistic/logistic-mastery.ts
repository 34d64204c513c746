import { CairnError } from "../../../errors.ts";
import type { Estimator, FitContext } from "../../estimator.ts";
import { checkItemLog, type ItemResponseLog, requireBothClasses } from "../item-log.ts";
import { fitSparseLogistic } from "../sparse/newton.ts";
import { buildDesign, groupColumns, layOut } from "./design.ts";
import { countSuccesses, leaveLearnerOut } from "./easiness.ts";
import {
  decodeLogisticMastery,
  type FittedLogisticMastery,
  fittedLogisticMastery,
  isMasteryFeatures,
  LOGISTIC_MASTERY,
} from "./fitted-logistic.ts";
import { type MasteryFeatures, masteryFeatures } from "./presets.ts";

const USUAL_NEWTON_STEPS = 8; // for the progress bar

/** Settings of {@link logisticMastery}. */
export interface LogisticMasteryOptions {
  /** The feature blocks; default `n-grams`. */
  readonly features?: MasteryFeatures;
  /** Weight of ½·w² of every weight but the intercept, above 0; default 1, scikit-learn's C = 1. */
  readonly penalty?: number;
}

/**
 * Logistic regression on a learner's own history: P(right) = σ(w·x + b), fitted to convergence by Newton's method with
 * conjugate gradients. Deterministic: the random stream is not used. A new learner needs nothing; a new item counts as an
 * average one until the next fit, its skills still tell.
 *
 * Predicts the next answer; says nothing about whether a skill is mastered (that is Bayesian knowledge tracing's).
 * @throws CairnError `BAD_INPUT` when a setting is out of range; `fit` throws `SHAPE_MISMATCH`, `BAD_INPUT` (also for a log
 * without responses), `SINGLE_CLASS`, `NOT_CONVERGED`, `CANCELLED`
 * @see Gervet, Koedinger, Schneider and Mitchell (2020), When is deep learning the best approach to knowledge tracing?, JEDM 12(3)
 */
export function logisticMastery(
  options: LogisticMasteryOptions = {},
): Estimator<ItemResponseLog, FittedLogisticMastery> {
  const { features = "n-grams", penalty = 1 } = options;
  if (!isMasteryFeatures(features)) {
    throw new CairnError(
      "BAD_INPUT",
      `expected features ${Object.keys(masteryFeatures).join(", ")}, got ${String(features)}`,
      { hint: "leave it out to use the default" },
    );
  }
  if (!(penalty > 0 && Number.isFinite(penalty))) {
    throw new CairnError("BAD_INPUT", `expected a penalty above 0, got ${penalty}`, {
      hint: "leave it out to use the default",
    });
  }
  return {
    kind: LOGISTIC_MASTERY,
    parameters: { features, penalty },
    fit: (log, context) => fitLog(log, features, penalty, context),
    decode: decodeLogisticMastery,
  };
}

function fitLog(
  log: ItemResponseLog,
  features: MasteryFeatures,
  penalty: number,
  { signal, onProgress }: FitContext,
): FittedLogisticMastery {
  checkItemLog(log);
  requireBothClasses(log);
  const continueOrStop = (fraction: number): void => {
    if (signal?.aborted) throw new CairnError("CANCELLED", "expected to finish the fit, got a request to stop");
    onProgress?.(fraction);
  };
  continueOrStop(0);
  const counts = countSuccesses(log);
  const vocabulary = { items: log.items.length, skills: log.skills.length, rate: counts.rate };
  const layout = layOut(masteryFeatures[features], vocabulary);
  const same = (count: number): Int32Array => Int32Array.from({ length: count }, (_, i) => i);
  const x = buildDesign(
    log,
    layout,
    vocabulary,
    { items: same(log.items.length), skills: same(log.skills.length) },
    leaveLearnerOut(log, counts),
    (learner) => {
      if (learner % 100 === 0) continueOrStop((0.1 * learner) / log.learnerStart.length);
    },
  );
  const penalties = new Float64Array(layout.cols);
  for (const { block, first, width } of layout.blocks)
    penalties.fill(penalty * (block.penalty ?? 1), first, first + width);
  const fitted = fitSparseLogistic(
    { x, labels: log.outcome, penalty: penalties, groups: groupColumns(layout, log.skills.length) },
    (step) => continueOrStop(1 - 0.9 * 0.75 ** ((step * 8) / USUAL_NEWTON_STEPS)),
  );
  continueOrStop(1);
  return fittedLogisticMastery({
    features,
    items: [...log.items],
    skills: [...log.skills],
    counts,
    weights: fitted.weights,
    objective: fitted.objective,
    newtonSteps: fitted.newtonSteps,
  });
}
