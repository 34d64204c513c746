import type { BinningRooms } from "../../../numeric/kernels/binning.ts";
import { sortColumns } from "../../../numeric/kernels/binning.ts";
import type { Kernels } from "../../../numeric/kernels/kernels.ts";
import type { FeatureColumn, FeatureMatrix } from "../../../numeric/matrix.ts";

/** The threshold of a categorical node whose left child takes missing cells only. */
export const MISSING_ONLY = -1;

/** How training divided one feature's values. Missing cells have a bin of their own, whatever the kind. */
export type FeatureBins =
  | {
      readonly name: string;
      readonly kind: "numeric";
      /** Upwards; bin b holds threshold[b − 1] < value ≤ threshold[b]. */
      readonly thresholds: Float64Array;
    }
  | {
      readonly name: string;
      readonly kind: "categorical";
      /** One bin each, sorted; any other category is treated as missing. */
      readonly categories: readonly string[];
    };

/** What decides the bins. */
export interface BinLimits {
  /** Value bins per feature, 2 to 255. */
  readonly maximumBins: number;
  /** Categories with fewer training rows are treated as missing. */
  readonly minimumCategoryRows: number;
}

/**
 * Divides every column of the training rows: a number at all mid-points between its distinct values, or at quantiles when
 * there are more than `maximumBins` of them; a category into one bin per label that is frequent enough (the most frequent
 * `maximumBins` when there are more; of equally frequent ones the first by label).
 */
export function planBins(
  kernels: Kernels,
  rooms: BinningRooms,
  matrix: FeatureMatrix,
  { maximumBins, minimumCategoryRows }: BinLimits,
): FeatureBins[] {
  const plans: FeatureBins[] = matrix.columns.map((column) =>
    column.kind === "categorical"
      ? {
          name: column.name,
          kind: "categorical",
          categories: planCategories(column, maximumBins, minimumCategoryRows),
        }
      : { name: column.name, kind: "numeric", thresholds: new Float64Array(0) },
  );
  const numeric = [...matrix.columns.keys()].filter((at) => matrix.columns[at]!.kind === "numeric");
  sortColumns(
    kernels,
    rooms,
    numeric.map((at) => matrix.columns[at]!.values),
    (position, sorted) => {
      const at = numeric[position]!;
      plans[at] = {
        name: matrix.columns[at]!.name,
        kind: "numeric",
        thresholds: planThresholds(sorted, maximumBins),
      };
    },
  );
  return plans;
}

/** The number of value bins a feature has. */
export function binCount(bins: FeatureBins): number {
  return bins.kind === "numeric" ? bins.thresholds.length + 1 : bins.categories.length;
}

/** Shape (categories of the column): the bin of each code, −1 for a category without one. */
export function binsByCode(categories: readonly string[], column: FeatureColumn): Int32Array {
  const bins = new Map(categories.map((label, bin) => [label, bin]));
  return Int32Array.from(column.categories ?? [], (label) => bins.get(label) ?? -1);
}

/**
 * The thresholds between bins of sorted values: a bin is closed when it holds its share of the rows that are left, so a
 * value as frequent as several bins takes no more than one.
 */
export function planThresholds(sorted: Float64Array, maximumBins: number): Float64Array {
  let distinct = sorted.length === 0 ? 0 : 1;
  for (let i = 1; i < sorted.length; i++) if (sorted[i]! !== sorted[i - 1]!) distinct += 1;
  const thresholds: number[] = [];
  const closesAll = distinct <= maximumBins;
  let start = 0; // of the bin that is open
  for (let i = 1; i < sorted.length && thresholds.length < maximumBins - 1; i++) {
    if (sorted[i]! === sorted[i - 1]!) continue;
    const share = (sorted.length - start) / (maximumBins - thresholds.length);
    if (!closesAll && i - start < share) continue;
    thresholds.push(between(sorted[i - 1]!, sorted[i]!));
    start = i;
  }
  return Float64Array.from(thresholds);
}

/** A number t with lower ≤ t < upper, half-way unless rounding forbids it. */
function between(lower: number, upper: number): number {
  const middle = lower / 2 + upper / 2; // the sum of two large numbers could be infinite
  return middle >= lower && middle < upper ? middle : lower;
}

function planCategories({ values, categories = [] }: FeatureColumn, most: number, minimumRows: number): string[] {
  const rows = new Float64Array(categories.length);
  for (let row = 0; row < values.length; row++) if (!Number.isNaN(values[row]!)) rows[values[row]!]! += 1;
  const inOrder = (a: string, b: string): number => (a < b ? -1 : 1);
  return categories
    .map((label, code) => ({ label, rows: rows[code]! }))
    .filter((category) => category.rows >= Math.max(minimumRows, 1))
    .sort((a, b) => b.rows - a.rows || inOrder(a.label, b.label))
    .slice(0, most)
    .map(({ label }) => label)
    .sort(inOrder);
}
