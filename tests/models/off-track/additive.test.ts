import { describe, expect, test } from "vitest";
import { additive } from "../../../src/models/off-track/additive/additive.ts";
import { decodeAdditive } from "../../../src/models/off-track/additive/model.ts";
import { LEVELS } from "../../../src/models/off-track/additive/terms.ts";
import { logistic } from "../../../src/models/off-track/logistic.ts";
import type { FeatureMatrix } from "../../../src/numeric/matrix.ts";
import { logLoss } from "../../../src/numeric/metrics/log-loss.ts";
import { threadCount, useThreads } from "../../../src/numeric/parallel/threads.ts";
import { random } from "../../../src/numeric/random.ts";
import { describeClassifierContract, reasonsOf } from "../../contracts/classifier-contract.ts";
import { codeOf } from "../../contracts/estimator-contract.ts";

describeClassifierContract("additive", () => additive({ rounds: 60, patience: 10, bags: 2, pairs: 2 }));
describeClassifierContract("additive, nothing held out", () => additive({ rounds: 20, bags: 1, heldOut: 0, pairs: 1 }));

const rows = 6_000;

/** Outcomes of known log-odds: a bend, a step, a product of two; four columns of noise. */
function simulated(seed: string): { matrix: FeatureMatrix; labels: Uint8Array; logOdds: Float64Array } {
  const rng = random(seed);
  const columns = Array.from({ length: 8 }, (_, column) => ({
    name: `x${column}`,
    kind: "numeric" as const,
    values: Float64Array.from({ length: rows }, () => 2 * rng.next() - 1),
  }));
  const x = (row: number, column: number): number => columns[column]!.values[row]!;
  const logOdds = Float64Array.from({ length: rows }, (_, row) => {
    const bend = 4 * x(row, 0) ** 2;
    const step = x(row, 1) > 0.3 ? 1.5 : 0;
    return bend + step + 3 * x(row, 2) * x(row, 3) - 1.8;
  });
  const labels = Uint8Array.from(logOdds, (value) => (rng.next() < 1 / (1 + Math.exp(-value)) ? 1 : 0));
  return { matrix: { rows, columns }, labels, logOdds };
}

const lossOf = (labels: Uint8Array, probabilities: Float64Array): number => {
  const loss = logLoss(labels, probabilities);
  return loss.status === "defined" ? loss.value : Number.NaN;
};

describe("on outcomes of known log-odds", () => {
  const { matrix, labels } = simulated("train");
  const test_ = simulated("test");
  const fitted = additive().fit({ matrix, labels }, { rng: random(1) });
  const predicted = new Float64Array(rows);
  fitted.predict(test_.matrix, predicted);
  const truth = test_.logOdds.map((value) => 1 / (1 + Math.exp(-value)));

  test("the first pair is the one that acts together", () => {
    expect(Array.from(fitted.terms.pairs.subarray(0, 2))).toEqual([2, 3]);
  });

  test("it comes within .03 of the loss of the truth, where a line stays far away and no pairs stay between", () => {
    const best = lossOf(test_.labels, truth);
    expect(lossOf(test_.labels, predicted) - best).toBeLessThan(0.03);
    const line = logistic().fit({ matrix, labels }, { rng: random(1) });
    const byLine = new Float64Array(rows);
    line.predict(test_.matrix, byLine);
    expect(lossOf(test_.labels, byLine) - best).toBeGreaterThan(0.1);
    const alone = additive({ pairs: 0 }).fit({ matrix, labels }, { rng: random(1) });
    const byShapes = new Float64Array(rows);
    alone.predict(test_.matrix, byShapes);
    expect(lossOf(test_.labels, byShapes)).toBeGreaterThan(lossOf(test_.labels, predicted) + 0.02);
  });

  test("the shapes are those of the truth: a bowl, a step at 0.3, and flat where nothing acts", () => {
    const levelAt = (feature: number, value: number): number => {
      const plan = fitted.plans[feature]!;
      if (plan.kind !== "numeric") throw new Error("expected a number");
      const bin = plan.thresholds.findIndex((threshold) => value <= threshold);
      return fitted.terms.shapes[feature * LEVELS + (bin < 0 ? plan.thresholds.length : bin)]!;
    };
    expect(levelAt(0, 0.9) - levelAt(0, 0)).toBeGreaterThan(2.2);
    expect(levelAt(0, -0.9) - levelAt(0, 0)).toBeGreaterThan(2.2);
    expect(Math.abs(levelAt(1, 0.4) - levelAt(1, 0.2) - 1.5)).toBeLessThan(0.45);
    expect(Math.abs(levelAt(7, 0.8) - levelAt(7, -0.8))).toBeLessThan(0.35);
  });

  test("every term is 0 on average over the training rows, so the base is the mean log-odds", () => {
    const reasons = reasonsOf(fitted, matrix);
    const width = fitted.features.length + 1;
    for (let feature = 0; feature < width - 1; feature++) {
      let sum = 0;
      for (let row = 0; row < rows; row++) sum += reasons[row * width + feature]!;
      expect(Math.abs(sum / rows)).toBeLessThan(1e-9);
    }
  });

  test("one and four threads learn the same bytes", () => {
    const machine = threadCount();
    try {
      const answers = [1, 4].map((threads) => {
        useThreads(threads);
        return additive({ rounds: 15, bags: 1 })
          .fit({ matrix, labels }, { rng: random(1) })
          .encode();
      });
      expect(answers[1]).toEqual(answers[0]);
    } finally {
      useThreads(machine);
    }
  });
});

test("a pair that names no feature, or a level that is no number, is a corrupt artifact", () => {
  const { matrix, labels } = simulated("small");
  const tensors = additive({ rounds: 5, bags: 1 })
    .fit({ matrix, labels }, { rng: random(1) })
    .encode();
  const broken = (name: string, at: number, value: number): unknown => {
    const arrays = Object.fromEntries(Object.entries(tensors.arrays).map(([key, array]) => [key, array.slice()]));
    arrays[name]![at] = value;
    return codeOf(() => decodeAdditive({ ...tensors, arrays }));
  };
  expect(broken("pairs", 0, 99)).toBe("ARTIFACT_CORRUPT");
  expect(broken("shapes", 3, Number.NaN)).toBe("ARTIFACT_CORRUPT");
  expect(broken("lines", 3, 16)).toBe("ARTIFACT_CORRUPT");
});

test("options out of range are refused", () => {
  for (const options of [
    { rounds: 0 },
    { learningRate: 0 },
    { penalty: 0 },
    { heldOut: 0.6 },
    { bags: 1.5 },
    { pairs: -1 },
  ]) {
    expect(codeOf(() => additive(options))).toBe("BAD_INPUT");
  }
});
