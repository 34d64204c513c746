import type { SkillSequences } from "./sequences.ts";

/** Positions of a skill's parameters in a Float64Array of {@link PARAMETERS}. All are probabilities. */
export const PRIOR = 0;
/** P(unknown → known) after a response. */
export const LEARN = 1;
/** P(known → unknown) after a response; 0 in the classic model. */
export const FORGET = 2;
/** P(right, given unknown). */
export const GUESS = 3;
/** P(wrong, given known). */
export const SLIP = 4;
/** Parameters per skill. With classes of items, a guess and a slip of each class follow them, pair by pair. */
export const PARAMETERS = 5;

/** Positions in the expected counts of one E-step: for parameter k, `2k` holds the events and `2k + 1` the occasions. */
export const COUNTS: number = 2 * PARAMETERS;

/** Scratch of the forward–backward pass, reused by every skill and iteration. */
export interface ChainWorkspace {
  /** Shape (2 × longest sequence): P(known), P(unknown) before each response; both, for 1 − p forgets small digits. */
  readonly predicted: Float64Array;
  /** Shape (2 × longest sequence): the same after each response, before learning. */
  readonly filtered: Float64Array;
  /** Shape (COUNTS), and 4 more for each class of items. */
  readonly counts: Float64Array;
}

/**
 * Scratch for sequences of up to `longest` responses.
 * @param classes - classes of items with a guess and a slip of their own
 */
export function chainWorkspace(longest: number, classes = 0): ChainWorkspace {
  return {
    predicted: new Float64Array(2 * longest),
    filtered: new Float64Array(2 * longest),
    counts: new Float64Array(COUNTS + 4 * classes),
  };
}

/**
 * P(outcome | state) for a response of credit s when the state answers right with probability `right`:
 * right^s·(1 − right)^(1−s), the likelihood itself for s = 0 and 1.
 */
export function evidence(right: number, credit: number): number {
  if (credit === 1) return right;
  if (credit === 0) return 1 - right;
  return right ** credit * (1 - right) ** (1 - credit);
}

/**
 * P(known) before the next response, from P(known) before this one: posterior by Bayes, then learning and forgetting.
 * @param known - in [0, 1]
 * @param credit - of the response, in [0, 1]
 * @param parameters - of the skill, from `offset`
 * @param guess - of the item's class; the skill's own when left out
 * @param slip - of the item's class; the skill's own when left out
 */
export function advance(
  known: number,
  credit: number,
  parameters: Float64Array,
  offset: number,
  guess: number = parameters[offset + GUESS]!,
  slip: number = parameters[offset + SLIP]!,
): number {
  const right = known * evidence(1 - slip, credit);
  const wrong = (1 - known) * evidence(guess, credit);
  const posterior = right / (right + wrong);
  return posterior * (1 - parameters[offset + FORGET]!) + (1 - posterior) * parameters[offset + LEARN]!;
}

/** P(next response is right) for P(known) = `known`: known·(1 − slip) + (1 − known)·guess. */
export function successProbability(known: number, parameters: Float64Array, offset: number): number {
  return known * (1 - parameters[offset + SLIP]!) + (1 - known) * parameters[offset + GUESS]!;
}

const SMALLEST_PRODUCT = 1e-280; // one factor is at least 1e-4, so the product is logged well before it underflows

/**
 * One E-step over all sequences of a skill: scaled forward–backward with two states.
 * @param parameters - shape (PARAMETERS + 2·classes), each inside (0, 1) (forgetting may be 0); of shape (PARAMETERS) all
 * answers go by the one guess and slip
 * @param workspace - `counts` is overwritten with the expected events and occasions of each parameter
 * @returns log-likelihood of the skill's responses
 * @see Corbett and Anderson (1995); Rabiner (1989), section III, with scaling by the predicted probabilities
 */
export function expectedCounts(
  { outcome, pair, start, weight }: SkillSequences,
  parameters: Float64Array,
  { predicted, filtered, counts }: ChainWorkspace,
): number {
  const prior = parameters[PRIOR]!;
  const learn = parameters[LEARN]!;
  const stay = 1 - learn;
  const forget = parameters[FORGET]!;
  const keep = 1 - forget;
  const step = parameters.length > PARAMETERS ? 2 : 0; // from one pair of guess and slip to the next
  counts.fill(0);
  let logLikelihood = 0;
  let priorEvents = 0;
  let priorOccasions = 0;
  let learnEvents = 0;
  let learnOccasions = 0;
  let forgetEvents = 0;
  let forgetOccasions = 0;
  for (let sequence = 0; sequence < weight.length; sequence++) {
    const from = start[sequence]!;
    const length = start[sequence + 1]! - from;
    const times = weight[sequence]!;

    let known = prior;
    let unknown = 1 - prior;
    let product = 1;
    let logs = 0;
    for (let t = 0; t < length; t++) {
      const credit = outcome[from + t]!;
      const own = step * pair[from + t]!;
      const joint = known * evidence(1 - parameters[SLIP + own]!, credit);
      const other = unknown * evidence(parameters[GUESS + own]!, credit);
      const total = joint + other;
      predicted[2 * t] = known;
      predicted[2 * t + 1] = unknown;
      const state1 = joint / total;
      const state0 = other / total;
      filtered[2 * t] = state1;
      filtered[2 * t + 1] = state0;
      known = state1 * keep + state0 * learn;
      unknown = state1 * forget + state0 * stay;
      product *= total;
      if (product < SMALLEST_PRODUCT) {
        logs += Math.log(product);
        product = 1;
      }
    }
    logLikelihood += times * (logs + Math.log(product));

    let smoothed = filtered[2 * length - 2]!;
    let not = filtered[2 * length - 1]!;
    for (let t = length - 1; ; t--) {
      const credit = outcome[from + t]!;
      const own = 2 * (GUESS + step * pair[from + t]!);
      counts[own]! += times * not * credit;
      counts[own + 1]! += times * not;
      counts[own + 2]! += times * smoothed * (1 - credit);
      counts[own + 3]! += times * smoothed;
      if (t === 0) break;
      const known1 = smoothed / predicted[2 * t]!;
      const known0 = not / predicted[2 * t + 1]!;
      const state1 = filtered[2 * t - 2]!;
      const state0 = filtered[2 * t - 1]!;
      const learned = state0 * learn * known1;
      const forgotten = state1 * forget * known0;
      smoothed = state1 * keep * known1 + forgotten;
      not = state0 * stay * known0 + learned;
      learnEvents += times * learned;
      learnOccasions += times * not;
      forgetEvents += times * forgotten;
      forgetOccasions += times * smoothed;
    }
    priorEvents += times * smoothed;
    priorOccasions += times;
  }
  counts[2 * PRIOR] = priorEvents;
  counts[2 * PRIOR + 1] = priorOccasions;
  counts[2 * LEARN] = learnEvents;
  counts[2 * LEARN + 1] = learnOccasions;
  counts[2 * FORGET] = forgetEvents;
  counts[2 * FORGET + 1] = forgetOccasions;
  return logLikelihood;
}
