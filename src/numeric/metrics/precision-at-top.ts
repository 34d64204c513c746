import { CairnError } from "../../errors.ts";
import { undefinedBecause } from "../measured.ts";
import { checkScoredLabels } from "./scored-labels.ts";

/** Precision of the k highest-scored rows, with what the order of tied rows could make of it. */
export interface PrecisionAtTop {
  readonly status: "defined";
  /** Expected precision when tied rows are taken in random order. */
  readonly value: number;
  /** Precision in the unluckiest order of the tied rows. */
  readonly worst: number;
  /** Precision in the luckiest order of the tied rows. */
  readonly best: number;
  /** Variance of the precision over random orders of the tied rows; 0 without ties. */
  readonly variance: number;
  /** k, the number of rows taken. */
  readonly count: number;
}

/**
 * The number of rows in a share of n rows: floor(share·n), guarded against 0.29·100 = 28.999….
 * @param share - in [0, 1]
 */
export function topCount(share: number, rows: number): number {
  return Math.floor(share * rows + 1e-9);
}

/**
 * Share of positives among the k rows with the highest scores: what a counselor with room for k learners meets. Ties at
 * the border are never broken by row order: expected, worst, best and variance over their orders are exact.
 * @param labels - shape (n), each 0 or 1
 * @param scores - shape (n), higher means more likely 1; no NaN
 * @param count - k, a whole number in [0, n]; see {@link topCount}
 * @returns precisions in [0, 1]; undefined when k = 0
 * @throws CairnError `SHAPE_MISMATCH`, `BAD_INPUT`, `NOT_FINITE`
 * @see McSherry and Najork (2008), Computing information retrieval performance measures efficiently in the presence of tied scores
 */
export function precisionAtTop(
  labels: Uint8Array,
  scores: Float64Array,
  count: number,
): PrecisionAtTop | { readonly status: "undefined"; readonly reason: string } {
  checkScoredLabels(labels, scores, false);
  if (!Number.isInteger(count) || count < 0 || count > labels.length) {
    throw new CairnError("BAD_INPUT", `expected a whole number of rows between 0 and ${labels.length}, got ${count}`);
  }
  if (count === 0) return undefinedBecause("no rows are taken (k = 0)");
  const border = scores.slice().sort()[scores.length - count]!;
  let above = 0;
  let aboveHits = 0;
  let tied = 0;
  let tiedHits = 0;
  for (let row = 0; row < scores.length; row++) {
    const score = scores[row]!;
    if (score > border) {
      above++;
      aboveHits += labels[row]!;
    } else if (score === border) {
      tied++;
      tiedHits += labels[row]!;
    }
  }
  const room = count - above;
  const rate = tiedHits / tied;
  return {
    status: "defined",
    value: (aboveHits + room * rate) / count,
    worst: (aboveHits + Math.max(0, room - (tied - tiedHits))) / count,
    best: (aboveHits + Math.min(room, tiedHits)) / count,
    variance: tied === 1 ? 0 : (room * rate * (1 - rate) * (tied - room)) / (tied - 1) / (count * count),
    count,
  };
}
