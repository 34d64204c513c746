import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { additive } from "../../../../src/models/off-track/additive/additive.ts";
import { boostedTrees } from "../../../../src/models/off-track/boosted-trees/boosted-trees.ts";
import { logistic } from "../../../../src/models/off-track/logistic.ts";
import { discreteSurvival, type FittedSurvival } from "../../../../src/models/off-track/survival/discrete-survival.ts";
import {
  lifeTable,
  type PersonPeriods,
  personPeriods,
} from "../../../../src/models/off-track/survival/person-periods.ts";
import { logit, sigmoid } from "../../../../src/numeric/log-odds.ts";
import { type FeatureMatrix, takeRows } from "../../../../src/numeric/matrix.ts";
import { random } from "../../../../src/numeric/random.ts";
import { codeOf, contextOf, describeEstimatorContract } from "../../../contracts/estimator-contract.ts";

interface Golden {
  readonly penalty: number;
  readonly x: [number, number][];
  readonly entry: number[];
  readonly exit: number[];
  readonly event: number[];
  readonly rows: number;
  readonly hazards: number[][];
  readonly survival: number[][];
  readonly lifeTable: [number, number, number, number, number, number][];
}

const golden = JSON.parse(
  readFileSync(new URL("../../../golden/survival/survival.json", import.meta.url), "utf8"),
) as Golden;
const learners: FeatureMatrix = {
  rows: golden.x.length,
  columns: [0, 1].map((at) => ({
    name: `x${at}`,
    kind: "numeric",
    values: Float64Array.from(golden.x, (row) => row[at]!),
  })),
};
const followed = (): PersonPeriods =>
  personPeriods({
    matrix: learners,
    entry: Int32Array.from(golden.entry),
    exit: Int32Array.from(golden.exit),
    event: Uint8Array.from(golden.event),
  });
const asked = takeRows(learners, [0, 1, 2, 3, 4]);
const survivalOf = (model: FittedSurvival, matrix: FeatureMatrix, from: number, to: number): Float64Array => {
  const out = new Float64Array(matrix.rows * (to - from + 1));
  model.survival(matrix, from, to, out);
  return out;
};
const hazardOf = (model: FittedSurvival, matrix: FeatureMatrix, week: number): Float64Array => {
  const out = new Float64Array(matrix.rows);
  model.hazard(matrix, new Int32Array(matrix.rows).fill(week), out);
  return out;
};

for (const [name, recipe] of [
  ["logistic regression", () => discreteSurvival(logistic())],
  ["trees", () => discreteSurvival(boostedTrees({ trees: 20 }), { clock: "number" })],
] as const) {
  describeEstimatorContract(`discrete survival with ${name}`, {
    estimator: recipe,
    input: followed,
    answers: (fitted) => survivalOf(fitted, asked, 0, 7),
    reordered: (input) => {
      const order = [...input.week.keys()].reverse();
      return {
        matrix: takeRows(input.matrix, order),
        week: Int32Array.from(order, (row) => input.week[row]!),
        event: Uint8Array.from(order, (row) => input.event[row]!),
      };
    },
    refused: {
      "no event": { input: () => ({ ...followed(), event: new Uint8Array(golden.rows) }), code: "SINGLE_CLASS" },
      "weeks of other length": { input: () => ({ ...followed(), week: new Int32Array(3) }), code: "SHAPE_MISMATCH" },
      "a week before the first": {
        input: () => ({ ...followed(), week: new Int32Array(golden.rows).fill(-1) }),
        code: "BAD_INPUT",
      },
    },
  });
}

test("scikit-learn's hazards and survival from person-period rows", () => {
  const rows = followed();
  expect(rows.week.length).toBe(golden.rows);
  const model = discreteSurvival(logistic({ penalty: golden.penalty, minimumCategoryRows: 1 })).fit(rows, contextOf(1));
  expect(model.weeks).toEqual({ first: 0, last: 7 });
  for (let week = 0; week < 8; week++) {
    const hazards = hazardOf(model, asked, week);
    for (let row = 0; row < 5; row++) expect(hazards[row]).toBeCloseTo(golden.hazards[row]![week]!, 9);
  }
  const survival = survivalOf(model, asked, 0, 7);
  for (let at = 0; at < survival.length; at++)
    expect(survival[at]).toBeCloseTo(golden.survival[Math.floor(at / 8)]![at % 8]!, 9);
});

test("a life table by hand: five learners, one transfers, one joins late", () => {
  // events in weeks 0 and 2; the third transfers after week 1, the fourth joins in week 1 and stays, the fifth stays
  const rows = personPeriods({
    matrix: { rows: 5, columns: [] },
    entry: Int32Array.of(0, 0, 0, 1, 0),
    exit: Int32Array.of(0, 2, 1, 2, 2),
    event: Uint8Array.of(1, 1, 0, 0, 0),
  });
  const table = lifeTable(rows);
  expect(table.map(({ atRisk, events }) => [atRisk, events])).toEqual([
    [4, 1],
    [4, 0],
    [3, 1],
  ]);
  expect(table.map(({ survival }) => survival)).toEqual([0.75, 0.75, 0.75 * (2 / 3)].map((s) => expect.closeTo(s, 12)));
  expect(table[2]!.standardError).toBeCloseTo(0.5 * Math.sqrt(1 / (4 * 3) + 1 / (3 * 2)), 12);
});

test("numpy's life table; a model that knows only the week, unpenalised, gives the same hazards", () => {
  const rows = followed();
  const table = lifeTable(rows);
  for (const [index, expected] of golden.lifeTable.entries()) {
    const { week, atRisk, events, hazard, survival, standardError } = table[index]!;
    for (const [at, value] of [week, atRisk, events, hazard, survival, standardError].entries())
      expect(value).toBeCloseTo(expected[at]!, 12);
  }
  const weekOnly = { ...rows, matrix: { rows: rows.matrix.rows, columns: [] } };
  const model = discreteSurvival(logistic({ penalty: 1e-9, minimumCategoryRows: 1 })).fit(weekOnly, contextOf(1));
  for (const { week, hazard } of table)
    expect(hazardOf(model, { rows: 1, columns: [] }, week)[0]).toBeCloseTo(hazard, 6);
});

test("transfer is censoring: hazards are those of a district where nobody leaves", () => {
  const rng = random("transfers");
  const followedFor = (transfers: number): PersonPeriods => {
    const count = 4_000;
    const x = Float64Array.from({ length: count }, () => rng.normal());
    const exit = new Int32Array(count);
    const event = new Uint8Array(count);
    for (let learner = 0; learner < count; learner++) {
      for (let week = 0; week < 10; week++) {
        exit[learner] = week;
        if (rng.next() < sigmoid(-3 + x[learner]! + 0.1 * week)) event[learner] = 1;
        if (event[learner] === 1 || rng.next() < transfers) break;
      }
    }
    return personPeriods({
      matrix: { rows: count, columns: [{ name: "x", kind: "numeric", values: x }] },
      exit,
      event,
    });
  };
  const one: FeatureMatrix = { rows: 1, columns: [{ name: "x", kind: "numeric", values: Float64Array.of(0.5) }] };
  let truth = 1;
  for (let week = 0; week < 10; week++) truth *= 1 - sigmoid(-2.5 + 0.1 * week);
  for (const transfers of [0, 0.15]) {
    const rows = followedFor(transfers);
    const model = discreteSurvival(logistic()).fit(rows, contextOf(1));
    expect(Math.abs(survivalOf(model, one, 0, 9)[9]! - truth)).toBeLessThan(0.05);
    const share = rows.event.reduce((sum, own) => sum + own, 0) / 4_000;
    if (transfers > 0) expect(1 - share).toBeGreaterThan(truth + 0.1); // counting who leaves as safe is far off
  }
});

test.each([
  ["logistic", discreteSurvival(logistic())],
  ["trees", discreteSurvival(boostedTrees({ trees: 30 }), { clock: "number" })],
  ["additive", discreteSurvival(additive({ rounds: 50, bags: 1 }))],
])("reasons with the week among them sum to the hazard: %s", (_, recipe) => {
  const model = recipe.fit(followed(), contextOf(2));
  const out = new Float64Array(5 * 4);
  model.explain(asked, new Int32Array(5).fill(4), out);
  const hazards = hazardOf(model, asked, 4);
  for (let row = 0; row < 5; row++)
    expect(out.subarray(row * 4, row * 4 + 4).reduce((sum, part) => sum + part, 0)).toBeCloseTo(
      logit(hazards[row]!),
      9,
    );
  const survival = survivalOf(model, asked, 3, 6);
  expect(survival[0]).toBeCloseTo(1 - hazardOf(model, asked, 3)[0]!, 12); // at risk at the start of week 3
});

test("what was not followed is not foretold", () => {
  const model = discreteSurvival(logistic()).fit(followed(), contextOf(1));
  expect(codeOf(() => hazardOf(model, asked, 8))).toBe("BAD_INPUT");
  expect(codeOf(() => survivalOf(model, asked, 5, 9))).toBe("BAD_INPUT");
  expect(codeOf(() => model.survival(asked, 0, 3, new Float64Array(3)))).toBe("SHAPE_MISMATCH");
  const backwards = {
    matrix: learners,
    entry: Int32Array.from(golden.exit, (at) => at + 1),
    exit: Int32Array.from(golden.exit),
  };
  expect(codeOf(() => personPeriods({ ...backwards, event: Uint8Array.from(golden.event) }))).toBe("BAD_INPUT");
});
