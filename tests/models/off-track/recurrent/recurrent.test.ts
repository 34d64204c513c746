import { expect, test } from "vitest";
import type { LabelledMatrix } from "../../../../src/models/estimator.ts";
import { logistic } from "../../../../src/models/off-track/logistic.ts";
import { recurrent } from "../../../../src/models/off-track/recurrent/recurrent.ts";
import type { FeatureColumn } from "../../../../src/numeric/matrix.ts";
import { areaUnderRocScore } from "../../../../src/numeric/metrics/area-under-roc.ts";
import { random } from "../../../../src/numeric/random.ts";
import {
  classifierData,
  describeClassifierContract,
  expectReasonsToAddUp,
  probabilitiesOf,
  reasonsOf,
} from "../../../contracts/classifier-contract.ts";
import { codeOf, contextOf } from "../../../contracts/estimator-contract.ts";

const small = { hidden: 3, head: 3, starts: 2, epochs: 2 } as const;
describeClassifierContract("a network over static columns", () => recurrent(small));
describeClassifierContract(
  "a recurrent network",
  () => recurrent({ ...small, series: { scores: ["first", "second"] } }),
  { namesItsColumns: true },
);

const WEEKS = 8;
const weekly = Array.from({ length: WEEKS }, (_, week) => `work_${week}`);

/**
 * Work done or not in each of eight weeks, a tenth of the weeks unknown. Who hands nothing in twice in a row is off track:
 * totals hardly tell, the order does.
 */
function inARow(rows: number, seed: string): LabelledMatrix {
  const rng = random(seed);
  const weeks = weekly.map(() => new Float64Array(rows));
  const labels = new Uint8Array(rows);
  for (let row = 0; row < rows; row++) {
    let run = 0;
    let longest = 0;
    for (const values of weeks) {
      const done = rng.next() < 0.6;
      run = done ? 0 : run + 1;
      longest = Math.max(longest, run);
      values[row] = rng.next() < 0.1 ? Number.NaN : Number(done);
    }
    labels[row] = rng.next() < (longest >= 2 ? 0.9 : 0.1) ? 1 : 0;
  }
  const columns = weekly.map((name, week): FeatureColumn => ({ name, kind: "numeric", values: weeks[week]! }));
  return { matrix: { rows, columns }, labels };
}

test("learns what only the order of the weeks tells, where a straight line over the same columns cannot", () => {
  const train = inARow(3000, "train");
  const test = inARow(1000, "test");
  const recipe = recurrent({
    series: { work: weekly },
    hidden: 12,
    head: 4,
    starts: 1,
    epochs: 15,
    learningRate: 0.01,
  });
  const auc = (probabilities: Float64Array): number => {
    const measured = areaUnderRocScore(test.labels, probabilities);
    return measured.status === "defined" ? measured.value : Number.NaN;
  };
  const line = auc(probabilitiesOf(logistic().fit(train, contextOf(1)), test.matrix));
  const network = auc(probabilitiesOf(recipe.fit(train, contextOf(1)), test.matrix));
  expect(network).toBeGreaterThan(line + 0.04);
  expect(network).toBeGreaterThan(0.84); // the best possible is about 0.88: labels are noisy and weeks unknown
});

test("a learner of whom no week is known gets an answer, and that nothing is known is a reason", () => {
  const data = inARow(300, "skipped");
  const model = recurrent({ ...small, series: { work: weekly } }).fit(data, contextOf(1));
  const empty = {
    rows: 2,
    columns: data.matrix.columns.map((column) => ({ ...column, values: new Float64Array(2).fill(Number.NaN) })),
  };
  const [one, two] = probabilitiesOf(model, empty);
  expect(one).toBe(two);
  expect(one! > 0 && one! < 1).toBe(true);
  expectReasonsToAddUp(model, data.matrix);
  const reasons = reasonsOf(model, empty);
  expect(reasons.subarray(0, WEEKS).some((reason) => reason !== 0)).toBe(true); // "no data" is a reason of its own
});

test("series of unequal length, a column in two places, categories as a series and odd widths are refused", () => {
  expect(codeOf(() => recurrent({ series: { a: ["x", "y"], b: ["z"] } }))).toBe("BAD_INPUT");
  expect(codeOf(() => recurrent({ series: { a: [] } }))).toBe("BAD_INPUT");
  expect(codeOf(() => recurrent({ series: { a: ["x"], b: ["x"] } }))).toBe("BAD_INPUT");
  expect(codeOf(() => recurrent({ hidden: 0 }))).toBe("BAD_INPUT");
  expect(codeOf(() => recurrent({ starts: 21 }))).toBe("BAD_INPUT");
  expect(codeOf(() => recurrent({ dropout: 1 }))).toBe("BAD_INPUT");
  expect(codeOf(() => recurrent({ learningRate: 0 }))).toBe("BAD_INPUT");
  expect(codeOf(() => recurrent({ minimumCategoryRows: 0 }))).toBe("BAD_INPUT");
  const fitOn = (columns: readonly string[]) =>
    recurrent({ series: { a: columns } }).fit(classifierData(), contextOf(1));
  expect(codeOf(() => fitOn(["third"]))).toBe("BAD_INPUT");
  expect(codeOf(() => fitOn(["week 9"]))).toBe("UNKNOWN_FEATURE");
});
