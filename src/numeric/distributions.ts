import { CairnError } from "../errors.ts";

const LOG_SQRT_TWO_PI = 0.9189385332046727; // ln √(2π)
const ASYMPTOTIC_FROM = 10; // from here eight terms of the series below are exact to rounding
const TINY = 1e-300; // keeps Lentz's recurrences from dividing by zero
const FRACTION_TERMS = 10_000; // the fraction needs about √max(a, b) terms; more means the arguments are not finite
const NEWTON_STEPS = 200; // safeguarded by bisection, so 200 halvings pin any double

/**
 * The part of ln Γ(x) that Stirling's formula leaves out, for x ≥ 10: Σ B₂ₖ / (2k(2k−1)x²ᵏ⁻¹).
 * @see DLMF 5.11.1
 */
function stirlingCorrection(x: number): number {
  const square = 1 / (x * x);
  const series =
    1 / 12 -
    square *
      (1 / 360 -
        square * (1 / 1260 - square * (1 / 1680 - square * (1 / 1188 - square * (691 / 360360 - square / 156)))));
  return series / x;
}

/**
 * Natural logarithm of the gamma function, relative error about 1e-14.
 * @param x - above 0
 * @see DLMF 5.11.1, after raising x to at least 10 by Γ(x + 1) = xΓ(x)
 */
export function logGamma(x: number): number {
  let shifted = x;
  let product = 1;
  while (shifted < ASYMPTOTIC_FROM) product *= shifted++;
  return (
    (shifted - 0.5) * Math.log(shifted) - shifted + LOG_SQRT_TWO_PI + stirlingCorrection(shifted) - Math.log(product)
  );
}

/** ln B(a, b); for large arguments from the differences of Stirling's series, so that nothing large is subtracted. */
function logBeta(a: number, b: number): number {
  const small = Math.min(a, b);
  const large = Math.max(a, b);
  if (large < ASYMPTOTIC_FROM) return logGamma(a) + logGamma(b) - logGamma(a + b);
  const sum = small + large;
  const rest = stirlingCorrection(large) - stirlingCorrection(sum);
  if (small < ASYMPTOTIC_FROM) {
    return logGamma(small) + rest + small - small * Math.log(sum) + (large - 0.5) * Math.log1p(-small / sum);
  }
  return (
    LOG_SQRT_TWO_PI -
    0.5 * Math.log(large) +
    stirlingCorrection(small) +
    rest +
    (small - 0.5) * Math.log(small / sum) +
    large * Math.log1p(-small / sum)
  );
}

/** I_x(a, b) with y = 1 − x given by the caller, who may know it more exactly than 1 − x does. */
function incompleteBeta(x: number, y: number, a: number, b: number): number {
  if (x <= 0) return 0;
  if (y <= 0) return 1;
  if (x > (a + 1) / (a + b + 2)) return 1 - incompleteBetaFraction(y, x, b, a);
  return incompleteBetaFraction(x, y, a, b);
}

/** DLMF 8.17.22, evaluated by the modified method of Lentz. */
function incompleteBetaFraction(x: number, y: number, a: number, b: number): number {
  let c = 1;
  let d = 1 / guarded(1 - ((a + b) * x) / (a + 1));
  let fraction = d;
  for (let m = 1; m <= FRACTION_TERMS; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / guarded(1 + even * d);
    c = guarded(1 + even / c);
    fraction *= d * c;
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / guarded(1 + odd * d);
    c = guarded(1 + odd / c);
    fraction *= d * c;
    if (Math.abs(d * c - 1) < 1e-16) break;
  }
  return (Math.exp(a * Math.log(x) + b * Math.log(y) - logBeta(a, b)) / a) * fraction;
}

function guarded(value: number): number {
  return Math.abs(value) < TINY ? TINY : value;
}

/**
 * The regularised incomplete beta function I_x(a, b), relative error about 1e-13.
 * @param x - in [0, 1]
 * @param a - above 0
 * @param b - above 0
 * @returns a number in [0, 1]
 * @throws CairnError `BAD_INPUT` outside these ranges
 * @see DLMF 8.17.2 and 8.17.22
 */
export function regularizedIncompleteBeta(x: number, a: number, b: number): number {
  if (!(x >= 0 && x <= 1 && a > 0 && b > 0)) {
    throw new CairnError("BAD_INPUT", `expected x in [0, 1] and a, b above 0, got x = ${x}, a = ${a}, b = ${b}`);
  }
  return incompleteBeta(x, 1 - x, a, b);
}

function checkDegrees(degrees: number): void {
  if (!(degrees > 0)) throw new CairnError("BAD_INPUT", `expected degrees of freedom above 0, got ${degrees}`);
}

/**
 * P(|T| ≥ |t|) for Student's t: the two-sided p-value.
 * @param t - the statistic, any sign
 * @param degrees - degrees of freedom, above 0, fractional allowed
 * @returns a number in [0, 1], accurate to its last digits however small
 * @throws CairnError `BAD_INPUT` when degrees is not above 0
 */
export function studentTwoSided(t: number, degrees: number): number {
  checkDegrees(degrees);
  const square = t * t;
  if (square === Number.POSITIVE_INFINITY) return 0;
  return incompleteBeta(degrees / (degrees + square), square / (degrees + square), degrees / 2, 0.5);
}

/**
 * The t with P(|T| ≥ t) = p: half the width of a two-sided interval in standard errors, at confidence 1 − p.
 * @param p - in (0, 1)
 * @param degrees - degrees of freedom, above 0, fractional allowed
 * @throws CairnError `BAD_INPUT` outside these ranges
 */
export function studentTwoSidedQuantile(p: number, degrees: number): number {
  checkDegrees(degrees);
  if (!(p > 0 && p < 1)) throw new CairnError("BAD_INPUT", `expected a probability in (0, 1), got ${p}`);
  const scale = -logBeta(degrees / 2, 0.5) - 0.5 * Math.log(degrees);
  const density = (t: number): number => Math.exp(scale - ((degrees + 1) / 2) * Math.log1p((t * t) / degrees));
  return upperQuantile(
    p,
    (t) => studentTwoSided(t, degrees),
    (t) => 2 * density(t),
  );
}

/** Solves tail(t) = p for t ≥ 0, tail falling, by Newton on ln tail, inside a bracket that bisection keeps. */
function upperQuantile(p: number, tail: (t: number) => number, density: (t: number) => number): number {
  let low = 0;
  let high = 1;
  while (tail(high) > p) {
    low = high;
    high *= 2;
  }
  let t = (low + high) / 2;
  for (let step = 0; step < NEWTON_STEPS; step++) {
    const value = tail(t);
    if (value > p) low = t;
    else high = t;
    const newton = t + (Math.log(value / p) * value) / density(t);
    const next = newton > low && newton < high ? newton : (low + high) / 2;
    if (Math.abs(next - t) <= 2e-16 * next) return next;
    t = next;
  }
  return t;
}

/** P(Z ≥ z) for z ≥ 0. */
function upperNormal(z: number): number {
  const density = Math.exp(-0.5 * z * z - LOG_SQRT_TWO_PI);
  if (z < 3) {
    let term = z;
    let sum = z;
    for (let odd = 3; term > sum * 1e-17; odd += 2) {
      term *= (z * z) / odd;
      sum += term;
    }
    return 0.5 - density * sum; // Φ(z) = ½ + φ(z)·Σ z²ᵏ⁺¹/(1·3·…·(2k+1)), DLMF 7.6.2
  }
  let fraction = 0;
  for (let k = 120; k > 0; k--) fraction = k / (z + fraction);
  return density / (z + fraction); // Mills' ratio as a continued fraction, DLMF 7.9.3
}

/**
 * P(Z ≤ z) for the standard normal, relative error below 1e-12 in either tail.
 * @returns a number in [0, 1]
 */
export function normalCumulative(z: number): number {
  return z < 0 ? upperNormal(-z) : 1 - upperNormal(z);
}

/**
 * The z with P(|Z| ≥ z) = p: 1.96 for p = .05.
 * @param p - in (0, 1)
 * @throws CairnError `BAD_INPUT` outside this range
 */
export function normalTwoSidedQuantile(p: number): number {
  if (!(p > 0 && p < 1)) throw new CairnError("BAD_INPUT", `expected a probability in (0, 1), got ${p}`);
  return upperQuantile(
    p,
    (z) => 2 * upperNormal(z),
    (z) => 2 * Math.exp(-0.5 * z * z - LOG_SQRT_TWO_PI),
  );
}
