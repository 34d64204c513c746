import { defined, type Measured, undefinedBecause } from "../measured.ts";
import { checkScoredLabels } from "./scored-labels.ts";

const CLIP = 1e-12; // as in every table of the handbook: a certain and wrong row costs 27.6, not infinity

/**
 * Mean negative log-likelihood in nats, −(1/n)·Σ [y ln p + (1−y) ln(1−p)], with p clipped to [1e-12, 1 − 1e-12]; lower is
 * better. One confident mistake can dominate it.
 * @param labels - shape (n), each 0 or 1
 * @param probabilities - shape (n), each in [0, 1]
 * @returns a number in [0, 27.7]; undefined when n = 0
 * @throws CairnError `SHAPE_MISMATCH`, `BAD_INPUT`, `NOT_FINITE`
 */
export function logLoss(labels: Uint8Array, probabilities: Float64Array): Measured {
  checkScoredLabels(labels, probabilities, true);
  if (labels.length === 0) return undefinedBecause("no rows");
  let sum = 0;
  for (let row = 0; row < labels.length; row++) {
    const p = Math.min(Math.max(probabilities[row]!, CLIP), 1 - CLIP);
    sum -= labels[row] === 1 ? Math.log(p) : Math.log1p(-p);
  }
  return defined(sum / labels.length);
}
