import { defined, type Measured, undefinedBecause } from "../measured.ts";
import { checkScoredLabels, sortedScoresOf } from "./scored-labels.ts";

/** One ROC curve: shape (knots), both from 0 to 1, non-decreasing. */
interface RocCurve {
  readonly falsePositives: Float64Array;
  readonly truePositives: Float64Array;
}

/**
 * The area between the ROC curves of two groups, ∫|ROC_a(t) − ROC_b(t)| dt over the false positive rate t: 0 when one model ranks
 * both alike. It sees curves that cross, which equal areas hide, and is at least |AUC_a − AUC_b|. It is positive by chance in
 * small groups: compare it with what permuted groups give.
 * @param labels - shape (n), each 0 or 1
 * @param scores - shape (n), higher means more likely 1; no NaN
 * @param isFirst - shape (n): 1 for a row of group a, 0 for group b
 * @returns a number in [0, 1]; undefined when a group lacks an outcome
 * @throws CairnError `SHAPE_MISMATCH`, `BAD_INPUT`, `NOT_FINITE`
 * @see Gardner, Brooks and Baker (2019), Evaluating the fairness of predictive student models through slicing analysis, LAK,
 *   equation 4; computed exactly from the merged knots
 */
export function abroca(labels: Uint8Array, scores: Float64Array, isFirst: Uint8Array): Measured {
  checkScoredLabels(labels, scores, false);
  const first = rocCurve(labels, scores, isFirst, 1);
  const second = rocCurve(labels, scores, isFirst, 0);
  if (first === undefined || second === undefined)
    return undefinedBecause("a group has only one of the two outcomes, or no rows");
  return defined(areaBetween(first, second));
}

function rocCurve(labels: Uint8Array, scores: Float64Array, group: Uint8Array, own: number): RocCurve | undefined {
  const rows = Int32Array.from(labels.keys()).filter((row) => group[row] === own);
  const ownLabels = Uint8Array.from(rows, (row) => labels[row]!);
  const ownScores = Float64Array.from(rows, (row) => scores[row]!);
  const positives = ownLabels.reduce((sum, label) => sum + label, 0);
  const negatives = rows.length - positives;
  if (positives === 0 || negatives === 0) return undefined;
  const high = sortedScoresOf(1, ownLabels, ownScores, positives);
  const low = sortedScoresOf(0, ownLabels, ownScores, negatives);
  const knots: [number, number][] = [[0, 0]];
  let [above, falsely] = [positives, negatives];
  while (above > 0 || falsely > 0) {
    const score = Math.max(
      above > 0 ? high[above - 1]! : Number.NEGATIVE_INFINITY,
      falsely > 0 ? low[falsely - 1]! : Number.NEGATIVE_INFINITY,
    );
    while (above > 0 && high[above - 1] === score) above--;
    while (falsely > 0 && low[falsely - 1] === score) falsely--;
    knots.push([(negatives - falsely) / negatives, (positives - above) / positives]);
  }
  return {
    falsePositives: Float64Array.from(knots, ([x]) => x),
    truePositives: Float64Array.from(knots, ([, y]) => y),
  };
}

/** Walks both curves from knot to knot; where a curve jumps, its limits from inside the interval count. */
function areaBetween(a: RocCurve, b: RocCurve): number {
  let [i, j] = [0, 0]; // the segment of each curve that starts at or before `from`
  let [area, from] = [0, 0];
  while (from < 1) {
    while (a.falsePositives[i + 1]! <= from) i++;
    while (b.falsePositives[j + 1]! <= from) j++;
    const to = Math.min(a.falsePositives[i + 1]!, b.falsePositives[j + 1]!);
    const start = heightAt(a, i, from) - heightAt(b, j, from);
    const end = heightAt(a, i, to) - heightAt(b, j, to);
    const [s, e] = [Math.abs(start), Math.abs(end)];
    area += (to - from) * (start * end >= 0 ? (s + e) / 2 : (s * s + e * e) / (2 * (s + e)));
    from = to;
  }
  return area;
}

function heightAt({ falsePositives: x, truePositives: y }: RocCurve, segment: number, at: number): number {
  const width = x[segment + 1]! - x[segment]!;
  return y[segment]! + ((at - x[segment]!) / width) * (y[segment + 1]! - y[segment]!);
}
