import { CairnError } from "../../errors.ts";
import { normalTwoSidedQuantile } from "../distributions.ts";

/** A range of values, both ends included. */
export interface Interval {
  readonly low: number;
  readonly high: number;
}

/**
 * Wilson's interval for a rate: centre (x/n + z²/2n)/(1 + z²/n), half-width z·√((x/n)(1−x/n)/n + z²/4n²)/(1 + z²/n). It stays
 * inside [0, 1] and keeps a width where no row, or every row, is a hit.
 * @param hits - x, in [0, n]; need not be whole, so that rows that belong together can count as fewer
 * @param count - n, above 0
 * @param confidence - in (0, 1)
 * @throws CairnError `BAD_INPUT` outside these ranges
 * @see Wilson (1927), JASA 22(158)
 */
export function wilsonInterval(hits: number, count: number, confidence = 0.95): Interval {
  if (!(count > 0 && hits >= 0 && hits <= count)) {
    throw new CairnError("BAD_INPUT", `expected hits from 0 to a count above 0, got ${hits} of ${count}`);
  }
  const z = normalTwoSidedQuantile(1 - confidence);
  const rate = hits / count;
  const squareShare = (z * z) / count;
  const centre = (rate + squareShare / 2) / (1 + squareShare);
  const half = (z * Math.sqrt((rate * (1 - rate)) / count + squareShare / (4 * count))) / (1 + squareShare);
  return { low: hits === 0 ? 0 : Math.max(0, centre - half), high: hits === count ? 1 : Math.min(1, centre + half) };
}
