import { CairnError } from "../../../errors.ts";
import { logit, sigmoid } from "../../../numeric/log-odds.ts";
import { type FeatureColumn, type FeatureMatrix, takeColumns } from "../../../numeric/matrix.ts";
import type { Classifier, Estimator, FittedClassifier, LabelledMatrix } from "../../estimator.ts";
import { requireArray, requireJson, requireKind } from "../artifact-fields.ts";
import { checkCancelled, checkQuestion, checkTraining } from "../checks.ts";
import { logistic } from "../logistic.ts";
import { nestedContext, nestedParameters, nestedTensors, nestTensors } from "./nested.ts";
import { takeOut } from "./periods.ts";
import { logOddsOf, weighLogOdds } from "./weigh-log-odds.ts";

const KIND = "off-track/at-expected-rates";
const FEWEST = 50; // rows of a group in a cohort: fewer say too little about the mean to move it
const HALVINGS = 60; // of an interval of ±40 log-odds: to the last digits of a double
const FURTHEST = 40;

/** What {@link atExpectedRates} takes. */
export interface ExpectedRatesOptions {
  /** The categorical column of the groups, such as the course; it stays a feature. */
  readonly group: string;
  /** A categorical column whose values have rates of their own, such as the season a course begins in; no feature. */
  readonly season?: string;
}

/** A classifier that can be set to a cohort before any outcome of it is known. */
export interface AdaptableClassifier extends FittedClassifier {
  /**
   * The same classifier for this cohort, given whole: an ordinary fitted model, which answers row by row.
   * @throws CairnError as `predict`
   */
  adapt(cohort: FeatureMatrix): FittedClassifier;
}

/** Whether a fitted model wants to see the cohort before it is asked about it. */
export function isAdaptable(model: FittedClassifier): model is AdaptableClassifier {
  return "adapt" in model;
}

/**
 * A classifier that keeps to what groups have come to in the past: when the cohort is there, and long before its outcomes, the
 * log-odds of each group are moved together until their mean probability is the rate that group and season had in training
 * (a logistic regression of the outcome on the two). Rankings within a group stay; a plan of work that changed from one
 * year to the next no longer makes a whole course look lost. Groups that training did not know, and those with fewer than 50
 * rows, are not moved. What it cannot do is tell that a course as a whole has become better or worse: watch the mean before the
 * move for that. Until `adapt` is called the model is the recipe's own.
 * `fit` throws what the recipe throws, and `UNKNOWN_FEATURE` or `BAD_INPUT` for columns that are not there or no categories.
 * @see handbook early-warning 3.6.6; Saerens, Latinne and Decaestecker (2002), Adjusting the outputs of a classifier to new a
 * priori probabilities, here with the rate given by the past and held exactly in the mean
 */
export function atExpectedRates(
  recipe: Classifier,
  { group, season }: ExpectedRatesOptions,
): Estimator<LabelledMatrix, AdaptableClassifier> {
  const rates = logistic({ minimumCategoryRows: 1 });
  return {
    kind: KIND,
    parameters: { group, season: season ?? null, ...nestedParameters(recipe.kind, recipe.parameters) },
    fit({ matrix, labels }, context) {
      checkCancelled(context);
      checkTraining({ matrix, labels });
      const columns = [group, ...(season === undefined ? [] : [season])];
      const known = takeColumns(matrix, columns);
      for (const { name, kind } of known.columns) {
        if (kind !== "categorical")
          throw new CairnError("BAD_INPUT", `expected categories in column "${name}", got numbers`);
      }
      const features = season === undefined ? matrix : takeOut(matrix, season).matrix;
      const model = recipe.fit({ matrix: features, labels }, nestedContext(context, "model", 0, 1));
      const { onProgress: _, ...quiet } = context;
      const expected = rates.fit({ matrix: known, labels }, quiet);
      context.onProgress?.(1);
      return fittedAtRates({ group, model, expected, shifts: new Map(), known: labelsOf(known.columns[0]!) });
    },
    decode(tensors) {
      requireKind(tensors, KIND);
      const own = nestedTensors(tensors, "shifts");
      const groups = requireJson(own, "groups", areStrings);
      const values = requireArray(own, "values", Float64Array, groups.length);
      return fittedAtRates({
        group,
        model: recipe.decode(nestedTensors(tensors, "model")),
        expected: rates.decode(nestedTensors(tensors, "expected")),
        shifts: new Map(groups.map((name, index) => [name, values[index]!])),
        known: requireJson(own, "known", areStrings),
      });
    },
  };
}

const areStrings = (value: unknown): value is string[] =>
  Array.isArray(value) && value.every((item) => typeof item === "string");

interface AtRates {
  readonly group: string;
  readonly model: FittedClassifier;
  /** The rate of group and season. */
  readonly expected: FittedClassifier;
  /** Log-odds added to each group's. */
  readonly shifts: ReadonlyMap<string, number>;
  /** Groups with training rows, sorted. */
  readonly known: readonly string[];
}

/** The categories of a column that have rows. */
function labelsOf({ values, categories = [] }: FeatureColumn): string[] {
  const codes = new Set(values);
  return categories.filter((_, code) => codes.has(code)).sort();
}

function fittedAtRates(parts: AtRates): AdaptableClassifier {
  const { group, model, expected, shifts, known } = parts;
  const features = Object.freeze([...new Set([...model.features, group])]);
  const place = features.indexOf(group);
  const whole = weighLogOdds([model], [1], 0);
  const shiftOf = (matrix: FeatureMatrix): ((row: number) => number) => {
    const { values, categories = [] } = takeColumns(matrix, [group]).columns[0]!;
    return (row) => shifts.get(categories[values[row]!] ?? "") ?? 0;
  };
  return {
    kind: KIND,
    features,
    predict(matrix, out) {
      checkQuestion(matrix, features, out.length, 1);
      logOddsOf(model, matrix, out);
      const shift = shiftOf(matrix);
      for (let row = 0; row < out.length; row++) out[row] = sigmoid(out[row]! + shift(row));
    },
    explain(matrix, out) {
      const width = features.length + 1;
      checkQuestion(matrix, features, out.length, width);
      const own = new Float64Array(matrix.rows * (model.features.length + 1));
      whole.explain(matrix, own);
      const shift = shiftOf(matrix);
      const last = model.features.length;
      out.fill(0);
      for (let row = 0; row < matrix.rows; row++) {
        for (let feature = 0; feature < last; feature++) out[row * width + feature] = own[row * (last + 1) + feature]!;
        out[row * width + place]! += shift(row);
        out[row * width + features.length] = own[row * (last + 1) + last]!;
      }
    },
    adapt: (cohort) => fittedAtRates({ ...parts, shifts: findShifts(parts, cohort) }),
    encode: () =>
      nestTensors(
        { kind: KIND },
        {
          model: model.encode(),
          expected: expected.encode(),
          shifts: {
            metadata: { groups: JSON.stringify([...shifts.keys()]), known: JSON.stringify(known) },
            arrays: { values: Float64Array.from(shifts.values()) },
          },
        },
      ),
  };
}

/** By group, the log-odds that bring its mean probability in the cohort to its expected rate. */
function findShifts({ group, model, expected, known }: AtRates, cohort: FeatureMatrix): Map<string, number> {
  const scores = logOddsOf(model, cohort);
  const rates = new Float64Array(cohort.rows);
  expected.predict(cohort, rates);
  const { values, categories = [] } = takeColumns(cohort, [group]).columns[0]!;
  const shifts = new Map<string, number>();
  for (const name of known) {
    const code = categories.indexOf(name);
    const rows = Int32Array.from(values.keys()).filter((row) => values[row] === code);
    if (rows.length < FEWEST) continue;
    // in the order of the scores, so that sums do not depend on the order of the rows
    const own = Float64Array.from(rows, (row) => scores[row]!).sort();
    const target = Float64Array.from(rows, (row) => rates[row]!)
      .sort()
      .reduce((sum, rate) => sum + rate, 0);
    shifts.set(name, shiftTo(own, target));
  }
  return shifts;
}

/** The number that, added to all log-odds, makes the probabilities sum to the target. */
function shiftTo(scores: Float64Array, target: number): number {
  const middle = logit(target / scores.length);
  let low = middle - FURTHEST;
  let high = middle + FURTHEST;
  for (let halving = 0; halving < HALVINGS; halving++) {
    const shift = (low + high) / 2;
    let sum = 0;
    for (let i = 0; i < scores.length; i++) sum += sigmoid(scores[i]! + shift);
    if (sum < target) low = shift;
    else high = shift;
  }
  return (low + high) / 2;
}
