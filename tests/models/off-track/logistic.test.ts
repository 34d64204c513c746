import { readFileSync } from "node:fs";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { LabelledMatrix } from "../../../src/models/estimator.ts";
import { logistic } from "../../../src/models/off-track/logistic.ts";
import type { FittedLogistic } from "../../../src/models/off-track/logistic-model.ts";
import { sigmoid } from "../../../src/numeric/log-odds.ts";
import { type FeatureColumn, type FeatureMatrix, takeRows } from "../../../src/numeric/matrix.ts";
import { random } from "../../../src/numeric/random.ts";
import {
  classifierData,
  expectReasonsToAddUp,
  probabilitiesOf,
  reasonsOf,
} from "../../contracts/classifier-contract.ts";
import { codeOf, contextOf } from "../../contracts/estimator-contract.ts";

interface Golden {
  readonly trainRows: number;
  readonly columns: Readonly<Record<string, (number | null)[]>>;
  readonly module: number[];
  readonly labels: number[];
  readonly models: readonly {
    readonly penalty: number;
    readonly intercept: number;
    readonly weights: Readonly<Record<string, number>>;
    readonly probabilities: number[];
  }[];
}

const golden = JSON.parse(
  readFileSync(new URL("../../golden/logistic/logistic.json", import.meta.url), "utf8"),
) as Golden;

const numeric = (name: string, values: ArrayLike<number>): FeatureColumn => ({
  name,
  kind: "numeric",
  values: Float64Array.from(values),
});

const learn = (data: LabelledMatrix, options = {}): FittedLogistic => logistic(options).fit(data, contextOf("test"));

function goldenMatrix(): FeatureMatrix {
  const columns: FeatureColumn[] = Object.entries(golden.columns).map(([name, values]) =>
    numeric(
      name,
      values.map((v) => v ?? Number.NaN),
    ),
  );
  columns.push({
    name: "module",
    kind: "categorical",
    values: Float64Array.from(golden.module),
    categories: ["A", "B", "C", "D"],
  });
  return { rows: golden.module.length, columns };
}

function expectClose(got: Float64Array, expected: Float64Array, tolerance: number): void {
  expect(got.length).toBe(expected.length);
  for (let i = 0; i < got.length; i++) expect(Math.abs(got[i]! - expected[i]!)).toBeLessThanOrEqual(tolerance);
}

test.each(golden.models)("scikit-learn's weights and probabilities at penalty $penalty", (expected) => {
  const matrix = goldenMatrix();
  const rows = Array.from({ length: matrix.rows }, (_, row) => row);
  const train = takeRows(matrix, rows.slice(0, golden.trainRows));
  const labels = Uint8Array.from(golden.labels.slice(0, golden.trainRows));
  const model = learn({ matrix: train, labels }, { penalty: expected.penalty });
  // 1e-7: both solvers stop at a small gradient, and a penalty of 0.01 leaves directions with little curvature
  expect(model.intercept).toBeCloseTo(expected.intercept, 7);
  const weights = Object.fromEntries(model.terms.map(({ name, weight }) => [name, weight]));
  expect(Object.keys(weights).sort()).toEqual(Object.keys(expected.weights).sort());
  for (const [name, weight] of Object.entries(expected.weights)) expect(weights[name], name).toBeCloseTo(weight, 7);
  const probabilities = probabilitiesOf(model, takeRows(matrix, rows.slice(golden.trainRows)));
  expectClose(probabilities, Float64Array.from(expected.probabilities), 1e-8);
});

test("the solution has no slope: the penalised gradient is zero at the weights", () => {
  const data = classifierData();
  const penalty = 2;
  const model = learn(data, { penalty });
  const residuals = probabilitiesOf(model, data.matrix).map((p, row) => data.labels[row]! - p);
  expect(Math.abs(residuals.reduce((sum, r) => sum + r, 0))).toBeLessThan(1e-7); // the free intercept
  const first = model.terms.find(({ name }) => name === "first")!;
  const values = data.matrix.columns[0]!.values;
  const present = values.filter((value) => !Number.isNaN(value)).sort();
  const median = (present[(present.length - 1) >> 1]! + present[present.length >> 1]!) / 2;
  const slope = residuals.reduce((sum, r, row) => {
    const value = Number.isNaN(values[row]!) ? median : values[row]!;
    return sum + (r * (value - first.mean)) / first.scale;
  }, 0);
  expect(Math.abs(slope - penalty * first.weight)).toBeLessThan(1e-7);
});

test("finds the weights that made the data", () => {
  const rng = random("planted");
  const rows = 20_000;
  const a = Float64Array.from({ length: rows }, () => rng.normal());
  const b = Float64Array.from({ length: rows }, () => 3 * rng.normal() + 10);
  const labels = Uint8Array.from(a, (value, row) =>
    rng.next() < sigmoid(0.8 * value - 0.5 * (b[row]! - 10) - 1) ? 1 : 0,
  );
  const model = learn({ matrix: { rows, columns: [numeric("a", a), numeric("b", b)] }, labels });
  const slopes = model.terms.map(({ weight, scale }) => weight / scale);
  expect(Math.abs(slopes[0]! - 0.8)).toBeLessThan(0.06); // three standard errors of 20,000 rows
  expect(Math.abs(slopes[1]! + 0.5)).toBeLessThan(0.03);
});

test("shifting or scaling a column changes no probability", () => {
  fc.assert(
    fc.property(
      fc.double({ min: -50, max: 50, noNaN: true }),
      fc.double({ min: 0.01, max: 100, noNaN: true }),
      (shift, scale) => {
        const { matrix, labels } = classifierData();
        const moved = {
          rows: matrix.rows,
          columns: matrix.columns.map((column) =>
            column.name === "second" ? { ...column, values: column.values.map((v) => v * scale + shift) } : column,
          ),
        };
        const straight = probabilitiesOf(learn({ matrix, labels }), matrix);
        expectClose(probabilitiesOf(learn({ matrix: moved, labels }), moved), straight, 1e-7);
      },
    ),
    { numRuns: 20 },
  );
});

test("turning the labels around turns every contribution around", () => {
  const { matrix, labels } = classifierData();
  const straight = reasonsOf(learn({ matrix, labels }), matrix);
  const turned = reasonsOf(learn({ matrix, labels: labels.map((label) => 1 - label) }), matrix);
  expectClose(
    turned,
    straight.map((reason) => -reason),
    1e-7,
  );
});

test("a larger penalty gives smaller weights", () => {
  const size = (penalty: number): number =>
    Math.hypot(...learn(classifierData(), { penalty }).terms.map(({ weight }) => weight));
  const sizes = [0.01, 0.1, 1, 10, 100, 1e6].map(size);
  for (let i = 1; i < sizes.length; i++) expect(sizes[i]).toBeLessThan(sizes[i - 1]!);
  expect(sizes.at(-1)).toBeLessThan(1e-3);
});

test("a missing flag and all categories are folded into their feature's contribution", () => {
  const { matrix, labels } = classifierData();
  const model = learn({ matrix, labels });
  expect(model.features).toEqual(["first", "second", "third", "constant"]);
  expect(model.terms.map(({ name }) => name)).toEqual([
    "first",
    "first: missing",
    "second",
    "second: missing",
    "third: rare",
    "third = amber",
    "third = blue",
    "third = coral",
    "third: missing",
  ]);
  expectReasonsToAddUp(model, matrix);
  const reasons = reasonsOf(model, matrix);
  const row = matrix.columns[1]!.values.findIndex((value) => Number.isNaN(value));
  const flag = model.terms.find(({ name }) => name === "second: missing")!;
  const value = model.terms.find(({ name }) => name === "second")!;
  const present = matrix.columns[1]!.values.filter((v) => !Number.isNaN(v)).sort();
  const median = (present[(present.length - 1) >> 1]! + present[present.length >> 1]!) / 2;
  const expected = (flag.weight * (1 - flag.mean)) / flag.scale + (value.weight * (median - value.mean)) / value.scale;
  expect(reasons[row * 5 + 1]).toBeCloseTo(expected, 12);
  expect(reasons[row * 5 + 3]).toBe(0); // the constant column
});

test("contributions average zero over training, so that the base is the average learner", () => {
  const { matrix, labels } = classifierData();
  const model = learn({ matrix, labels });
  const reasons = reasonsOf(model, matrix);
  for (let feature = 0; feature < 4; feature++) {
    let sum = 0;
    for (let row = 0; row < matrix.rows; row++) sum += reasons[row * 5 + feature]!;
    expect(Math.abs(sum / matrix.rows)).toBeLessThan(1e-12);
  }
});

test("an unseen category counts as none of the known ones", () => {
  const third = { name: "third", kind: "categorical" as const, categories: ["x", "y"] };
  const values = Float64Array.from({ length: 40 }, (_, row) => row % 2);
  const labels = Uint8Array.from({ length: 40 }, (_, row) =>
    row % 2 === 0 ? Number(row % 5 > 0) : Number(row % 5 === 0),
  );
  const model = learn({ matrix: { rows: 40, columns: [{ ...third, values }] }, labels });
  const ask = (categories: string[]): number =>
    probabilitiesOf(model, { rows: 1, columns: [{ ...third, categories, values: Float64Array.of(0) }] })[0]!;
  expect(ask(["x"])).toBeGreaterThan(ask(["unseen"]));
  expect(ask(["unseen"])).toBeGreaterThan(ask(["y"]));
});

test("a number where categories were learnt is refused, not misread", () => {
  const { matrix, labels } = classifierData();
  const model = learn({ matrix, labels });
  const columns = matrix.columns.map((column) =>
    column.name === "third" ? numeric("third", new Float64Array(matrix.rows)) : column,
  );
  expect(codeOf(() => probabilitiesOf(model, { rows: matrix.rows, columns }))).toBe("BAD_INPUT");
});

test("separable rows get finite weights from the penalty", () => {
  const x = Float64Array.from({ length: 40 }, (_, row) => row);
  const data = {
    matrix: { rows: 40, columns: [numeric("x", x)] },
    labels: Uint8Array.from(x, (_, row) => Number(row >= 20)),
  };
  const { weight } = learn(data).terms[0]!;
  expect(weight).toBeGreaterThan(1);
  expect(weight).toBeLessThan(10);
  expect(learn(data, { penalty: 0.01 }).terms[0]!.weight).toBeGreaterThan(weight);
});

test("a column twice shares its weight; without a penalty worth the name it is singular", () => {
  const { matrix, labels } = classifierData();
  const first = matrix.columns[0]!;
  const twice = { rows: matrix.rows, columns: [first, { ...first, name: "again" }] };
  const { terms } = learn({ matrix: twice, labels });
  expect(terms[0]!.weight).toBeCloseTo(terms[2]!.weight, 9);
  expect(["NOT_CONVERGED", "SINGULAR"]).toContain(codeOf(() => learn({ matrix: twice, labels }, { penalty: 1e-300 })));
});

test("a constant that no double holds exactly is a constant", () => {
  const { labels } = classifierData();
  const columns = [numeric("tenth", new Float64Array(labels.length).fill(0.1)), classifierData().matrix.columns[0]!];
  expect(
    learn({ matrix: { rows: labels.length, columns }, labels }).terms.some(({ feature }) => feature === "tenth"),
  ).toBe(false);
});

test("a column too large for double precision is refused by name", () => {
  const { labels } = classifierData();
  const columns = [
    numeric(
      "huge",
      Float64Array.from(labels, (_, row) => (row % 2 === 0 ? 1e308 : -1e308)),
    ),
  ];
  expect(codeOf(() => learn({ matrix: { rows: labels.length, columns }, labels }))).toBe("NOT_FINITE");
});

test("stops between two steps when its signal is aborted", () => {
  const controller = new AbortController();
  const seen: number[] = [];
  const context = contextOf("test", {
    signal: controller.signal,
    onProgress: (fraction) => {
      seen.push(fraction);
      controller.abort();
    },
  });
  expect(codeOf(() => logistic().fit(classifierData(), context))).toBe("CANCELLED");
  expect(seen).toHaveLength(1);
});

test("parameters out of range are refused", () => {
  for (const penalty of [0, -1, Number.NaN, Number.POSITIVE_INFINITY])
    expect(codeOf(() => logistic({ penalty }))).toBe("BAD_INPUT");
  for (const minimumCategoryRows of [0, 1.5]) expect(codeOf(() => logistic({ minimumCategoryRows }))).toBe("BAD_INPUT");
});

test("an artifact whose arrays point outside each other is refused", () => {
  const { metadata, arrays } = learn(classifierData()).encode();
  const changed = (name: string, change: (values: Int32Array) => void) => {
    const values = Int32Array.from(arrays[name]!);
    change(values);
    return { metadata, arrays: { ...arrays, [name]: values } };
  };
  expect(codeOf(() => logistic().decode(changed("valueTerms", (v) => v.fill(99))))).toBe("ARTIFACT_CORRUPT");
  expect(codeOf(() => logistic().decode(changed("termFeatures", (v) => v.fill(-1))))).toBe("ARTIFACT_CORRUPT");
  expect(codeOf(() => logistic().decode({ metadata, arrays: { ...arrays, weights: new Float64Array(1) } }))).toBe(
    "ARTIFACT_CORRUPT",
  );
  expect(codeOf(() => logistic().decode({ metadata: { ...metadata, features: "[1" }, arrays }))).toBe(
    "ARTIFACT_CORRUPT",
  );
});

test("more columns than rows: solved in the space of the rows, and flat where it says so", () => {
  const rng = random("wide");
  const rows = 30;
  const columns = Array.from({ length: 95 }, (_, j) =>
    // the last five repeat the first: the rows' space does not care
    numeric(`x${j}`, j < 90 ? Float64Array.from({ length: rows }, () => rng.normal()) : new Float64Array(rows)),
  );
  for (let j = 90; j < 95; j++) columns[j]!.values.set(columns[j - 90]!.values);
  const labels = Uint8Array.from({ length: rows }, (_, row) => (row % 3 === 0 ? 1 : 0));
  const matrix = { rows, columns };
  const model = learn({ matrix, labels }, { penalty: 2 });
  const p = probabilitiesOf(model, matrix);
  // the gradient of the penalised loss at the solution, column by column
  for (const [j, { weight, mean, scale }] of model.terms.entries()) {
    const slope = columns[j]!.values.reduce((sum, x, row) => sum + (p[row]! - labels[row]!) * ((x - mean) / scale), 0);
    expect(Math.abs(slope + 2 * weight)).toBeLessThan(1e-7);
  }
  expect(Math.abs(p.reduce((sum, own, row) => sum + own - labels[row]!, 0))).toBeLessThan(1e-7);
  expect(model.terms[90]!.weight).toBeCloseTo(model.terms[0]!.weight, 9);
  expectReasonsToAddUp(model, matrix);
  const turned = Array.from({ length: rows }, (_, row) => rows - 1 - row);
  const again = learn({ matrix: takeRows(matrix, turned), labels: labels.slice().reverse() }, { penalty: 2 });
  expectClose(probabilitiesOf(again, matrix), p, 1e-8);
});
