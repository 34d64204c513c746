import { expect, test } from "vitest";
import { CairnError } from "../../../../src/errors.ts";
import { type FittedUnfamiliarity, unfamiliarity } from "../../../../src/models/off-track/similarity/unfamiliarity.ts";
import type { FeatureMatrix } from "../../../../src/numeric/matrix.ts";
import { takeRows } from "../../../../src/numeric/matrix.ts";
import { random } from "../../../../src/numeric/random.ts";
import { codeOf, contextOf, describeEstimatorContract } from "../../../contracts/estimator-contract.ts";

/** Marks and missed work that go together, a course, a column that is never empty and one that always holds 3. */
function school(seed: string, rows: number): FeatureMatrix {
  const rng = random(seed);
  const mark = new Float64Array(rows);
  const missed = new Float64Array(rows);
  const course = new Float64Array(rows);
  for (let row = 0; row < rows; row++) {
    const effort = rng.normal();
    mark[row] = rng.next() < 0.2 ? Number.NaN : 60 + 12 * effort + 3 * rng.normal();
    missed[row] = Math.max(0, Math.round(3 - 2 * effort + rng.normal()));
    course[row] = rng.integer(3);
  }
  return {
    rows,
    columns: [
      { name: "mark", kind: "numeric", values: mark },
      { name: "missed", kind: "numeric", values: missed },
      { name: "course", kind: "categorical", categories: ["a", "b", "c"], values: course },
      { name: "due", kind: "numeric", values: new Float64Array(rows).fill(3) },
    ],
  };
}

const withColumn = (
  matrix: FeatureMatrix,
  name: string,
  values: Float64Array,
  categories?: string[],
): FeatureMatrix => ({
  rows: matrix.rows,
  columns: matrix.columns.map((column) =>
    column.name === name ? { ...column, values, ...(categories === undefined ? {} : { categories }) } : column,
  ),
});

const measured = (model: FittedUnfamiliarity, matrix: FeatureMatrix): Float64Array => {
  const out = new Float64Array(matrix.rows);
  model.measure(matrix, out);
  return out;
};
const reversed = (matrix: FeatureMatrix): FeatureMatrix =>
  takeRows(
    matrix,
    Array.from({ length: matrix.rows }, (_, row) => matrix.rows - 1 - row),
  );

describeEstimatorContract("unfamiliarity", {
  estimator: () => unfamiliarity({ references: 100 }),
  input: () => school("contract", 300),
  answers: (fitted) => measured(fitted, school("asked", 30)),
  reordered: reversed,
  refused: {
    "too few rows": { input: () => school("few", 20), code: "BAD_INPUT" },
    "an infinite cell": {
      input: () => withColumn(school("x", 60), "missed", new Float64Array(60).fill(Number.POSITIVE_INFINITY)),
      code: "NOT_FINITE",
    },
  },
  survived: {
    "one column": () => ({ rows: 60, columns: school("one", 60).columns.slice(0, 1) }),
    "all missing": () => withColumn(school("none", 60), "mark", new Float64Array(60).fill(Number.NaN)),
  },
});

const model = unfamiliarity({ references: 400 }).fit(school("training", 1_500), contextOf(1));

test("rows like those of training are called unlike them as often as the level says", () => {
  const p = measured(model, school("another year", 4_000));
  for (const level of [0.01, 0.05, 0.2]) {
    const share = p.filter((value) => value <= level).length / p.length;
    // three standard errors of 400 judging and 4,000 judged rows
    expect(Math.abs(share - level)).toBeLessThan(3 * Math.sqrt(level * (1 - level) * (1 / 400 + 1 / 4_000)));
  }
});

test.each<[string, (usual: FeatureMatrix) => FeatureMatrix, string, string]>([
  ["nothing is due yet", (m) => withColumn(m, "due", new Float64Array(m.rows)), "due", "outside"],
  ["a new course", (m) => withColumn(m, "course", new Float64Array(m.rows), ["z"]), "course", "category"],
  [
    "a column the school does not deliver",
    (m) => withColumn(m, "missed", new Float64Array(m.rows).fill(Number.NaN)),
    "missed",
    "missing",
  ],
  [
    "high marks with much missed work, each usual by itself",
    (m) =>
      withColumn(withColumn(m, "mark", new Float64Array(m.rows).fill(85)), "missed", new Float64Array(m.rows).fill(8)),
    "mark",
    "combination",
  ],
])("said to be unlike, with the reason: %s", (_, change, feature, kind) => {
  const asked = change(school("asked", 200));
  const p = measured(model, asked);
  expect(p.filter((value) => value <= 0.05).length / p.length).toBeGreaterThan(0.95);
  const reasons = model.explain(asked, 7);
  expect(reasons.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1, 12);
  expect(reasons.find((reason) => reason.feature === feature)).toMatchObject({ kind });
  if (kind !== "combination") expect(reasons[0]!.feature).toBe(feature);
});

test("a matrix in another order of columns, with more of them, is read by name; a missing one is refused", () => {
  const asked = school("asked", 50);
  const more = { name: "other", kind: "numeric" as const, values: new Float64Array(50) };
  expect(measured(model, { rows: 50, columns: [more, ...[...asked.columns].reverse()] })).toEqual(
    measured(model, asked),
  );
  expect(codeOf(() => measured(model, { rows: 50, columns: asked.columns.slice(1) }))).toBe("UNKNOWN_FEATURE");
  expect(() => unfamiliarity({ references: 5 })).toThrow(CairnError);
});
