import type { FeatureColumn } from "../../numeric/matrix.ts";

/** Numbers with at most so many different values get a bin for each. */
const DISTINCT = 20;
const QUANTILES = 10;

/** Bins of one column, fixed on the reference: whoever is compared with it later falls into the same ones. */
export interface Bins {
  /** Bins of known values. One bin more takes what the reference never held. */
  readonly count: number;
  /** What a bin holds, such as `3` or `71.5 to 80`. */
  readonly labels: readonly string[];
  /** The bin of a known value, in [0, count); `count - 1` is that of unseen values. */
  readonly of: (value: number) => number;
}

/**
 * Bins of a column: one for each value when there are few (so that a step from 3 to 2 for everybody is seen, which quantiles miss),
 * else ten quantiles of the reference with open ends; and one for values the reference never held.
 * @param values - shape (n), the known values of the reference
 * @see handbook early-warning 3.9
 */
export function fixedBins(column: Pick<FeatureColumn, "kind" | "categories">, values: Float64Array): Bins {
  const sorted = values.slice().sort();
  const distinct = sorted.filter((value, index) => index === 0 || value !== sorted[index - 1]);
  if (column.kind === "categorical" || distinct.length <= DISTINCT) {
    const bin = new Map(Array.from(distinct, (value, index) => [value, index] as const));
    const nameOf = (value: number): string => column.categories?.[value] ?? String(value);
    return {
      count: distinct.length + 1,
      labels: [...Array.from(distinct, nameOf), "not seen before"],
      of: (value) => bin.get(value) ?? distinct.length,
    };
  }
  const cuts = Array.from({ length: QUANTILES - 1 }, (_, index) => quantileOf(sorted, (index + 1) / QUANTILES));
  const edges = cuts.filter((cut, index) => index === 0 || cut !== cuts[index - 1]);
  const ends = ["", ...edges.map((edge) => String(Number(edge.toPrecision(4)))), ""];
  return {
    count: edges.length + 1,
    labels: ends.slice(1).map((to, index) => (to === "" ? `above ${ends[index]}` : `${ends[index] || "up"} to ${to}`)),
    of: (value) => {
      let bin = 0;
      while (bin < edges.length && value > edges[bin]!) bin++;
      return bin;
    },
  };
}

const quantileOf = (sorted: Float64Array, share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)]!;

/** How many known values lie in each bin: shape (bins.count). */
export function countBins({ count, of }: Bins, values: Float64Array): Float64Array {
  const counts = new Float64Array(count);
  for (const value of values) counts[of(value)]! += 1;
  return counts;
}
