import { CairnError } from "../../../errors.ts";
import { type BalanceRow, balanceTable } from "../../../models/study/diagnostics/balance.ts";
import { type MatchedSample, matchedSample } from "../../../models/study/matching/matched-effect.ts";
import { type Matching, matchNearest } from "../../../models/study/matching/nearest.ts";
import { intercept } from "../../../models/study/regression/linear-model.ts";
import { entropyBalancing } from "../../../models/study/weighting/entropy-balancing.ts";
import { type Propensity, propensity } from "../../../models/study/weighting/propensity.ts";
import { normalized, propensityWeights, type Support, supportOf } from "../../../models/study/weighting/weights.ts";
import { type ArmsSample, restrict } from "../arms.ts";
import type { ArmCounts, EstimateFrame } from "../estimate.ts";
import type { StudyPlan } from "../plan-shape.ts";
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
  /** The matched learners; made at the first call. */
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

/** Whether weights leave so little of an arm that the estimate rests on a few learners. */
export function thin({ effectiveSize, largestShare }: Support, n: ArmCounts): boolean {
  const least = Math.max(10, 0.15 * Math.min(n.treatment, n.comparison));
  const few = Math.min(effectiveSize.treatment, effectiveSize.comparison) < least;
  return few || Math.max(largestShare.treatment, largestShare.comparison) > 0.25;
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
