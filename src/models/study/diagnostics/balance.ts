import type { Term } from "../regression/linear-model.ts";

/** How far the arms are apart on one covariate, before or after an adjustment. */
export interface BalanceRow {
  readonly covariate: string;
  readonly means: { readonly treatment: number; readonly comparison: number };
  /** Standardised mean difference; null when the covariate does not vary in the group that gives the unit. */
  readonly difference: number | null;
  /** Variance of the treated over that of the compared, by the weights; null when either does not vary. */
  readonly varianceRatio: number | null;
  /** Largest distance between the two distribution functions, in [0, 1] (Kolmogorov and Smirnov). */
  readonly largestGap: number;
  /** Rows of each arm that say yes, without weights, when every value is 0 or 1; else null. */
  readonly yes: { readonly treatment: number; readonly comparison: number } | null;
}

/** Whose standard deviation is the unit: the treated's (ATT), or the root of both variances' mean (ATE, ATO). */
export type BalanceUnit = "treated" | "pooled";

/**
 * The balance table. The unit stays that of the unweighted sample: with a weighted one, balance would look better than it is.
 * @param weights - shape (rows), any scale; default ones. Rows of weight 0 are out
 * @see Stuart (2010), Statistical Science 25(1); handbook 2.7
 */
export function balanceTable(
  covariates: readonly Term[],
  treatment: ArrayLike<number>,
  unit: BalanceUnit,
  weights?: ArrayLike<number>,
): BalanceRow[] {
  return covariates.map(({ name, values }) => {
    const plain = [armMoments(values, treatment, 0), armMoments(values, treatment, 1)] as const;
    const [zero, one] = [armMoments(values, treatment, 0, weights), armMoments(values, treatment, 1, weights)];
    const variance = unit === "treated" ? plain[1].variance : (plain[0].variance + plain[1].variance) / 2;
    const scale = Math.sqrt(variance);
    return {
      covariate: name,
      means: { treatment: one.mean, comparison: zero.mean },
      difference: scale > 1e-12 * Math.max(1, Math.abs(one.mean)) ? (one.mean - zero.mean) / scale : null,
      varianceRatio: zero.variance > 0 && one.variance > 0 ? one.variance / zero.variance : null,
      largestGap: largestGap(values, treatment, weights),
      yes: yesCounts(values, treatment),
    };
  });
}

function yesCounts(values: ArrayLike<number>, treatment: ArrayLike<number>): BalanceRow["yes"] {
  const counts = [0, 0];
  for (let row = 0; row < values.length; row++) {
    if (values[row] !== 0 && values[row] !== 1) return null;
    counts[treatment[row]!]! += values[row]!;
  }
  return { treatment: counts[1]!, comparison: counts[0]! };
}

/** Mean and variance of one arm; the variance divides by Σw − Σw²/Σw, which is n − 1 with equal weights. */
function armMoments(
  values: ArrayLike<number>,
  treatment: ArrayLike<number>,
  arm: 0 | 1,
  weights?: ArrayLike<number>,
): { mean: number; variance: number } {
  let total = 0;
  let squares = 0;
  let sum = 0;
  for (let row = 0; row < values.length; row++) {
    if (treatment[row] !== arm) continue;
    const weight = weights?.[row] ?? 1;
    total += weight;
    squares += weight * weight;
    sum += weight * values[row]!;
  }
  const mean = sum / total;
  let deviation = 0;
  for (let row = 0; row < values.length; row++) {
    if (treatment[row] === arm) deviation += (weights?.[row] ?? 1) * (values[row]! - mean) ** 2;
  }
  return { mean, variance: deviation / (total - squares / total) };
}

function largestGap(values: ArrayLike<number>, treatment: ArrayLike<number>, weights?: ArrayLike<number>): number {
  const order = Array.from({ length: values.length }, (_, row) => row).sort((a, b) => values[a]! - values[b]!);
  const totals = [0, 0];
  for (const row of order) totals[treatment[row]!]! += weights?.[row] ?? 1;
  const below = [0, 0];
  let gap = 0;
  for (let i = 0; i < order.length; i++) {
    const row = order[i]!;
    below[treatment[row]!]! += weights?.[row] ?? 1;
    const next = order[i + 1];
    if (next !== undefined && values[next] === values[row]) continue; // equal values count together
    gap = Math.max(gap, Math.abs(below[1]! / totals[1]! - below[0]! / totals[0]!));
  }
  return gap;
}
