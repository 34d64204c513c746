/**
 * The probability of log-odds z, 1/(1 + e^−z), without overflow.
 * @returns a number in [0, 1]
 */
export function sigmoid(z: number): number {
  if (z >= 0) return 1 / (1 + Math.exp(-z));
  const odds = Math.exp(z);
  return odds / (1 + odds);
}

/**
 * The log-odds of a probability, ln(p/(1 − p)).
 * @param p - in [0, 1]; 0 and 1 give ∓∞
 */
export function logit(p: number): number {
  return Math.log(p) - Math.log1p(-p);
}

/** ln(1 + e^z) without overflow: the negative log-likelihood of a row is softplus(z) − y·z. */
export function softplus(z: number): number {
  return Math.max(z, 0) + Math.log1p(Math.exp(-Math.abs(z)));
}
