import { CairnError } from "../../errors.ts";
import { undefinedBecause } from "../measured.ts";

/**
 * Checks labels and scores once, at the door of a metric.
 * @param labels - shape (n), each 0 or 1
 * @param scores - shape (n), no NaN; any real number, or a probability when `probabilities` is set
 * @returns the number of labels that are 1
 * @throws CairnError `SHAPE_MISMATCH` when lengths differ, `BAD_INPUT` for another label or a probability outside [0, 1],
 *   `NOT_FINITE` for a score that is NaN
 */
export function checkScoredLabels(labels: Uint8Array, scores: Float64Array, probabilities: boolean): number {
  if (labels.length !== scores.length) {
    throw new CairnError(
      "SHAPE_MISMATCH",
      `expected one score per label, got ${labels.length} labels and ${scores.length} scores`,
    );
  }
  let positives = 0;
  for (let row = 0; row < labels.length; row++) {
    const label = labels[row]!;
    if (label > 1) {
      throw new CairnError("BAD_INPUT", `expected labels 0 and 1, got ${label} in row ${row}`, {
        hint: "code the bad outcome as 1",
      });
    }
    const score = scores[row]!;
    if (Number.isNaN(score))
      throw new CairnError("NOT_FINITE", `expected a score in row ${row}, got NaN`, {
        hint: "leave out rows that cannot be scored",
      });
    if (probabilities && (score < 0 || score > 1)) {
      throw new CairnError("BAD_INPUT", `expected probabilities in [0, 1], got ${score} in row ${row}`);
    }
    positives += label;
  }
  return positives;
}

/** The scores of the rows with the given label, ascending (a copy). */
export function sortedScoresOf(label: 0 | 1, labels: Uint8Array, scores: Float64Array, count: number): Float64Array {
  const chosen = new Float64Array(count);
  let next = 0;
  for (let row = 0; row < labels.length; row++) if (labels[row] === label) chosen[next++] = scores[row]!;
  return chosen.sort();
}

/** Why a metric that compares two classes does not exist for these counts; null when it does. */
export function missingClass(
  rows: number,
  positives: number,
): { readonly status: "undefined"; readonly reason: string } | null {
  if (rows === 0) return undefinedBecause("no rows");
  if (positives === 0) return undefinedBecause("all labels are 0");
  return positives === rows ? undefinedBecause("all labels are 1") : null;
}
