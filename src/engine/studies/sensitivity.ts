import { CairnError } from "../../errors.ts";
import {
  criticalGamma,
  type EValue,
  eValueOfDifference,
  type LeeBounds,
  leeBounds,
  type OsterBounds,
  osterBounds,
  type RobustnessValue,
  robustnessValue,
} from "../../models/study/diagnostics/sensitivity.ts";
import { intercept, linearModel, type Term } from "../../models/study/regression/linear-model.ts";
import { ancova } from "../../models/study/trials/adjusted.ts";
import type { ArmsSample } from "./arms.ts";
import type { PreparedComparison } from "./designs/comparison-sample.ts";
import type { StudyEstimate } from "./estimate.ts";

/** How much would have to be wrong for the answer to change; null where a method does not apply. */
export interface StudySensitivity {
  /** Strength of a hidden cause, as risk ratios with treatment and outcome. */
  readonly eValue: EValue | null;
  /** Share of residual variance a hidden cause must explain, by the regression on all covariates. */
  readonly robustness: RobustnessValue | null;
  /** How many times likelier to be treated one of a matched pair may have been before p exceeds .05; pairs without replacement only. */
  readonly criticalGamma: number | null;
  /** Selection on the unmeasured, relative to that on the measured. */
  readonly oster: OsterBounds | null;
}

/** The sensitivity of a comparison group's headline. */
export function comparisonSensitivity(prepared: PreparedComparison, headline: StudyEstimate): StudySensitivity {
  const { plan, sample } = prepared;
  const g = headline.effectSize;
  return {
    eValue: g === null ? null : eValueOfDifference(g.g, g.se),
    robustness: orNull(() => {
      const { estimate, se, df } = ancova(sample, "classical");
      return robustnessValue(estimate / se, df, plan.level);
    }),
    criticalGamma:
      plan.matching?.replacement === true || (plan.matching?.ratio ?? 1) > 1
        ? null
        : orNull(() => {
            const { sets } = prepared.matching().matching;
            return criticalGamma(
              sets.map(({ treated, compared }) => sample.outcome[treated]! - sample.outcome[compared[0]!]!),
            );
          }),
    oster: orNull(() => osterOf(sample)),
  };
}

/** Bounds of the effect on those who would have stayed, for trials that lost more of one arm. */
export function attritionBounds({ outcome, treatment, flow }: ArmsSample): LeeBounds | null {
  const of = (arm: 0 | 1): Float64Array => outcome.filter((_, row) => treatment[row] === arm);
  const assigned = { treatment: flow.treatment.assigned, comparison: flow.comparison.assigned };
  if (outcome.length === assigned.treatment + assigned.comparison) return null;
  return orNull(() => leeBounds(of(1), of(0), assigned));
}

function osterOf({ outcome, treatment, covariates }: ArmsSample): OsterBounds {
  const rows = outcome.length;
  const arm: Term = { name: "(treatment)", values: treatment };
  const total = variance(outcome);
  const fitted = (terms: readonly Term[]) => {
    const { fit } = linearModel([intercept(rows), ...terms], outcome);
    return { coefficient: fit.coefficients[1]!, r2: 1 - variance(fit.residuals) / total };
  };
  const rest = linearModel([intercept(rows), ...covariates], treatment).fit.residuals;
  return osterBounds({
    short: fitted([arm]),
    long: fitted([arm, ...covariates]),
    outcomeVariance: total,
    treatmentVariance: variance(treatment),
    residualTreatmentVariance: variance(rest),
  });
}

function variance(values: ArrayLike<number>): number {
  let mean = 0;
  for (let i = 0; i < values.length; i++) mean += values[i]! / values.length;
  let squares = 0;
  for (let i = 0; i < values.length; i++) squares += (values[i]! - mean) ** 2;
  return squares / (values.length - 1);
}

/** A method that does not apply to this sample says nothing; faults of cairn itself are not hidden. */
function orNull<T>(method: () => T): T | null {
  try {
    return method();
  } catch (error) {
    if (error instanceof CairnError && error.code !== "INTERNAL") return null;
    throw error;
  }
}
