import { CairnError } from "../../../errors.ts";
import { sigmoid } from "../../../numeric/log-odds.ts";
import type { FeatureColumn, FeatureMatrix } from "../../../numeric/matrix.ts";
import type { Tensors } from "../../artifact.ts";
import type { FittedClassifier } from "../../estimator.ts";
import { requireArray, requireJson, requireKind } from "../artifact-fields.ts";
import type { FeatureBins } from "../boosted-trees/bins.ts";
import { checkQuestion } from "../checks.ts";
import { addUp, binsOfMatrix, LEVELS, type Terms } from "./terms.ts";

/** The kind of the models of `additive`. */
export const ADDITIVE = "off-track/additive";

/** A fitted additive model: every term can be looked at. */
export interface FittedAdditive extends FittedClassifier {
  /** How training divided each feature, in the order of `features`. */
  readonly plans: readonly FeatureBins[];
  /** The terms, each of mean 0 over the training rows; not to be changed. */
  readonly terms: Terms;
}

/** Puts terms together as a model. */
export function fittedAdditive(plans: readonly FeatureBins[], terms: Terms): FittedAdditive {
  const features = Object.freeze(plans.map(({ name }) => name));
  const width = features.length + 1;
  const explain = (matrix: FeatureMatrix, out: Float64Array): void => {
    const question = checkQuestion(matrix, features, out.length, width);
    checkKinds(plans, question.columns);
    addUp(terms, binsOfMatrix(plans, question), question.rows, out);
  };
  return {
    kind: ADDITIVE,
    features,
    plans,
    terms,
    explain,
    predict(matrix, out) {
      checkQuestion(matrix, features, out.length, 1);
      const contributions = new Float64Array(matrix.rows * width);
      explain(matrix, contributions);
      for (let row = 0; row < matrix.rows; row++) {
        let logOdds = 0;
        for (let at = row * width; at < (row + 1) * width; at++) logOdds += contributions[at]!;
        out[row] = sigmoid(logOdds);
      }
    },
    encode: () => ({
      metadata: { kind: ADDITIVE, plans: JSON.stringify(plans.map(plain)) },
      arrays: {
        base: Float64Array.of(terms.base),
        shapes: terms.shapes.slice(),
        pairs: terms.pairs.slice(),
        grids: terms.grids.slice(),
        lines: terms.lines.slice(),
        thresholds: Float64Array.from(plans.flatMap((plan) => (plan.kind === "numeric" ? [...plan.thresholds] : []))),
      },
    }),
  };
}

function checkKinds(plans: readonly FeatureBins[], columns: readonly FeatureColumn[]): void {
  for (const [at, { name, kind }] of plans.entries()) {
    if (columns[at]!.kind === kind) continue;
    throw new CairnError("BAD_INPUT", `expected column "${name}" to be ${kind}, got ${columns[at]!.kind}`, {
      hint: "build the matrix with the catalog version the model was trained on",
    });
  }
}

interface PlainPlan {
  readonly name: string;
  /** Of a number: how many thresholds it has; of a category: its labels. */
  readonly thresholds?: number;
  readonly categories?: readonly string[];
}

function plain(plan: FeatureBins): PlainPlan {
  return plan.kind === "numeric"
    ? { name: plan.name, thresholds: plan.thresholds.length }
    : { name: plan.name, categories: plan.categories };
}

const arePlans = (value: unknown): value is PlainPlan[] =>
  Array.isArray(value) &&
  value.every(
    (item) =>
      typeof item?.name === "string" &&
      (Number.isInteger(item?.thresholds) ? item.thresholds >= 0 && item.thresholds < 255 : isLabels(item?.categories)),
  );

const isLabels = (value: unknown): boolean =>
  Array.isArray(value) && value.length <= 255 && value.every((label) => typeof label === "string");

/**
 * Reads an additive model back from its arrays.
 * @throws CairnError `ARTIFACT_CORRUPT` when they do not fit together
 */
export function decodeAdditive(tensors: Tensors): FittedAdditive {
  requireKind(tensors, ADDITIVE);
  const plainPlans = requireJson(tensors, "plans", arePlans);
  const count = plainPlans.reduce((sum, { thresholds = 0 }) => sum + thresholds, 0);
  const thresholds = requireArray(tensors, "thresholds", Float64Array, count);
  let from = 0;
  const plans = plainPlans.map((plan): FeatureBins => {
    if (plan.thresholds === undefined) return { name: plan.name, kind: "categorical", categories: plan.categories! };
    from += plan.thresholds;
    return { name: plan.name, kind: "numeric", thresholds: thresholds.slice(from - plan.thresholds, from) };
  });
  const pairs = requireArray(tensors, "pairs", Int32Array);
  const terms: Terms = {
    base: requireArray(tensors, "base", Float64Array, 1)[0]!,
    shapes: requireArray(tensors, "shapes", Float64Array, plans.length * LEVELS),
    pairs,
    grids: requireArray(tensors, "grids", Float64Array, (pairs.length / 2) * LEVELS),
    lines: requireArray(tensors, "lines", Uint8Array, plans.length * LEVELS),
  };
  const areSound =
    [Float64Array.of(terms.base), terms.shapes, terms.grids].every((values) => values.every(Number.isFinite)) &&
    pairs.every((feature) => feature >= 0 && feature < plans.length) &&
    terms.lines.every((line) => line < 16);
  if (!areSound) {
    throw new CairnError("ARTIFACT_CORRUPT", "expected arrays that form an additive model, got others", {
      hint: "train the model again",
    });
  }
  return fittedAdditive(plans, terms);
}
