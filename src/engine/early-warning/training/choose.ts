import { precisionAtTop, topCount } from "../../../numeric/metrics/precision-at-top.ts";
import type { Random } from "../../../numeric/random.ts";
import { chooseBest } from "../../evaluation/choose-best.ts";

/** The share of learners a counselor's capacity is taken to be where nobody has said otherwise. */
export const CAPACITY_SHARE = 0.1;

const DRAWS = 200; // a standard error to about 5 %

/**
 * Chooses among candidates by what they said of rows they had not seen: of those whose Brier loss is within one standard error of
 * the lowest, the first whose precision at the capacity is within one standard error of the best of them. Candidates come simplest
 * first, so inside the noise the simpler one wins, and a night's noise does not change the model.
 * @param probabilities - one array of shape (n) per candidate, the simplest first; at least one
 * @param labels - shape (n), each 0 or 1
 * @returns the index of the chosen candidate
 */
export function chooseCandidate(probabilities: readonly Float64Array[], labels: Uint8Array, rng: Random): number {
  const lowest = lowestBrier(probabilities, labels);
  const close = probabilities.flatMap((own, index) =>
    index === lowest || chooseBest([own, probabilities[lowest]!], labels, rng.derive(`brier ${index}`)) === 0
      ? [index]
      : [],
  );
  const count = Math.max(1, topCount(CAPACITY_SHARE, labels.length));
  const precisions = close.map((index) => precision(probabilities[index]!, labels, count));
  const best = precisions.indexOf(Math.max(...precisions));
  const chosen = close.findIndex((index, place) => {
    if (place === best) return true;
    const error = precisionError(probabilities[index]!, probabilities[close[best]!]!, labels, count, rng.derive(place));
    return precisions[best]! - precisions[place]! <= error;
  });
  return close[chosen]!;
}

function lowestBrier(probabilities: readonly Float64Array[], labels: Uint8Array): number {
  const losses = probabilities.map((own) => own.reduce((sum, p, row) => sum + (p - labels[row]!) ** 2, 0));
  return losses.indexOf(Math.min(...losses));
}

function precision(probabilities: Float64Array, labels: Uint8Array, count: number): number {
  const measured = precisionAtTop(labels, probabilities, count);
  return measured.status === "defined" ? measured.value : 0;
}

/** Standard deviation of the difference in precision over resamples of the rows. */
function precisionError(
  one: Float64Array,
  other: Float64Array,
  labels: Uint8Array,
  count: number,
  rng: Random,
): number {
  const rows = labels.length;
  const [a, b, own] = [new Float64Array(rows), new Float64Array(rows), new Uint8Array(rows)];
  const differences = Float64Array.from({ length: DRAWS }, () => {
    for (let row = 0; row < rows; row++) {
      const drawn = rng.integer(rows);
      a[row] = one[drawn]!;
      b[row] = other[drawn]!;
      own[row] = labels[drawn]!;
    }
    return precision(b, own, count) - precision(a, own, count);
  });
  const mean = differences.reduce((sum, value) => sum + value, 0) / DRAWS;
  return Math.sqrt(differences.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (DRAWS - 1));
}
