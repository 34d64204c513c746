import { undefinedBecause } from "../measured.ts";
import { BINS, equalMassBins } from "./equal-mass-bins.ts";
import { checkScoredLabels } from "./scored-labels.ts";

/** The Brier loss taken apart twice; both identities are exact up to rounding. */
export interface BrierParts {
  readonly status: "defined";
  readonly brier: number;
  /** ȳ(1 − ȳ): what the base rate alone would lose. */
  readonly uncertainty: number;
  /** 1 − brier/uncertainty; undefined when all labels are equal. */
  readonly skill: number | { readonly status: "undefined"; readonly reason: string };
  /**
   * Over ten equal-mass bins: brier = reliability − resolution + uncertainty + withinVariance − withinCovariance. The last two
   * are what the bins hide; Murphy's three terms alone are exact only when all probabilities in a bin are equal.
   */
  readonly binned: {
    /** Bins that hold rows, of ten. */
    readonly bins: number;
    /** Σ (n_k/n)(p̄_k − ȳ_k)², lower is better. */
    readonly reliability: number;
    /** Σ (n_k/n)(ȳ_k − ȳ)², higher is better. */
    readonly resolution: number;
    readonly withinVariance: number;
    readonly withinCovariance: number;
  };
  /** Without bins, against the best non-decreasing recalibration of the same rows: brier = miscalibration − discrimination + uncertainty. */
  readonly corp: {
    /** From 0; lower is better. */
    readonly miscalibration: number;
    /** From 0; higher is better. */
    readonly discrimination: number;
  };
}

/**
 * Takes the Brier loss apart into how wrong the probabilities are (reliability, miscalibration), how well they tell rows apart
 * (resolution, discrimination) and how uncertain the outcome is. Binned parts change with the binning; the parts without bins
 * do not, but flatter a little in small samples, because the recalibration is fitted to the same rows.
 * @param labels - shape (n), each 0 or 1
 * @param probabilities - shape (n), each in [0, 1]
 * @returns undefined when n = 0
 * @throws CairnError `SHAPE_MISMATCH`, `BAD_INPUT`, `NOT_FINITE`
 * @see Murphy (1973), J. Appl. Meteorology 12; Stephenson, Coelho and Jolliffe (2008), Weather and Forecasting 23; Dimitriadis,
 *   Gneiting and Jordan (2021), PNAS 118(8), equation 4
 */
export function brierParts(
  labels: Uint8Array,
  probabilities: Float64Array,
): BrierParts | { readonly status: "undefined"; readonly reason: string } {
  const positives = checkScoredLabels(labels, probabilities, true);
  const rows = labels.length;
  if (rows === 0) return undefinedBecause("no rows");
  const base = positives / rows;
  const uncertainty = base * (1 - base);
  const brier = meanSquare(labels, probabilities);
  const recalibrated = meanSquare(labels, isotonicMeans(labels, probabilities));
  return {
    status: "defined",
    brier,
    uncertainty,
    skill: uncertainty === 0 ? undefinedBecause("all labels are equal") : 1 - brier / uncertainty,
    binned: binnedParts(labels, probabilities, base),
    corp: {
      miscalibration: Math.max(0, brier - recalibrated),
      discrimination: Math.max(0, uncertainty - recalibrated),
    },
  };
}

function meanSquare(labels: Uint8Array, probabilities: Float64Array): number {
  let sum = 0;
  for (let row = 0; row < labels.length; row++) sum += (probabilities[row]! - labels[row]!) ** 2;
  return sum / labels.length;
}

function binnedParts(labels: Uint8Array, probabilities: Float64Array, base: number): BrierParts["binned"] {
  const { of, count, predicted, observed } = equalMassBins(labels, probabilities);
  const parts = { bins: 0, reliability: 0, resolution: 0, withinVariance: 0, withinCovariance: 0 };
  const rows = labels.length;
  for (let bin = 0; bin < BINS; bin++) {
    if (count[bin] === 0) continue;
    parts.bins += 1;
    const rate = observed[bin]! / count[bin]!;
    parts.reliability += (count[bin]! * (predicted[bin]! / count[bin]! - rate) ** 2) / rows;
    parts.resolution += (count[bin]! * (rate - base) ** 2) / rows;
  }
  for (let row = 0; row < rows; row++) {
    const bin = of[row]!;
    const off = probabilities[row]! - predicted[bin]! / count[bin]!;
    parts.withinVariance += (off * off) / rows;
    parts.withinCovariance += (2 * off * (labels[row]! - observed[bin]! / count[bin]!)) / rows;
  }
  return parts;
}

/** The non-decreasing function of the probabilities that is closest to the labels in squares: pool adjacent violators. */
function isotonicMeans(labels: Uint8Array, probabilities: Float64Array): Float64Array {
  const order = Int32Array.from(labels.keys()).sort((a, b) => probabilities[a]! - probabilities[b]!);
  const hits = new Float64Array(order.length); // of each block
  const start = new Int32Array(order.length + 1); // of each block, in sorted positions
  let blocks = 0;
  for (let at = 0; at < order.length; ) {
    let next = at;
    let sum = 0;
    while (next < order.length && probabilities[order[next]!] === probabilities[order[at]!])
      sum += labels[order[next++]!]!;
    hits[blocks] = sum;
    start[blocks++] = at;
    start[blocks] = next;
    at = next;
    while (blocks > 1 && meanOf(blocks - 2) >= meanOf(blocks - 1)) {
      hits[blocks - 2]! += hits[blocks - 1]!;
      start[blocks - 1] = start[blocks]!;
      blocks -= 1;
    }
  }
  function meanOf(block: number): number {
    return hits[block]! / (start[block + 1]! - start[block]!);
  }
  const means = new Float64Array(order.length);
  for (let block = 0; block < blocks; block++)
    for (let at = start[block]!; at < start[block + 1]!; at++) means[order[at]!] = meanOf(block);
  return means;
}
