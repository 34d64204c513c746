import { expect, test } from "vitest";
import { decodeArtifact } from "../../../../src/models/artifact.ts";
import type { LabelledMatrix } from "../../../../src/models/estimator.ts";
import { boostedTrees } from "../../../../src/models/off-track/boosted-trees/boosted-trees.ts";
import { atExpectedRates, isAdaptable } from "../../../../src/models/off-track/calibration/expected-rates.ts";
import { logistic } from "../../../../src/models/off-track/logistic.ts";
import { logit, sigmoid } from "../../../../src/numeric/log-odds.ts";
import { type FeatureMatrix, takeRows } from "../../../../src/numeric/matrix.ts";
import { random } from "../../../../src/numeric/random.ts";
import {
  classifierData,
  describeClassifierContract,
  expectReasonsToAddUp,
  probabilitiesOf,
  reasonsOf,
} from "../../../contracts/classifier-contract.ts";
import { bytesOf, codeOf, contextOf } from "../../../contracts/estimator-contract.ts";

describeClassifierContract("logistic at expected rates", () => atExpectedRates(logistic(), { group: "third" }), {
  namesItsColumns: true,
});

const courses = ["art", "biology", "chemistry"];
const ROWS = 3000;

/**
 * Three courses in two seasons with base rates of their own; `score` tells learners apart within a course. `moved` is added to
 * every score: the plan of a year that hands out other work.
 */
function year(seed: string, moved: number, names: readonly string[] = courses): LabelledMatrix {
  const rng = random(seed);
  const course = Float64Array.from({ length: ROWS }, () => rng.integer(names.length));
  const season = Float64Array.from({ length: ROWS }, () => rng.integer(2));
  const score = new Float64Array(ROWS);
  const labels = new Uint8Array(ROWS);
  for (let row = 0; row < ROWS; row++) {
    const own = rng.normal();
    score[row] = own + moved;
    const z = courses.indexOf(names[course[row]!]!) - 1.5 + 0.5 * season[row]! - 1.2 * own;
    labels[row] = rng.next() < sigmoid(z) ? 1 : 0;
  }
  return {
    matrix: {
      rows: ROWS,
      columns: [
        { name: "score", kind: "numeric", values: score },
        { name: "course", kind: "categorical", values: course, categories: names },
        { name: "season", kind: "categorical", values: season, categories: ["B", "J"] },
      ],
    },
    labels,
  };
}

const options = { group: "course", season: "season" } as const;
const meanOf = (values: ArrayLike<number>): number => Array.from(values).reduce((sum, v) => sum + v, 0) / values.length;
const of = (matrix: FeatureMatrix, name: string): number[] => {
  const { values, categories = [] } = matrix.columns.find((column) => column.name === "course")!;
  return [...values.keys()].filter((row) => categories[values[row]!] === name);
};

test("a year whose scores all moved is brought back to what the courses came to; ranks within a course stay", () => {
  const model = atExpectedRates(logistic(), options).fit(year("past", 0), contextOf(1));
  const now = year("now", 2);
  const before = probabilitiesOf(model, now.matrix);
  const adapted = model.adapt(now.matrix);
  const after = probabilitiesOf(adapted, now.matrix);
  for (const course of courses) {
    const rows = of(now.matrix, course);
    const mean = (p: Float64Array): number => meanOf(rows.map((row) => p[row]!));
    const truth = meanOf(rows.map((row) => now.labels[row]!));
    expect(Math.abs(mean(before) - truth)).toBeGreaterThan(0.15);
    expect(Math.abs(mean(after) - truth)).toBeLessThan(0.04);
    const moves = rows.map((row) => logit(after[row]!) - logit(before[row]!));
    expect(Math.max(...moves) - Math.min(...moves)).toBeLessThan(1e-9);
  }
  expectReasonsToAddUp(adapted, now.matrix);
  // the move is a reason, and it is the course's
  const width = adapted.features.length + 1;
  const place = adapted.features.indexOf("course");
  const [own, whole] = [reasonsOf(model, now.matrix), reasonsOf(adapted, now.matrix)];
  expect(whole[place]! - own[place]!).toBeCloseTo(logit(after[0]!) - logit(before[0]!), 9);
  expect(whole[width - 1]).toBe(own[width - 1]);
});

test("the mean over a group is the rate of group and season exactly, and no outcome of the cohort is needed", () => {
  const past = year("past", 0);
  const model = atExpectedRates(logistic(), options).fit(past, contextOf(1));
  const now = year("now", -1);
  const rates = logistic({ minimumCategoryRows: 1 }).fit(
    { matrix: { rows: ROWS, columns: past.matrix.columns.slice(1) }, labels: past.labels },
    contextOf(1),
  );
  const expected = probabilitiesOf(rates, now.matrix);
  const after = probabilitiesOf(model.adapt(now.matrix), now.matrix);
  for (const course of courses) {
    const rows = of(now.matrix, course);
    expect(meanOf(rows.map((row) => after[row]!))).toBeCloseTo(meanOf(rows.map((row) => expected[row]!)), 9);
  }
});

test("courses nobody knew and courses of a few rows stay where the model put them; an adapted model is like any other", () => {
  const model = atExpectedRates(boostedTrees({ trees: 20 }), options).fit(year("past", 0), contextOf(1));
  const now = year("now", 2, ["art", "drama"]);
  const adapted = model.adapt(now.matrix);
  const [before, after] = [probabilitiesOf(model, now.matrix), probabilitiesOf(adapted, now.matrix)];
  const drama = of(now.matrix, "drama");
  for (const row of drama) expect(after[row]).toBe(before[row]);
  expect(of(now.matrix, "art").some((row) => after[row] !== before[row])).toBe(true);
  const few = takeRows(now.matrix, of(now.matrix, "art").slice(0, 49));
  expect(probabilitiesOf(model.adapt(few), few)).toEqual(probabilitiesOf(model, few));

  const turned = Array.from({ length: ROWS }, (_, row) => ROWS - 1 - row);
  expect(bytesOf(model.adapt(takeRows(now.matrix, turned)))).toEqual(bytesOf(adapted));
  const again = atExpectedRates(boostedTrees({ trees: 20 }), options).decode(decodeArtifact(bytesOf(adapted)));
  expect(probabilitiesOf(again, now.matrix)).toEqual(after);
  expect(isAdaptable(again)).toBe(true);
  expect(isAdaptable(logistic().fit(classifierData(), contextOf(1)))).toBe(false);
});

test("numbers as groups and columns that are not there are refused", () => {
  const fitted = (group: string, season?: string) =>
    atExpectedRates(logistic(), { group, ...(season === undefined ? {} : { season }) }).fit(
      year("past", 0),
      contextOf(1),
    );
  expect(codeOf(() => fitted("score"))).toBe("BAD_INPUT");
  expect(codeOf(() => fitted("school"))).toBe("UNKNOWN_FEATURE");
  expect(codeOf(() => fitted("course", "term"))).toBe("UNKNOWN_FEATURE");
});
