import { CairnError } from "../errors.ts";
import {
  logGamma,
  normalCumulative,
  normalTwoSidedQuantile,
  regularizedIncompleteBeta,
  studentTwoSidedQuantile,
} from "./distributions.ts";

const LOG_SQRT_TWO_PI = 0.9189385332046727; // ln √(2π)
const TERMS = 10_000; // √x of them are needed; more means x is beyond what a test statistic can be

/** The standard normal density. */
export function normalDensity(z: number): number {
  return Math.exp(-0.5 * z * z - LOG_SQRT_TWO_PI);
}

/**
 * The z with P(Z ≤ z) = p.
 * @throws CairnError `BAD_INPUT` outside (0, 1)
 */
export function normalQuantile(p: number): number {
  if (p === 0.5) return 0;
  return p > 0.5 ? normalTwoSidedQuantile(2 * (1 - p)) : -normalTwoSidedQuantile(2 * p);
}

/**
 * The t with P(T ≤ t) = p for Student's t.
 * @param degrees - above 0, fractional allowed
 * @throws CairnError `BAD_INPUT` outside these ranges
 */
export function studentQuantile(p: number, degrees: number): number {
  if (p === 0.5) return 0;
  return p > 0.5 ? studentTwoSidedQuantile(2 * (1 - p), degrees) : -studentTwoSidedQuantile(2 * p, degrees);
}

/** P(|Z| ≥ |z|): the two-sided p-value of a normal statistic, exact in the far tail. */
export function normalTwoSided(z: number): number {
  return 2 * normalCumulative(-Math.abs(z));
}

/**
 * P(X ≥ x) of the chi-square distribution, relative error about 1e-12.
 * @param x - at or above 0
 * @param degrees - above 0
 * @throws CairnError `BAD_INPUT` outside these ranges
 * @see DLMF 8.11.4 (series) and 8.9.2 (continued fraction)
 */
export function chiSquareUpper(x: number, degrees: number): number {
  if (!(x >= 0 && degrees > 0)) {
    throw new CairnError("BAD_INPUT", `expected x at or above 0 and degrees above 0, got ${x} and ${degrees}`);
  }
  return x === 0 ? 1 : upperGamma(degrees / 2, x / 2);
}

function upperGamma(a: number, x: number): number {
  const front = Math.exp(a * Math.log(x) - x - logGamma(a));
  if (x < a + 1) {
    let term = 1 / a;
    let sum = term;
    for (let n = 1; n < TERMS && term > sum * 1e-17; n++) {
      term *= x / (a + n);
      sum += term;
    }
    return 1 - front * sum;
  }
  let b = x + 1 - a;
  let c = 1e300;
  let d = 1 / b;
  let fraction = d;
  for (let n = 1; n < TERMS; n++) {
    const factor = -n * (n - a);
    b += 2;
    d = 1 / (factor * d + b);
    c = b + factor / c;
    fraction *= c * d;
    if (Math.abs(c * d - 1) < 1e-16) break;
  }
  return front * fraction;
}

/**
 * P(F ≥ f) of Fisher's F.
 * @param f - at or above 0
 * @param numerator - degrees of freedom, above 0, fractional allowed
 * @param denominator - degrees of freedom, above 0, fractional allowed
 * @throws CairnError `BAD_INPUT` outside these ranges
 */
export function fisherUpper(f: number, numerator: number, denominator: number): number {
  return regularizedIncompleteBeta(denominator / (denominator + numerator * f), denominator / 2, numerator / 2);
}

/**
 * Exact two-sided p-value of `successes` in `trials` under a fair coin: twice the smaller tail, at most 1.
 * @throws CairnError `BAD_INPUT` when successes is not in 0 … trials
 */
export function fairCoinTwoSided(successes: number, trials: number): number {
  if (!(successes >= 0 && successes <= trials)) {
    throw new CairnError("BAD_INPUT", `expected successes in 0 to ${trials}, got ${successes}`);
  }
  const fewer = Math.min(successes, trials - successes);
  let tail = 0;
  for (let k = 0; k <= fewer; k++) {
    tail += Math.exp(logGamma(trials + 1) - logGamma(k + 1) - logGamma(trials - k + 1) - trials * Math.LN2);
  }
  return Math.min(1, 2 * tail);
}
