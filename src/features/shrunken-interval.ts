import { regularizedIncompleteBeta } from "../numeric/distributions.ts";

const WIDTH = 1e-9; // of a share: far below what anybody reads

/**
 * The central interval of the Beta distribution that a prior's tries and the learner's own make.
 * @param estimate - the shrunken share, in [0, 1]
 * @param weight - tries of the learner and of the prior together, above 0
 * @param probability - how sure, in (0, 1)
 */
export function shrunkenInterval(estimate: number, weight: number, probability: number): [number, number] {
  const a = Math.max(estimate * weight, Number.MIN_VALUE);
  const b = Math.max((1 - estimate) * weight, Number.MIN_VALUE);
  const tail = (1 - probability) / 2;
  return [betaQuantile(tail, a, b), betaQuantile(1 - tail, a, b)];
}

function betaQuantile(p: number, a: number, b: number): number {
  let low = 0;
  let high = 1;
  while (high - low > WIDTH) {
    const middle = (low + high) / 2;
    if (regularizedIncompleteBeta(middle, a, b) < p) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}
