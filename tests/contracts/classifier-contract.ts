import { describe, expect, test } from "vitest";
import { decodeArtifact } from "../../src/models/artifact.ts";
import type { Classifier, FittedClassifier, LabelledMatrix } from "../../src/models/estimator.ts";
import { logit, sigmoid } from "../../src/numeric/log-odds.ts";
import { type FeatureColumn, type FeatureMatrix, takeColumns, takeRows } from "../../src/numeric/matrix.ts";
import { random } from "../../src/numeric/random.ts";
import { bytesOf, codeOf, contextOf, describeEstimatorContract } from "./estimator-contract.ts";

const ROWS = 240;

/**
 * The data of the classifier suite: `first` (numeric, drives the outcome), `second` (numeric, a quarter missing, every
 * missing row is also missing `first` in one row of eight), `third` (categorical, one rare category, some missing) and
 * `constant`. Recipes that name their columns, such as rules, use these names.
 */
export function classifierData(rows: number = ROWS): LabelledMatrix {
  const rng = random("classifier contract");
  const first = new Float64Array(rows);
  const second = new Float64Array(rows);
  const third = new Float64Array(rows);
  const labels = new Uint8Array(rows);
  for (let row = 0; row < rows; row++) {
    first[row] = rng.normal();
    second[row] = rng.next() < 0.25 ? Number.NaN : 50 + 10 * rng.normal();
    third[row] = row % 97 === 0 ? 3 : rng.integer(3);
    if (row % 41 === 0) third[row] = Number.NaN;
    const bonus = Number.isNaN(second[row]!) ? 1 : (50 - second[row]!) / 10;
    labels[row] = rng.next() < sigmoid(1.5 * first[row]! + bonus - 0.5) ? 1 : 0;
    if (row % 8 === 3 && Number.isNaN(second[row]!)) first[row] = Number.NaN;
  }
  const columns: FeatureColumn[] = [
    { name: "first", kind: "numeric", values: first },
    { name: "second", kind: "numeric", values: second },
    { name: "third", kind: "categorical", values: third, categories: ["amber", "blue", "coral", "rare"] },
    { name: "constant", kind: "numeric", values: new Float64Array(rows).fill(0.1) },
  ];
  return { matrix: { rows, columns }, labels };
}

const withColumn = (data: LabelledMatrix, name: string, change: (values: Float64Array) => void): LabelledMatrix => {
  const columns = data.matrix.columns.map((column) => {
    if (column.name !== name) return column;
    const values = column.values.slice();
    change(values);
    return { ...column, values };
  });
  return { ...data, matrix: { rows: data.matrix.rows, columns } };
};

const labelled = (labels: (row: number) => number): LabelledMatrix => {
  const { matrix } = classifierData();
  return { matrix, labels: Uint8Array.from({ length: matrix.rows }, (_, row) => labels(row)) };
};

const reversed = (rows: number): number[] => Array.from({ length: rows }, (_, row) => rows - 1 - row);

const reorder = ({ matrix, labels }: LabelledMatrix): LabelledMatrix => ({
  matrix: takeRows(matrix, reversed(matrix.rows)),
  labels: labels.slice().reverse(),
});

/** The probabilities of a model, in an array of its own. */
export function probabilitiesOf(model: FittedClassifier, matrix: FeatureMatrix): Float64Array {
  const out = new Float64Array(matrix.rows).fill(Number.NaN);
  model.predict(matrix, out);
  return out;
}

/** The reasons of a model, in an array of its own. */
export function reasonsOf(model: FittedClassifier, matrix: FeatureMatrix): Float64Array {
  const out = new Float64Array(matrix.rows * (model.features.length + 1)).fill(Number.NaN);
  model.explain(matrix, out);
  return out;
}

/** Everything a model says of the contract's rows. */
const answersOf = (model: FittedClassifier): Float64Array => {
  const { matrix } = classifierData();
  return Float64Array.of(...probabilitiesOf(model, matrix), ...reasonsOf(model, matrix));
};

/** Checks that the reasons of every row add up to the log-odds of its prediction within 1e-9. */
export function expectReasonsToAddUp(model: FittedClassifier, matrix: FeatureMatrix): void {
  const width = model.features.length + 1;
  const reasons = reasonsOf(model, matrix);
  probabilitiesOf(model, matrix).forEach((probability, row) => {
    const sum = reasons.subarray(row * width, (row + 1) * width).reduce((total, reason) => total + reason, 0);
    expect(Math.abs(sigmoid(sum) - probability)).toBeLessThanOrEqual(1e-9);
    // beyond that a double's probability no longer knows its log-odds to nine digits
    if (probability > 1e-6 && probability < 1 - 1e-6)
      expect(Math.abs(sum - logit(probability))).toBeLessThanOrEqual(1e-9);
  });
}

/**
 * The promises of every classifier, on top of those of every estimator, over {@link classifierData}.
 * @param namesItsColumns - set for a recipe that cannot be fitted without columns it names, such as a rule
 */
export function describeClassifierContract(
  name: string,
  recipe: () => Classifier,
  { namesItsColumns = false }: { readonly namesItsColumns?: boolean } = {},
): void {
  const onlyColumns = (names: readonly string[]) => (): LabelledMatrix => {
    const data = classifierData();
    return { ...data, matrix: takeColumns(data.matrix, names) };
  };
  const free: Record<string, () => LabelledMatrix> = {
    "one column": onlyColumns(["first"]),
    "one categorical column": onlyColumns(["third"]),
    "one constant column": onlyColumns(["constant"]),
    "no column": onlyColumns([]),
  };
  describeEstimatorContract(name, {
    estimator: recipe,
    input: () => classifierData(),
    answers: answersOf,
    reordered: reorder,
    reorderedTolerance: 1e-7, // a solver that stops at a gradient of 1e-8 stops elsewhere when its sums round otherwise
    refused: {
      "labels that are all 0": { input: () => labelled(() => 0), code: "SINGLE_CLASS" },
      "labels that are all 1": { input: () => labelled(() => 1), code: "SINGLE_CLASS" },
      "one row": { input: () => classifierData(1), code: "SINGLE_CLASS" },
      "no rows": { input: () => classifierData(0), code: "BAD_INPUT" },
      "a label that is neither 0 nor 1": { input: () => labelled((row) => row % 3), code: "BAD_INPUT" },
      "a label too few": {
        input: () => ({ ...classifierData(), labels: new Uint8Array(ROWS - 1) }),
        code: "SHAPE_MISMATCH",
      },
      "plus infinity": {
        input: () => withColumn(classifierData(), "first", (v) => v.fill(Number.POSITIVE_INFINITY, 3, 4)),
        code: "NOT_FINITE",
      },
      "minus infinity": {
        input: () => withColumn(classifierData(), "first", (v) => v.fill(Number.NEGATIVE_INFINITY, 3, 4)),
        code: "NOT_FINITE",
      },
      "a code without a category": {
        input: () => withColumn(classifierData(), "third", (v) => v.fill(9, 3, 4)),
        code: "BAD_INPUT",
      },
    },
    survived: {
      "a column that is missing everywhere": () => withColumn(classifierData(), "second", (v) => v.fill(Number.NaN)),
      "a column that never varies": () => withColumn(classifierData(), "first", (v) => v.fill(3)),
      "rows the first column separates": () =>
        withColumn(classifierData(), "first", (v) => v.set(classifierData().labels)),
      ...(namesItsColumns ? {} : free),
    },
  });

  const fitted = (data: LabelledMatrix = classifierData()): FittedClassifier =>
    recipe().fit(data, contextOf("contract"));

  describe(`${name} keeps the classifier contract`, () => {
    test("probabilities lie in [0, 1]", () => {
      const probabilities = probabilitiesOf(fitted(), classifierData().matrix);
      expect(probabilities.every((p) => p >= 0 && p <= 1)).toBe(true);
    });

    test("reasons add up to the log-odds, also for missing cells and after a round trip", () => {
      const model = fitted();
      const { matrix } = classifierData();
      expectReasonsToAddUp(model, matrix);
      expectReasonsToAddUp(recipe().decode(decodeArtifact(bytesOf(model))), matrix);
      const empty = {
        ...matrix,
        columns: matrix.columns.map((column) => ({ ...column, values: new Float64Array(ROWS).fill(Number.NaN) })),
      };
      expectReasonsToAddUp(model, empty);
    });

    test("a row's prediction does not depend on the rows around it", () => {
      const model = fitted();
      const { matrix } = classifierData();
      const together = probabilitiesOf(model, matrix);
      expect(probabilitiesOf(model, takeRows(matrix, reversed(ROWS)))).toEqual(together.slice().reverse());
      for (const size of [1, 7, 64]) {
        const pieces: number[] = [];
        for (let from = 0; from < ROWS; from += size) {
          const rows = Array.from({ length: Math.min(size, ROWS - from) }, (_, i) => from + i);
          pieces.push(...probabilitiesOf(model, takeRows(matrix, rows)));
        }
        expect(Float64Array.from(pieces)).toEqual(together);
      }
    });

    test("extra columns and another order of columns are ignored, a missing one is refused", () => {
      const model = fitted();
      const { matrix } = classifierData();
      const extra: FeatureColumn = { name: "extra", kind: "numeric", values: new Float64Array(ROWS).fill(1e9) };
      const shuffled = { rows: ROWS, columns: [extra, ...matrix.columns].reverse() };
      expect(probabilitiesOf(model, shuffled)).toEqual(probabilitiesOf(model, matrix));
      for (const feature of model.features) {
        const without = { rows: ROWS, columns: matrix.columns.filter((column) => column.name !== feature) };
        expect(codeOf(() => probabilitiesOf(model, without))).toBe("UNKNOWN_FEATURE");
      }
    });

    test("category codes may be numbered otherwise, and an unseen category is no error", () => {
      const model = fitted();
      const { matrix } = classifierData();
      const renumbered = {
        rows: ROWS,
        columns: matrix.columns.map((column) =>
          column.name === "third"
            ? {
                ...column,
                categories: ["new", "rare", "coral", "blue", "amber"],
                values: column.values.map((code) => 4 - code),
              }
            : column,
        ),
      };
      expect(probabilitiesOf(model, renumbered)).toEqual(probabilitiesOf(model, matrix));
      const unseen = {
        rows: ROWS,
        columns: renumbered.columns.map((column) =>
          column.name === "third" ? { ...column, values: new Float64Array(ROWS) } : column,
        ),
      };
      expect(probabilitiesOf(model, unseen).every((p) => Number.isFinite(p))).toBe(true);
      expectReasonsToAddUp(model, unseen);
    });

    test("a question that does not fit is refused by code", () => {
      const model = fitted();
      const { matrix } = classifierData();
      expect(codeOf(() => model.predict(matrix, new Float64Array(ROWS - 1)))).toBe("SHAPE_MISMATCH");
      const room = ROWS * (model.features.length + 1);
      expect(codeOf(() => model.explain(matrix, new Float64Array(room + 1)))).toBe("SHAPE_MISMATCH");
      for (const feature of model.features) {
        const infinite = withColumn(classifierData(), feature, (values) =>
          values.fill(Number.NEGATIVE_INFINITY),
        ).matrix;
        expect(codeOf(() => probabilitiesOf(model, infinite))).toBe("NOT_FINITE");
      }
    });

    test("no rows and one row can be asked", () => {
      const model = fitted();
      expect(probabilitiesOf(model, classifierData(0).matrix)).toHaveLength(0);
      expect(probabilitiesOf(model, classifierData(1).matrix)).toHaveLength(1);
    });

    test("asking does not change the matrix", () => {
      const { matrix } = classifierData();
      const model = fitted();
      probabilitiesOf(model, matrix);
      reasonsOf(model, matrix);
      expect(matrix).toEqual(classifierData().matrix);
    });
  });
}
