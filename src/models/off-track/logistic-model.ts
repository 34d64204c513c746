import { CairnError } from "../../errors.ts";
import { sigmoid } from "../../numeric/log-odds.ts";
import type { FeatureColumn, FeatureMatrix } from "../../numeric/matrix.ts";
import type { Tensors } from "../artifact.ts";
import type { FittedClassifier } from "../estimator.ts";
import { requireArray, requireJson, requireKind } from "./artifact-fields.ts";
import { checkQuestion } from "./checks.ts";
import { type Design, type FeatureDesign, termsByCode } from "./design.ts";

/** The kind of a logistic model. */
export const LOGISTIC = "off-track/logistic";

/** One weight of a fitted logistic regression. */
export interface LogisticTerm {
  /** The feature whose contribution it belongs to. */
  readonly feature: string;
  /** Such as `mean`, `mean: missing`, `module = AAA`, `module: rare`. */
  readonly name: string;
  /** Log-odds per standard deviation of the term in training. */
  readonly weight: number;
  readonly mean: number;
  readonly scale: number;
}

/** A fitted logistic regression: a sum of one contribution per feature. */
export interface FittedLogistic extends FittedClassifier {
  /** Log-odds of a learner who is average in everything. */
  readonly intercept: number;
  /** Columns that did not vary in training have no term. */
  readonly terms: readonly LogisticTerm[];
}

/**
 * Puts a design and its weights together as a model. The contribution of feature j is Σ over its terms of
 * w·(x − mean)/scale: value, missing flag and categories together.
 * @param weights - shape (terms)
 */
export function fittedLogistic(design: Design, weights: Float64Array, intercept: number): FittedLogistic {
  const names = Object.freeze(design.features.map(({ name }) => name));
  const parts = design.features.map((plan) => contributionOf(plan, design, weights));
  const terms = Object.freeze(
    design.terms.map(({ feature, name, mean, scale }, term) =>
      Object.freeze({ feature: names[feature]!, name, weight: weights[term]!, mean, scale }),
    ),
  );
  const width = names.length + 1;
  const ask = (matrix: FeatureMatrix, length: number, perRow: number): ((row: number) => number)[] => {
    const { columns } = checkQuestion(matrix, names, length, perRow);
    return columns.map((column, feature) => parts[feature]!(column));
  };
  return {
    kind: LOGISTIC,
    features: names,
    intercept,
    terms,
    predict(matrix, out) {
      const contributions = ask(matrix, out.length, 1);
      out.fill(intercept);
      for (const contribution of contributions)
        for (let row = 0; row < out.length; row++) out[row]! += contribution(row);
      for (let row = 0; row < out.length; row++) out[row] = sigmoid(out[row]!);
    },
    explain(matrix, out) {
      const contributions = ask(matrix, out.length, width);
      for (let row = 0, offset = 0; row < matrix.rows; row++, offset += width) {
        for (let feature = 0; feature < contributions.length; feature++)
          out[offset + feature] = contributions[feature]!(row);
        out[offset + contributions.length] = intercept;
      }
    },
    encode: () => encodeLogistic(design, terms, intercept),
  };
}

/** A feature's contribution to the log-odds, as a function of the column it will be read from and then of the row. */
function contributionOf(
  plan: FeatureDesign,
  design: Design,
  weights: Float64Array,
): (column: FeatureColumn) => (row: number) => number {
  const at = (term: number, x: number): number =>
    term < 0 ? 0 : (weights[term]! * (x - design.terms[term]!.mean)) / design.terms[term]!.scale;
  const present = at(plan.missingTerm, 0);
  const missing = at(plan.missingTerm, 1);
  if (plan.kind === "numeric") {
    const whenMissing = missing + at(plan.valueTerm, plan.median);
    return (column) => {
      const { values } = ofKind(column, plan);
      return (row) => (Number.isNaN(values[row]!) ? whenMissing : present + at(plan.valueTerm, values[row]!));
    };
  }
  const terms = [...new Set(plan.categoryTerms)];
  const sumFor = (own: number): number => terms.reduce((sum, term) => sum + at(term, term === own ? 1 : 0), 0);
  const whenMissing = missing + sumFor(-1);
  return (column) => {
    const { values } = ofKind(column, plan);
    const byCode = Float64Array.from(termsByCode(plan, column), (term) => present + sumFor(term));
    return (row) => (Number.isNaN(values[row]!) ? whenMissing : byCode[values[row]!]!);
  };
}

function ofKind(column: FeatureColumn, { kind, name }: FeatureDesign): FeatureColumn {
  if (column.kind !== kind) {
    throw new CairnError("BAD_INPUT", `expected column "${name}" to be ${kind}, got ${column.kind}`, {
      hint: "build the matrix with the catalog version the model was trained on",
    });
  }
  return column;
}

function encodeLogistic(design: Design, terms: readonly LogisticTerm[], intercept: number): Tensors {
  const columns = design.features.map(({ name, kind, categories }) => ({ name, kind, categories }));
  return {
    metadata: {
      kind: LOGISTIC,
      features: JSON.stringify(columns),
      terms: JSON.stringify(terms.map(({ name }) => name)),
    },
    arrays: {
      intercept: Float64Array.of(intercept),
      weights: Float64Array.from(terms, ({ weight }) => weight),
      means: Float64Array.from(terms, ({ mean }) => mean),
      scales: Float64Array.from(terms, ({ scale }) => scale),
      termFeatures: Int32Array.from(design.terms, ({ feature }) => feature),
      medians: Float64Array.from(design.features, ({ median }) => median),
      valueTerms: Int32Array.from(design.features, ({ valueTerm }) => valueTerm),
      missingTerms: Int32Array.from(design.features, ({ missingTerm }) => missingTerm),
      categoryTerms: Int32Array.from(design.features.flatMap(({ categoryTerms }) => categoryTerms)),
    },
  };
}

type StoredFeature = Pick<FeatureDesign, "name" | "kind" | "categories">;

const areStrings = (value: unknown): value is string[] =>
  Array.isArray(value) && value.every((item) => typeof item === "string");
const areFeatures = (value: unknown): value is StoredFeature[] =>
  Array.isArray(value) &&
  value.every(
    (item) =>
      typeof item?.name === "string" && ["numeric", "categorical"].includes(item?.kind) && areStrings(item?.categories),
  );

/**
 * Reads a logistic model back from its arrays.
 * @throws CairnError `ARTIFACT_CORRUPT` when they do not fit together
 */
export function decodeLogistic(tensors: Tensors): FittedLogistic {
  requireKind(tensors, LOGISTIC);
  const stored = requireJson(tensors, "features", areFeatures);
  const names = requireJson(tensors, "terms", areStrings);
  const count = names.length;
  const weights = requireArray(tensors, "weights", Float64Array, count);
  const means = requireArray(tensors, "means", Float64Array, count);
  const scales = requireArray(tensors, "scales", Float64Array, count);
  const termFeatures = requireIndices(tensors, "termFeatures", count, stored.length, 0);
  const medians = requireArray(tensors, "medians", Float64Array, stored.length);
  const valueTerms = requireIndices(tensors, "valueTerms", stored.length, count);
  const missingTerms = requireIndices(tensors, "missingTerms", stored.length, count);
  const codes = stored.reduce((sum, { categories }) => sum + categories.length, 0);
  const categoryTerms = requireIndices(tensors, "categoryTerms", codes, count);
  let code = 0;
  const features = stored.map((feature, index): FeatureDesign => {
    const terms = Array.from(categoryTerms.subarray(code, code + feature.categories.length));
    code += feature.categories.length;
    return {
      ...feature,
      median: medians[index]!,
      valueTerm: valueTerms[index]!,
      missingTerm: missingTerms[index]!,
      categoryTerms: terms,
    };
  });
  const terms = names.map((name, term) => ({
    feature: termFeatures[term]!,
    name,
    mean: means[term]!,
    scale: scales[term]!,
  }));
  return fittedLogistic({ features, terms }, weights, requireArray(tensors, "intercept", Float64Array, 1)[0]!);
}

/** Indices from `lowest` (−1 says none) to below a bound. */
function requireIndices(tensors: Tensors, name: string, length: number, bound: number, lowest = -1): Int32Array {
  const indices = requireArray(tensors, name, Int32Array, length);
  if (indices.some((index) => index < lowest || index >= bound)) {
    throw new CairnError("ARTIFACT_CORRUPT", `expected indices below ${bound} in "${name}", got others`, {
      hint: "train the model again",
    });
  }
  return indices;
}
