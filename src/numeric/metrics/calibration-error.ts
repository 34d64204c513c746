import { defined, type Measured, undefinedBecause } from "../measured.ts";
import { BINS, equalMassBins } from "./equal-mass-bins.ts";
import { checkScoredLabels } from "./scored-labels.ts";

/**
 * Expected calibration error Σ_b (n_b/n)·|mean outcome − mean probability| over ten equal-mass bins: the edges are the
 * deciles of the probabilities by linear interpolation (position (n−1)·q), the bin of p is the number of inner edges ≤ p,
 * empty bins are skipped. It is positive even for a perfectly calibrated model: print
 * {@link expectedCalibrationNoiseFloor} beside it.
 * @param labels - shape (n), each 0 or 1
 * @param probabilities - shape (n), each in [0, 1]
 * @returns a number in [0, 1]; undefined when n = 0
 * @throws CairnError `SHAPE_MISMATCH`, `BAD_INPUT`, `NOT_FINITE`
 */
export function expectedCalibrationError(labels: Uint8Array, probabilities: Float64Array): Measured {
  checkScoredLabels(labels, probabilities, true);
  if (labels.length === 0) return undefinedBecause("no rows");
  const { predicted, observed } = equalMassBins(labels, probabilities);
  let sum = 0;
  for (let bin = 0; bin < BINS; bin++) sum += Math.abs(observed[bin]! - predicted[bin]!);
  return defined(sum / labels.length);
}

/**
 * What {@link expectedCalibrationError} would be on average if the probabilities were exactly right:
 * Σ_b (n_b/n)·√(2/π)·√(p̄_b(1−p̄_b)/n_b), the mean of a half-normal in each bin. About 0.012 for 8,877 rows.
 * @param probabilities - shape (n), each in [0, 1]
 * @returns a number in [0, 1); undefined when n = 0
 * @throws CairnError `BAD_INPUT`, `NOT_FINITE`
 */
export function expectedCalibrationNoiseFloor(probabilities: Float64Array): Measured {
  const rows = probabilities.length;
  const labels = new Uint8Array(rows);
  checkScoredLabels(labels, probabilities, true);
  if (rows === 0) return undefinedBecause("no rows");
  const { count, predicted } = equalMassBins(labels, probabilities);
  let sum = 0;
  for (let bin = 0; bin < BINS; bin++) {
    if (count[bin] === 0) continue;
    const mean = Math.min(1, predicted[bin]! / count[bin]!); // a sum of ones may round above the count
    sum += Math.sqrt(mean * (1 - mean) * count[bin]!);
  }
  return defined((Math.sqrt(2 / Math.PI) * sum) / rows);
}
