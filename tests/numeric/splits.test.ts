import fc from "fast-check";
import { expect, test } from "vitest";
import { CairnError } from "../../src/errors.ts";
import { type FeatureMatrix, takeRows } from "../../src/numeric/matrix.ts";
import { random } from "../../src/numeric/random.ts";
import { contentKeys, type SplitPlan, splitRows, stratifiedFolds } from "../../src/numeric/splits.ts";

const tableOf = (rows: number): FeatureMatrix => ({
  rows,
  columns: [
    {
      name: "x",
      kind: "numeric",
      values: Float64Array.from({ length: rows }, (_, row) => (row === 3 ? Number.NaN : row / 7)),
    },
    {
      name: "course",
      kind: "categorical",
      categories: ["a", "b"],
      values: Float64Array.from({ length: rows }, (_, row) => row % 2),
    },
  ],
});

test("folds hold their share of every class, and keep groups together", () => {
  const labels = Uint8Array.from({ length: 203 }, (_, row) => (row % 10 === 0 ? 2 : row % 3 === 0 ? 1 : 0));
  const keys = contentKeys(tableOf(203));
  const fold = stratifiedFolds({ labels, classes: 3, folds: 5, keys }, random(1));
  for (const label of [0, 1, 2]) {
    const counts = [0, 1, 2, 3, 4].map((own) => fold.filter((f, row) => f === own && labels[row] === label).length);
    expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
  }
  const group = Float64Array.from(labels, (_, row) => (row < 100 ? row % 25 : Number.NaN));
  const grouped = stratifiedFolds({ labels, classes: 3, folds: 5, group, keys }, random(1));
  for (let row = 25; row < 100; row++) expect(grouped[row]).toBe(grouped[row - 25]);
  expect(new Set(grouped).size).toBe(5);
  expect(stratifiedFolds({ labels, classes: 3, folds: 5, keys }, random(2))).not.toEqual(fold);
});

test("the order of rows decides nothing, with and without groups", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 1_000_000 }), fc.boolean(), (seed, isGrouped) => {
      const matrix = tableOf(60);
      const labels = Uint8Array.from({ length: 60 }, (_, row) => (row * 7) % 3);
      const group = isGrouped ? Float64Array.from({ length: 60 }, (_, row) => row % 13) : undefined;
      const draw = random(seed);
      const order = [...labels.keys()].sort((a, b) => ((a * 37 + seed) % 61) - ((b * 37 + seed) % 61));
      const rng = draw.derive("folds");
      const before = stratifiedFolds({ labels, classes: 3, folds: 4, group, keys: contentKeys(matrix) }, rng);
      const after = stratifiedFolds(
        {
          labels: Uint8Array.from(order, (row) => labels[row]!),
          classes: 3,
          folds: 4,
          group: group && Float64Array.from(order, (row) => group[row]!),
          keys: contentKeys(takeRows(matrix, order)),
        },
        draw.derive("folds"),
      );
      expect([...after]).toEqual(order.map((row) => before[row]));
    }),
    { numRuns: 30 },
  );
});

test("keys are of what rows hold: not of the order of columns or the numbering of categories", () => {
  const matrix = tableOf(20);
  const [x, course] = matrix.columns;
  const renumbered = { ...course!, categories: ["b", "a"], values: course!.values.map((code) => 1 - code) };
  expect(contentKeys({ rows: 20, columns: [renumbered, x!] })).toEqual(contentKeys(matrix));
  expect(new Set(contentKeys(matrix)).size).toBe(20);
});

const period = Float64Array.of(2, 1, 3, 4, 1, 3, 2);
const plans: [string, SplitPlan, { train: number[]; test: number[] }[]][] = [
  ["marked", { kind: "marked", marked: Uint8Array.of(0, 1, 0) }, [{ train: [0, 2], test: [1] }]],
  [
    "each group left out",
    { kind: "leaveOut", group: [7, 5, 7, 9] },
    [
      { train: [0, 2, 3], test: [1] },
      { train: [1, 3], test: [0, 2] },
      { train: [0, 1, 2], test: [3] },
    ],
  ],
  ["temporal", { kind: "temporal", period, testFrom: 3 }, [{ train: [0, 1, 4, 6], test: [2, 3, 5] }]],
  ["temporal with a gap", { kind: "temporal", period, testFrom: 3, gap: 1 }, [{ train: [1, 4], test: [2, 3, 5] }]],
  [
    "rolling origin",
    { kind: "rollingOrigin", period },
    [
      { train: [1, 4], test: [0, 6] },
      { train: [0, 1, 4, 6], test: [2, 5] },
      { train: [0, 1, 2, 4, 5, 6], test: [3] },
    ],
  ],
  [
    "rolling origin with a gap and two periods to learn from",
    { kind: "rollingOrigin", period, gap: 1, fewestTrainingPeriods: 2 },
    [{ train: [0, 1, 4, 6], test: [3] }],
  ],
];

test.each(plans)("by hand: %s", (_, plan, expected) => {
  const splits = splitRows(plan, random(1)).map(({ train, test }) => ({ train: [...train], test: [...test] }));
  expect(splits).toEqual(expected);
});

test.each<[string, SplitPlan]>([
  ["one fold", { kind: "stratified", labels: Uint8Array.of(0, 1), classes: 2, folds: 1, keys: Float64Array.of(1, 2) }],
  ["a negative gap", { kind: "temporal", period, testFrom: 3, gap: -1 }],
  ["half a period", { kind: "rollingOrigin", period: [1, 1.5] }],
])("refused: %s", (_, plan) => {
  expect(() => splitRows(plan, random(1))).toThrow(CairnError);
});
