import { defined, type Measured, undefinedBecause } from "../measured.ts";
import { checkScoredLabels } from "./scored-labels.ts";

const BINS = 10; // the binning behind every expected calibration error cairn prints

/** Row counts and sums of ten equal-mass bins, each of shape (10). */
interface Bins {
  readonly count: Float64Array;
  readonly predicted: Float64Array;
  readonly observed: Float64Array;
}

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

function equalMassBins(labels: Uint8Array, probabilities: Float64Array): Bins {
  const edges = innerEdges(probabilities);
  const bins = { count: new Float64Array(BINS), predicted: new Float64Array(BINS), observed: new Float64Array(BINS) };
  for (let row = 0; row < probabilities.length; row++) {
    const p = probabilities[row]!;
    let bin = 0;
    while (bin < BINS - 1 && edges[bin]! <= p) bin++;
    bins.count[bin]! += 1;
    bins.predicted[bin]! += p;
    bins.observed[bin]! += labels[row]!;
  }
  return bins;
}

/** The nine inner deciles; the position (n−1)·b/10 is split in whole numbers so that it is exact. */
function innerEdges(probabilities: Float64Array): Float64Array {
  const sorted = probabilities.slice().sort();
  const edges = new Float64Array(BINS - 1);
  for (let b = 1; b < BINS; b++) {
    const tenths = (sorted.length - 1) * b;
    const below = Math.floor(tenths / BINS);
    const share = (tenths % BINS) / BINS;
    const low = sorted[below]!;
    edges[b - 1] = share === 0 ? low : low + share * (sorted[below + 1]! - low);
  }
  return edges;
}
