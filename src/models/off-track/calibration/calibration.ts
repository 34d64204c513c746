import { CairnError } from "../../../errors.ts";
import type { Estimator, FittedModel } from "../../estimator.ts";

/** What a calibration learns from: log-odds of a model on rows it was not fitted on, and what then happened. */
export interface ScoredRows {
  /** Shape (n): log-odds, finite. */
  readonly scores: Float64Array;
  /** Shape (n), each 0 or 1. */
  readonly labels: Uint8Array;
}

/** A fitted, never decreasing map from log-odds to log-odds: it changes probabilities and never turns a ranking round. */
export interface FittedCalibration extends FittedModel {
  /** What the log-odds of every score are multiplied by; present where the map is a line, so that reasons stay additive. */
  readonly slope?: number;
  /**
   * Calibrated log-odds, finite.
   * @param scores - shape (n), finite
   * @param out - shape (n), overwritten; may be `scores` itself
   * @throws CairnError `SHAPE_MISMATCH`
   */
  calibrate(scores: Float64Array, out: Float64Array): void;
}

/** A recipe for a {@link FittedCalibration}. */
export type Calibration = Estimator<ScoredRows, FittedCalibration>;

/**
 * Checks what a calibration is to learn from, once.
 * @returns the number of rows whose label is 1
 * @throws CairnError `SHAPE_MISMATCH`, `NOT_FINITE`, `BAD_INPUT`, `SINGLE_CLASS`
 */
export function checkScoredRows({ scores, labels }: ScoredRows): number {
  if (scores.length !== labels.length) {
    throw new CairnError(
      "SHAPE_MISMATCH",
      `expected one label per score, got ${scores.length} scores and ${labels.length} labels`,
    );
  }
  let positives = 0;
  for (let row = 0; row < labels.length; row++) {
    if (labels[row]! > 1)
      throw new CairnError("BAD_INPUT", `expected labels 0 and 1, got ${labels[row]} in row ${row}`);
    if (!Number.isFinite(scores[row]!)) {
      throw new CairnError("NOT_FINITE", `expected finite log-odds, got ${scores[row]} in row ${row}`, {
        hint: "clip probabilities of 0 and 1 before taking log-odds",
      });
    }
    positives += labels[row]!;
  }
  if (positives === 0 || positives === labels.length) {
    throw new CairnError(
      "SINGLE_CLASS",
      `expected both outcomes to calibrate on, got ${labels.length} rows with ${positives} positives`,
      { hint: "calibrate on more rows" },
    );
  }
  return positives;
}

/** @throws CairnError `SHAPE_MISMATCH` when the output is not as long as the scores */
export function checkRoom(scores: Float64Array, out: Float64Array): void {
  if (scores.length !== out.length)
    throw new CairnError("SHAPE_MISMATCH", `expected room for ${scores.length} numbers, got ${out.length}`);
}

/**
 * Platt's targets, (N⁺+1)/(N⁺+2) for a positive row and 1/(N⁻+2) for another one: with few rows, or rows the score
 * separates, certainty would otherwise be learned from accident.
 * @see Platt (1999), Probabilistic outputs for support vector machines, section 2.2
 */
export function smoothedTargets(labels: Uint8Array, positives: number): Float64Array {
  const high = (positives + 1) / (positives + 2);
  const low = 1 / (labels.length - positives + 2);
  return Float64Array.from(labels, (label) => (label === 1 ? high : low));
}
