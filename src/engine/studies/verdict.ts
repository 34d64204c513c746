import { type SampleRatio, sampleRatio } from "../../models/study/diagnostics/multiplicity.ts";
import { coxD, hedgesG } from "../../models/study/effect-size.ts";
import { summarizeArm } from "../../models/study/trial.ts";
import { type Attrition, attrition } from "../../models/study/wwc/attrition.ts";
import {
  type BaselineMeasure,
  type EssaTier,
  essaTier,
  type Rating,
  rate,
  type Verdict,
} from "../../models/study/wwc/rating.ts";
import type { ArmsSample } from "./arms.ts";
import type { StudyEstimate } from "./estimate.ts";
import type { StudyPlan } from "./plan-shape.ts";

/** What a reviewer would say, and what a reader should know first. */
export interface StudyVerdict {
  /** Of learners; in a cluster trial, of those in the clusters that are left. */
  readonly attrition: Attrition | null;
  /** Of the clusters themselves; null where learners were assigned. */
  readonly clusterAttrition: Attrition | null;
  /** Differences before the study in the analytic sample, standardised as the clearinghouse does. */
  readonly baseline: readonly BaselineMeasure[];
  /** Whether the lot divided the sample as planned; null when the plan does not say how. */
  readonly sampleRatio: SampleRatio | null;
  readonly rating: Verdict<Rating>;
  readonly essaTier: Verdict<EssaTier>;
}

const ADJUSTED: ReadonlySet<string> = new Set([
  "study/difference-in-means",
  "study/cluster-difference/learner",
  "study/cluster-difference/cluster",
]);

/**
 * Rates a study with two arms by its design, its losses and its baseline.
 * @param weights - shape (rows): of the analytic sample, when the headline weights or matches; default ones
 */
export function verdictOf(
  plan: StudyPlan,
  sample: ArmsSample,
  headline: StudyEstimate,
  weights?: Float64Array,
): StudyVerdict {
  const randomised = plan.design === "individual-trial" || plan.design === "cluster-trial";
  const adjusted = (plan.covariates?.length ?? 0) > 0 && !ADJUSTED.has(headline.estimator);
  const baseline = baselineOf(sample, adjusted, weights);
  const { clusters } = sample.flow;
  const learners = clusters?.withinLeft ?? sample.flow;
  const lost =
    randomised && learners.treatment.assigned > 0 ? attrition(learners.treatment, learners.comparison) : null;
  const clusterAttrition = clusters === undefined ? null : attrition(clusters.treatment, clusters.comparison);
  const units = plan.design === "cluster-trial" ? sample.clusters! : sample.n;
  const rating = rate({
    design: randomised ? "randomised" : "comparison",
    attrition: lost,
    clusterAttrition,
    boundary: plan.attritionBoundary,
    compromised: plan.compromised,
    baseline,
    units,
  });
  const sites = plan.sites === undefined ? null : new Set(sample.groups.get(plan.sites.column)!.codes).size;
  const { assigned } = sample.flow.treatment;
  return {
    attrition: lost,
    clusterAttrition,
    baseline,
    sampleRatio:
      plan.plannedShare === undefined
        ? null
        : sampleRatio([assigned, sample.flow.comparison.assigned], [plan.plannedShare, 1 - plan.plannedShare]),
    rating,
    essaTier: essaTier({
      rating: rating.verdict,
      effect: headline.effect,
      p: headline.p,
      learners: sample.outcome.length,
      sites,
      controlled: randomised || adjusted,
    }),
  };
}

/** Differences of the analytic sample, weighted as it was analysed, in units of the unweighted pooled deviation. */
function baselineOf(
  { covariates, treatment }: ArmsSample,
  adjusted: boolean,
  weights?: Float64Array,
): BaselineMeasure[] {
  return covariates.flatMap(({ name, values }) => {
    const arm = (which: 0 | 1) => summarizeArm(Float64Array.from(values).filter((_, row) => treatment[row] === which));
    const [treated, compared] = [arm(1), arm(0)];
    if (!(treated.squares + compared.squares > 0)) return []; // what does not vary within the arms has no standardised difference
    const one = { ...treated, mean: weightedMean(values, treatment, 1, weights) };
    const zero = { ...compared, mean: weightedMean(values, treatment, 0, weights) };
    const yesNo = Array.from(values).every((value) => value === 0 || value === 1);
    const cox = yesNo ? coxD({ treatment: one.mean, comparison: zero.mean }, one.n + zero.n) : null;
    return [{ covariate: name, effectSize: cox ?? hedgesG(one, zero, 0.95).g, adjusted }];
  });
}

function weightedMean(values: ArrayLike<number>, treatment: Uint8Array, arm: 0 | 1, weights?: Float64Array): number {
  let sum = 0;
  let total = 0;
  for (let row = 0; row < values.length; row++) {
    if (treatment[row] !== arm) continue;
    sum += (weights?.[row] ?? 1) * values[row]!;
    total += weights?.[row] ?? 1;
  }
  return sum / total;
}
