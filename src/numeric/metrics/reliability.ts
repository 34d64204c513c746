import { sigmoid } from "../log-odds.ts";
import { undefinedBecause } from "../measured.ts";
import { normalTwoSided } from "../tail-areas.ts";
import { BINS, equalMassBins } from "./equal-mass-bins.ts";
import { checkScoredLabels } from "./scored-labels.ts";
import { type Interval, wilsonInterval } from "./wilson.ts";

const FURTHEST = 1e-12; // probabilities are read as log-odds within ±27.6, as the log loss clips them
const STEPS = 50; // Newton on two numbers: 5 to 8 are usual
const SETTLED = 1e-10; // gradient per row
const ROUNDING = 1e-12; // relative: a sum over rows does not know its value better than this

/** One point of a reliability curve. */
export interface ReliabilityPoint {
  readonly rows: number;
  /** Mean probability. */
  readonly predicted: number;
  /** Share of rows with label 1. */
  readonly observed: number;
  /** Wilson's 95 % interval of `observed`: a point whose `predicted` lies inside is no evidence of miscalibration. */
  readonly interval: Interval;
}

/** How probabilities compare with what came. */
export interface Reliability {
  readonly status: "defined";
  /** How the curve was binned, for whoever draws it. */
  readonly binning: "ten equal-mass bins";
  /** Bins that hold rows, the least probable first. */
  readonly curve: readonly ReliabilityPoint[];
  /** Mean probability − share of label 1: over 0 says the probabilities are too high. */
  readonly inTheLarge: number;
  /** a and b of label ~ σ(a + b·logit p); 0 and 1 are ideal, b below 1 says the probabilities are too extreme. */
  readonly line:
    | { readonly intercept: number; readonly slope: number }
    | { readonly status: "undefined"; readonly reason: string };
  /** Spiegelhalter's z, standard normal when the probabilities are right, and its two-sided p-value. */
  readonly spiegelhalter:
    | { readonly z: number; readonly p: number }
    | { readonly status: "undefined"; readonly reason: string };
}

/**
 * The reliability curve of some probabilities, and what is said in a number about it.
 * @param labels - shape (n), each 0 or 1
 * @param probabilities - shape (n), each in [0, 1]
 * @returns undefined when n = 0
 * @throws CairnError `SHAPE_MISMATCH`, `BAD_INPUT`, `NOT_FINITE`
 * @see Cox (1958), Biometrika 45; Spiegelhalter (1986), Statistics in Medicine 5, equation 4
 */
export function reliability(
  labels: Uint8Array,
  probabilities: Float64Array,
): Reliability | { readonly status: "undefined"; readonly reason: string } {
  const positives = checkScoredLabels(labels, probabilities, true);
  const rows = labels.length;
  if (rows === 0) return undefinedBecause("no rows");
  const { count, predicted, observed } = equalMassBins(labels, probabilities);
  const filled = Array.from({ length: BINS }, (_, bin) => bin).filter((bin) => count[bin]! > 0);
  return {
    status: "defined",
    binning: "ten equal-mass bins",
    curve: filled.map((bin) => ({
      rows: count[bin]!,
      predicted: Math.min(1, predicted[bin]! / count[bin]!), // a sum of ones may round above the count
      observed: observed[bin]! / count[bin]!,
      interval: wilsonInterval(observed[bin]!, count[bin]!),
    })),
    inTheLarge: (probabilities.reduce((sum, p) => sum + p, 0) - positives) / rows,
    line:
      positives === 0 || positives === rows ? undefinedBecause("all labels are equal") : coxLine(labels, probabilities),
    spiegelhalter: spiegelhalterTest(labels, probabilities),
  };
}

function spiegelhalterTest(labels: Uint8Array, probabilities: Float64Array): Reliability["spiegelhalter"] {
  let sum = 0;
  let variance = 0;
  for (let row = 0; row < labels.length; row++) {
    const p = probabilities[row]!;
    sum += (labels[row]! - p) * (1 - 2 * p);
    variance += (1 - 2 * p) ** 2 * p * (1 - p);
  }
  if (variance === 0) return undefinedBecause("every probability is 0, ½ or 1");
  const z = sum / Math.sqrt(variance);
  return { z, p: normalTwoSided(z) };
}

/** Maximum likelihood of label ~ σ(a + b·logit p), by Newton's method with step halving. */
function coxLine(labels: Uint8Array, probabilities: Float64Array): Reliability["line"] {
  const x = probabilities.map((p) => {
    const kept = Math.min(Math.max(p, FURTHEST), 1 - FURTHEST);
    return Math.log(kept) - Math.log1p(-kept);
  });
  if (x.every((value) => value === x[0])) return undefinedBecause("all probabilities are equal");
  if (areSplit(labels, x)) return undefinedBecause("the probabilities split the labels");
  const logLoss = (a: number, b: number): number =>
    x.reduce((sum, value, row) => {
      const z = (labels[row] === 1 ? -1 : 1) * (a + b * value);
      return sum + Math.max(z, 0) + Math.log1p(Math.exp(-Math.abs(z)));
    }, 0);
  let [a, b] = [0, 1];
  let loss = logLoss(a, b);
  for (let step = 0; step < STEPS; step++) {
    let [g0, g1, h00, h01, h11] = [0, 0, 0, 0, 0];
    for (let row = 0; row < x.length; row++) {
      const p = sigmoid(a + b * x[row]!);
      const [r, w] = [labels[row]! - p, p * (1 - p)];
      g0 += r;
      g1 += r * x[row]!;
      h00 += w;
      h01 += w * x[row]!;
      h11 += w * x[row]! * x[row]!;
    }
    const determinant = h00 * h11 - h01 * h01;
    if (!(determinant > 0)) break;
    if (Math.max(Math.abs(g0), Math.abs(g1)) <= SETTLED * x.length) return { intercept: a, slope: b };
    const [da, db] = [(h11 * g0 - h01 * g1) / determinant, (h00 * g1 - h01 * g0) / determinant];
    let share = 1;
    while (share > 1e-8 && !(logLoss(a + share * da, b + share * db) <= loss * (1 + ROUNDING))) share /= 2;
    a += share * da;
    b += share * db;
    loss = logLoss(a, b);
  }
  return undefinedBecause("the labels are all but split by the probabilities");
}

/** Whether no row of one label lies beyond a row of the other: then no slope is the best. */
function areSplit(labels: Uint8Array, x: Float64Array): boolean {
  const least = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
  const most = [Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const [row, label] of labels.entries()) {
    least[label] = Math.min(least[label]!, x[row]!);
    most[label] = Math.max(most[label]!, x[row]!);
  }
  return most[0]! <= least[1]! || most[1]! <= least[0]!;
}
