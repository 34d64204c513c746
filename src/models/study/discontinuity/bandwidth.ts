import {
  biasConstant,
  coefficient,
  functional,
  joined,
  type Kernel,
  localFit,
  neighbourResiduals,
  type Side,
} from "./side.ts";

/** Which bandwidth: by mean squared error (one for both sides, one per side), or by coverage of the interval. */
export type BandwidthRule = "mserd" | "msetwo" | "msesum" | "cerrd" | "certwo" | "cersum";

/** Bandwidths of the estimate (h) and of its bias (b), left and right of the cutoff. */
export interface Bandwidths {
  readonly h: readonly [number, number];
  readonly b: readonly [number, number];
  /** The pilot bandwidths on the way, for those who check. */
  readonly pilot: { readonly c: number; readonly d: readonly [number, number] };
}

/** Settings of {@link selectBandwidth}. */
export interface BandwidthOptions {
  readonly rule: BandwidthRule;
  readonly kernel: Kernel;
  /** Order of the local polynomial; its bias is estimated with order + 1. */
  readonly order: number;
  /** Whether repeated scores count once in the rates; default true. */
  readonly massPoints?: boolean;
}

const PILOT: Readonly<Record<Kernel, number>> = { triangular: 2.576, uniform: 1.843, epanechnikov: 2.34 };
const REPEATED = 0.2; // share of repeated scores from which bandwidths keep ten distinct ones on each side
const KEPT_DISTINCT = 10;

/** Variance, bias and regularisation of one stage on one side. */
interface Stage {
  readonly variance: number;
  readonly bias: number;
  readonly penalty: number;
}

/**
 * Data-driven bandwidths of Calonico, Cattaneo, Farrell and Titiunik, step by step as in rdrobust: a rule-of-thumb pilot c, from it d for
 * the bias of the bias, from it b, from it h. Nearest-neighbour residuals throughout.
 * @see Calonico, Cattaneo and Farrell (2020), The Econometrics Journal 23(2); handbook 2.12
 */
export function selectBandwidth(
  left: Side,
  right: Side,
  { rule, kernel, order, massPoints = true }: BandwidthOptions,
): Bandwidths {
  const sides = [left, right] as const;
  const q = order + 1;
  const rows = left.x.length + right.x.length;
  const distinct = sides.map(({ x }) => new Set(x).size) as [number, number];
  const count = massPoints ? distinct[0] + distinct[1] : rows;
  const floor = sides.map((side, i) => (massPoints ? distinctFloor(side, distinct[i]!) : 0)) as [number, number];
  const furthest = Math.max(reach(left), reach(right));
  const c = Math.min(Math.max(PILOT[kernel] * spread(left, right) * count ** -0.2, ...floor), furthest);
  const both = (
    o: number,
    nu: number,
    oB: number,
    hV: readonly [number, number],
    hB: readonly [number, number],
    scale: number,
  ) =>
    combine(
      rule,
      sides.map((side, i) => stage(side, kernel, { o, nu, oB, hV: hV[i]!, hB: hB[i]!, scale })) as [Stage, Stage],
      1 / (2 * o + 3),
    ).map((value, i) => Math.min(Math.max(value, floor[i]!), Math.max(furthest, floor[i]!))) as [number, number];
  const d = both(q + 1, q + 1, q + 2, [c, c], [reach(left), reach(right)], 0);
  const b = both(q, order + 1, q + 1, [c, c], d, 1);
  const h = both(order, 0, q, [c, c], b, 1);
  const shrink = rule.startsWith("cer") ? rows ** (-order / ((3 + order) * (3 + 2 * order))) : 1;
  return { h: [h[0] * shrink, h[1] * shrink], b, pilot: { c, d } };
}

function reach({ x }: Side): number {
  return Math.max(Math.abs(x[0]!), Math.abs(x[x.length - 1]!));
}

/** The smaller of standard deviation and interquartile range/1.349, of both sides together. */
function spread(left: Side, right: Side): number {
  const x = joined(left.x, right.x).sort();
  const mean = x.reduce((sum, value) => sum + value, 0) / x.length;
  const deviation = Math.sqrt(x.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (x.length - 1));
  return Math.min(deviation, (averagedQuantile(x, 0.75) - averagedQuantile(x, 0.25)) / 1.349);
}

/** Quantile of type 2: the average of the two neighbours where the step falls between them. */
function averagedQuantile(sorted: Float64Array, p: number): number {
  const at = sorted.length * p;
  const low = Math.ceil(at) - 1;
  return Number.isInteger(at) ? (sorted[low]! + sorted[low + 1]!) / 2 : sorted[low]!;
}

/** The distance that keeps ten distinct scores, on sides where many are repeated. */
function distinctFloor({ x }: Side, distinct: number): number {
  if (1 - distinct / x.length < REPEATED) return 0;
  const distances = [...new Set(Array.from(x, Math.abs))].sort((a, b) => a - b);
  return distances[Math.min(KEPT_DISTINCT, distances.length) - 1]! + 1e-8;
}

function stage(
  side: Side,
  kernel: Kernel,
  { o, nu, oB, hV, hB, scale }: { o: number; nu: number; oB: number; hV: number; hB: number; scale: number },
): Stage {
  const near = localFit(side, side.y, o, hV, kernel);
  const constant = hV ** nu * biasConstant(near, side, o + 1, nu);
  const far = localFit(side, side.y, oB, hB, kernel);
  const power = o + 1 - nu;
  return {
    variance: (2 * nu + 1) * hV ** (2 * nu + 1) * functionalVariance(side, near, nu),
    bias: Math.sqrt(2 * power) * constant * coefficient(far, o + 1),
    penalty: scale === 0 ? 0 : scale * 2 * power * 3 * constant ** 2 * functionalVariance(side, far, o + 1),
  };
}

function functionalVariance(side: Side, local: ReturnType<typeof localFit>, power: number): number {
  const weights = functional(local, power);
  const residuals = neighbourResiduals(side.x, side.y, local.from, local.to);
  let sum = 0;
  for (let row = 0; row < weights.length; row++) sum += (weights[row]! * residuals[row]!) ** 2;
  return sum;
}

function combine(rule: BandwidthRule, [left, right]: readonly [Stage, Stage], rate: number): [number, number] {
  const alone = ({ variance, bias, penalty }: Stage): number => (variance / (bias ** 2 + penalty)) ** rate;
  if (rule.endsWith("two")) return [alone(left), alone(right)];
  const bias = rule.endsWith("sum") ? right.bias + left.bias : right.bias - left.bias;
  const value = ((left.variance + right.variance) / (bias ** 2 + left.penalty + right.penalty)) ** rate;
  return [value, value];
}
