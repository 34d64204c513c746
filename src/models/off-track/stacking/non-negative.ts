import { CairnError } from "../../../errors.ts";
import { logit } from "../../../numeric/log-odds.ts";
import { smoothedTargets } from "../calibration/calibration.ts";
import { fitLogOdds } from "../calibration/fit-log-odds.ts";

/** Most scores that can be weighed at once: every subset of them is fitted. */
export const MOST_SCORES = 6;

/** How several log-odds become one: Σ weight·score + intercept. */
export interface ScoreWeights {
  /** One per score, 0 or more. */
  readonly weights: readonly number[];
  readonly intercept: number;
}

/**
 * Non-negative weights and an intercept that make the log loss of a weighted sum of log-odds least. A negative weight would
 * say that a model is to be disbelieved, which between models that agree is chance; held at 0 or more, what repeats the others
 * gets no weight. The minimum lies where the scores without weight leave the others free, so the best of the unconstrained
 * minima that come out non-negative, over all subsets, is exact. Targets are Platt's, so separated rows have a minimum, too.
 * @param scores - 1 to {@link MOST_SCORES} arrays of shape (n), finite log-odds of rows their models did not see
 * @param labels - shape (n), each 0 or 1, both present
 * @throws CairnError `BAD_INPUT` for another number of scores, `NOT_CONVERGED`
 * @see Breiman (1996), Stacked regressions (why weights are held non-negative)
 */
export function weighNonNegatively(scores: readonly Float64Array[], labels: Uint8Array): ScoreWeights {
  if (scores.length === 0 || scores.length > MOST_SCORES)
    throw new CairnError("BAD_INPUT", `expected 1 to ${MOST_SCORES} scores to weigh, got ${scores.length}`);
  const positives = labels.reduce((sum, label) => sum + label, 0);
  const targets = smoothedTargets(labels, positives);
  const start = logit(targets.reduce((sum, target) => sum + target, 0) / targets.length);
  let best = fitLogOdds([], targets, start);
  let members: readonly number[] = [];
  for (let subset = 1; subset < 1 << scores.length; subset++) {
    const chosen = scores.flatMap((_, index) => ((subset >> index) & 1 ? [index] : []));
    const fit = fitLogOdds(
      chosen.map((index) => scores[index]!),
      targets,
      start,
    );
    const isAllowed = chosen.every((_, place) => fit.weights[place]! >= 0);
    if (isAllowed && fit.loss < best.loss) {
      best = fit;
      members = chosen;
    }
  }
  return {
    weights: scores.map((_, index) => (members.includes(index) ? best.weights[members.indexOf(index)]! : 0)),
    intercept: best.weights[members.length]!,
  };
}
