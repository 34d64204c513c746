import { CairnError } from "../../../errors.ts";
import { normalCumulative } from "../../../numeric/distributions.ts";
import { chiSquareUpper } from "../../../numeric/tail-areas.ts";

/**
 * Benjamini and Hochberg's adjusted p-values: below α they keep the expected share of false findings at α.
 * @param p - each in [0, 1]; the order is kept
 * @see Benjamini and Hochberg (1995), JRSS B 57(1); WWC Handbook 5.0, appendix F
 */
export function benjaminiHochberg(p: readonly number[]): number[] {
  const order = p.map((_, i) => i).sort((a, b) => p[b]! - p[a]!);
  const adjusted = new Array<number>(p.length);
  let least = 1;
  order.forEach((at, fromLargest) => {
    least = Math.min(least, (p.length * p[at]!) / (p.length - fromLargest));
    adjusted[at] = least;
  });
  return adjusted;
}

/**
 * Holm's adjusted p-values: below α they keep the chance of any false finding at α.
 * @param p - each in [0, 1]; the order is kept
 */
export function holm(p: readonly number[]): number[] {
  const order = p.map((_, i) => i).sort((a, b) => p[a]! - p[b]!);
  const adjusted = new Array<number>(p.length);
  let most = 0;
  order.forEach((at, rank) => {
    most = Math.max(most, Math.min(1, (p.length - rank) * p[at]!));
    adjusted[at] = most;
  });
  return adjusted;
}

const ALARM = 0.001; // handbook 1.1: below this the assignment or its record is broken

/** Whether the arms have the sizes the lot was to give them. */
export interface SampleRatio {
  readonly statistic: number;
  readonly p: number;
  /** p below .001: the assignment or the logging is broken. */
  readonly alarm: boolean;
}

/**
 * Sample-ratio mismatch: chi-square of the arm counts against the planned shares.
 * @param counts - assigned, by arm
 * @param planned - shares, above 0; any scale
 * @throws CairnError `BAD_INPUT` with fewer than two arms or a share that is not above 0
 */
export function sampleRatio(counts: readonly number[], planned: readonly number[]): SampleRatio {
  if (counts.length < 2 || counts.length !== planned.length || planned.some((share) => !(share > 0))) {
    throw new CairnError("BAD_INPUT", "expected two arms or more with planned shares above 0, got others", {
      hint: "say how the lot was to divide the sample, such as 1 and 1",
    });
  }
  const total = counts.reduce((sum, count) => sum + count, 0);
  const whole = planned.reduce((sum, share) => sum + share, 0);
  const statistic = counts.reduce((sum, count, arm) => {
    const expected = (total * planned[arm]!) / whole;
    return sum + (count - expected) ** 2 / expected;
  }, 0);
  const p = chiSquareUpper(statistic, counts.length - 1);
  return { statistic, p, alarm: p < ALARM };
}

/** What is believed of an effect after the study, given what comparable studies found. */
export interface Posterior {
  readonly mean: number;
  readonly variance: number;
  /** Probability that the effect is above zero. */
  readonly aboveZero: number;
  /** Probability that it is above the threshold asked for. */
  readonly aboveThreshold: number;
}

/**
 * Normal posterior of a standardised effect under a prior N(0, τ²) from comparable studies.
 * @param prior - τ, above 0
 * @param threshold - the least effect that would matter to the user
 * @see Deke, Finucane and Thal (2022), BASIE, IES 2022-005; handbook 2.17
 */
export function posterior(effect: number, se: number, prior: number, threshold: number): Posterior {
  const weight = prior ** 2 / (prior ** 2 + se ** 2);
  const mean = effect * weight;
  const variance = weight * se ** 2;
  const above = (value: number): number => normalCumulative((mean - value) / Math.sqrt(variance));
  return { mean, variance, aboveZero: above(0), aboveThreshold: above(threshold) };
}

/**
 * Half-width of an interval that may be looked at any time, as a multiple of the standard error at that time.
 * @param learners - N so far
 * @param tunedFor - N* for which the interval is narrowest
 * @param alpha - in (0, 1)
 * @see Waudby-Smith, Arbour, Sinha, Kennedy and Ramdas (2023), asymptotic confidence sequences; handbook 2.3
 */
export function sequentialMultiple(learners: number, tunedFor: number, alpha: number): number {
  const rho = Math.sqrt((-2 * Math.log(alpha) + Math.log(-2 * Math.log(alpha) + 1)) / tunedFor);
  const scaled = learners * rho ** 2;
  return (
    Math.sqrt(learners) *
    Math.sqrt(((2 * (scaled + 1)) / (learners * scaled)) * Math.log(Math.sqrt(scaled + 1) / alpha))
  );
}
