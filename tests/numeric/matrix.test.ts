import fc from "fast-check";
import { expect, test } from "vitest";
import {
  checkMatrix,
  type FeatureColumn,
  type FeatureMatrix,
  takeColumns,
  takeRows,
} from "../../src/numeric/matrix.ts";
import { codeOf } from "../contracts/estimator-contract.ts";

const numeric = (name: string, values: readonly number[]): FeatureColumn => ({
  name,
  kind: "numeric",
  values: Float64Array.from(values),
});
const categorical = (name: string, values: readonly number[], categories: readonly string[]): FeatureColumn => ({
  ...numeric(name, values),
  kind: "categorical",
  categories,
});
const example: FeatureMatrix = {
  rows: 3,
  columns: [numeric("a", [1, Number.NaN, 3]), categorical("b", [0, 1, Number.NaN], ["x", "y"])],
};

test("a matrix with missing cells is in order, and is given back itself", () => {
  expect(checkMatrix(example)).toBe(example);
  expect(checkMatrix({ rows: 0, columns: [] }).rows).toBe(0);
});

test.each<[string, FeatureMatrix, string]>([
  ["a name twice", { rows: 1, columns: [numeric("a", [1]), numeric("a", [2])] }, "BAD_INPUT"],
  ["a column too short", { rows: 2, columns: [numeric("a", [1])] }, "SHAPE_MISMATCH"],
  ["plus infinity", { rows: 1, columns: [numeric("a", [Number.POSITIVE_INFINITY])] }, "NOT_FINITE"],
  ["minus infinity", { rows: 1, columns: [numeric("a", [Number.NEGATIVE_INFINITY])] }, "NOT_FINITE"],
  ["a code without a category", { rows: 1, columns: [categorical("b", [2], ["x", "y"])] }, "BAD_INPUT"],
  ["a negative code", { rows: 1, columns: [categorical("b", [-1], ["x"])] }, "BAD_INPUT"],
  ["half a code", { rows: 1, columns: [categorical("b", [0.5], ["x", "y"])] }, "BAD_INPUT"],
])("%s is refused", (_, matrix, code) => {
  expect(codeOf(() => checkMatrix(matrix))).toBe(code);
});

test("taking rows copies them in the order asked for, repeats included", () => {
  fc.assert(
    fc.property(fc.array(fc.nat(2), { maxLength: 6 }), (rows) => {
      const taken = takeRows(example, rows);
      expect(taken.rows).toBe(rows.length);
      taken.columns.forEach((column, c) => {
        expect(Array.from(column.values)).toEqual(rows.map((row) => example.columns[c]!.values[row]));
        expect({ ...column, values: 0 }).toEqual({ ...example.columns[c], values: 0 });
      });
    }),
  );
  const taken = takeRows(example, [0, 1, 2]);
  taken.columns[0]!.values.fill(9);
  expect(example.columns[0]!.values[0]).toBe(1);
});

test("taking columns shares them in the order asked for, and an unknown one is refused", () => {
  const taken = takeColumns(example, ["b", "a"]);
  expect(taken.columns.map(({ name }) => name)).toEqual(["b", "a"]);
  expect(taken.columns[1]!.values).toBe(example.columns[0]!.values);
  expect(codeOf(() => takeColumns(example, ["c"]))).toBe("UNKNOWN_FEATURE");
});
