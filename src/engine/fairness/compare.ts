import { logGamma, studentTwoSided, studentTwoSidedQuantile } from "../../numeric/distributions.ts";
import { type Interval, wilsonInterval } from "../../numeric/metrics/wilson.ts";

/** A mean of some rows' values and of the others'; rows without a value are left out of both. */
export interface ComparedRows {
  /** Shape (rows): what is averaged, NaN where a row does not count. */
  readonly values: Float64Array;
  /** Shape (rows): 1 for the group, 0 for the others, −1 for rows that belong to neither. */
  readonly side: Int8Array;
  /** Shape (rows): equal for rows of one learner, below `units`. */
  readonly unit: Int32Array;
  readonly units: number;
}

/** How a group's mean differs from that of the others. */
export interface Comparison {
  readonly rows: readonly [others: number, group: number];
  readonly means: readonly [others: number, group: number];
  /** The group's mean less the others'. */
  readonly gap: number;
  readonly interval: Interval;
  /** Two-sided, of the hypothesis that both are alike. */
  readonly p: number;
  /** Variance of the gap if both are alike. */
  readonly nullVariance: number;
  /** Of Student's t. */
  readonly degrees: number;
}

/** Rows, learners and a mean of one side. */
export interface SideMean {
  readonly rows: number;
  readonly units: number;
  readonly mean: number;
  /** Variance of the mean; rows of one learner go together. */
  readonly variance: number;
}

/** The mean of one side (1 the group, 0 the others), and how sure it is. */
export function sideMean({ values, side, unit, units }: ComparedRows, own: 0 | 1): SideMean {
  let [rows, sum] = [0, 0];
  for (let row = 0; row < values.length; row++) {
    if (side[row] !== own || Number.isNaN(values[row]!)) continue;
    rows += 1;
    sum += values[row]!;
  }
  const mean = sum / rows;
  const residuals = new Float64Array(units);
  const seen = new Uint8Array(units);
  for (let row = 0; row < values.length; row++) {
    if (side[row] !== own || Number.isNaN(values[row]!)) continue;
    residuals[unit[row]!]! += (values[row]! - mean) / rows;
    seen[unit[row]!] = 1;
  }
  const count = seen.reduce((total, one) => total + one, 0);
  const squares = residuals.reduce((total, residual) => total + residual * residual, 0);
  return { rows, units: count, mean, variance: count > 1 ? (squares * count) / (count - 1) : Number.NaN };
}

/**
 * A rate with Wilson's interval. Where rows belong to fewer learners, they count as the fewer rows that would be as sure.
 * @param side - its values are 0 and 1
 */
export function rateInterval({ rows, units, mean, variance }: SideMean, confidence: number): Interval {
  const simple = (mean * (1 - mean)) / rows;
  const effective = units < rows && simple > 0 && variance > simple ? (rows * simple) / variance : rows;
  return wilsonInterval(Math.min(mean * effective, effective), effective, confidence);
}

/**
 * Compares a group's mean with the others' by a score test: residuals are taken from what is expected where both are alike,
 * summed by learner, and the gap is judged against Student's t with the learners of the smaller side. A gap of rates must also be
 * unlikely by Fisher's exact test: where hits are few the normal tail promises too much.
 * @param expectedGap - the gap under the hypothesis, such as that of all other schools; 0 when left out
 * @returns undefined when a side has fewer than two learners, or nothing varies
 * @see Rao (1948); Liang and Zeger (1986), equation 11, for residuals summed by cluster
 */
export function compareMeans(compared: ComparedRows, confidence: number, expectedGap = 0): Comparison | undefined {
  const [others, group] = [sideMean(compared, 0), sideMean(compared, 1)];
  if (others.units < 2 || group.units < 2) return undefined;
  const rows = others.rows + group.rows;
  const share = group.rows / rows;
  const pooled = (others.mean * others.rows + group.mean * group.rows) / rows;
  const expected = [pooled - expectedGap * share, pooled + expectedGap * (1 - share)];
  const residuals = new Float64Array(compared.units);
  let squares = 0;
  let isRate = true;
  for (let row = 0; row < compared.values.length; row++) {
    const [side, value] = [compared.side[row]!, compared.values[row]!];
    if (side < 0 || Number.isNaN(value)) continue;
    squares += (value - expected[side]!) ** 2;
    isRate &&= value === 0 || value === 1;
    residuals[compared.unit[row]!]! +=
      ((side === 1 ? 1 : -1) * (value - expected[side]!)) / (side === 1 ? group.rows : others.rows);
  }
  const clustered = residuals.reduce((sum, residual) => sum + residual * residual, 0);
  // Where a rare outcome never came on one side, its own residuals know nothing of the variance: the pooled one holds.
  const nullVariance = Math.max(clustered, (squares / rows) * (1 / group.rows + 1 / others.rows));
  if (!(nullVariance > 0)) return undefined;
  const gap = group.mean - others.mean;
  const hits = isRate ? [Math.round(others.mean * others.rows), Math.round(group.mean * group.rows)] : [];
  const degrees = Math.min(group.units, others.units) - 1;
  const half =
    studentTwoSidedQuantile(1 - confidence, degrees) * Math.sqrt(Math.max(others.variance + group.variance, 0));
  return {
    rows: [others.rows, group.rows],
    means: [others.mean, group.mean],
    gap,
    interval: { low: gap - half, high: gap + half },
    p: Math.max(
      studentTwoSided((gap - expectedGap) / Math.sqrt(nullVariance), degrees),
      isRate && expectedGap === 0 ? fisherTwoSided(hits[1]!, group.rows, hits[0]!, others.rows) : 0,
    ),
    nullVariance,
    degrees,
  };
}

/** Fisher's exact test of two rates: twice the smaller tail of the hypergeometric distribution, at most 1. */
function fisherTwoSided(hits: number, rows: number, otherHits: number, otherRows: number): number {
  const total = hits + otherHits;
  const choose = (n: number, k: number): number => logGamma(n + 1) - logGamma(k + 1) - logGamma(n - k + 1);
  const all = choose(rows + otherRows, total);
  const least = Math.max(0, total - otherRows);
  const most = Math.min(total, rows);
  let [below, above] = [0, 0];
  for (let k = least; k <= most; k++) {
    const chance = Math.exp(choose(rows, k) + choose(otherRows, total - k) - all);
    if (k <= hits) below += chance;
    if (k >= hits) above += chance;
  }
  return Math.min(1, 2 * Math.min(below, above));
}
