import { defined, type Measured } from "../measured.ts";
import { checkScoredLabels, missingClass, sortedScoresOf } from "./scored-labels.ts";

/**
 * Area under the receiver operating characteristic: the chance that a random positive outranks a random negative, ties
 * counting one half. Says nothing about calibration; undefined when one class is absent.
 * @param labels - shape (n), each 0 or 1
 * @param scores - shape (n), higher means more likely 1; no NaN
 * @returns a number in [0, 1]
 * @throws CairnError `SHAPE_MISMATCH`, `BAD_INPUT`, `NOT_FINITE`
 * @see Mann and Whitney (1947): U = Σ over positives (negatives below + ½ negatives equal), AUC = U/(n⁺·n⁻)
 */
export function areaUnderRocScore(labels: Uint8Array, scores: Float64Array): Measured {
  const positives = checkScoredLabels(labels, scores, false);
  const negatives = labels.length - positives;
  const missing = missingClass(labels.length, positives);
  if (missing !== null) return missing;
  const high = sortedScoresOf(1, labels, scores, positives);
  const low = sortedScoresOf(0, labels, scores, negatives);
  let below = 0; // negatives smaller than the current positive
  let notAbove = 0; // negatives smaller than or equal to it
  let doubled = 0; // 2·U is a whole number, so it is exact
  for (let i = 0; i < positives; i++) {
    const score = high[i]!;
    while (below < negatives && low[below]! < score) below++;
    if (notAbove < below) notAbove = below;
    while (notAbove < negatives && low[notAbove]! <= score) notAbove++;
    doubled += below + notAbove;
  }
  return defined(doubled / (2 * positives * negatives));
}
