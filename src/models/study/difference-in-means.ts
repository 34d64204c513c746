import { studentTwoSided, studentTwoSidedQuantile } from "../../numeric/distributions.ts";
import type { Estimator } from "../estimator.ts";
import { hedgesG } from "./effect-size.ts";
import { checkLevel, decodeStudy, type FittedStudy, fittedStudy, stopIfCancelled } from "./fitted-study.ts";
import { armOutcomes, checkTrial, type EffectRow, pooledDeviation, summarizeArm, type Trial } from "./trial.ts";

const KIND = "study/difference-in-means";
const FEW_LEARNERS = 10; // per arm; below this the t distribution rests on outcomes that look normal

/** Settings of {@link differenceInMeans}. */
export interface DifferenceInMeansOptions {
  /** Confidence of the intervals, in (0, 1); default .95. */
  readonly level?: number;
}

/**
 * Effect of being assigned in a trial that assigned learners one by one: τ = ȳ₁ − ȳ₀ with V = s₁²/n₁ + s₀²/n₀ (Neyman's
 * variance, identical to HC2), Welch–Satterthwaite degrees of freedom, Hedges' g and the improvement index.
 * Not for trials that assigned classes or schools (use `clusterDifference`), nor for groups that chose themselves.
 * @throws CairnError `BAD_INPUT` when the level is not in (0, 1); `fit` throws `SHAPE_MISMATCH`, `NOT_FINITE`,
 * `SINGLE_CLASS` (one arm), `BAD_INPUT` (fewer than two learners in an arm, a constant outcome, a trial with clusters)
 * @see Imbens and Rubin (2015), Causal Inference, eq. 6.17; Welch (1947), Biometrika 34
 */
export function differenceInMeans({ level = 0.95 }: DifferenceInMeansOptions = {}): Estimator<Trial, FittedStudy> {
  checkLevel(level);
  return {
    kind: KIND,
    parameters: { level },
    fit(trial, context) {
      stopIfCancelled(context);
      checkTrial(trial);
      const row = estimate(trial, level);
      context.onProgress?.(1);
      return fittedStudy(row);
    },
    decode: (tensors) => decodeStudy(KIND, tensors),
  };
}

function estimate(trial: Trial, level: number): EffectRow {
  const treatment = summarizeArm(armOutcomes(trial, 1));
  const comparison = summarizeArm(armOutcomes(trial, 0));
  pooledDeviation(treatment, comparison); // refuses an outcome without spread
  const effect = treatment.mean - comparison.mean;
  const treatedVariance = treatment.squares / (treatment.n - 1) / treatment.n;
  const comparedVariance = comparison.squares / (comparison.n - 1) / comparison.n;
  const variance = treatedVariance + comparedVariance;
  const se = Math.sqrt(variance);
  const df = variance ** 2 / (treatedVariance ** 2 / (treatment.n - 1) + comparedVariance ** 2 / (comparison.n - 1));
  const half = studentTwoSidedQuantile(1 - level, df) * se;
  return {
    estimator: KIND,
    estimand: "ITT",
    effect,
    se,
    df,
    ci: [effect - half, effect + half],
    p: studentTwoSided(effect / se, df),
    n: { treatment: treatment.n, comparison: comparison.n },
    means: { treatment: treatment.mean, comparison: comparison.mean },
    effectSize: hedgesG(treatment, comparison, level),
    cautions: Math.min(treatment.n, comparison.n) < FEW_LEARNERS ? ["FEW_LEARNERS"] : [],
  };
}
