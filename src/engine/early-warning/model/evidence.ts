import { CairnError } from "../../../errors.ts";
import { logit } from "../../../numeric/log-odds.ts";
import type { Interval } from "../../../numeric/metrics/wilson.ts";
import { wilsonInterval } from "../../../numeric/metrics/wilson.ts";

/** Learners of earlier years by the probability they were given before it was known how they ended. */
export interface Evidence {
  /** Shape (n), ascending, each in [0, 1]. */
  readonly probabilities: Float64Array;
  /** Shape (n), each 0 or 1. */
  readonly labels: Uint8Array;
}

/** The level of every interval a ranking shows. */
export const CONFIDENCE = 0.95;

const FEWEST = 20; // of fewer neighbours the interval would be most of [0, 1]

/** Sorts what models said of rows they had not seen into evidence. */
export function evidenceOf(probabilities: Float64Array, labels: Uint8Array): Evidence {
  const order = Array.from(probabilities.keys()).sort(
    (a, b) => probabilities[a]! - probabilities[b]! || labels[a]! - labels[b]!,
  );
  return {
    probabilities: Float64Array.from(order, (row) => probabilities[row]!),
    labels: Uint8Array.from(order, (row) => labels[row]!),
  };
}

/** How many learners of earlier years stand behind an interval: n^0.7 of n, so that the group grows and still gets narrower. */
export function neighboursOf(rows: number): number {
  return Math.min(rows, Math.max(FEWEST, Math.round(rows ** 0.7)));
}

/**
 * The interval of a probability: of the learners of earlier years who were given the nearest probabilities (by log-odds, with
 * everybody who was given the same), the share that came to the bad end, with Wilson's interval at {@link CONFIDENCE}; widened to
 * hold the probability itself. It covers the frequency of the outcome among learners who look like this one to the model, and not a
 * learner's own fate, which is 0 or 1. No shape is assumed of the calibration; docs/early-warning.md has its measured coverage.
 * @param probability - in [0, 1]
 * @throws CairnError `BAD_INPUT` without evidence
 */
export function intervalOf({ probabilities, labels }: Evidence, probability: number): Interval {
  const rows = probabilities.length;
  if (rows === 0) throw new CairnError("BAD_INPUT", "expected learners of earlier years, got none");
  const distance = (row: number): number => Math.abs(bounded(probabilities[row]!) - bounded(probability));
  let [low, high] = [firstAtLeast(probabilities, probability), firstAtLeast(probabilities, probability)];
  while (high - low < neighboursOf(rows)) {
    if (high === rows || (low > 0 && distance(low - 1) <= distance(high))) low -= 1;
    else high += 1;
  }
  while (low > 0 && probabilities[low - 1] === probabilities[low]) low -= 1;
  while (high < rows && probabilities[high] === probabilities[high - 1]) high += 1;
  const hits = labels.subarray(low, high).reduce((sum, label) => sum + label, 0);
  const wilson = wilsonInterval(hits, high - low, CONFIDENCE);
  return { low: Math.min(wilson.low, probability), high: Math.max(wilson.high, probability) };
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
