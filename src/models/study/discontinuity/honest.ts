import { CairnError } from "../../../errors.ts";
import { normalCumulative } from "../../../numeric/distributions.ts";
import { normalQuantile } from "../../../numeric/tail-areas.ts";
import { fitResiduals, functional, type Kernel, localFit, neighbourResiduals, type Side } from "./side.ts";

/** An interval that holds whenever the regression bends no more than was said. */
export interface HonestInterval {
  readonly estimate: number;
  readonly se: number;
  /** The largest bias any regression with second derivatives up to M could cause. */
  readonly worstBias: number;
  readonly ci: readonly [number, number];
  /** One-sided limits at the same level. */
  readonly lower: number;
  readonly upper: number;
}

/**
 * The honest interval of a local linear jump: for scores with few distinct values (tests, grades), where data-driven bandwidths mislead.
 * It takes h, the bandwidth on both sides; the curvature M ≥ 0, the largest second derivative on either side, to be fixed before
 * outcomes are seen; and the level of confidence, in (0, 1).
 * @throws CairnError `BAD_INPUT` for a negative M, or too few scores within h
 * @see Armstrong and Kolesár (2020), Quantitative Economics 11(1); Kolesár and Rothe (2018), AER 108(8)
 */
export function honestInterval(
  left: Side,
  right: Side,
  {
    kernel,
    h,
    curvature,
    level,
    residual,
  }: { kernel: Kernel; h: number; curvature: number; level: number; residual: "HC0" | "NN" },
): HonestInterval {
  if (!(curvature >= 0)) {
    throw new CairnError("BAD_INPUT", `expected a largest second derivative at or above 0, got ${curvature}`, {
      hint: "say how far the regression may bend over the bandwidth",
    });
  }
  const parts = [left, right].map((side) => {
    const local = localFit(side, side.y, 1, h, kernel);
    const weights = functional(local, 0);
    const residuals =
      residual === "NN"
        ? neighbourResiduals(side.x, side.y, local.from, local.to)
        : fitResiduals(side, side.y, local, "HC0", local.from, local.to);
    let value = 0;
    let second = 0;
    let variance = 0;
    for (let i = 0; i < weights.length; i++) {
      value += weights[i]! * side.y[local.from + i]!;
      second += weights[i]! * side.x[local.from + i]! ** 2;
      variance += (weights[i]! * residuals[i]!) ** 2;
    }
    return { value, second, variance };
  });
  const [below, above] = parts as [(typeof parts)[0], (typeof parts)[0]];
  const estimate = above.value - below.value;
  const se = Math.sqrt(above.variance + below.variance);
  // With a kernel that decides the signs, the worst function bends by ±M/2·x² on either side against each other.
  const worstBias = (curvature / 2) * Math.abs(above.second + below.second);
  const half = biasedCriticalValue(worstBias / se, level) * se;
  const oneSided = worstBias + normalQuantile(level) * se;
  return {
    estimate,
    se,
    worstBias,
    ci: [estimate - half, estimate + half],
    lower: estimate - oneSided,
    upper: estimate + oneSided,
  };
}

/** The quantile of |N(b, 1)|: how many standard errors an interval needs whose bias is up to b of them. */
export function biasedCriticalValue(bias: number, level: number): number {
  let low = 0;
  let high = bias + 10;
  for (let step = 0; step < 200; step++) {
    const middle = (low + high) / 2;
    if (normalCumulative(middle - bias) - normalCumulative(-middle - bias) < level) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}
