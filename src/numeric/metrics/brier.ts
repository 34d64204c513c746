import { defined, type Measured, undefinedBecause } from "../measured.ts";
import { checkScoredLabels } from "./scored-labels.ts";

/**
 * Mean squared difference between predicted probability and outcome; lower is better. A proper score: it rewards ranking
 * and calibration together.
 * @param labels - shape (n), each 0 or 1
 * @param probabilities - shape (n), each in [0, 1]
 * @returns a number in [0, 1]; undefined when n = 0
 * @throws CairnError `SHAPE_MISMATCH`, `BAD_INPUT`, `NOT_FINITE`
 * @see Brier (1950), Monthly Weather Review 78(1), binary form
 */
export function brierLoss(labels: Uint8Array, probabilities: Float64Array): Measured {
  checkScoredLabels(labels, probabilities, true);
  if (labels.length === 0) return undefinedBecause("no rows");
  let sum = 0;
  for (let row = 0; row < labels.length; row++) {
    const error = probabilities[row]! - labels[row]!;
    sum += error * error;
  }
  return defined(sum / labels.length);
}
