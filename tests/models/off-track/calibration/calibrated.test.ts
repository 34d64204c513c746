import { expect, test } from "vitest";
import { decodeArtifact } from "../../../../src/models/artifact.ts";
import type { Classifier, LabelledMatrix } from "../../../../src/models/estimator.ts";
import { baseRate } from "../../../../src/models/off-track/base-rate.ts";
import { boostedTrees } from "../../../../src/models/off-track/boosted-trees/boosted-trees.ts";
import { calibrated } from "../../../../src/models/off-track/calibration/calibrated.ts";
import { logistic } from "../../../../src/models/off-track/logistic.ts";
import { sigmoid } from "../../../../src/numeric/log-odds.ts";
import { takeRows } from "../../../../src/numeric/matrix.ts";
import { areaUnderRocScore } from "../../../../src/numeric/metrics/area-under-roc.ts";
import { logLoss } from "../../../../src/numeric/metrics/log-loss.ts";
import { random } from "../../../../src/numeric/random.ts";
import {
  describeClassifierContract,
  expectReasonsToAddUp,
  probabilitiesOf,
} from "../../../contracts/classifier-contract.ts";
import { bytesOf, codeOf, contextOf } from "../../../contracts/estimator-contract.ts";

const trees = (): Classifier => boostedTrees({ trees: 20 });
describeClassifierContract("Platt-calibrated logistic", () => calibrated(logistic(), "platt"));
describeClassifierContract("beta-calibrated trees", () => calibrated(trees(), "beta", { folds: 3 }));
describeClassifierContract("isotonic trees", () => calibrated(trees(), "isotonic", { folds: 2 }));

/** Many noise columns and few rows: trees learn them by heart and are far too sure. */
function data(rows: number, seed: string): LabelledMatrix {
  const rng = random(seed);
  const columns = Array.from({ length: 8 }, (_, index) => ({
    name: index === 0 ? "signal" : `noise ${index}`,
    kind: "numeric" as const,
    values: Float64Array.from({ length: rows }, () => rng.normal()),
  }));
  const labels = Uint8Array.from(columns[0]!.values, (value) => (rng.next() < sigmoid(value - 0.5) ? 1 : 0));
  const year = { name: "year", kind: "numeric" as const, values: Float64Array.from({ length: rows }, (_, i) => i % 3) };
  return { matrix: { rows, columns: [...columns, year] }, labels };
}

const sure = (): Classifier => boostedTrees({ trees: 300, learningRate: 0.3, minimumLeafRows: 1, penalty: 0.01 });
const number = (measured: ReturnType<typeof logLoss>): number =>
  measured.status === "defined" ? measured.value : Number.NaN;

test.each(["platt", "isotonic", "beta"] as const)("%s mends a model that is too sure", (method) => {
  const train = data(600, "train");
  const { matrix, labels } = data(2000, "test");
  const plain = probabilitiesOf(sure().fit(train, contextOf(1)), matrix);
  const mended = probabilitiesOf(calibrated(sure(), method).fit(train, contextOf(1)), matrix);
  expect(number(logLoss(labels, mended))).toBeLessThan(number(logLoss(labels, plain)) - 0.3);
  expect(number(areaUnderRocScore(labels, mended))).toBeGreaterThan(
    number(areaUnderRocScore(labels, plain)) - (method === "isotonic" ? 0.03 : 0.01),
  ); // ties cost isotonic some ranking
});

test("with a period: fitted on earlier rows, calibrated on the last, and the period is no feature", () => {
  const all = data(900, "period");
  const year = all.matrix.columns.find(({ name }) => name === "year")!.values;
  const model = calibrated(trees(), "platt", { period: "year" }).fit(all, contextOf(1));
  expect(model.features).not.toContain("year");
  const earlier = Int32Array.from(all.labels.keys()).filter((row) => year[row]! < 2);
  const inner = trees().fit(
    {
      matrix: { ...takeRows(all.matrix, earlier), columns: takeRows(all.matrix, earlier).columns.slice(0, 8) },
      labels: Uint8Array.from(earlier, (row) => all.labels[row]!),
    },
    contextOf(1),
  );
  const own = model.encode();
  for (const [name, values] of Object.entries(inner.encode().arrays))
    expect(own.arrays[`model.${name}`]).toEqual(values);
  expectReasonsToAddUp(model, all.matrix);
  const again = calibrated(trees(), "platt", { period: "year" }).decode(decodeArtifact(bytesOf(model)));
  expect(probabilitiesOf(again, all.matrix)).toEqual(probabilitiesOf(model, all.matrix));
  expect(codeOf(() => calibrated(trees(), "platt", { period: "term" }).fit(all, contextOf(1)))).toBe("UNKNOWN_FEATURE");
});

test("the last of a period given as text is the last by name, however the codes are numbered", () => {
  const all = data(600, "text");
  const year = all.matrix.columns.at(-1)!.values;
  const withYear = (values: Float64Array, categories: string[]): LabelledMatrix => ({
    ...all,
    matrix: {
      ...all.matrix,
      columns: [...all.matrix.columns.slice(0, 8), { name: "year", kind: "categorical", values, categories }],
    },
  });
  const learn = (input: LabelledMatrix) =>
    bytesOf(calibrated(trees(), "beta", { period: "year" }).fit(input, contextOf(1)));
  expect(learn(withYear(year, ["2021", "2022", "2023"]))).toEqual(
    learn(
      withYear(
        year.map((code) => 2 - code),
        ["2023", "2022", "2021"],
      ),
    ),
  );
});

test("one row of an outcome cannot be calibrated, folds out of range are refused, a base rate stays one", () => {
  const { matrix } = data(50, "few");
  const labels = new Uint8Array(50);
  labels[7] = 1;
  expect(codeOf(() => calibrated(logistic(), "platt").fit({ matrix, labels }, contextOf(1)))).toBe("SINGLE_CLASS");
  for (const folds of [1, 21, 2.5]) expect(codeOf(() => calibrated(logistic(), "platt", { folds }))).toBe("BAD_INPUT");
  const given = data(500, "base");
  const rate = probabilitiesOf(calibrated(baseRate(), "platt").fit(given, contextOf(1)), given.matrix);
  expect(rate[0]).toBeCloseTo(given.labels.reduce((sum, label) => sum + label, 0) / 500, 2);
});
