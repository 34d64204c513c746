import { sigmoid } from "../../../numeric/log-odds.ts";
import type { ItemResponseLog } from "../item-log.ts";
import { type AbilityGrid, believe, successTable } from "./ability-grid.ts";

const NEWTON_STEPS = 5; // per M-step; EM goes on where they stop
const LONGEST_MOVE = 1; // of a slope or an easiness in one Newton step, so that a rare item cannot jump away

/** Normal priors on an item's parameters: they matter for items with few answers only. */
export const ITEM_PRIOR = { slope: 1, slopeVariance: 0.25, easinessVariance: 4 } as const;

/** Expected answers of one E-step. */
export interface ExpectedAnswers {
  /** Shape (items × nodes): expected answers by learners of that ability, and right ones among them. */
  readonly answers: Float64Array;
  readonly right: Float64Array;
  /** ln of the marginal likelihood of all learners' answers. */
  readonly logLikelihood: number;
}

/**
 * E-step: what learners of each ability answered to each item, in expectation.
 * @see Bock and Aitkin (1981), Marginal maximum likelihood estimation of item parameters, Psychometrika 46, eq. 9 to 11
 */
export function expectAnswers(
  log: ItemResponseLog,
  grid: AbilityGrid,
  slope: Float64Array,
  easiness: Float64Array,
): ExpectedAnswers {
  const nodes = grid.prior.length;
  const table = successTable(grid, slope, easiness);
  const answers = new Float64Array(table.length);
  const right = new Float64Array(table.length);
  const belief = new Float64Array(nodes);
  let logLikelihood = 0;
  for (let learner = 0; learner + 1 < log.learnerStart.length; learner++) {
    const [from, to] = [log.learnerStart[learner]!, log.learnerStart[learner + 1]!];
    belief.set(grid.prior);
    for (let row = from; row < to; row++)
      logLikelihood += Math.log(believe(belief, table, log.item[row]! * nodes, log.outcome[row]!));
    for (let row = from; row < to; row++) {
      const offset = log.item[row]! * nodes;
      for (let node = 0; node < nodes; node++) {
        answers[offset + node]! += belief[node]!;
        right[offset + node]! += log.outcome[row]! * belief[node]!;
      }
    }
  }
  return { answers, right, logLikelihood };
}

/** First and second derivatives of an item's expected log-likelihood plus log prior. */
interface Slopes {
  readonly bySlope: number;
  readonly byEasiness: number;
  readonly slopeCurvature: number;
  readonly easinessCurvature: number;
  readonly mixedCurvature: number;
}

function slopesAt(
  expected: ExpectedAnswers,
  { ability }: AbilityGrid,
  item: number,
  slope: number,
  easiness: number,
  start: number,
): Slopes {
  let bySlope = (ITEM_PRIOR.slope - slope) / ITEM_PRIOR.slopeVariance;
  let byEasiness = (start - easiness) / ITEM_PRIOR.easinessVariance;
  let slopeCurvature = 1 / ITEM_PRIOR.slopeVariance;
  let easinessCurvature = 1 / ITEM_PRIOR.easinessVariance;
  let mixedCurvature = 0;
  for (let node = 0, at = item * ability.length; node < ability.length; node++, at++) {
    const p = sigmoid(slope * ability[node]! + easiness);
    const residual = expected.right[at]! - expected.answers[at]! * p;
    const information = expected.answers[at]! * p * (1 - p);
    bySlope += residual * ability[node]!;
    byEasiness += residual;
    slopeCurvature += information * ability[node]! * ability[node]!;
    easinessCurvature += information;
    mixedCurvature += information * ability[node]!;
  }
  return { bySlope, byEasiness, slopeCurvature, easinessCurvature, mixedCurvature };
}

const bounded = (move: number): number => Math.max(-LONGEST_MOVE, Math.min(LONGEST_MOVE, move));

/**
 * M-step: Newton's method on every item's slope and easiness.
 * @param start - log-odds of the overall share of right answers: the mean of the easiness prior
 * @param slope - shape (items), overwritten
 * @param easiness - shape (items), overwritten
 */
export function maximizeItems(
  expected: ExpectedAnswers,
  grid: AbilityGrid,
  start: number,
  slope: Float64Array,
  easiness: Float64Array,
): void {
  for (let item = 0; item < slope.length; item++) {
    for (let step = 0; step < NEWTON_STEPS; step++) {
      const own = slopesAt(expected, grid, item, slope[item]!, easiness[item]!, start);
      const determinant = own.slopeCurvature * own.easinessCurvature - own.mixedCurvature ** 2;
      slope[item]! += bounded(
        (own.easinessCurvature * own.bySlope - own.mixedCurvature * own.byEasiness) / determinant,
      );
      easiness[item]! += bounded(
        (own.slopeCurvature * own.byEasiness - own.mixedCurvature * own.bySlope) / determinant,
      );
    }
  }
}

/** The same with one slope for all items (the one-parameter model with a free ability scale). */
export function maximizeSharedSlope(
  expected: ExpectedAnswers,
  grid: AbilityGrid,
  start: number,
  slope: Float64Array,
  easiness: Float64Array,
): void {
  for (let step = 0; step < NEWTON_STEPS; step++) {
    let bySlope = 0;
    let curvature = 0;
    for (let item = 0; item < slope.length; item++) {
      const own = slopesAt(expected, grid, item, slope[item]!, easiness[item]!, start);
      // What is left of the slope's derivatives once the item's easiness has answered to it.
      bySlope += own.bySlope - (own.mixedCurvature * own.byEasiness) / own.easinessCurvature;
      curvature += own.slopeCurvature - own.mixedCurvature ** 2 / own.easinessCurvature;
    }
    const move = bounded(bySlope / curvature);
    for (let item = 0; item < slope.length; item++) {
      const own = slopesAt(expected, grid, item, slope[item]!, easiness[item]!, start);
      easiness[item]! += bounded((own.byEasiness - own.mixedCurvature * move) / own.easinessCurvature);
      slope[item]! += move;
    }
  }
}
