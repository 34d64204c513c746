import { CairnError } from "../../../errors.ts";
import type { FeatureColumn, FeatureMatrix } from "../../../numeric/matrix.ts";

/** How one feature is compared; every coordinate is a difference in standard deviations of training. */
export interface FeatureEncoding {
  readonly name: string;
  readonly kind: FeatureColumn["kind"];
  /** Numbers: mean, and standard deviation (1 where training held one value), of the cells that are not missing. */
  readonly mean: number;
  readonly scale: number;
  readonly least: number;
  readonly most: number;
  /** Standard deviation of being missing, with one missing and one present row added: never 0. */
  readonly missingScale: number;
  readonly missingShare: number;
  /** Categories: their labels, sorted, and their shares of the rows of training. */
  readonly categories: readonly string[];
  readonly shares: readonly number[];
}

/** What training decides about the columns that are compared. */
export function planEncoding(matrix: FeatureMatrix): FeatureEncoding[] {
  return matrix.columns.map(({ name, kind, values, categories = [] }) => {
    const known = values.filter((value) => !Number.isNaN(value)).sort();
    const missing = (matrix.rows - known.length + 1) / (matrix.rows + 2);
    const common = {
      name,
      kind,
      missingScale: Math.sqrt(missing * (1 - missing)),
      missingShare: (matrix.rows - known.length) / matrix.rows,
    };
    if (kind === "categorical") {
      const counts = new Float64Array(categories.length);
      for (const code of known) counts[code]! += 1;
      const seen = categories.map((label, code) => ({ label, share: counts[code]! / matrix.rows }));
      const sorted = seen.filter(({ share }) => share > 0).sort((a, b) => (a.label < b.label ? -1 : 1));
      const labels = { categories: sorted.map(({ label }) => label), shares: sorted.map(({ share }) => share) };
      return { ...common, mean: 0, scale: 1, least: 0, most: 0, ...labels };
    }
    const [least, most] = [known[0] ?? 0, known[known.length - 1] ?? 0];
    const mean = known.length === 0 ? 0 : known.reduce((sum, value) => sum + value / known.length, 0);
    const deviation = Math.sqrt(known.reduce((sum, value) => sum + (value - mean) ** 2 / known.length, 0));
    const scale = least === most || !(deviation > 0) ? 1 : deviation;
    return { ...common, mean, scale, least, most, categories: [], shares: [] };
  });
}

/**
 * Writes rows as coordinates: per feature its value (a missing one stands at the mean) or its category's code in training, and
 * whether it is missing. Categories are compared by {@link featureDistance}; −1 stands for one that training did not see.
 * @returns shape (rows × 2·features), row-major
 * @throws CairnError `BAD_INPUT` when a column is of another kind than in training
 */
export function encodeRows(plans: readonly FeatureEncoding[], matrix: FeatureMatrix): Float64Array {
  const width = 2 * plans.length;
  const out = new Float64Array(matrix.rows * width);
  for (const [feature, plan] of plans.entries()) {
    const column = matrix.columns[feature]!;
    if (column.kind !== plan.kind) {
      throw new CairnError("BAD_INPUT", `expected column "${plan.name}" to be ${plan.kind}, got ${column.kind}`, {
        hint: "build the matrix with the catalog version the model was trained on",
      });
    }
    const codes = column.categories?.map((label) => plan.categories.indexOf(label));
    for (let row = 0, at = 2 * feature; row < matrix.rows; row++, at += width) {
      const value = column.values[row]!;
      const isMissing = Number.isNaN(value);
      out[at] = isMissing ? 0 : codes === undefined ? (value - plan.mean) / plan.scale : codes[value]!;
      out[at + 1] = isMissing ? 1 : 0;
    }
  }
  return out;
}

/**
 * The squared distance of one feature between two rows: of numbers in standard deviations; of different categories by how rare
 * they are, 1/share, as coordinates with unit variance would have it; of missing against present by how rare missing is.
 * @param a - where the feature's coordinates begin in `left`
 */
export function featureDistance(
  plan: FeatureEncoding,
  left: Float64Array,
  a: number,
  right: Float64Array,
  b: number,
  rows: number,
): number {
  if (left[a + 1] !== right[b + 1]) return 1 / plan.missingScale ** 2;
  if (left[a + 1] === 1) return 0;
  if (plan.kind === "numeric") return (left[a]! - right[b]!) ** 2;
  if (left[a] === right[b]) return 0;
  const share = (code: number): number => plan.shares[code] ?? 1 / (rows + 1);
  return (1 / share(left[a]!) + 1 / share(right[b]!)) / 2;
}
