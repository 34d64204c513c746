import { CairnError } from "../../../errors.ts";
import { type BalanceRow, balanceTable } from "../../../models/study/diagnostics/balance.ts";
import { differenceInMeans } from "../../../models/study/difference-in-means.ts";
import { crossFit, foldsOf, linearLearner } from "../../../models/study/doubly-robust/cross-fit.ts";
import { aipwAverage, aipwTreated, partiallyLinear } from "../../../models/study/doubly-robust/estimates.ts";
import { stackedAverage } from "../../../models/study/doubly-robust/stacked.ts";
import {
  type MatchedSample,
  matchedDifference,
  matchedRegression,
  matchedSample,
  subclassification,
} from "../../../models/study/matching/matched-effect.ts";
import { type Matching, matchNearest } from "../../../models/study/matching/nearest.ts";
import { intercept } from "../../../models/study/regression/linear-model.ts";
import { ancova } from "../../../models/study/trials/adjusted.ts";
import { entropyBalancing } from "../../../models/study/weighting/entropy-balancing.ts";
import { type Propensity, propensity } from "../../../models/study/weighting/propensity.ts";
import {
  normalized,
  propensityWeights,
  type Support,
  supportOf,
  type WeightedEffect,
  weightedEffect,
} from "../../../models/study/weighting/weights.ts";
import type { Random } from "../../../numeric/random.ts";
import { type ArmsSample, restrict } from "../arms.ts";
import { type ArmCounts, type Estimand, type EstimateFrame, estimateRow, type StudyEstimate } from "../estimate.ts";
import type { StudyPlan } from "../plan-shape.ts";
import { boostedChances } from "./boosted-chances.ts";
import { armsFrame } from "./frame.ts";

/** A comparison group prepared once: chances of treatment, the trimmed sample, and matches when asked for. */
export interface PreparedComparison {
  readonly plan: StudyPlan;
  readonly sample: ArmsSample;
  readonly frame: EstimateFrame;
  readonly scores: Propensity;
  /** Rows left out because their chance of treatment was outside the plan's limits. */
  readonly trimmed: number;
  /** Support of the chance weights for the plan's estimand: what decides whether the arms overlap. */
  readonly support: Support;
  readonly matching: () => { readonly matching: Matching; readonly sample: MatchedSample };
}

/**
 * Fits the chances of treatment, trims by them when the plan says so (and fits anew), and measures the overlap.
 * @throws CairnError what the fit throws
 */
export function prepareComparison(plan: StudyPlan, whole: ArmsSample): PreparedComparison {
  const first = scoresOf(plan, whole);
  const { trim } = plan;
  const sample =
    trim === undefined
      ? whole
      : restrict(whole, (row) => first.probability[row]! >= trim.low && first.probability[row]! <= trim.high);
  const scores = trim === undefined ? first : scoresOf(plan, sample);
  const { weights } = normalized(
    propensityWeights(plan.estimand, sample.treatment, scores.probability),
    sample.treatment,
  );
  let matched: ReturnType<PreparedComparison["matching"]> | undefined;
  return {
    plan,
    sample,
    frame: armsFrame(plan, sample, false),
    scores,
    trimmed: whole.outcome.length - sample.outcome.length,
    support: supportOf(weights, sample.treatment),
    matching: () => {
      matched ??= matchOf(plan, sample, scores);
      return matched;
    },
  };
}

function scoresOf(plan: StudyPlan, sample: ArmsSample): Propensity {
  return propensity([intercept(sample.outcome.length), ...sample.treatmentCovariates], sample.treatment, plan.link);
}

function matchOf({ matching: options }: StudyPlan, sample: ArmsSample, scores: Propensity) {
  const distance = options?.distance === "linear" ? scores.linear : scores.probability;
  const within = options?.preferWithin === undefined ? undefined : sample.groups.get(options.preferWithin)!.codes;
  const exact = exactCodes(options?.exact ?? [], sample);
  const matching = matchNearest(distance, sample.treatment, {
    replacement: options?.replacement ?? false,
    ratio: options?.ratio ?? 1,
    ...(options?.caliper === undefined ? {} : { caliper: options.caliper * deviation(distance) }),
    ...(exact === undefined ? {} : { exact }),
    ...(within === undefined ? {} : { preferWithin: within }),
  });
  return { matching, sample: matchedSample(matching) };
}

/** One code per combination of the columns' values. */
function exactCodes(columns: readonly string[], sample: ArmsSample): Int32Array | undefined {
  if (columns.length === 0) return undefined;
  const seen = new Map<string, number>();
  return Int32Array.from(sample.outcome, (_, row) => {
    const key = columns.map((column) => sample.groups.get(column)!.codes[row]).join("/");
    const code = seen.get(key) ?? seen.size;
    seen.set(key, code);
    return code;
  });
}

function deviation(values: Float64Array): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1));
}

/** The estimators a comparison group is given when the plan names none; the headline first, by the estimand. */
export function comparisonEstimators({ estimand, covariates }: StudyPlan): string[] {
  if ((covariates?.length ?? 0) === 0) return ["difference-in-means"];
  if (estimand === "ATT") {
    return [
      "ipw",
      "entropy-balancing",
      "matching-g-computation",
      "matching-regression",
      "matching",
      "aipw",
      "overlap-weights",
      "regression",
      "difference-in-means",
    ];
  }
  if (estimand === "ATE")
    return ["aipw", "ipw", "regression-adjustment", "ipwra", "overlap-weights", "regression", "difference-in-means"];
  return ["ipw", "overlap-weights", "regression", "difference-in-means"];
}

/**
 * One estimator of a comparison group.
 * @throws CairnError what the estimator throws
 */
export function estimateComparison(
  estimator: string,
  prepared: PreparedComparison,
  rng: Random,
): readonly StudyEstimate[] {
  const run = estimators[estimator];
  if (run === undefined)
    throw new CairnError("INTERNAL", `expected an estimator of comparison groups, got "${estimator}"`);
  return run(prepared, rng);
}

type Run = (prepared: PreparedComparison, rng: Random) => readonly StudyEstimate[];

const estimators: Readonly<Record<string, Run>> = {
  "difference-in-means": ({ plan, sample, frame }, rng) => {
    const { row } = differenceInMeans({ level: plan.level }).fit(
      { outcome: sample.outcome, treatment: sample.treatment },
      { rng },
    );
    return [
      {
        ...estimateRow(
          frame,
          "difference-in-means",
          "association",
          { estimate: row.effect, se: row.se, df: row.df },
          {
            standardError: "HC2",
            effectSize: row.effectSize,
            cautions: ["UNADJUSTED"],
          },
        ),
      },
    ];
  },
  regression: ({ plan, sample, frame }) => {
    const effect = ancova(dataOf(sample), plan.standardErrors);
    const kind = plan.standardErrors ?? (sample.cluster === undefined ? "HC2" : "CR2");
    const { dropped } = effect.model;
    const details = dropped.length === 0 ? {} : { droppedColumns: dropped.join(", ") };
    return [estimateRow(frame, "regression", "ATE", effect, { standardError: kind, details })];
  },
  ipw: (prepared) => [
    weightedRow(
      "ipw",
      prepared,
      weightedEffect(prepared.sample, prepared.scores, prepared.plan.estimand),
      prepared.plan.estimand,
    ),
  ],
  "overlap-weights": (prepared) => [
    weightedRow("overlap-weights", prepared, weightedEffect(prepared.sample, prepared.scores, "ATO"), "ATO"),
  ],
  "entropy-balancing": (prepared) => [
    weightedRow("entropy-balancing", prepared, entropyBalancing(prepared.sample, prepared.sample.covariates), "ATT"),
  ],
  matching: (prepared) => {
    const { matching } = prepared.matching();
    const inference = matchedDifference(prepared.sample.outcome, matching);
    const shared = prepared.plan.matching?.replacement === true;
    // With replacement the sets depend on each other: the pairs' error would be too small.
    const honest = shared ? { ...inference, se: Number.NaN, df: Number.POSITIVE_INFINITY } : inference;
    return [matchedRow("matching", prepared, honest, "matched pairs")];
  },
  "matching-regression": (prepared) => [
    matchedRow("matching-regression", prepared, adjustedMatch(prepared, false), "CR2 by set"),
  ],
  "matching-g-computation": (prepared) => [
    matchedRow("matching-g-computation", prepared, adjustedMatch(prepared, true), "CR2 by set"),
  ],
  subclassification: ({ sample, scores, frame }) => {
    const { counts, ...inference } = subclassification(sample.outcome, sample.treatment, scores.probability);
    return [
      estimateRow(frame, "subclassification", "ATT", inference, {
        standardError: "Neyman",
        details: { classes: counts.length },
      }),
    ];
  },
  aipw: (prepared) => augmented("aipw", prepared),
  "aipw-cross-fitted": (prepared, rng) => augmented("aipw-cross-fitted", prepared, rng),
  "partially-linear": (prepared, rng) => {
    const inference = partiallyLinear(prepared.sample, nuisanceOf(prepared, rng));
    return [
      estimateRow(prepared.frame, "partially-linear", "ATE", inference, {
        standardError: "influence",
        details: foldDetails(prepared),
      }),
    ];
  },
  "regression-adjustment": (prepared) => [stacked("regression-adjustment", "regression", prepared)],
  ipwra: (prepared) => [stacked("ipwra", "weighted-regression", prepared)],
  "aipw-stacked": (prepared) => [stacked("aipw-stacked", "augmented", prepared)],
};

function dataOf({ outcome, treatment, covariates, cluster }: ArmsSample) {
  return { outcome, treatment, covariates, ...(cluster === undefined ? {} : { cluster }) };
}

function weightedRow(
  name: string,
  { frame, sample }: PreparedComparison,
  effect: WeightedEffect,
  estimand: Estimand,
): StudyEstimate {
  const { effectiveSize, largestShare } = effect.support;
  return estimateRow(frame, name, estimand, effect, {
    standardError: "stacked",
    details: {
      effectiveSizeTreatment: effectiveSize.treatment,
      effectiveSizeComparison: effectiveSize.comparison,
      largestShareTreatment: largestShare.treatment,
      largestShareComparison: largestShare.comparison,
      treatmentMean: effect.means.treatment,
      comparisonMean: effect.means.comparison,
    },
    cautions: thin(effect.support, sample.n) ? ["WEAK_OVERLAP"] : [],
  });
}

/** Whether weights leave so little of an arm that the estimate rests on a few learners. */
export function thin({ effectiveSize, largestShare }: Support, n: ArmCounts): boolean {
  const least = Math.max(10, 0.15 * Math.min(n.treatment, n.comparison));
  const few = Math.min(effectiveSize.treatment, effectiveSize.comparison) < least;
  return few || Math.max(largestShare.treatment, largestShare.comparison) > 0.25;
}

function matchedRow(
  name: string,
  { frame, sample, matching }: PreparedComparison,
  inference: Parameters<typeof estimateRow>[3],
  standardError: string,
): StudyEstimate {
  const { matching: found, sample: own } = matching();
  const compared = Array.from(own.weights).filter((_, i) => sample.treatment[own.rows[i]!] === 0);
  const total = compared.reduce((sum, weight) => sum + weight, 0);
  return estimateRow(frame, name, "ATT", inference, {
    standardError,
    n: { treatment: found.sets.length, comparison: compared.length },
    details: {
      sets: found.sets.length,
      unmatched: found.unmatched.length,
      effectiveSizeComparison: total ** 2 / compared.reduce((sum, weight) => sum + weight ** 2, 0),
    },
    cautions: found.unmatched.length > 0 ? ["TREATED_LEFT_OUT"] : [],
  });
}

function adjustedMatch({ sample, matching, plan }: PreparedComparison, interacted: boolean) {
  const own = matching().sample;
  // Assignment by cluster makes the cluster the unit; otherwise the matched set is.
  const cluster = plan.clusters === undefined || sample.cluster === undefined ? {} : { cluster: sample.cluster };
  return matchedRegression(sample.outcome, sample.treatment, sample.covariates, own, { interacted, ...cluster });
}

function nuisanceOf({ plan, sample }: PreparedComparison, rng?: Random) {
  const linear = linearLearner(sample.outcome, sample.treatment, sample.covariates, plan.link);
  const chances = linearLearner(sample.outcome, sample.treatment, sample.treatmentCovariates, plan.link).chance;
  if (rng === undefined) return crossFit({ ...linear, chance: chances }, sample.treatment);
  const learner =
    plan.learner === "boosted-trees"
      ? { ...linear, chance: boostedChances(sample.treatment, sample.treatmentCovariates, rng.derive("trees")) }
      : { ...linear, chance: chances };
  return crossFit(learner, sample.treatment, foldsOf(sample.outcome.length, plan.folds, sample.cluster));
}

function foldDetails({ plan }: PreparedComparison): StudyEstimate["details"] {
  return { folds: plan.folds, learner: plan.learner };
}

function augmented(name: string, prepared: PreparedComparison, rng?: Random): StudyEstimate[] {
  const { plan, sample, frame, support } = prepared;
  const nuisance = nuisanceOf(prepared, rng);
  const details = rng === undefined ? {} : foldDetails(prepared);
  const cautions = thin(support, sample.n) ? ["WEAK_OVERLAP"] : [];
  const rest = { standardError: "influence", details, cautions };
  if (plan.estimand === "ATE") return [estimateRow(frame, name, "ATE", aipwAverage(sample, nuisance), rest)];
  if (plan.estimand === "ATT") {
    return [
      estimateRow(frame, name, "ATT", aipwTreated(sample, nuisance), rest),
      estimateRow(frame, name, "ATT", aipwTreated(sample, nuisance, { normalized: true }), {
        ...rest,
        part: "normalized",
      }),
    ];
  }
  throw new CairnError("BAD_INPUT", `expected ATE or ATT for ${name}, got ${plan.estimand}`, {
    hint: "use ipw for other effects",
  });
}

function stacked(
  name: string,
  kind: Parameters<typeof stackedAverage>[0],
  { sample, scores, frame }: PreparedComparison,
): StudyEstimate {
  const { withoutTreatment, ...inference } = stackedAverage(kind, sample, sample.covariates, scores);
  return estimateRow(frame, name, "ATE", inference, {
    standardError: "stacked",
    details: { meanWithoutTreatment: withoutTreatment.estimate, meanWithoutTreatmentSe: withoutTreatment.se },
  });
}

/**
 * Shape (rows): how the named estimator weighs the sample, for the baseline of what was analysed; undefined when it does not.
 * @throws CairnError what the estimator throws
 */
export function analyticWeights(estimator: string, prepared: PreparedComparison): Float64Array | undefined {
  const { plan, sample, scores } = prepared;
  const by = (estimand: typeof plan.estimand) => propensityWeights(estimand, sample.treatment, scores.probability);
  if (estimator.startsWith("matching")) return matchWeights(prepared);
  if (estimator === "overlap-weights") return by("ATO");
  if (estimator === "entropy-balancing") return entropyBalancing(sample, sample.covariates).weights;
  return estimator === "ipw" || estimator.startsWith("aipw") || estimator === "ipwra" ? by(plan.estimand) : undefined;
}

function matchWeights({ sample, matching }: PreparedComparison): Float64Array {
  const own = matching().sample;
  const weights = new Float64Array(sample.outcome.length);
  own.rows.forEach((row, i) => {
    weights[row] = own.weights[i]!;
  });
  return weights;
}

/** Balance before, after weighting for the estimand, and after matching (null when no match was found). */
export function comparisonBalance(prepared: PreparedComparison): {
  readonly before: readonly BalanceRow[];
  readonly weighted: readonly BalanceRow[];
  readonly matched: readonly BalanceRow[] | null;
} {
  const { plan, sample, scores } = prepared;
  const unit = plan.estimand === "ATT" ? "treated" : "pooled";
  const weights = propensityWeights(plan.estimand, sample.treatment, scores.probability);
  const table = (by?: Float64Array): BalanceRow[] => balanceTable(sample.covariates, sample.treatment, unit, by);
  return { before: table(), weighted: table(weights), matched: matchedBalance(prepared, table) };
}

function matchedBalance(prepared: PreparedComparison, table: (by: Float64Array) => BalanceRow[]): BalanceRow[] | null {
  try {
    return table(matchWeights(prepared));
  } catch (error) {
    if (error instanceof CairnError && error.code === "BAD_INPUT") return null;
    throw error;
  }
}
