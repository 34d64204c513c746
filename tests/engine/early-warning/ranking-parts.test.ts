import fc from "fast-check";
import { expect, test } from "vitest";
import { verdictOf } from "../../../src/engine/early-warning/judge-run.ts";
import { isOfCaseload } from "../../../src/engine/early-warning/ranking/caseload.ts";
import { changeOf } from "../../../src/engine/early-warning/ranking/change.ts";
import { cutList } from "../../../src/engine/early-warning/ranking/cut.ts";
import { riskStrengths } from "../../../src/engine/early-warning/reasons.ts";
import { thrivingOf } from "../../../src/engine/early-warning/thriving.ts";

test("a list is cut by capacity, threshold or costs, and says whom a tie left out", () => {
  const probabilities = [0.9, 0.6, 0.6, 0.6, 0.2, null];
  expect(cutList(probabilities, { limit: 2 })).toEqual({
    shown: 2,
    cut: { by: "capacity", threshold: null, tiedOut: 2, abstained: 1 },
  });
  expect(cutList(probabilities, { limit: 10 })).toMatchObject({ shown: 6, cut: { tiedOut: 0 } });
  expect(cutList(probabilities, { limit: 10, threshold: 0.6 })).toMatchObject({ shown: 4, cut: { by: "threshold" } });
  // Missing is four times as bad as seeing for nothing: from one in five on.
  const byCosts = cutList(probabilities, { limit: 10, costs: { needless: 1, missed: 4 } });
  expect(byCosts).toMatchObject({ shown: 5, cut: { by: "costs", threshold: 0.2 } });
  expect(() => cutList(probabilities, { limit: 1, threshold: 0.5, costs: { needless: 1, missed: 1 } })).toThrow(
    /got both/,
  );
  expect(() => cutList(probabilities, { limit: 1, costs: { needless: 0, missed: 1 } })).toThrow(/above 0/);
});

const reason = (group: string, contribution: number) => ({ group, contribution, actionable: true, words: group });

test("a change says what made it, whether it is inside the interval, and whether another model speaks", () => {
  const now = { probability: 0.5, reasons: [reason("attendance", 1.2)], strengths: [reason("course work", -0.4)] };
  const before = { probability: 0.3, reasons: [reason("attendance", 0.3), reason("behavior", 0.2)], strengths: [] };
  const about = { since: "2025-12-05", isOtherModel: false, interval: { low: 0.35, high: 0.6 } };
  const change = changeOf(now, before, about);
  expect(change.probability).toBeCloseTo(0.2, 12);
  expect(change).toMatchObject({ since: "2025-12-05", isSettled: false, isOtherModel: false });
  expect(change.groups.map(({ group, by }) => [group, Math.round(by * 10) / 10])).toEqual([
    ["attendance", 0.9],
    ["course work", -0.4],
    ["behavior", -0.2],
  ]);
  expect(changeOf(now, { ...before, probability: 0.4 }, about).isSettled).toBe(true);
  expect(changeOf(now, { ...before, probability: null }, about)).toMatchObject({ probability: null, groups: [] });
});

test("a caseload goes by school, grade and family name, without case and accents; what is not known is nobody's", () => {
  const person = { school: "Alder Creek School", grade: "7", familyName: "Álvarez" };
  expect(isOfCaseload({}, person)).toBe(true);
  expect(isOfCaseload({ schools: ["Alder Creek School"], grades: ["7", "8"] }, person)).toBe(true);
  expect(isOfCaseload({ schools: ["Juniper Hill School"] }, person)).toBe(false);
  expect(isOfCaseload({ familyNames: { from: "A", to: "K" } }, person)).toBe(true);
  expect(isOfCaseload({ familyNames: { from: "Am", to: "K" } }, person)).toBe(false);
  const toLa = { familyNames: { from: "a", to: "La" } };
  expect(
    [{ familyName: "Lane" }, { familyName: "LEE" }].map((own) => isOfCaseload(toLa, { ...person, ...own })),
  ).toEqual([true, false]);
  expect(isOfCaseload(toLa, { ...person, familyName: null })).toBe(false);
});

test("every name is of exactly one of two neighbouring caseloads", () => {
  const letter = fc.string({ minLength: 1, maxLength: 8, unit: fc.constantFrom(..."abcdefghijklmnopqrstuvwxyz") });
  fc.assert(
    fc.property(letter, fc.constantFrom(..."abcdefghijklmnopqrstuvwxy"), (familyName, to) => {
      const person = { school: null, grade: null, familyName };
      const next = String.fromCharCode(to.charCodeAt(0) + 1);
      const [first, second] = [
        { from: "a", to },
        { from: next, to: "z" },
      ].map((familyNames) => isOfCaseload({ familyNames }, person));
      expect(first).toBe(!second);
    }),
  );
});

test("strengths are what lowers the risk, the strongest first, and add up as reasons do", () => {
  const features = ["attendance", "course work", "course work"].map((group, index) => ({
    name: `feature ${index}`,
    unit: "days",
    group,
    actionable: true,
    direction: "lower is riskier" as const,
  }));
  const strengths = riskStrengths(features, [0.5, -0.3, -0.4], [1, 2, 3], [1, 1, 1]);
  expect(strengths).toHaveLength(1);
  expect(strengths[0]).toMatchObject({ group: "course work", words: "Feature 2: 3 days; the peers' median is 1 day" });
  expect(strengths[0]!.contribution).toBeCloseTo(-0.7, 12);
});

test("help is not counted against a ranking: as it stands, without the helped, and at most", () => {
  const list = [
    { probability: 0.9, label: 1, isHelped: false },
    { probability: 0.8, label: 0, isHelped: true },
    { probability: 0.7, label: 0, isHelped: false },
    { probability: 0.6, label: 1, isHelped: true },
    { probability: 0.1, label: 0, isHelped: false },
  ];
  expect(verdictOf(list, 4)).toEqual({
    ...{ learners: 5, withOutcome: 2, capacity: 4, helped: 2 },
    ...{ precision: 0.5, precisionUnhelped: 0.5, precisionAtMost: 0.75, baseRate: 0.4 },
  });
  const tied = list.map((one) => ({ ...one, probability: 0.5 }));
  const verdict = verdictOf(tied, 2); // two of five, whoever they are
  expect(verdict.precision).toBeCloseTo(0.4, 12);
  expect(verdict.helped).toBeCloseTo(0.8, 12);
  expect(verdict.precisionUnhelped).toBeCloseTo(1 / 3, 12);
  expect(verdictOf([], 4)).toMatchObject({ learners: 0, precisionUnhelped: { status: "undefined" } });
});

test("more is offered on two kinds of evidence or one that is very high; what is missing says nothing", () => {
  const names = [
    "score_mean_rank",
    "mathematics_percentile",
    "english_percentile",
    "standards_mastered_share",
    "standards_seen",
  ];
  const { NaN: unknown } = Number;
  const rows = [
    [0.95, 92, unknown, unknown, unknown],
    [0.95, 60, 60, 0.5, 12],
    [unknown, 96, unknown, unknown, unknown],
    [0.5, 97, 50, 0.95, 12],
    [0.5, 50, 50, 1, 2],
    [unknown, unknown, unknown, unknown, unknown],
  ];
  const columns = names.map((name, column) => ({
    name,
    kind: "numeric" as const,
    values: Float64Array.from(rows, (row) => row[column]!),
  }));
  const thriving = thrivingOf({ rows: rows.length, columns });
  expect(rows.map((_, row) => thriving(row)?.consider ?? null)).toEqual([
    ["gifted evaluation"],
    null,
    ["gifted evaluation"],
    ["gifted evaluation", "acceleration"],
    null,
    null,
  ]);
  expect(thrivingOf({ rows: 1, columns: [] })(0)).toBeNull();
});
