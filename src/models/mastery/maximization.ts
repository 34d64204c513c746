import { COUNTS, FORGET, GUESS, LEARN, PARAMETERS, PRIOR, SLIP } from "./chain.ts";

/** No parameter comes closer to 0 or 1 than this: a chain that is certain can never change its mind. */
export const CLAMP = 1e-4;

/** Guess + slip stays at or below this: above 1 "known" would mean "more likely to be wrong". */
export const LARGEST_GUESS_PLUS_SLIP = 0.95;

const HALVINGS = 60; // of an interval no longer than 1: beyond this a double does not change

/** What the prior expects of each parameter: .2 and .1 are what tutors assume of guess and slip, the rest is mild. */
const PRIOR_MEANS: Readonly<Record<number, number>> = {
  [PRIOR]: 0.5,
  [LEARN]: 0.15,
  [FORGET]: 0.05,
  [GUESS]: 0.2,
  [SLIP]: 0.1,
};

/**
 * Beta priors as imagined counts, laid out as in the E-step: events at `2k`, occasions at `2k + 1` (α − 1 and α + β − 2).
 * @param strength - imagined occasions behind each parameter, 0 or more; 0 is maximum likelihood
 */
export function priorCounts(strength: number): Float64Array {
  const counts = new Float64Array(COUNTS);
  for (let k = 0; k < PARAMETERS; k++) {
    counts[2 * k] = strength * PRIOR_MEANS[k]!;
    counts[2 * k + 1] = strength;
  }
  return counts;
}

/**
 * Priors for a skill whose items come in classes: those of {@link priorCounts}, and for the guess and slip of every class
 * imagined responses that say what the skill's own said. So a class with few answers stays near its skill.
 * @param skill - the skill's parameters without classes, shape (PARAMETERS)
 * @param strength - imagined responses per class and parameter, 0 or more
 * @returns shape (COUNTS + 4·classes)
 */
export function classPriorCounts(
  prior: Float64Array,
  skill: Float64Array,
  classes: number,
  strength: number,
): Float64Array {
  const counts = new Float64Array(COUNTS + 4 * classes);
  counts.set(prior);
  for (let pair = 0; pair <= classes; pair++) {
    const at = 2 * (GUESS + 2 * pair);
    counts.set([strength * skill[GUESS]!, strength, strength * skill[SLIP]!, strength], at);
  }
  return counts;
}

/** ln of the Beta priors' density at `parameters`, up to a constant; a forgetting of 0 is held there and not counted. */
export function logPrior(parameters: Float64Array, prior: Float64Array): number {
  let sum = 0;
  for (let k = 0; k < parameters.length; k++) {
    const events = prior[2 * k]!;
    if (prior[2 * k + 1] === 0 || (k === FORGET && parameters[k] === 0)) continue;
    sum += events * Math.log(parameters[k]!) + (prior[2 * k + 1]! - events) * Math.log1p(-parameters[k]!);
  }
  return sum;
}

/**
 * One M-step: the parameters that maximise the expected log-likelihood plus the log prior, inside [CLAMP, 1 − CLAMP] and
 * with guess + slip at most {@link LARGEST_GUESS_PLUS_SLIP}. The optimum under both limits is exact, so the penalised
 * likelihood never falls. A forgetting of 0 stays 0.
 * @param counts - shape (COUNTS + 4·classes), from the E-step
 * @param prior - of the same shape, from {@link priorCounts} or {@link classPriorCounts}
 * @param parameters - shape (PARAMETERS + 2·classes), overwritten
 */
export function maximize(counts: Float64Array, prior: Float64Array, parameters: Float64Array): void {
  for (let k = 0; k < parameters.length; k++) {
    if (k === FORGET && parameters[k] === 0) continue;
    const occasions = counts[2 * k + 1]! + prior[2 * k + 1]!;
    if (occasions > 0) parameters[k] = inside((counts[2 * k]! + prior[2 * k]!) / occasions);
  }
  for (let guess = GUESS; guess < parameters.length; guess += 2) {
    if (parameters[guess]! + parameters[guess + 1]! > LARGEST_GUESS_PLUS_SLIP)
      maximizeOnLimit(counts, prior, parameters, guess);
  }
}

/** The best guess and slip with guess + slip = limit: a concave function of guess, so its falling slope is bisected. */
function maximizeOnLimit(counts: Float64Array, prior: Float64Array, parameters: Float64Array, at: number): void {
  const guessed = counts[2 * at]! + prior[2 * at]!;
  const notGuessed = counts[2 * at + 1]! + prior[2 * at + 1]! - guessed;
  const slipped = counts[2 * at + 2]! + prior[2 * at + 2]!;
  const notSlipped = counts[2 * at + 3]! + prior[2 * at + 3]! - slipped;
  let low = CLAMP;
  let high = LARGEST_GUESS_PLUS_SLIP - CLAMP;
  for (let halving = 0; halving < HALVINGS; halving++) {
    const guess = (low + high) / 2;
    const slip = LARGEST_GUESS_PLUS_SLIP - guess;
    const slope = guessed / guess - notGuessed / (1 - guess) - slipped / slip + notSlipped / (1 - slip);
    if (slope > 0) low = guess;
    else high = guess;
  }
  parameters[at] = (low + high) / 2;
  parameters[at + 1] = inside(LARGEST_GUESS_PLUS_SLIP - parameters[at]!);
}

/** Whether guess + slip of every pair stays at or below {@link LARGEST_GUESS_PLUS_SLIP}. */
export function allowed(parameters: Float64Array): boolean {
  for (let guess = GUESS; guess < parameters.length; guess += 2) {
    if (parameters[guess]! + parameters[guess + 1]! > LARGEST_GUESS_PLUS_SLIP) return false;
  }
  return true;
}

/** A probability in [CLAMP, 1 − CLAMP]. */
export function inside(value: number): number {
  return Math.min(1 - CLAMP, Math.max(CLAMP, value));
}
