import { CairnError } from "../../errors.ts";
import { sigmoid } from "../../numeric/log-odds.ts";
import type { FeatureColumn, FeatureMatrix } from "../../numeric/matrix.ts";
import type { Tensors } from "../artifact.ts";
import type { FittedClassifier } from "../estimator.ts";
import { requireArray, requireKind } from "./artifact-fields.ts";
import { checkQuestion } from "./checks.ts";
import { type Design, type FeatureDesign, termsByCode } from "./design.ts";
import { designTensors, readDesign } from "./design-artifact.ts";

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
    encode: () => {
      const { metadata, arrays } = designTensors(design);
      const weights = Float64Array.from(terms, ({ weight }) => weight);
      return {
        metadata: { kind: LOGISTIC, ...metadata },
        arrays: { ...arrays, intercept: Float64Array.of(intercept), weights },
      };
    },
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

/**
 * Reads a logistic model back from its arrays.
 * @throws CairnError `ARTIFACT_CORRUPT` when they do not fit together
 */
export function decodeLogistic(tensors: Tensors): FittedLogistic {
  requireKind(tensors, LOGISTIC);
  const design = readDesign(tensors);
  const weights = requireArray(tensors, "weights", Float64Array, design.terms.length);
  return fittedLogistic(design, weights, requireArray(tensors, "intercept", Float64Array, 1)[0]!);
}
