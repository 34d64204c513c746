import { CairnError } from "../../../errors.ts";
import { dot } from "../../../numeric/linear/dense.ts";
import type { Inference } from "../regression/inference.ts";
import type { Propensity } from "./propensity.ts";

/** Whose effect: everybody's, the treated's, the compared's, or those who could have been in either arm (overlap). */
export type WeightedEstimand = "ATE" | "ATT" | "ATC" | "ATO";

/** Two arms of an observational comparison. */
export interface Comparison {
  /** Shape (rows), finite. */
  readonly outcome: Float64Array;
  /** Shape (rows): 1 treated, 0 compared. */
  readonly treatment: Uint8Array;
  /** Shape (rows), ids; when given, standard errors know that learners share clusters. */
  readonly cluster?: ArrayLike<number>;
}

/** A weighted difference of means with what the weights leave of the sample. */
export interface WeightedEffect extends Inference {
  readonly means: { readonly treatment: number; readonly comparison: number };
  /** Shape (rows): each arm's weights sum to one. */
  readonly weights: Float64Array;
  readonly support: Support;
}

/** How much of each arm the weights leave: a few learners who carry everything are no comparison group. */
export interface Support {
  /** (Σw)²/Σw². */
  readonly effectiveSize: { readonly treatment: number; readonly comparison: number };
  /** The largest weight's share of its arm. */
  readonly largestShare: { readonly treatment: number; readonly comparison: number };
}

/** The weight of a row in its arm, and its derivative with respect to the probability e. */
function weightOf(estimand: WeightedEstimand, treated: boolean, e: number): [number, number] {
  switch (estimand) {
    case "ATE":
      return treated ? [1 / e, -1 / e ** 2] : [1 / (1 - e), 1 / (1 - e) ** 2];
    case "ATT":
      return treated ? [1, 0] : [e / (1 - e), 1 / (1 - e) ** 2];
    case "ATC":
      return treated ? [(1 - e) / e, -1 / e ** 2] : [1, 0];
    case "ATO":
      return treated ? [1 - e, -1] : [e, 1];
  }
}

/** Shape (rows): inverse-probability weights, not normalised. */
export function propensityWeights(
  estimand: WeightedEstimand,
  treatment: ArrayLike<number>,
  probability: ArrayLike<number>,
): Float64Array {
  return Float64Array.from(probability, (e, row) => weightOf(estimand, treatment[row] === 1, e)[0]);
}

/**
 * Inverse-probability weighting with weights that sum to one in each arm (Hájek); the standard error counts that the weights were
 * estimated (stacked M-estimation), by learner or summed within clusters.
 * @throws CairnError `NOT_FINITE` when a probability of 0 or 1 gives an infinite weight
 * @see Lunceford and Davidian (2004), Statistics in Medicine 23; Li, Morgan and Zaslavsky (2018), JASA 113; handbook 2.8 and 2.9
 */
export function weightedEffect(data: Comparison, scores: Propensity, estimand: WeightedEstimand): WeightedEffect {
  const { outcome, treatment } = data;
  const raw = propensityWeights(estimand, treatment, scores.probability);
  const { weights, totals } = normalized(raw, treatment);
  const means = weightedMeans(outcome, treatment, weights);
  const columns = scores.design.cols;
  const direction = new Float64Array(columns);
  for (let row = 0; row < outcome.length; row++) {
    const arm = treatment[row]!;
    const [, slope] = weightOf(estimand, arm === 1, scores.probability[row]!);
    const sign = arm === 1 ? 1 : -1;
    const pull = (sign * slope * scores.slope[row]! * (outcome[row]! - means[arm]!)) / totals[arm]!;
    if (pull === 0) continue;
    for (let k = 0; k < columns; k++) direction[k]! += pull * scores.design.data[row * columns + k]!;
  }
  const influence = weightedInfluence(data, weights, means);
  for (let row = 0; row < outcome.length; row++) {
    influence[row]! += dot(direction, scores.influence.data.subarray(row * columns, (row + 1) * columns));
  }
  return finish(means, weights, influence, data);
}

/** Assembles the answer of a weighted comparison from its influence values. */
export function finish(
  means: readonly [number, number],
  weights: Float64Array,
  influence: Float64Array,
  data: Comparison,
): WeightedEffect {
  return {
    estimate: means[1] - means[0],
    se: influenceError(influence, data.cluster),
    df: Number.POSITIVE_INFINITY,
    means: { treatment: means[1], comparison: means[0] },
    weights,
    support: supportOf(weights, data.treatment),
  };
}

/** √Σ IF², or of the sums within clusters. */
export function influenceError(influence: Float64Array, cluster?: ArrayLike<number>): number {
  if (cluster === undefined) return Math.sqrt(dot(influence, influence));
  const sums = new Map<number, number>();
  for (let row = 0; row < influence.length; row++) {
    sums.set(cluster[row]!, (sums.get(cluster[row]!) ?? 0) + influence[row]!);
  }
  let squares = 0;
  for (const sum of sums.values()) squares += sum * sum;
  return Math.sqrt(squares);
}

/** Weights that sum to one in each arm, and what they summed to. */
export function normalized(
  raw: Float64Array,
  treatment: ArrayLike<number>,
): { weights: Float64Array; totals: readonly [number, number] } {
  const totals: [number, number] = [0, 0];
  for (let row = 0; row < raw.length; row++) totals[treatment[row] === 1 ? 1 : 0] += raw[row]!;
  if (!(Number.isFinite(totals[0]) && Number.isFinite(totals[1]) && totals[0] > 0 && totals[1] > 0)) {
    throw new CairnError("NOT_FINITE", "expected finite weights in both arms, got a chance of treatment of 0 or 1", {
      hint: "restrict the sample to where both arms are (trimming), or weight by overlap",
    });
  }
  return { weights: raw.map((weight, row) => weight / totals[treatment[row] === 1 ? 1 : 0]), totals };
}

/** Weighted means of the comparison arm and of the treated, weights summing to one in each. */
export function weightedMeans(
  outcome: ArrayLike<number>,
  treatment: ArrayLike<number>,
  weights: Float64Array,
): [number, number] {
  const means: [number, number] = [0, 0];
  for (let row = 0; row < weights.length; row++) means[treatment[row] === 1 ? 1 : 0] += weights[row]! * outcome[row]!;
  return means;
}

/** Influence of each row on the difference when the weights are taken as known. */
export function weightedInfluence(
  { outcome, treatment }: Comparison,
  weights: Float64Array,
  means: readonly [number, number],
): Float64Array {
  return weights.map(
    (weight, row) => (treatment[row] === 1 ? 1 : -1) * weight * (outcome[row]! - means[treatment[row] === 1 ? 1 : 0]),
  );
}

/** Effective sizes and largest shares of weights that sum to one in each arm. */
export function supportOf(weights: Float64Array, treatment: ArrayLike<number>): Support {
  const squares = [0, 0];
  const largest = [0, 0];
  for (let row = 0; row < weights.length; row++) {
    const arm = treatment[row] === 1 ? 1 : 0;
    squares[arm]! += weights[row]! ** 2;
    largest[arm] = Math.max(largest[arm]!, weights[row]!);
  }
  return {
    effectiveSize: { treatment: 1 / squares[1]!, comparison: 1 / squares[0]! },
    largestShare: { treatment: largest[1]!, comparison: largest[0]! },
  };
}
