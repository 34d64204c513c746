import { CairnError } from "../../../../errors.ts";
import { normalCumulative } from "../../../../numeric/distributions.ts";
import { logit, sigmoid } from "../../../../numeric/log-odds.ts";
import { checkObservation, countObservation, describeProgress, OWN_NUMBERS } from "../progress-record.ts";
import { restoreTrackerState, storeTrackerState } from "../stored-state.ts";
import {
  type EstimateColumns,
  estimateAt,
  estimateBases,
  estimateColumns,
  type MasteryTracker,
  type TrackerState,
} from "../tracker.ts";
import {
  abilityMean,
  abilityVariance,
  CHANGED_AT,
  expectedChance,
  fade,
  GENERAL_MEAN,
  GENERAL_VARIANCE,
  MEAN,
  SLOPE,
  STRENGTH_NUMBERS,
  VARIANCE,
  WHOLE_NUMBERS,
  wander,
} from "./belief.ts";
import { type AbilityModel, beginFromGraph, beginStrength, placeStrength, strengthColumns, takeIn } from "./follow.ts";
import { sourceNumber } from "./observation-log.ts";
import { inferUnobserved } from "./prerequisites.ts";

const SHAPE = { whole: WHOLE_NUMBERS, perStandard: OWN_NUMBERS + STRENGTH_NUMBERS };
const OWN = estimateBases.indexOf("own");
const BY_GRAPH = estimateBases.indexOf("graph");
const BY_PRIOR = estimateBases.indexOf("prior");
const NINETY_PERCENT = 1.6448536269514722; // the normal quantile of .95: a tail of .05 on either side
/**
 * Probability from which a standard counts as mastered by abilities: reviews are planned from then on. Lower than the .95 of
 * chains, because it is calibrated where they are not: on the synthetic district the defaults were chosen on, 94 % of those at .8
 * or above truly knew the standard, against 77 % of those whom chains gave .95.
 */
export const ABILITY_MASTERED_FROM = 0.8;

const DEFAULT_CRITERION = 0.7; // the commonest passing mark

/** What a tracker knows of items. */
export interface ItemKnowledge {
  /** Item → logits. */
  readonly difficulties: ReadonlyMap<string, number>;
  /** Standard deviation of difficulties within a standard. */
  readonly itemSpread: number;
}

/**
 * Follows learners by a fitted model of ability. A standard is mastered when the learner's own chance of a right answer to its
 * average question is at least the criterion; `low` and `high` bound that chance, so mastery ≥ .95 means `low` ≥ criterion.
 * @param criterion - in (guess, 1 − slip)
 * @throws CairnError `BAD_INPUT` when the criterion is out of that range
 */
export function abilityTracker(
  model: AbilityModel,
  standards: readonly string[],
  { difficulties, itemSpread }: ItemKnowledge,
  criterion: number = DEFAULT_CRITERION,
): MasteryTracker {
  const { dynamics, easiness, graph } = model;
  const reading = readingOf(model, itemSpread, criterion);
  const columns = strengthColumns(standards.length); // scratch: nothing is asked while it is in use
  const prediction = { chance: 0, slope: 0 };

  /** Every strength as of a moment, with the graph's word for those without evidence. */
  const strengthsAt = (state: TrackerState, whole: Float64Array, at: number): void => {
    for (let standard = 0; standard < standards.length; standard++)
      placeStrength(dynamics, columns, standard, state.standards.get(standard), OWN_NUMBERS, at);
    const general = { mean: whole[GENERAL_MEAN]!, variance: whole[GENERAL_VARIANCE]! };
    inferUnobserved(graph, easiness, general, dynamics.prerequisiteSlack, columns);
  };
  const begin = (state: TrackerState, standard: number, at: number): Float64Array => {
    const numbers = new Float64Array(SHAPE.perStandard);
    beginStrength(dynamics, numbers, OWN_NUMBERS, at);
    if (graph.connected[standard] === 1 && state.standards.size > 0) {
      for (let other = 0; other < standards.length; other++)
        placeStrength(dynamics, columns, other, state.standards.get(other), OWN_NUMBERS, at);
      beginFromGraph(model, state.whole, columns, numbers, standard, OWN_NUMBERS);
    }
    return numbers;
  };
  const estimateAll: MasteryTracker["estimateAll"] = (state, asked, out) => {
    const at = Math.max(asked, state.latest);
    const whole = wholeAt(model, state, at);
    strengthsAt(state, whole, at);
    const numbers = new Float64Array(STRENGTH_NUMBERS);
    for (let standard = 0; standard < standards.length; standard++) {
      numbers[MEAN] = columns.mean[standard]!;
      numbers[SLOPE] = columns.slope[standard]!;
      numbers[VARIANCE] = columns.variance[standard]!;
      reading(whole, numbers, standard, out);
      const told = columns.reached[standard] !== 0 || state.standards.size > 0; // general ability tells of every standard
      out.basis[standard] = columns.observed[standard] === 1 ? OWN : told ? BY_GRAPH : BY_PRIOR;
      describeProgress(state.standards.get(standard), at, out, standard);
    }
  };
  const one = estimateColumns(standards.length);
  const tracker: MasteryTracker = {
    standards,
    start: () => ({
      latest: Number.NEGATIVE_INFINITY,
      whole: Float64Array.of(0, dynamics.generalSpread ** 2),
      standards: new Map(),
    }),
    observe(state, observation) {
      checkObservation(tracker, state, observation);
      const { standard, outcome, at } = observation;
      if (state.standards.size > 0) wander(dynamics, state.whole, at - state.latest);
      const known = state.standards.get(standard);
      const numbers = known ?? begin(state, standard, at);
      if (known === undefined) state.standards.set(standard, numbers);
      else fade(dynamics, numbers, OWN_NUMBERS, at);
      const difficulty = observation.item === undefined ? 0 : (difficulties.get(observation.item) ?? 0);
      const seen = { standard, difficulty, outcome, source: sourceNumber(observation.source) };
      takeIn(model, state.whole, numbers, OWN_NUMBERS, seen, prediction);
      numbers[OWN_NUMBERS + CHANGED_AT] = at;
      state.latest = at;
      reading(state.whole, numbers.subarray(OWN_NUMBERS), standard, one);
      countObservation(numbers, observation, one.mastery[standard]! >= ABILITY_MASTERED_FROM);
    },
    estimate(state, standard, at) {
      if (standards[standard] === undefined) {
        throw new CairnError("BAD_INPUT", `expected a standard in [0, ${standards.length}), got ${standard}`);
      }
      estimateAll(state, at, one);
      return estimateAt(one, standard);
    },
    estimateAll,
    store: (state) => storeTrackerState(state, SHAPE),
    restore: (stored) => restoreTrackerState(stored, SHAPE, standards.length),
  };
  return tracker;
}

/** General ability at a moment, without changing the state. */
function wholeAt({ dynamics }: AbilityModel, state: TrackerState, at: number): Float64Array {
  const whole = state.whole.slice();
  if (state.standards.size > 0) wander(dynamics, whole, at - state.latest);
  return whole;
}

type Reading = (whole: Float64Array, numbers: Float64Array, standard: number, out: EstimateColumns) => void;

/**
 * Turns a belief about ability into chances. The chance to be read is the mean over a standard's items, whose difficulties spread
 * around it: a logistic curve flattened by √(1 + π·spread²/8) (MacKay 1992, eq. 10).
 */
function readingOf({ dynamics, easiness }: AbilityModel, itemSpread: number, criterion: number): Reading {
  const { guess, slip } = dynamics;
  if (!(criterion > guess && criterion < 1 - slip)) {
    throw new CairnError(
      "BAD_INPUT",
      `expected a criterion between ${guess.toFixed(3)} and ${(1 - slip).toFixed(3)}, got ${criterion}`,
      { hint: "a chance below guessing is reached by everybody, one above slipping by nobody" },
    );
  }
  const scale = 1 / Math.sqrt(1 + (Math.PI * itemSpread * itemSpread) / 8);
  const curve = { guess, slip, scale };
  const from = logit((criterion - guess) / (1 - guess - slip)) / scale; // ability from which the chance reaches the criterion
  const chanceAt = (ability: number): number => guess + (1 - guess - slip) * sigmoid(scale * ability);
  return (whole, numbers, standard, out) => {
    const mean = abilityMean(whole, numbers, 0) + easiness[standard]!;
    const deviation = Math.sqrt(abilityVariance(whole, numbers, 0));
    out.correctNext[standard] = expectedChance(mean, deviation, curve);
    out.mastery[standard] = normalCumulative((mean - from) / deviation);
    out.low[standard] = chanceAt(mean - NINETY_PERCENT * deviation);
    out.high[standard] = chanceAt(mean + NINETY_PERCENT * deviation);
  };
}
