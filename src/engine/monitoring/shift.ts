import { chiSquareUpper, normalQuantile, normalTwoSided } from "../../numeric/tail-areas.ts";

/** How far two counts over the same bins are apart. */
export interface Shift {
  /** Population stability index, from 0. */
  readonly psi: number;
  /** The index below which nothing is said: the conventional 0.1, or what chance alone gives 19 times of 20 with so few rows. */
  readonly least: number;
  /** Of the test that both were drawn from one distribution. */
  readonly p: number;
}

const CONVENTION = 0.1;
const FEWEST_EXPECTED = 5; // of fewer in a bin, the chi-square distribution is a poor guide

/**
 * The population stability index Σ (a − e) ln(a/e) of shares, half a row added to every bin, and the chi-square test of
 * homogeneity over the same bins, those with too few rows put together.
 * @param reference - shape (bins), counts
 * @param current - shape (bins), counts
 * @param weight - what a row of the reference counts in the test: below 1 where one learner has several
 * @see Yurdakul and Naranjo (2020), Journal of Risk Model Validation 14(4), on its distribution; handbook early-warning 3.9
 */
export function shiftOf(reference: Float64Array, current: Float64Array, weight = 1): Shift {
  const [before, now] = [sum(reference), sum(current)];
  const bins = reference.length;
  let psi = 0;
  for (let bin = 0; bin < bins; bin++) {
    const expected = (reference[bin]! + 0.5) / (before + bins / 2);
    const actual = (current[bin]! + 0.5) / (now + bins / 2);
    psi += (actual - expected) * Math.log(actual / expected);
  }
  const used = reference.filter((count, bin) => count + current[bin]! > 0).length;
  const chance = used < 2 ? 0 : (1 / (before * weight) + 1 / now) * chiSquareQuantile95(used - 1);
  return { psi, least: Math.max(CONVENTION, chance), p: homogeneity(reference, current, weight) };
}

/** The 95 % point by Wilson and Hilferty's cube: within 1 % from one degree of freedom on, and only a line for the eye. */
function chiSquareQuantile95(degrees: number): number {
  const spread = 2 / (9 * degrees);
  return degrees * (1 - spread + normalQuantile(0.95) * Math.sqrt(spread)) ** 3;
}

/** Bins in their order are filled up until both samples would expect enough; what is left over joins the last. */
function homogeneity(reference: Float64Array, current: Float64Array, weight: number): number {
  const [before, now] = [sum(reference) * weight, sum(current)];
  const fewer = Math.min(before, now) / (before + now);
  const groups: [number, number][] = [];
  let group: [number, number] = [0, 0];
  for (let bin = 0; bin < reference.length; bin++) {
    group = [group[0] + reference[bin]! * weight, group[1] + current[bin]!];
    if ((group[0] + group[1]) * fewer < FEWEST_EXPECTED) continue;
    groups.push(group);
    group = [0, 0];
  }
  const last = groups.at(-1);
  if (last === undefined) return 1;
  groups[groups.length - 1] = [last[0] + group[0], last[1] + group[1]];
  if (groups.length < 2) return 1;
  const statistic = groups.reduce((total, [a, b]) => {
    const [expectedBefore, expectedNow] = [((a + b) * before) / (before + now), ((a + b) * now) / (before + now)];
    return total + (a - expectedBefore) ** 2 / expectedBefore + (b - expectedNow) ** 2 / expectedNow;
  }, 0);
  return chiSquareUpper(statistic, groups.length - 1);
}

/** Two shares compared. */
export interface ShareShift {
  readonly reference: number;
  readonly current: number;
  /** Two-sided, of the test that both are the same. */
  readonly p: number;
}

/**
 * Compares two shares by the pooled z; where an end of it is expected fewer than five times, nothing is claimed (p is 1).
 * @param before - hits and rows of the reference; not whole numbers where rows are weighed
 * @see handbook early-warning 3.9
 */
export function shareShift(
  before: { readonly hits: number; readonly rows: number },
  now: { readonly hits: number; readonly rows: number },
): ShareShift {
  const pooled = (before.hits + now.hits) / (before.rows + now.rows);
  const shares = { reference: before.hits / before.rows, current: now.hits / now.rows };
  const rarer = Math.min(pooled, 1 - pooled) * Math.min(before.rows, now.rows);
  if (!(rarer >= FEWEST_EXPECTED)) return { ...shares, p: 1 };
  const error = Math.sqrt(pooled * (1 - pooled) * (1 / before.rows + 1 / now.rows));
  return { ...shares, p: normalTwoSided((shares.current - shares.reference) / error) };
}

const sum = (values: Float64Array): number => values.reduce((total, value) => total + value, 0);
