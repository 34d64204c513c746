import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { LabelledMatrix } from "../../../../src/models/estimator.ts";
import { baseRate } from "../../../../src/models/off-track/base-rate.ts";
import { boostedTrees } from "../../../../src/models/off-track/boosted-trees/boosted-trees.ts";
import { groupFolds } from "../../../../src/models/off-track/calibration/content-folds.ts";
import { logistic } from "../../../../src/models/off-track/logistic.ts";
import { holdOut } from "../../../../src/models/off-track/stacking/held-out.ts";
import { weighNonNegatively } from "../../../../src/models/off-track/stacking/non-negative.ts";
import { stacked } from "../../../../src/models/off-track/stacking/stacked.ts";
import { logit, sigmoid, softplus } from "../../../../src/numeric/log-odds.ts";
import { type FeatureColumn, takeRows } from "../../../../src/numeric/matrix.ts";
import { random } from "../../../../src/numeric/random.ts";
import {
  classifierData,
  describeClassifierContract,
  expectReasonsToAddUp,
  probabilitiesOf,
} from "../../../contracts/classifier-contract.ts";
import { codeOf, contextOf } from "../../../contracts/estimator-contract.ts";

const members = () => ({ logistic: logistic(), trees: boostedTrees({ trees: 20 }) });
describeClassifierContract("a stack of logistic and trees", () => stacked(members(), { folds: 3 }));

const withColumn = ({ matrix, labels }: LabelledMatrix, column: FeatureColumn): LabelledMatrix => ({
  matrix: { rows: matrix.rows, columns: [...matrix.columns, column] },
  labels,
});

describe("non-negative weights", () => {
  const lossOf = (
    scores: readonly Float64Array[],
    labels: Uint8Array,
    weights: readonly number[],
    intercept: number,
  ) => {
    const positives = labels.reduce((sum, label) => sum + label, 0);
    const high = (positives + 1) / (positives + 2);
    const low = 1 / (labels.length - positives + 2);
    return labels.reduce((sum, label, row) => {
      const z = scores.reduce((total, score, j) => total + weights[j]! * score[row]!, intercept);
      const target = label === 1 ? high : low;
      return sum + target * softplus(-z) + (1 - target) * softplus(z);
    }, 0);
  };
  const draw = (seed: number, rows: number, noise: readonly number[]) => {
    const rng = random(seed);
    const truth = Float64Array.from({ length: rows }, () => 1.5 * rng.normal());
    const labels = Uint8Array.from(truth, (z, row) => (row < 2 ? row : rng.next() < sigmoid(z) ? 1 : 0));
    return { labels, scores: noise.map((own) => truth.map((z) => z + own * rng.normal())) };
  };

  test("no step that keeps the weights allowed makes the loss less", () => {
    fc.assert(
      fc.property(
        fc.integer(),
        fc.array(fc.double({ min: -2, max: 3, noNaN: true }), { minLength: 1, maxLength: 4 }),
        (seed, noise) => {
          const { scores, labels } = draw(seed, 120, noise);
          // one that ranks backwards: without the bound it would get a negative weight
          scores.push(scores[0]!.map((score) => -score));
          const { weights, intercept } = weighNonNegatively(scores, labels);
          expect(weights.every((weight) => weight >= 0)).toBe(true);
          const least = lossOf(scores, labels, weights, intercept);
          for (let j = 0; j <= weights.length; j++) {
            for (const step of [1e-3, -1e-3]) {
              const moved = weights.map((weight, k) => (k === j ? Math.max(0, weight + step) : weight));
              const shifted = j === weights.length ? intercept + step : intercept;
              expect(lossOf(scores, labels, moved, shifted)).toBeGreaterThanOrEqual(least - 1e-9);
            }
          }
        },
      ),
      { numRuns: 25 },
    );
  });

  test("the better of two scores weighs more, noise weighs next to nothing, and scores twice too sure are halved", () => {
    const { scores, labels } = draw(5, 20_000, [0, 1]);
    const rng = random(6);
    const [good, poor] = scores as [Float64Array, Float64Array];
    const { weights } = weighNonNegatively([good, poor, good.map(() => rng.normal())], labels);
    expect(weights[0]).toBeCloseTo(1, 1);
    expect(weights[1]).toBeLessThan(0.1);
    expect(weights[2]).toBeLessThan(0.05);
    const halved = weighNonNegatively([good.map((score) => 2 * score)], labels);
    expect(halved.weights[0]).toBeCloseTo(0.5, 1);
    expect(codeOf(() => weighNonNegatively([], labels))).toBe("BAD_INPUT");
  });
});

test("the stack is the weighted sum of the models' log-odds, its weights come from rows the models had not seen", () => {
  const data = classifierData();
  const recipe = stacked({ baseRate: baseRate(), ...members() });
  const model = recipe.fit(data, contextOf(1));
  const { arrays } = model.encode();
  const weights = arrays["stack.weights"] as Float64Array;
  expect(weights.every((weight) => weight >= 0)).toBe(true);
  // Trees know their own rows by heart: weighed on those they would drown the straight line.
  expect(weights[2]).toBeLessThan(weights[1]!);
  const p = Object.values(members()).map((own) => probabilitiesOf(own.fit(data, contextOf(1)), data.matrix));
  const base = probabilitiesOf(baseRate().fit(data, contextOf(1)), data.matrix);
  const intercept = (arrays["stack.intercept"] as Float64Array)[0]!;
  probabilitiesOf(model, data.matrix).forEach((probability, row) => {
    const sum =
      intercept + weights[0]! * logit(base[row]!) + weights[1]! * logit(p[0]![row]!) + weights[2]! * logit(p[1]![row]!);
    expect(logit(probability)).toBeCloseTo(sum, 9);
  });
  expectReasonsToAddUp(model, data.matrix);
});

test("people stay together, later periods are asked of earlier ones, and neither column is a feature", () => {
  const data = classifierData();
  const person: FeatureColumn = {
    name: "person",
    kind: "categorical",
    values: Float64Array.from({ length: 240 }, (_, row) => (row % 50 === 7 ? Number.NaN : row % 60)),
    categories: Array.from({ length: 60 }, (_, i) => `p${i}`),
  };
  const year: FeatureColumn = {
    name: "year",
    kind: "numeric",
    values: Float64Array.from({ length: 240 }, (_, row) => (row % 40 === 0 ? Number.NaN : 2020 + (row % 4))),
  };
  const fold = groupFolds(person, data, 4, 9);
  const foldOf = new Map<number, number>();
  for (const [row, value] of person.values.entries()) {
    if (Number.isNaN(value)) continue;
    expect(foldOf.get(value) ?? fold[row]).toBe(fold[row]);
    foldOf.set(value, fold[row]!);
  }
  expect(new Set(fold).size).toBe(4);

  const timed = withColumn(data, year);
  const { parts } = holdOut(timed, { folds: 5, period: "year" }, random(1));
  const has = (value: number) => year.values.filter((other) => other === value).length;
  const untold = year.values.filter(Number.isNaN).length;
  expect(parts.map(({ asked }) => asked.labels.length)).toEqual([has(2021), has(2022), has(2023)]);
  expect(parts.map(({ fit }) => fit.labels.length)).toEqual([
    untold + has(2020),
    untold + has(2020) + has(2021),
    untold + has(2020) + has(2021) + has(2022),
  ]);

  for (const [options, input] of [
    [{ group: "person" }, withColumn(data, person)],
    [{ period: "year" }, timed],
  ] as const) {
    const model = stacked({ logistic: logistic() }, options).fit(input, contextOf(1));
    expect(model.features).toEqual(data.matrix.columns.map(({ name }) => name));
    const turned = Array.from({ length: 240 }, (_, row) => 239 - row);
    const again = stacked({ logistic: logistic() }, options).fit(
      { matrix: takeRows(input.matrix, turned), labels: input.labels.slice().reverse() },
      contextOf(1),
    );
    probabilitiesOf(again, data.matrix).forEach((probability, row) => {
      expect(probability).toBeCloseTo(probabilitiesOf(model, data.matrix)[row]!, 7);
    });
  }
  expect(codeOf(() => stacked(members(), { period: "term" }).fit(data, contextOf(1)))).toBe("UNKNOWN_FEATURE");
});

test("one period only, too many recipes and folds out of range are refused", () => {
  const data = classifierData();
  const same: FeatureColumn = { name: "year", kind: "numeric", values: new Float64Array(240).fill(2020) };
  const fitted = () => stacked(members(), { period: "year" }).fit(withColumn(data, same), contextOf(1));
  expect(codeOf(fitted)).toBe("SINGLE_CLASS");
  expect(codeOf(() => stacked({}))).toBe("BAD_INPUT");
  expect(codeOf(() => stacked(members(), { folds: 1 }))).toBe("BAD_INPUT");
  const seven = Object.fromEntries(Array.from({ length: 7 }, (_, i) => [`m${i}`, baseRate()]));
  expect(codeOf(() => stacked(seven))).toBe("BAD_INPUT");
});
