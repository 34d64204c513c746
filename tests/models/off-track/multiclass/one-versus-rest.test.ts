import { describe, expect, test } from "vitest";
import { baseRate } from "../../../../src/models/off-track/base-rate.ts";
import { boostedTrees } from "../../../../src/models/off-track/boosted-trees/boosted-trees.ts";
import { calibrated } from "../../../../src/models/off-track/calibration/calibrated.ts";
import { logistic } from "../../../../src/models/off-track/logistic.ts";
import type { FittedMulticlass, MulticlassMatrix } from "../../../../src/models/off-track/multiclass/multiclass.ts";
import { oneVersusRest } from "../../../../src/models/off-track/multiclass/one-versus-rest.ts";
import { logit } from "../../../../src/numeric/log-odds.ts";
import { takeRows } from "../../../../src/numeric/matrix.ts";
import { random } from "../../../../src/numeric/random.ts";
import { codeOf, contextOf, describeEstimatorContract } from "../../../contracts/estimator-contract.ts";

const classes = ["drop-out", "enrolled", "graduate"];

/** Three clouds around (0, 0), (3, 0) and (0, 3). */
function clouds(rows = 240): MulticlassMatrix {
  const rng = random("clouds");
  const labels = Uint8Array.from({ length: rows }, (_, row) => row % 3);
  const columns = [1, 2].map((own) => ({
    name: `x${own}`,
    kind: "numeric" as const,
    values: Float64Array.from(labels, (label) => (label === own ? 3 : 0) + rng.normal()),
  }));
  return { matrix: { rows, columns }, labels, classes };
}

const ask = (model: FittedMulticlass, { matrix } = clouds()): Float64Array => {
  const out = new Float64Array(matrix.rows * model.classes.length).fill(Number.NaN);
  model.predict(matrix, out);
  return out;
};

const recipes = {
  "logistic, one against the rest": () => oneVersusRest(logistic()),
  "calibrated trees, one against the rest": () =>
    oneVersusRest(calibrated(boostedTrees({ trees: 15 }), "platt", { folds: 2 })),
};
for (const [name, estimator] of Object.entries(recipes)) {
  describeEstimatorContract(name, {
    estimator,
    input: () => clouds(),
    answers: (model) => ask(model),
    reordered: ({ matrix, labels }) => {
      const rows = Array.from(labels.keys()).reverse();
      return { matrix: takeRows(matrix, rows), labels: labels.slice().reverse(), classes };
    },
    reorderedTolerance: 1e-7,
    refused: {
      "one class": { input: () => ({ ...clouds(), classes: ["only"] }), code: "BAD_INPUT" },
      "a class without rows": { input: () => ({ ...clouds(), classes: [...classes, "none"] }), code: "SINGLE_CLASS" },
      "a class named twice": { input: () => ({ ...clouds(), classes: ["a", "a", "b"] }), code: "BAD_INPUT" },
      "a label without a class": { input: () => ({ ...clouds(), classes: classes.slice(0, 2) }), code: "BAD_INPUT" },
      "a label too few": { input: () => ({ ...clouds(), labels: new Uint8Array(3) }), code: "SHAPE_MISMATCH" },
    },
    survived: {
      "two classes": () => {
        const { matrix, labels } = clouds();
        return { matrix, labels: labels.map((label) => Math.min(label, 1)), classes: ["a", "b", ...[]] };
      },
    },
  });
}

describe("one against the rest", () => {
  test("probabilities of a row sum to 1, and clouds are told apart", () => {
    const { labels } = clouds();
    const got = ask(oneVersusRest(logistic()).fit(clouds(), contextOf(1)));
    let hits = 0;
    labels.forEach((label, row) => {
      const own = got.subarray(row * 3, row * 3 + 3);
      expect(own.reduce((sum, p) => sum + p, 0)).toBeCloseTo(1, 12);
      if (own.every((p) => p <= own[label]!)) hits += 1;
    });
    expect(hits / labels.length).toBeGreaterThan(0.85);
  });

  test("base rates give the class shares", () => {
    expect(ask(oneVersusRest(baseRate()).fit(clouds(), contextOf(1)))[1]).toBeCloseTo(1 / 3, 12);
  });

  test("reasons of a class add up to its own model's log-odds", () => {
    const input = clouds();
    const model = oneVersusRest(logistic()).fit(input, contextOf(1));
    const width = model.features.length + 1;
    const out = new Float64Array(input.matrix.rows * width);
    const own = logistic().fit(
      { matrix: input.matrix, labels: input.labels.map((l) => (l === 2 ? 1 : 0)) },
      contextOf(1),
    );
    const p = new Float64Array(input.matrix.rows);
    own.predict(input.matrix, p);
    model.explain(input.matrix, 2, out);
    for (let row = 0; row < p.length; row++) {
      const sum = out.subarray(row * width, (row + 1) * width).reduce((total, value) => total + value, 0);
      expect(sum).toBeCloseTo(logit(p[row]!), 9);
    }
    expect(codeOf(() => model.explain(input.matrix, 3, out))).toBe("BAD_INPUT");
    expect(codeOf(() => model.predict(input.matrix, p))).toBe("SHAPE_MISMATCH");
  });
});
