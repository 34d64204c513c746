import { CairnError } from "../../errors.ts";
import type { FeatureColumn, FeatureMatrix } from "../../numeric/matrix.ts";

/**
 * One column of the design matrix of a linear model: a feature's value, its missing flag, or one of its categories.
 * Standardised as (x − mean)/scale with the mean and population standard deviation of training. Constant columns are left
 * out: a penalised weight of a column that never varies is 0.
 */
export interface DesignTerm {
  /** Index of the feature it came from. */
  readonly feature: number;
  /** Such as `mean`, `mean: missing`, `module = AAA`, `module: rare`. */
  readonly name: string;
  readonly mean: number;
  readonly scale: number;
}

/** How one feature becomes terms; −1 where there is no such term. */
export interface FeatureDesign {
  readonly name: string;
  readonly kind: FeatureColumn["kind"];
  /** What stands in for a missing number: the training median; 0 when all were missing. */
  readonly median: number;
  readonly valueTerm: number;
  readonly missingTerm: number;
  /** The categories seen in training, sorted. */
  readonly categories: readonly string[];
  /** Shape (categories): the term of each category; rare ones share a term. */
  readonly categoryTerms: readonly number[];
}

/** What training decided about the columns of a linear model. */
export interface Design {
  readonly features: readonly FeatureDesign[];
  readonly terms: readonly DesignTerm[];
}

/**
 * Plans the design matrix from training columns: a number becomes its value with the median where it is missing, a
 * category becomes one 0/1 column each (those with fewer than `minimumCategoryRows` rows share one), and any column with
 * missing cells also gets a missing flag.
 * @throws CairnError `NOT_FINITE` when a column is too large to standardise in double precision
 */
export function planDesign(matrix: FeatureMatrix, minimumCategoryRows: number): Design {
  const terms: DesignTerm[] = [];
  const scratch = new Float64Array(matrix.rows);
  const addTerm = (feature: number, name: string): number => {
    const { mean, scale } = momentsOf(scratch, name);
    return scale === 0 ? -1 : terms.push({ feature, name, mean, scale }) - 1;
  };
  const features = matrix.columns.map((column, feature): FeatureDesign => {
    const { name, kind, values } = column;
    const missing = values.some((value) => Number.isNaN(value));
    const median = kind === "numeric" ? medianOf(values) : 0;
    let valueTerm = -1;
    let categories: readonly string[] = [];
    let categoryTerms: number[] = [];
    if (kind === "numeric") {
      for (let row = 0; row < scratch.length; row++) scratch[row] = Number.isNaN(values[row]!) ? median : values[row]!;
      valueTerm = addTerm(feature, name);
    } else {
      const seen = categoriesSeen(column);
      categories = seen.map(({ label }) => label);
      categoryTerms = planCategories(seen, values, scratch, minimumCategoryRows, (term) =>
        addTerm(feature, `${name}${term}`),
      );
    }
    let missingTerm = -1;
    if (missing) {
      for (let row = 0; row < scratch.length; row++) scratch[row] = Number.isNaN(values[row]!) ? 1 : 0;
      missingTerm = addTerm(feature, `${name}: missing`);
    }
    return { name, kind, median, valueTerm, missingTerm, categories, categoryTerms };
  });
  return { features, terms };
}

interface SeenCategory {
  readonly label: string;
  readonly code: number;
  readonly rows: number;
}

/** The categories with rows, by label, so that the order of codes in the input does not matter. */
function categoriesSeen({ values, categories = [] }: FeatureColumn): SeenCategory[] {
  const rows = new Float64Array(categories.length);
  for (let row = 0; row < values.length; row++) if (!Number.isNaN(values[row]!)) rows[values[row]!]! += 1;
  return categories
    .map((label, code) => ({ label, code, rows: rows[code]! }))
    .filter((category) => category.rows > 0)
    .sort((a, b) => (a.label < b.label ? -1 : 1));
}

function planCategories(
  seen: readonly SeenCategory[],
  values: Float64Array,
  scratch: Float64Array,
  minimumRows: number,
  addTerm: (name: string) => number,
): number[] {
  const rare = new Set(seen.filter(({ rows }) => rows < minimumRows).map(({ code }) => code));
  let rareTerm = -1;
  if (rare.size > 0) {
    for (let row = 0; row < scratch.length; row++) scratch[row] = rare.has(values[row]!) ? 1 : 0;
    rareTerm = addTerm(": rare");
  }
  return seen.map(({ label, code }) => {
    if (rare.has(code)) return rareTerm;
    for (let row = 0; row < scratch.length; row++) scratch[row] = values[row] === code ? 1 : 0;
    return addTerm(` = ${label}`);
  });
}

/** Mean and population standard deviation, in two passes; scale 0 says that the values do not vary at all. */
function momentsOf(values: Float64Array, name: string): { mean: number; scale: number } {
  let sum = 0;
  let least = Number.POSITIVE_INFINITY;
  let most = Number.NEGATIVE_INFINITY;
  for (let row = 0; row < values.length; row++) {
    const value = values[row]!;
    sum += value;
    if (value < least) least = value;
    if (value > most) most = value;
  }
  if (least === most) return { mean: least, scale: 0 };
  const mean = sum / values.length;
  let squares = 0;
  for (let row = 0; row < values.length; row++) {
    const difference = values[row]! - mean;
    squares += difference * difference;
  }
  const scale = Math.sqrt(squares / values.length);
  if (!Number.isFinite(scale) || scale === 0) {
    throw new CairnError(
      "NOT_FINITE",
      `expected column "${name}" to have a deviation that double precision can hold, got values from ${least} to ${most}`,
      { hint: "rescale the column; such values are usually an error in the source" },
    );
  }
  return { mean, scale };
}

/** The median of the cells that are not missing; 0 when all are. */
function medianOf(values: Float64Array): number {
  const present = values.filter((value) => !Number.isNaN(value)).sort();
  if (present.length === 0) return 0;
  const middle = present.length >> 1;
  return present.length % 2 === 1 ? present[middle]! : (present[middle - 1]! + present[middle]!) / 2;
}

/**
 * Writes the standardised terms of every row.
 * @param out - shape (rows × stride), row-major; the first `design.terms.length` cells of each row are overwritten
 * @param stride - cells per row, at least the number of terms
 */
export function writeDesign(design: Design, matrix: FeatureMatrix, out: Float64Array, stride: number): void {
  for (let feature = 0; feature < design.features.length; feature++) {
    const plan = design.features[feature]!;
    const column = matrix.columns[feature]!;
    writeTerm(plan.valueTerm, (value) => (Number.isNaN(value) ? plan.median : value));
    writeTerm(plan.missingTerm, (value) => (Number.isNaN(value) ? 1 : 0));
    const termOf = termsByCode(plan, column);
    for (const term of new Set(plan.categoryTerms)) writeTerm(term, (value) => (termOf[value] === term ? 1 : 0));

    function writeTerm(term: number, read: (value: number) => number): void {
      if (term < 0) return;
      const { mean, scale } = design.terms[term]!;
      for (let row = 0, at = term; row < matrix.rows; row++, at += stride)
        out[at] = (read(column.values[row]!) - mean) / scale;
    }
  }
}

/** Shape (categories of the column): the term of each code, −1 for a category that training did not see. */
export function termsByCode(plan: FeatureDesign, column: FeatureColumn): Int32Array {
  const terms = new Map(plan.categories.map((label, index) => [label, plan.categoryTerms[index]!]));
  return Int32Array.from(column.categories ?? [], (label) => terms.get(label) ?? -1);
}
