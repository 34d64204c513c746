import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { CairnError } from "../../../src/errors.ts";
import type { LabelledMatrix } from "../../../src/models/estimator.ts";
import { elasticNet } from "../../../src/models/off-track/elastic-net.ts";
import { logistic } from "../../../src/models/off-track/logistic.ts";
import { type FeatureColumn, takeRows } from "../../../src/numeric/matrix.ts";
import { random } from "../../../src/numeric/random.ts";
import { classifierData, describeClassifierContract } from "../../contracts/classifier-contract.ts";
import { codeOf, contextOf } from "../../contracts/estimator-contract.ts";

describeClassifierContract("elastic net", () => elasticNet({ penalty: 1 }));
describeClassifierContract("lasso", () => elasticNet({ penalty: 0.5, l1Share: 1, minimumCategoryRows: 1 }));

interface Golden {
  readonly numbers: number[][];
  readonly modules: number[];
  readonly labels: number[];
  readonly train: number;
  readonly models: {
    penalty: number;
    l1Share: number;
    intercept: number;
    weights: number[];
    probabilities: number[];
  }[];
}

const golden = JSON.parse(
  readFileSync(new URL("../../golden/elastic-net/elastic-net.json", import.meta.url), "utf8"),
) as Golden;
const rows = golden.labels.length;
const all: LabelledMatrix = {
  matrix: {
    rows,
    columns: [
      ...golden.numbers[0]!.map(
        (_, index): FeatureColumn => ({
          name: `x${index}`,
          kind: "numeric",
          values: Float64Array.from(golden.numbers, (row) => row[index]!),
        }),
      ),
      { name: "module", kind: "categorical", categories: ["A", "B", "C"], values: Float64Array.from(golden.modules) },
    ],
  },
  labels: Uint8Array.from(golden.labels),
};
const part = (from: number, to: number): LabelledMatrix => {
  const numbers = Array.from({ length: to - from }, (_, index) => from + index);
  return { matrix: takeRows(all.matrix, numbers), labels: all.labels.slice(from, to) };
};

test.each(golden.models)("scikit-learn's saga: penalty $penalty, l1 share $l1Share", (expected) => {
  const { penalty, l1Share } = expected;
  const model = elasticNet({ penalty, l1Share, minimumCategoryRows: 1 }).fit(part(0, golden.train), contextOf(1));
  // saga stops where the optimality conditions hold within 1e-6; the smallest curvature here is about 1
  expect(model.intercept).toBeCloseTo(expected.intercept, 5);
  for (const [term, weight] of expected.weights.entries()) {
    expect(model.terms[term]!.weight).toBeCloseTo(weight, 5);
    if (Math.abs(weight) < 1e-9) expect(model.terms[term]!.weight).toBe(0);
  }
  const asked = part(golden.train, rows);
  const out = new Float64Array(asked.labels.length);
  model.predict(asked.matrix, out);
  for (const [row, p] of expected.probabilities.entries()) expect(out[row]).toBeCloseTo(p, 6);
});

test("without a share on |w| it is ridge regression", () => {
  const data = classifierData();
  const net = elasticNet({ penalty: 3, l1Share: 0 }).fit(data, contextOf(1));
  const ridge = logistic({ penalty: 3 }).fit(data, contextOf(1));
  for (const [index, { weight }] of ridge.terms.entries()) expect(net.terms[index]!.weight).toBeCloseTo(weight, 8);
});

test("the more penalty, the fewer columns; at the largest pull none is left and the base rate remains", () => {
  const data = part(0, golden.train);
  const kept = [0.1, 2, 10, 30].map(
    (penalty) =>
      elasticNet({ penalty, l1Share: 1 })
        .fit(data, contextOf(1))
        .terms.filter(({ weight }) => weight !== 0).length,
  );
  for (let i = 1; i < kept.length; i++) expect(kept[i]!).toBeLessThanOrEqual(kept[i - 1]!);
  expect(kept[0]!).toBeGreaterThan(kept[3]!);
  const none = elasticNet({ penalty: 1_000, l1Share: 1 }).fit(data, contextOf(1));
  expect(none.terms.every(({ weight }) => weight === 0)).toBe(true);
  const base = data.labels.reduce((sum, label) => sum + label, 0) / data.labels.length;
  expect(none.intercept).toBeCloseTo(Math.log(base / (1 - base)), 10);
});

test("separable rows and columns that repeat each other converge", () => {
  const rng = random(5);
  const x = Float64Array.from({ length: 80 }, () => rng.normal());
  const labels = Uint8Array.from(x, (value) => (value > 0 ? 1 : 0));
  const columns = ["a", "b"].map((name) => ({ name, kind: "numeric" as const, values: x }));
  const model = elasticNet({ penalty: 0.1 }).fit({ matrix: { rows: 80, columns }, labels }, contextOf(1));
  expect(model.terms[0]!.weight).toBeCloseTo(model.terms[1]!.weight, 5); // the ridge part shares the weight equally
});

test("parameters out of range are refused", () => {
  expect(() => elasticNet({ l1Share: 1.2 })).toThrow(CairnError);
  expect(codeOf(() => elasticNet({ penalty: 0 }))).toBe("BAD_INPUT");
  expect(codeOf(() => elasticNet({ minimumCategoryRows: 0 }))).toBe("BAD_INPUT");
});
