import { defined, type Measured } from "../measured.ts";
import { checkScoredLabels, missingClass, sortedScoresOf } from "./scored-labels.ts";

/**
 * Average precision: Σ over distinct thresholds, from high to low, of (recall − recall before)·precision. No interpolation;
 * equal scores form one step. Its floor is the base rate, so it does not compare across groups with different base rates.
 * @param labels - shape (n), each 0 or 1
 * @param scores - shape (n), higher means more likely 1; no NaN
 * @returns a number in (0, 1]; undefined when one class is absent
 * @throws CairnError `SHAPE_MISMATCH`, `BAD_INPUT`, `NOT_FINITE`
 */
export function averagePrecisionScore(labels: Uint8Array, scores: Float64Array): Measured {
  const positives = checkScoredLabels(labels, scores, false);
  const missing = missingClass(labels.length, positives);
  if (missing !== null) return missing;
  const negatives = labels.length - positives;
  const high = sortedScoresOf(1, labels, scores, positives);
  const low = sortedScoresOf(0, labels, scores, negatives);
  let sum = 0;
  let hits = 0;
  let misses = 0;
  while (hits < positives) {
    const before = hits;
    const threshold = high[positives - 1 - hits]!;
    while (hits < positives && high[positives - 1 - hits]! >= threshold) hits++;
    while (misses < negatives && low[negatives - 1 - misses]! >= threshold) misses++;
    sum += ((hits - before) * hits) / (hits + misses);
  }
  return defined(sum / positives);
}
