import { CairnError } from "../../errors.ts";

/**
 * One outcome of one randomised trial, one row per learner who has it. Learners without the outcome are left out before
 * (and counted as attrition by the caller): a model cannot guess why they are missing.
 */
export interface Trial {
  /** Shape (rows), finite, in the units of the measure. */
  readonly outcome: Float64Array;
  /** Shape (rows): 1 for the arm that was offered the intervention, 0 for the comparison arm. */
  readonly treatment: Uint8Array;
  /** Shape (rows): dense id of the school or class that was assigned as a whole; absent when learners were assigned one by one. */
  readonly cluster?: Int32Array;
}

/** What is known of one arm: count, mean, and the spread within it. */
export interface Arm {
  readonly n: number;
  readonly mean: number;
  /** Σ (y − ȳ)², by the two-pass formula. */
  readonly squares: number;
}

/** A standardised mean difference by the What Works Clearinghouse's formulas (Handbook 5.0). */
export interface EffectSize {
  /** Hedges' g: the difference over the pooled standard deviation, corrected for small samples. */
  readonly g: number;
  readonly se: number;
  /** Normal interval at the level of the estimator. */
  readonly ci: readonly [number, number];
  /** Expected change in percentile rank of an average comparison learner, in points: 100·Φ(g) − 50, in (−50, 50). */
  readonly improvementIndex: number;
}

/** One line of a study's result: what was estimated, how, and how sure we are. */
export interface EffectRow {
  /** How: the estimator's kind, such as `study/difference-in-means`. */
  readonly estimator: string;
  /** What: `ITT`, the effect of being assigned, in the units of the outcome. */
  readonly estimand: "ITT";
  readonly effect: number;
  readonly se: number;
  /** Degrees of freedom of the reference t distribution, often fractional. */
  readonly df: number;
  readonly ci: readonly [number, number];
  /** Two-sided p-value of no effect. */
  readonly p: number;
  /** Learners per arm. */
  readonly n: { readonly treatment: number; readonly comparison: number };
  /** Clusters per arm, when clusters were assigned. */
  readonly clusters?: { readonly treatment: number; readonly comparison: number };
  readonly means: { readonly treatment: number; readonly comparison: number };
  readonly effectSize: EffectSize;
  /** Why a reader should not lean on the p-value; empty when nothing is known against it. */
  readonly cautions: readonly StudyCaution[];
}

/**
 * Reasons for care:
 * - `FEW_CLUSTERS` fewer than ten clusters, or fewer than four degrees of freedom: ask for randomisation inference
 * - `FEW_LEARNERS` fewer than ten learners in an arm: the t distribution leans on outcomes that look normal
 */
export type StudyCaution = "FEW_CLUSTERS" | "FEW_LEARNERS";

/**
 * Checks a trial at the door: equal lengths, finite outcomes, both arms with two learners or more, an outcome that varies
 * within an arm.
 * @throws CairnError `SHAPE_MISMATCH`, `NOT_FINITE`, `BAD_INPUT`, and `SINGLE_CLASS` when one arm is empty
 */
export function checkTrial(trial: Trial): void {
  const rows = trial.outcome.length;
  if (trial.treatment.length !== rows || (trial.cluster !== undefined && trial.cluster.length !== rows)) {
    throw new CairnError(
      "SHAPE_MISMATCH",
      `expected one treatment and one cluster per outcome, got ${rows} outcomes, ${trial.treatment.length} treatments` +
        (trial.cluster === undefined ? "" : `, ${trial.cluster.length} clusters`),
      { hint: "pass arrays of equal length" },
    );
  }
  let treated = 0;
  for (let row = 0; row < rows; row++) {
    if (!Number.isFinite(trial.outcome[row]!)) {
      throw new CairnError("NOT_FINITE", `expected a finite outcome, got ${trial.outcome[row]} in row ${row}`, {
        hint: "leave out rows without the outcome and report them as attrition",
      });
    }
    if (trial.treatment[row]! > 1) {
      throw new CairnError("BAD_INPUT", `expected treatment 0 or 1, got ${trial.treatment[row]} in row ${row}`, {
        hint: "compare two arms at a time",
      });
    }
    treated += trial.treatment[row]!;
  }
  if (treated === 0 || treated === rows) {
    throw new CairnError("SINGLE_CLASS", `expected two arms, got ${treated} treated of ${rows} learners`, {
      hint: "without a comparison arm no effect can be estimated",
    });
  }
  if (treated < 2 || rows - treated < 2) {
    throw new CairnError("BAD_INPUT", `expected two learners or more per arm, got ${treated} and ${rows - treated}`, {
      hint: "a spread needs two values: widen the sample",
    });
  }
}

/** The outcomes of one arm, ascending, so that sums do not depend on the order of the rows. */
export function armOutcomes(trial: Trial, arm: 0 | 1): Float64Array {
  return trial.outcome.filter((_, row) => trial.treatment[row] === arm).sort();
}

/** Count, mean and sum of squares of sorted or unsorted values (two passes). */
export function summarizeArm(values: Float64Array): Arm {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]!;
  const mean = sum / values.length;
  let squares = 0;
  let rest = 0;
  for (let i = 0; i < values.length; i++) {
    const deviation = values[i]! - mean;
    squares += deviation * deviation;
    rest += deviation;
  }
  return { n: values.length, mean, squares: squares - (rest * rest) / values.length };
}

/**
 * Pooled standard deviation of two arms.
 * @throws CairnError `BAD_INPUT` when the outcome is constant within both arms
 */
export function pooledDeviation(treatment: Arm, comparison: Arm): number {
  const pooled = Math.sqrt((treatment.squares + comparison.squares) / (treatment.n + comparison.n - 2));
  const scale = Math.max(Math.abs(treatment.mean), Math.abs(comparison.mean));
  if (!(pooled > scale * 1e-14)) {
    throw new CairnError("BAD_INPUT", "expected an outcome that varies within an arm, got one value per arm", {
      hint: "check the outcome column: a constant has no standard error",
    });
  }
  return pooled;
}
