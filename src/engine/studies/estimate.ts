import { CairnError, type ErrorCode } from "../../errors.ts";
import type { Inference } from "../../models/study/regression/inference.ts";
import type { EffectSize } from "../../models/study/trial.ts";
import { normalTwoSidedQuantile, studentTwoSided, studentTwoSidedQuantile } from "../../numeric/distributions.ts";
import { normalTwoSided } from "../../numeric/tail-areas.ts";

/** Counts of the two arms; null where a dose, not an arm, was received. */
export interface PerArm {
  readonly treatment: number | null;
  readonly comparison: number | null;
}

/** Counts of the two arms of a sample that has two. */
export interface ArmCounts extends PerArm {
  readonly treatment: number;
  readonly comparison: number;
}

/** Whose effect an estimate is. */
export type Estimand = "ITT" | "ATE" | "ATT" | "ATC" | "ATO" | "CACE" | "LATE" | "association";

/** One line of a study's result. Null says "not defined for this estimator", never "zero". */
export interface StudyEstimate {
  /** The estimator's name, such as `study/ancova`. */
  readonly estimator: string;
  readonly estimand: Estimand;
  /** Which of several effects of one estimator this is: `since start 2`, `group 2004`; null for the only one. */
  readonly part: string | null;
  /** In the units of the outcome. */
  readonly effect: number;
  readonly se: number | null;
  /** Degrees of freedom of the reference t distribution; null for the normal. */
  readonly df: number | null;
  readonly ci: readonly [number, number] | null;
  /** Two-sided p-value of "no effect". */
  readonly p: number | null;
  readonly n: PerArm;
  /** Clusters per arm; null when learners stand for themselves. */
  readonly clusters: PerArm | null;
  /** How the standard error was found: HC2, CR2, stacked, … */
  readonly standardError: string;
  readonly effectSize: EffectSize | null;
  /** What else this estimator says, by name. */
  readonly details: Readonly<Record<string, number | string | boolean | null>>;
  /** Why a reader should not lean on it; empty when nothing is known against it. */
  readonly cautions: readonly string[];
}

/** An estimator that could not answer, and why: never a number instead. */
export interface NotEstimated {
  readonly estimator: string;
  readonly status: "undefined";
  readonly code: ErrorCode;
  readonly reason: string;
  readonly hint: string | null;
}

/** Interval and p-value of an estimate: t with its degrees of freedom, normal when they are infinite. */
export function intervalOf(
  { estimate, se, df }: Inference,
  level: number,
): Pick<StudyEstimate, "effect" | "se" | "df" | "ci" | "p"> {
  if (!(se > 0))
    return {
      effect: estimate,
      se: Number.isFinite(se) ? se : null,
      df: Number.isFinite(df) ? df : null,
      ci: null,
      p: null,
    };
  const normal = !Number.isFinite(df);
  const half = se * (normal ? normalTwoSidedQuantile(1 - level) : studentTwoSidedQuantile(1 - level, df));
  return {
    effect: estimate,
    se,
    df: normal ? null : df,
    ci: [estimate - half, estimate + half],
    p: normal ? normalTwoSided(estimate / se) : studentTwoSided(estimate / se, df),
  };
}

/** What an estimate of one design shares with all others of it. */
export interface EstimateFrame {
  readonly level: number;
  readonly n: PerArm;
  readonly clusters: PerArm | null;
  /** Hedges' g of an effect in the units of the outcome; null when there is no within-arm spread to divide by. */
  readonly effectSize: (effect: number, se: number) => EffectSize | null;
}

/** Completes an inference to a line of the result. */
export function estimateRow(
  frame: EstimateFrame,
  estimator: string,
  estimand: Estimand,
  inference: Inference,
  rest: Partial<
    Pick<StudyEstimate, "part" | "standardError" | "details" | "cautions" | "n" | "clusters" | "effectSize">
  > = {},
): StudyEstimate {
  const interval = intervalOf(inference, frame.level);
  const few = frame.clusters !== null && interval.df !== null && interval.df < 4 ? ["FEW_CLUSTERS"] : [];
  return {
    estimator: `study/${estimator}`,
    estimand,
    part: null,
    ...interval,
    n: frame.n,
    clusters: frame.clusters,
    standardError: "analytic",
    effectSize: interval.se === null ? null : frame.effectSize(inference.estimate, interval.se),
    details: {},
    ...rest,
    cautions: [...(interval.p === null ? ["NO_SPREAD"] : []), ...few, ...(rest.cautions ?? [])],
  };
}

/** Runs estimators one after the other; what cannot be estimated is said with its reason, and the others go on. */
export function estimateAll(
  wanted: readonly string[],
  estimate: (estimator: string) => readonly StudyEstimate[],
  tick: (done: number) => void,
): { readonly estimates: StudyEstimate[]; readonly notEstimated: NotEstimated[] } {
  const estimates: StudyEstimate[] = [];
  const notEstimated: NotEstimated[] = [];
  let first: CairnError | undefined;
  wanted.forEach((estimator, i) => {
    try {
      estimates.push(...estimate(estimator));
    } catch (error) {
      if (!(error instanceof CairnError) || error.code === "INTERNAL" || error.code === "CANCELLED") throw error;
      first ??= error;
      notEstimated.push({
        estimator: `study/${estimator}`,
        status: "undefined",
        code: error.code,
        reason: error.message,
        hint: error.hint ?? null,
      });
    }
    tick((i + 1) / wanted.length);
  });
  if (estimates.length === 0 && first !== undefined) throw first;
  return { estimates, notEstimated };
}
