import type { AbilityDynamics } from "./dynamics.ts";

/** Position of the mean of general ability, which is believed to be normal. */
export const GENERAL_MEAN = 0;
/** Position of its variance. */
export const GENERAL_VARIANCE = 1;
/** Numbers about the learner as a whole. */
export const WHOLE_NUMBERS = 2;

/**
 * Position of the mean at z = 0 of the strength on one standard, given general ability z: normal with mean MEAN + SLOPE·z and
 * variance VARIANCE. Kept this way, an answer on one standard leaves what is believed of all others, given z, as it is: that
 * is why an update takes constant time.
 */
export const MEAN = 0;
/** Position of what the mean gains with general ability. */
export const SLOPE = 1;
/** Position of the variance given general ability. */
export const VARIANCE = 2;
/** Milliseconds of the last change. */
export const CHANGED_AT = 3;
/** Numbers per standard. */
export const STRENGTH_NUMBERS = 4;

const DAY = 86_400_000;
const LEAST_VARIANCE = 1e-9; // rounding must not make a variance negative

// Gauss and Hermite, seven points for a standard normal: exact for polynomials up to degree 13. Abramowitz and Stegun, 25.10.
const POINTS = Float64Array.of(
  -3.750439717725742,
  -2.366759410734541,
  -1.154405394739968,
  0,
  1.154405394739968,
  2.366759410734541,
  3.750439717725742,
);
const WEIGHTS = Float64Array.of(
  0.0005482688559722181,
  0.03075712396758651,
  0.2401231786050127,
  0.4571428571428571,
  0.2401231786050127,
  0.03075712396758651,
  0.0005482688559722181,
);

/** What an observation is compared with. */
export interface Expected {
  /** Logits added to general ability and strength: the easiness of the standard less the difficulty of the item. */
  readonly easiness: number;
  readonly guess: number;
  readonly slip: number;
  /** How many answers it weighs. */
  readonly weight: number;
}

/** What was expected of an observation before it was taken in; one object is filled again and again. */
export interface Prediction {
  /** Chance of a right answer, in (0, 1). */
  chance: number;
  /** Derivative of the chance by the easiness. */
  slope: number;
}

/** Lets days go by for one strength: it moves towards its resting level, and what is known of it fades. */
export function fade(dynamics: AbilityDynamics, numbers: Float64Array, offset: number, at: number): void {
  const days = (at - numbers[offset + CHANGED_AT]!) / DAY;
  if (!(days > 0)) return;
  const kept = (1 - dynamics.fadePerDay) ** days;
  numbers[offset + MEAN] = kept * numbers[offset + MEAN]! + (1 - kept) * dynamics.restingLevel;
  numbers[offset + SLOPE]! *= kept;
  numbers[offset + VARIANCE] =
    kept * kept * numbers[offset + VARIANCE]! + (1 - kept * kept) * dynamics.standardSpread ** 2;
  numbers[offset + CHANGED_AT] = at;
}

/** Lets days go by for general ability: it wanders. */
export function wander(dynamics: AbilityDynamics, whole: Float64Array, milliseconds: number): void {
  if (milliseconds > 0) whole[GENERAL_VARIANCE]! += (dynamics.generalVariancePerDay * milliseconds) / DAY;
}

/** Mean of general ability plus strength. */
export function abilityMean(whole: Float64Array, numbers: Float64Array, offset: number): number {
  return numbers[offset + MEAN]! + (1 + numbers[offset + SLOPE]!) * whole[GENERAL_MEAN]!;
}

/** Variance of general ability plus strength. */
export function abilityVariance(whole: Float64Array, numbers: Float64Array, offset: number): number {
  return numbers[offset + VARIANCE]! + (1 + numbers[offset + SLOPE]!) ** 2 * whole[GENERAL_VARIANCE]!;
}

/** ∫ chance of a right answer over a normal ability. */
export function expectedChance(
  mean: number,
  deviation: number,
  { guess, slip, scale }: { readonly guess: number; readonly slip: number; readonly scale: number },
): number {
  let known = 0;
  for (let i = 0; i < POINTS.length; i++)
    known += WEIGHTS[i]! / (1 + Math.exp(-scale * (mean + deviation * POINTS[i]!)));
  return guess + (1 - guess - slip) * known;
}

/**
 * Takes an observation in: the moments of ability given the outcome by quadrature, and from them those of general ability and
 * strength, which are jointly normal with it. The likelihood of an outcome y of weight w is (rʸ(1 − r)^(1 − y))^w with
 * r = guess + (1 − guess − slip)·σ(ability + easiness).
 * @param out - what was expected before
 * @see Opper (1998), A Bayesian approach to on-line learning (assumed density filtering); Bock and Mislevy (1982) for ability
 */
export function absorb(
  whole: Float64Array,
  numbers: Float64Array,
  offset: number,
  outcome: number,
  { easiness, guess, slip, weight }: Expected,
  out: Prediction,
): void {
  const slope = numbers[offset + SLOPE]!;
  const general = whole[GENERAL_VARIANCE]!;
  const variance = abilityVariance(whole, numbers, offset);
  const deviation = Math.sqrt(variance);
  const centre = abilityMean(whole, numbers, offset) + easiness;
  const span = 1 - guess - slip;
  const plain = weight === 1 && (outcome === 0 || outcome === 1);
  let chance = 0;
  let steepness = 0;
  let evidence = 0;
  let first = 0;
  let second = 0;
  for (let i = 0; i < POINTS.length; i++) {
    const point = POINTS[i]!;
    const known = 1 / (1 + Math.exp(-(centre + deviation * point)));
    const right = guess + span * known;
    const likelihood = plain
      ? outcome === 1
        ? right
        : 1 - right
      : Math.exp(weight * (outcome * Math.log(right) + (1 - outcome) * Math.log1p(-right)));
    chance += WEIGHTS[i]! * right;
    steepness += WEIGHTS[i]! * known * (1 - known);
    evidence += WEIGHTS[i]! * likelihood;
    first += WEIGHTS[i]! * likelihood * point;
    second += WEIGHTS[i]! * likelihood * point * point;
  }
  out.chance = Math.min(1 - LEAST_VARIANCE, Math.max(LEAST_VARIANCE, chance));
  out.slope = span * steepness;
  const shift = first / evidence; // of ability, in deviations
  const moved = deviation * shift;
  const shrunk = variance * (second / evidence - shift * shift - 1);

  const withGeneral = ((1 + slope) * general) / variance; // regression of general ability, and of strength, on ability
  const strength = slope * slope * general + numbers[offset + VARIANCE]!;
  const withStrength = (slope * general + strength) / variance;
  const strengthMean = numbers[offset + MEAN]! + slope * whole[GENERAL_MEAN]! + withStrength * moved;
  const generalAfter = Math.max(LEAST_VARIANCE, general + withGeneral * withGeneral * shrunk);
  const strengthAfter = strength + withStrength * withStrength * shrunk;
  const together = slope * general + withGeneral * withStrength * shrunk;
  const slopeAfter = together / generalAfter;
  whole[GENERAL_MEAN]! += withGeneral * moved;
  whole[GENERAL_VARIANCE] = generalAfter;
  numbers[offset + SLOPE] = slopeAfter;
  numbers[offset + MEAN] = strengthMean - slopeAfter * whole[GENERAL_MEAN]!;
  numbers[offset + VARIANCE] = Math.max(LEAST_VARIANCE, strengthAfter - slopeAfter * together);
}

/** Lets one answer teach: the more, the more is still answered wrong. Only practice teaches, a test or a word does not. */
export function practise(
  dynamics: AbilityDynamics,
  whole: Float64Array,
  numbers: Float64Array,
  offset: number,
  easiness: number,
): void {
  const known = 1 / (1 + Math.exp(-(abilityMean(whole, numbers, offset) + easiness)));
  numbers[offset + MEAN]! += dynamics.practiceGain * (1 - known);
  numbers[offset + VARIANCE]! += dynamics.practiceVariance;
  whole[GENERAL_VARIANCE]! += dynamics.generalVariance;
}
