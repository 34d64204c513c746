import { CairnError } from "../../../errors.ts";
import {
  biasConstant,
  fitResiduals,
  functional,
  type Kernel,
  type LocalFit,
  localFit,
  neighbourResiduals,
  type Residual,
  type Side,
} from "./side.ts";

/** Settings of {@link discontinuity}. */
export interface DiscontinuityOptions {
  readonly kernel: Kernel;
  /** Order of the local polynomial, usually 1. */
  readonly order: number;
  /** Bandwidths of the estimate, left and right. */
  readonly h: readonly [number, number];
  /** Bandwidths of the bias, left and right. */
  readonly b: readonly [number, number];
  readonly residual: Residual;
}

/** A jump at the cutoff (sharp), or the jump of the outcome over that of the treatment (fuzzy). */
export interface Jump {
  /** Local polynomial without correction, with its standard error. */
  readonly conventional: { readonly estimate: number; readonly se: number };
  /** Bias-corrected, with the standard error that counts the correction: what to report. */
  readonly robust: { readonly estimate: number; readonly se: number };
  /** Jump of the treatment received (fuzzy only), conventional. */
  readonly firstStage?: { readonly estimate: number; readonly se: number };
  /** Jump of the outcome alone (fuzzy only), conventional. */
  readonly reducedForm?: { readonly estimate: number; readonly se: number };
  /** Rows within the bandwidth h. */
  readonly rows: { readonly left: number; readonly right: number };
}

/** Linear functionals of one side: row weights for the conventional and the bias-corrected intercept, and the residuals they meet. */
interface SideWeights {
  readonly from: number;
  readonly to: number;
  readonly plain: Float64Array;
  readonly corrected: Float64Array;
  readonly near: LocalFit;
  readonly far: LocalFit;
}

/**
 * Regression discontinuity: local polynomials left and right of the cutoff, the robust bias-corrected estimate and standard error of
 * Calonico, Cattaneo and Titiunik. With a received treatment in the sides the design is fuzzy.
 * @throws CairnError `BAD_INPUT` with too few distinct scores within a bandwidth, or when the treatment does not jump
 * @see Calonico, Cattaneo and Titiunik (2014), Econometrica 82(6), theorem 1 and appendix; handbook 2.12
 */
export function discontinuity(left: Side, right: Side, options: DiscontinuityOptions): Jump {
  const sides = [left, right] as const;
  const weights = sides.map((side, i) => sideWeights(side, options, i as 0 | 1)) as [SideWeights, SideWeights];
  const rows = {
    left: weights[0].near.to - weights[0].near.from,
    right: weights[1].near.to - weights[1].near.from,
  };
  const jump = (which: "plain" | "corrected", of: (side: Side) => Float64Array): number =>
    total(weights[1][which], of(right), weights[1]) - total(weights[0][which], of(left), weights[0]);
  const outcome = (side: Side): Float64Array => side.y;
  const error = (which: "plain" | "corrected", scale: number, slope: number): number =>
    Math.sqrt(sides.reduce((sum, side, i) => sum + sideVariance(side, weights[i]!, which, options, [scale, slope]), 0));
  const plain = jump("plain", outcome);
  if (left.received === undefined || right.received === undefined) {
    return {
      conventional: { estimate: plain, se: error("plain", 1, 0) },
      robust: { estimate: jump("corrected", outcome), se: error("corrected", 1, 0) },
      rows,
    };
  }
  const received = (side: Side): Float64Array => side.received!;
  const first = jump("plain", received);
  if (!(Math.abs(first) > 1e-12)) {
    throw new CairnError("BAD_INPUT", "expected a treatment that jumps at the cutoff, got one that does not", {
      hint: "check the cutoff and the treatment column",
    });
  }
  const ratio = plain / first;
  const bias = (of: (side: Side) => Float64Array): number => jump("plain", of) - jump("corrected", of);
  return {
    conventional: { estimate: ratio, se: error("plain", 1 / first, -ratio / first) },
    robust: {
      estimate: ratio - (bias(outcome) / first - (plain / first ** 2) * bias(received)),
      se: error("corrected", 1 / first, -ratio / first),
    },
    firstStage: { estimate: first, se: error("plain", 0, 1) },
    reducedForm: { estimate: plain, se: error("plain", 1, 0) },
    rows,
  };
}

function sideWeights(side: Side, { kernel, order, h, b }: DiscontinuityOptions, which: 0 | 1): SideWeights {
  const near = localFit(side, side.y, order, h[which], kernel);
  const far = localFit(side, side.y, order + 1, b[which], kernel);
  const from = Math.min(near.from, far.from);
  const to = Math.max(near.to, far.to);
  const plain = new Float64Array(to - from);
  plain.set(functional(near, 0), near.from - from);
  const corrected = plain.slice();
  const constant = h[which] ** (order + 1) * biasConstant(near, side, order + 1, 0);
  const slope = functional(far, order + 1);
  for (let i = 0; i < slope.length; i++) corrected[far.from - from + i]! -= constant * slope[i]!;
  return { from, to, plain, corrected, near, far };
}

function total(weights: Float64Array, values: Float64Array, { from }: SideWeights): number {
  let sum = 0;
  for (let i = 0; i < weights.length; i++) sum += weights[i]! * values[from + i]!;
  return sum;
}

/** Σ l²r² of one side, or of the sums within clusters; r mixes outcome and treatment as the ratio's derivative says. */
function sideVariance(
  side: Side,
  weights: SideWeights,
  which: "plain" | "corrected",
  { residual, order, kernel }: DiscontinuityOptions,
  [scale, slope]: readonly [number, number],
): number {
  const { from, to } = weights;
  const local = which === "plain" ? weights.near : weights.far;
  const of = (values: Float64Array): Float64Array => {
    if (residual === "NN") return neighbourResiduals(side.x, values, from, to);
    const own = values === side.y ? local : localFit(side, values, local.order, local.h, kernel);
    return fitResiduals(side, values, own, side.cluster === undefined ? residual : "HC0", from, to);
  };
  const residuals = of(side.y).map((value) => scale * value);
  if (slope !== 0) {
    const other = of(side.received!);
    for (let i = 0; i < residuals.length; i++) residuals[i]! += slope * other[i]!;
  }
  const products = residuals.map((value, i) => value * weights[which][i]!);
  if (side.cluster === undefined) return products.reduce((sum, value) => sum + value * value, 0);
  const sums = new Map<number, number>();
  for (let i = 0; i < products.length; i++) {
    const id = side.cluster[from + i]!;
    sums.set(id, (sums.get(id) ?? 0) + products[i]!);
  }
  let squares = 0;
  for (const sum of sums.values()) squares += sum * sum;
  const [g, n] = [sums.size, to - from];
  const k = which === "plain" ? order + 1 : order + 2;
  return (g / (g - 1)) * ((n - 1) / (n - k)) * squares;
}
