import { CairnError } from "../../../errors.ts";
import { logit, sigmoid } from "../../../numeric/log-odds.ts";
import type { Interval } from "../../../numeric/metrics/wilson.ts";
import { normalQuantile } from "../../../numeric/tail-areas.ts";

/** Learners of earlier years by the probability they were given before it was known how they ended. */
export interface Evidence {
  /** Shape (n), ascending, each in [0, 1]. */
  readonly probabilities: Float64Array;
  /** Shape (n), each 0 or 1. */
  readonly labels: Uint8Array;
  /** By how much frequencies move from year to year beyond chance: a standard deviation in log-odds, from 0. */
  readonly yearly: number;
}

/** The level of every interval a ranking shows. */
export const CONFIDENCE = 0.95;

const FEWEST = 20; // of fewer neighbours the interval would be most of [0, 1]
/**
 * What is taken for the movement from year to year while one year cannot show it: chosen on synthetic districts of three seeds, checked
 * on others (docs/early-warning.md). A fifth in log-odds takes a share of 20 % to one of 17 or 23 %.
 */
const USUAL_YEARLY = 0.2;
const USUAL_YEARS = 3; // as many years as that counts for
const PRIOR = 0.5; // information at no shift at all: keeps the estimate finite where all neighbours ended alike

const PRIOR_SLOPE = 1; // information about the slope where all neighbours are alike: a standard deviation of 1

/** Sorts what models said of rows they had not seen into evidence. */
export function evidenceOf(probabilities: Float64Array, labels: Uint8Array, yearly = USUAL_YEARLY): Evidence {
  const order = Array.from(probabilities.keys()).sort(
    (a, b) => probabilities[a]! - probabilities[b]! || labels[a]! - labels[b]!,
  );
  return {
    probabilities: Float64Array.from(order, (row) => probabilities[row]!),
    labels: Uint8Array.from(order, (row) => labels[row]!),
    yearly,
  };
}

/**
 * How much frequencies move from year to year: the mean square of the years' shifts beyond what chance gives, together with what is usual,
 * which counts as three years.
 * @param years - what models said of each later year, and how it ended
 */
export function yearlySpread(
  years: readonly { readonly probabilities: Float64Array; readonly labels: Uint8Array }[],
): number {
  if (years.length < 2) return USUAL_YEARLY;
  const beyond = years.map(({ probabilities, labels }) => {
    const { shift, variance } = shiftOf(probabilities.map(bounded), labels);
    return Math.max(0, shift * shift - variance);
  });
  const usual = USUAL_YEARS * USUAL_YEARLY ** 2;
  return Math.sqrt((usual + beyond.reduce((sum, one) => sum + one, 0)) / (USUAL_YEARS + years.length));
}

/** How many learners of earlier years stand behind an interval: n^0.7 of n, so that the group grows and still gets narrower. */
export function neighboursOf(rows: number): number {
  return Math.min(rows, Math.max(FEWEST, Math.round(rows ** 0.7)));
}

/**
 * The interval of a probability. Of the learners of earlier years who were given the nearest probabilities (by log-odds, with everybody who was
 * given the same): by how much, in log-odds, more or fewer of them came to the bad end than was said. The learner's own log-odds are moved by that
 * shift; the interval is 1.96 standard errors to either side, from the chance in so few ends, from not knowing the slope where the learner stands
 * beside the neighbours and not among them, and from how frequencies move from year to year, widened to hold the probability itself. A shift and not a share of the neighbours: at the top of the ranking all neighbours stand
 * below. It covers the frequency of the outcome among learners who look like this one to the model, and not a learner's
 * own fate, which is 0 or 1. docs/early-warning.md has its measured coverage.
 * @param probability - in [0, 1]
 * @throws CairnError `BAD_INPUT` without evidence
 */
export function intervalOf({ probabilities, labels, yearly }: Evidence, probability: number): Interval {
  const rows = probabilities.length;
  if (rows === 0) throw new CairnError("BAD_INPUT", "expected learners of earlier years, got none");
  const own = bounded(probability);
  const distance = (row: number): number => Math.abs(bounded(probabilities[row]!) - own);
  let [low, high] = [firstAtLeast(probabilities, probability), firstAtLeast(probabilities, probability)];
  while (high - low < neighboursOf(rows)) {
    if (high === rows || (low > 0 && distance(low - 1) <= distance(high))) low -= 1;
    else high += 1;
  }
  while (low > 0 && probabilities[low - 1] === probabilities[low]) low -= 1;
  while (high < rows && probabilities[high] === probabilities[high - 1]) high += 1;
  const near = Float64Array.from(probabilities.subarray(low, high), bounded);
  const { shift, variance, centre, slopeVariance } = shiftOf(near, labels.subarray(low, high));
  const half =
    normalQuantile((1 + CONFIDENCE) / 2) * Math.sqrt(variance + slopeVariance * (own - centre) ** 2 + yearly * yearly);
  return {
    low: Math.min(sigmoid(own + shift - half), probability),
    high: Math.max(sigmoid(own + shift + half), probability),
  };
}

const STEPS = 25;
const SETTLED = 1e-10;

/**
 * The shift in log-odds at which as many ends are expected as came, by Newton's method, and its variance; with the point it holds for, and
 * the variance of a slope around it, which is 1 for what is said as far as it is known.
 */
function shiftOf(logOdds: Float64Array, labels: Uint8Array) {
  let shift = 0;
  for (let step = 0; ; step++) {
    let [gradient, information] = [-PRIOR * shift, PRIOR];
    for (let row = 0; row < labels.length; row++) {
      const expected = sigmoid(logOdds[row]! + shift);
      gradient += labels[row]! - expected;
      information += expected * (1 - expected);
    }
    const move = Math.max(-1, Math.min(1, gradient / information));
    if (step === STEPS || Math.abs(move) < SETTLED)
      return { shift, variance: 1 / information, ...spreadOf(logOdds, shift) };
    shift += move;
  }
}

/** Where the information lies, and the variance of a slope that is fitted there. */
function spreadOf(logOdds: Float64Array, shift: number) {
  const weights = logOdds.map((own) => sigmoid(own + shift) * (1 - sigmoid(own + shift)));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const centre = logOdds.reduce((sum, own, row) => sum + weights[row]! * own, 0) / total;
  const spread = logOdds.reduce((sum, own, row) => sum + weights[row]! * (own - centre) ** 2, PRIOR_SLOPE);
  return { centre, slopeVariance: 1 / spread };
}

const bounded = (p: number): number => logit(Math.min(Math.max(p, 1e-6), 1 - 1e-6));

/** The number of sorted values below the given one. */
function firstAtLeast(sorted: Float64Array, value: number): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle]! < value) low = middle + 1;
    else high = middle;
  }
  return low;
}
