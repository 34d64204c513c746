import { logGamma, studentTwoSided, studentTwoSidedQuantile } from "../../numeric/distributions.ts";
import type { Interval } from "../../numeric/metrics/wilson.ts";

/** Decisions to compare. */
export interface Decisions {
  /** Shape (rows): 0 and 1 of a sanction, or points of a mark. */
  readonly values: Float64Array;
  /** Shape (rows): like is compared with like, such as incidents of one severity; below `strata`. */
  readonly stratum: Int32Array;
  readonly strata: number;
  /** Shape (rows): equal for decisions about one learner, below `units`. */
  readonly unit: Int32Array;
  readonly units: number;
}

/** How decisions about a group differ from those about others, kind by kind. */
export interface Contrast {
  /** Rows and learners: of the others, of the group. */
  readonly rows: readonly [others: number, group: number];
  readonly units: readonly [others: number, group: number];
  /** Means over the same mix of kinds. */
  readonly means: readonly [others: number, group: number];
  /** Of the means, decisions about one learner going together. */
  readonly variances: readonly [others: number, group: number];
  /** The group's mean less the others'. */
  readonly gap: number;
  readonly interval: Interval;
  /** Two-sided, of the hypothesis that the gap is the expected one. */
  readonly p: number;
  readonly nullVariance: number;
  /** Of Student's t. */
  readonly degrees: number;
}

interface Cell {
  readonly rows: [number, number];
  readonly sums: [number, number];
}

/**
 * Compares a group with the others kind by kind (Mantel and Haenszel's weights n₁n₀/n) by a score test: residuals are taken from what is
 * expected under the hypothesis, summed by learner. The degrees of freedom are Satterthwaite's under independent rows, so that one
 * learner with many decisions, or a small group, widens the tail. A gap of rates must also be unlikely by the exact conditional test
 * over all kinds: where hits are few the normal tail promises too much.
 * @param side - shape (rows): 1 for the group, 0 for the others, −1 for neither
 * @param expectedGap - the gap under the hypothesis, such as that of all other schools
 * @returns undefined where no kind has rows of both, either side has fewer than two learners, or nothing varies
 * @see Mantel and Haenszel (1959); Liang and Zeger (1986), equation 11; Bell and McCaffrey (2002) for the degrees of freedom
 */
export function contrast(
  decisions: Decisions,
  side: Int8Array,
  confidence: number,
  expectedGap = 0,
): Contrast | undefined {
  const { values, stratum, unit, units } = decisions;
  const cells = cellsOf(decisions, side);
  const total = cells.reduce((sum, { rows: [a, b] }) => sum + (a * b) / Math.max(1, a + b), 0);
  if (!(total > 0)) return undefined;
  const means: [number, number] = [0, 0];
  for (const { rows, sums } of cells) {
    if (rows[0] === 0 || rows[1] === 0) continue;
    const share = (rows[0] * rows[1]) / (rows[0] + rows[1]) / total;
    means[0] += (share * sums[0]) / rows[0];
    means[1] += (share * sums[1]) / rows[1];
  }
  const [under, around, working] = [new Float64Array(units), new Float64Array(units), new Float64Array(units)];
  const owners = new Int8Array(units).fill(-1);
  const rows: [number, number] = [0, 0];
  let model = 0;
  let isRate = true;
  for (let row = 0; row < values.length; row++) {
    const own = side[row]!;
    const { rows: counts, sums } = cells[stratum[row]!]!;
    if (own < 0 || counts[0] === 0 || counts[1] === 0) continue;
    const [both, value] = [counts[0] + counts[1], values[row]!];
    const weight = (counts[0] * counts[1]) / both / total / counts[own as 0 | 1];
    const pooled = (sums[0] + sums[1]) / both;
    const expected = own === 1 ? pooled + (expectedGap * counts[0]) / both : pooled - (expectedGap * counts[1]) / both;
    const sign = own === 1 ? 1 : -1;
    under[unit[row]!]! += sign * weight * (value - expected);
    around[unit[row]!]! += sign * weight * (value - sums[own as 0 | 1] / counts[own as 0 | 1]);
    working[unit[row]!]! += weight * weight;
    model += (weight * (value - expected)) ** 2;
    owners[unit[row]!] = own;
    rows[own as 0 | 1] += 1;
    isRate &&= value === 0 || value === 1;
  }
  const count = (own: number): number => owners.reduce((sum, one) => sum + (one === own ? 1 : 0), 0);
  const learners: [number, number] = [count(0), count(1)];
  const squares = (array: Float64Array): number => array.reduce((sum, one) => sum + one * one, 0);
  // Decisions about one learner are as a rule alike, never less sure than apart: the larger of the two variances holds.
  const nullVariance = Math.max(squares(under), model);
  if (Math.min(...learners) < 2 || !(nullVariance > 0)) return undefined;
  const degrees = working.reduce((sum, one) => sum + one, 0) ** 2 / squares(working);
  const gap = means[1] - means[0];
  const varianceOf = (own: number): number =>
    around.reduce((sum, one, index) => sum + (owners[index] === own ? one * one : 0), 0);
  const half = studentTwoSidedQuantile(1 - confidence, degrees) * Math.sqrt(squares(around));
  const p = studentTwoSided((gap - expectedGap) / Math.sqrt(nullVariance), degrees);
  return {
    ...{ rows, units: learners, means, variances: [varianceOf(0), varianceOf(1)], gap, nullVariance, degrees },
    interval: { low: gap - half, high: gap + half },
    p: isRate && expectedGap === 0 ? Math.max(p, exactTwoSided(cells)) : p,
  };
}

function cellsOf({ values, stratum, strata }: Decisions, side: Int8Array): Cell[] {
  const cells = Array.from({ length: strata }, (): Cell => ({ rows: [0, 0], sums: [0, 0] }));
  for (let row = 0; row < values.length; row++) {
    const own = side[row]!;
    if (own < 0) continue;
    const cell = cells[stratum[row]!]!;
    cell.rows[own as 0 | 1] += 1;
    cell.sums[own as 0 | 1] += values[row]!;
  }
  return cells;
}

/**
 * The exact conditional test of a common gap: hits of the group, given all hits of each kind, are a sum of hypergeometric variables, one a
 * kind; twice its smaller tail, at most 1. What was observed counts half (Lancaster's mid-p): the whole of it, as Fisher counts it, keeps a
 * level of 5 % at 1 or 2.
 * @see Lancaster (1961), Journal of the American Statistical Association 56; Agresti (2013), Categorical Data Analysis, 3.5.6
 */
function exactTwoSided(cells: readonly Cell[]): number {
  let [distribution, observed] = [[1], 0];
  for (const { rows, sums } of cells) {
    if (rows[0] === 0 || rows[1] === 0) continue;
    const hits = Math.round(sums[0] + sums[1]);
    const all = logChoose(rows[0] + rows[1], hits);
    const most = Math.min(hits, rows[1]);
    const own = Array.from({ length: most + 1 }, (_, k) =>
      hits - k > rows[0] ? 0 : Math.exp(logChoose(rows[1], k) + logChoose(rows[0], hits - k) - all),
    );
    const next = new Array<number>(distribution.length + most).fill(0);
    for (const [k, chance] of distribution.entries())
      for (const [extra, added] of own.entries()) next[k + extra]! += chance * added;
    distribution = next;
    observed += Math.round(sums[1]);
  }
  const half = distribution[observed]! / 2;
  const below = distribution.slice(0, observed).reduce((sum, chance) => sum + chance, half);
  const above = distribution.slice(observed + 1).reduce((sum, chance) => sum + chance, half);
  return Math.min(1, 2 * Math.min(below, above));
}

const logChoose = (n: number, k: number): number => logGamma(n + 1) - logGamma(k + 1) - logGamma(n - k + 1);
