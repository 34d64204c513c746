import fc from "fast-check";
import { expect, test } from "vitest";
import { type FittedRule, rule, ruleAnswers } from "../../../src/models/off-track/rule.ts";
import { type Criterion, edFiCriteria, ouladWeekCriteria } from "../../../src/models/off-track/rule-criteria.ts";
import type { FeatureMatrix } from "../../../src/numeric/matrix.ts";
import { expectReasonsToAddUp, probabilitiesOf, reasonsOf } from "../../contracts/classifier-contract.ts";
import { codeOf, contextOf } from "../../contracts/estimator-contract.ts";

const edFiColumns = {
  attendanceRate: "attendance_rate",
  stateOffenses: "state_offenses",
  conductOffenses: "conduct_offenses",
  mathematicsGrade: "mathematics_mark",
  englishGrade: "english_mark",
};

/** Rows of [attendance, state offenses, conduct offenses, mathematics, English]; null is missing. */
function edFiMatrix(rows: readonly (readonly (number | null)[])[]): FeatureMatrix {
  const columns = Object.values(edFiColumns).map((name, c) => ({
    name,
    kind: "numeric" as const,
    values: Float64Array.from(rows, (row) => row[c] ?? Number.NaN),
  }));
  return { rows: rows.length, columns };
}

function fitted(criteria: readonly Criterion[], matrix: FeatureMatrix, labels?: ArrayLike<number>): FittedRule {
  const given = Uint8Array.from(labels ?? Array.from({ length: matrix.rows }, (_, row) => row % 2));
  return rule({ criteria }).fit({ matrix, labels: given }, contextOf("rule"));
}

function answersOf(model: FittedRule, matrix: FeatureMatrix): string[] {
  const codes = new Uint8Array(matrix.rows);
  model.answer(matrix, codes);
  return Array.from(codes, (code) => ruleAnswers[code]!);
}

const onTrack = [0.95, 0, 0, 90, 90];

test.each<[string, (number | null)[], string]>([
  ["nothing wrong", onTrack, "on-track"],
  ["attendance 0.80 is not below 0.80", [0.8, 0, 0, 90, 90], "early-warning"],
  ["attendance below 0.80", [0.7999, 0, 0, 90, 90], "at-risk"],
  ["attendance 0.88 is not below 0.88", [0.88, 0, 0, 90, 90], "on-track"],
  ["one state offense", [0.95, 1, 0, 90, 90], "at-risk"],
  ["two conduct offenses are not over 2", [0.95, 0, 2, 90, 90], "on-track"],
  ["three conduct offenses", [0.95, 0, 3, 90, 90], "early-warning"],
  ["five conduct offenses are not over 5", [0.95, 0, 5, 90, 90], "early-warning"],
  ["six conduct offenses", [0.95, 0, 6, 90, 90], "at-risk"],
  ["a D (65) is a warning, not a risk", [0.95, 0, 0, 65, 90], "early-warning"],
  ["an F (55) in English", [0.95, 0, 0, 90, 55], "at-risk"],
  ["the worst of all", [0.85, 0, 3, 70, 55], "at-risk"],
  ["one missing value does not hide the rest", [null, 0, 0, 55, null], "at-risk"],
  ["missing values do not fire", [null, 0, null, null, null], "on-track"],
  ["everything missing is unknown, never on track", [null, null, null, null, null], "unknown"],
])("Ed-Fi: %s", (_, row, answer) => {
  const matrix = edFiMatrix([row, onTrack]);
  expect(answersOf(fitted(edFiCriteria(edFiColumns), matrix), matrix)).toEqual([answer, "on-track"]);
});

test("Ed-Fi with the documentation's wording takes three and five offenses", () => {
  const criteria = edFiCriteria(edFiColumns, { conductOperator: ">=" });
  const matrix = edFiMatrix([
    [0.95, 0, 2, 90, 90],
    [0.95, 0, 5, 90, 90],
  ]);
  expect(answersOf(fitted(criteria, matrix), matrix)).toEqual(["early-warning", "at-risk"]);
});

test("OULAD's weekly rule: missed work or a mean below 40; a missing mean does not fire", () => {
  const matrix: FeatureMatrix = {
    rows: 5,
    columns: [
      { name: "missed", kind: "numeric", values: Float64Array.of(0, 1, 0, 0, Number.NaN) },
      { name: "mean", kind: "numeric", values: Float64Array.of(40, 80, 39.9, Number.NaN, Number.NaN) },
    ],
  };
  expect(answersOf(fitted(ouladWeekCriteria, matrix), matrix)).toEqual([
    "on-track",
    "at-risk",
    "at-risk",
    "on-track",
    "unknown",
  ]);
});

test("its probability is the outcome rate of each answer, drawn to the base rate", () => {
  const rows = [...Array.from({ length: 30 }, () => [0.5, 0, 0, 90, 90]), ...Array.from({ length: 70 }, () => onTrack)];
  const labels = rows.map((_, row) => Number(row < 24 || row % 7 === 0)); // 24 of 30, then rows 35, 42 … 98: 10 of 70 more
  const matrix = edFiMatrix(rows);
  const atRisk = labels.slice(0, 30).reduce((sum, y) => sum + y, 0);
  const others = labels.slice(30).reduce((sum, y) => sum + y, 0);
  const base = (atRisk + others) / 100;
  const model = fitted(edFiCriteria(edFiColumns), matrix, labels);
  const asked = edFiMatrix([[0.5, 0, 0, 90, 90], onTrack, [null, null, null, null, null], [0.85, 0, 0, 90, 90]]);
  const [risk, good, unknown, warning] = probabilitiesOf(model, asked);
  expect(risk).toBeCloseTo((atRisk + 10 * base) / 40, 12);
  expect(good).toBeCloseTo((others + 10 * base) / 80, 12);
  expect(unknown).toBeCloseTo(base, 12); // answers that training never gave
  expect(warning).toBeCloseTo(base, 12);
});

test("reasons: the criteria that fired, and log-odds shared among those of the answer's level", () => {
  const criteria = edFiCriteria(edFiColumns);
  const matrix = edFiMatrix([[0.7, 0, 3, 90, 90], onTrack, onTrack, [0.85, 1, 0, 60, 90]]);
  const model = fitted(criteria, matrix, [1, 0, 0, 1]);
  const fired = new Uint8Array(matrix.rows * criteria.length);
  model.fired(matrix, fired);
  const names = (row: number): string[] =>
    criteria
      .filter((_, c) => fired[row * criteria.length + c] === 1)
      .map(({ feature, level }) => `${feature} ${level}`);
  expect(names(0)).toEqual([
    "attendance_rate at-risk",
    "attendance_rate early-warning",
    "conduct_offenses early-warning",
  ]);
  expect(names(1)).toEqual([]);
  const reasons = reasonsOf(model, matrix);
  expect(reasons[0]).toBeGreaterThan(0); // attendance alone is at risk
  expect([...reasons.subarray(1, 5)]).toEqual([0, 0, 0, 0]);
  expect(reasons[18]).toBe(0); // attendance of the last row only warns
  expect(reasons[19]).toBeCloseTo(reasons[21]!, 12); // the state offense and the mathematics mark share
  expectReasonsToAddUp(model, matrix);
});

test("a worse value never gives a better answer", () => {
  const criteria = edFiCriteria(edFiColumns);
  const value = fc.option(fc.double({ min: 0, max: 1, noNaN: true }), { nil: null, freq: 5 });
  const count = fc.integer({ min: 0, max: 8 });
  fc.assert(
    fc.property(value, count, count, count, (attendance, state, conduct, more) => {
      const matrix = edFiMatrix([
        [attendance, state, conduct, 90, 90],
        [attendance === null ? null : attendance / 2, state, conduct + more, 90, 90],
      ]);
      const codes = new Uint8Array(2);
      fitted(criteria, matrix).answer(matrix, codes);
      expect(codes[1]).toBeGreaterThanOrEqual(codes[0]!);
    }),
  );
});

test("criteria that are not well formed are refused", () => {
  const good: Criterion = { feature: "x", operator: "<", threshold: 1, level: "at-risk", group: "course" };
  expect(codeOf(() => rule({ criteria: [] }))).toBe("BAD_INPUT");
  const wrong = [{ threshold: Number.NaN }, { feature: "" }, { operator: "==" }, { level: "bad" }, { group: "" }];
  for (const change of wrong) {
    expect(codeOf(() => rule({ criteria: [good, { ...good, ...change } as Criterion] }))).toBe("BAD_INPUT");
  }
  expect(codeOf(() => rule({ criteria: [good], shrinkageRows: 0 }))).toBe("BAD_INPUT");
});

test("a column the rule needs must be there, and must hold numbers", () => {
  const matrix = edFiMatrix([onTrack, onTrack]);
  const labels = Uint8Array.of(0, 1);
  const learn = (columns: FeatureMatrix["columns"]) => () =>
    rule({ criteria: edFiCriteria(edFiColumns) }).fit({ matrix: { rows: 2, columns }, labels }, contextOf(1));
  expect(codeOf(learn(matrix.columns.slice(1)))).toBe("UNKNOWN_FEATURE");
  const coded = { ...matrix.columns[0]!, kind: "categorical" as const, categories: ["a"], values: new Float64Array(2) };
  expect(codeOf(learn([coded, ...matrix.columns.slice(1)]))).toBe("BAD_INPUT");
});
