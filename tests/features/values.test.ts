import { expect, test } from "vitest";
import { buildFeatures, type FeatureTable } from "../../src/features/build.ts";
import { type CohortSelection, selectCohort } from "../../src/features/cohort.ts";
import { attachRows, day, type Row, type Snapshot } from "./snapshot-in-memory.ts";

const enrolled = (person: string, more: Row = {}): Row => ({
  learner: `${person}@this`,
  person,
  period: "this",
  school: "north",
  peer_group: "north/7",
  grade_band: "6-8",
  starts_on: day(0),
  entered_on: day(0),
  known_on: day(0),
  ...more,
});

async function build(snapshot: Snapshot, selection: CohortSelection = { asOf: { this: 60 } }): Promise<FeatureTable> {
  const connection = await attachRows(snapshot);
  return buildFeatures(connection, await selectCohort(connection, selection));
}

function cell(table: FeatureTable, learner: string, name: string): number | string {
  const column = table.matrix.columns.find((candidate) => candidate.name === name)!;
  const value = column.values[table.learner.indexOf(learner)]!;
  return column.categories === undefined ? value : column.categories[value]!;
}

test("a school that reports nothing is missing; nothing reported of a learner there is 0", async () => {
  const table = await build({
    enrolment: [enrolled("ann"), enrolled("bob"), enrolled("cyn", { school: "south", peer_group: "south/7" })],
    calendar: [10, 11, 40, 41].flatMap((on) => ["north", "south"].map((school) => ({ school, on_date: day(on) }))),
    attendance: [
      { learner: "ann@this", on_date: day(41), category: "absent", known_on: day(41) },
      { learner: "ann@this", on_date: day(12), category: "absent", known_on: day(12) }, // a day without school
    ],
    behavior: [
      { learner: "ann@this", on_date: day(9), severity: "conduct", action: "detention", known_on: day(9) },
      { learner: "ann@this", on_date: day(9), severity: "conduct", action: "in-school-suspension", known_on: day(9) },
    ],
    response: [{ learner: "ann@this", item: "i", at: `${day(60)} 23:00:00`, correct: 1, known_on: day(60) }],
  });
  const row = (name: string): (number | string)[] =>
    ["ann", "bob", "cyn"].map((who) => cell(table, `${who}@this`, name));
  expect(row("attendance_rate")).toEqual([0.75, 1, Number.NaN]);
  expect(row("attendance_rate_28_days")).toEqual([0.5, 1, Number.NaN]);
  expect(row("absences")).toEqual([2, 0, Number.NaN]);
  expect(row("tardies")).toEqual([0, 0, Number.NaN]);
  expect(row("conduct_incidents")).toEqual([1, 0, Number.NaN]);
  expect(row("suspensions")).toEqual([1, 0, Number.NaN]);
  expect(row("responses")).toEqual([1, 0, Number.NaN]);
  expect(row("days_since_active")).toEqual([0, 60, Number.NaN]);
  expect(row("correct_rate")).toEqual([1, Number.NaN, Number.NaN]);
  expect(row("survey_belonging")).toEqual([Number.NaN, Number.NaN, Number.NaN]);
  expect(row("work_due")).toEqual([Number.NaN, Number.NaN, Number.NaN]);
});

test("days count while the learner is enrolled, and from the day the absence is known", async () => {
  const snapshot: Snapshot = {
    enrolment: [enrolled("ann", { entered_on: day(11) }), enrolled("bob")],
    calendar: [10, 11, 40, 60, 61].map((on) => ({ school: "north", on_date: day(on) })),
    attendance: [
      { learner: "bob@this", on_date: day(10), category: "absent", known_on: day(10) },
      { learner: "ann@this", on_date: day(40), category: "absent", known_on: day(61) },
    ],
  };
  expect(cell(await build(snapshot), "ann@this", "attendance_rate")).toBe(1);
  expect(cell(await build(snapshot, { asOf: { this: 61 } }), "ann@this", "attendance_rate")).toBe(0.75);
});

test("due work is what has come due and somebody has handed in; marks are weighted by subject", async () => {
  const work = (assignment: string, due: number, weight: number, more: Row = {}): Row => ({
    assignment,
    section: "m",
    kind: "assignment",
    due_on: day(due),
    weight,
    known_on: day(0),
    ...more,
  });
  const handed = (who: string, assignment: string, on: number, score: number | null): Row => ({
    assignment,
    learner: `${who}@this`,
    submitted_on: day(on),
    score,
    known_on: day(on),
  });
  const table = await build({
    enrolment: [enrolled("ann"), enrolled("bob")],
    section: ["ann", "bob"].flatMap((who) => [
      { learner: `${who}@this`, section: "m", course: "math 7", subject: "math", entered_on: day(0), known_on: day(0) },
      {
        learner: `${who}@this`,
        section: "e",
        course: "english 7",
        subject: "english",
        entered_on: day(0),
        known_on: day(0),
      },
    ]),
    assignment: [
      work("w1", 10, 1),
      work("w2", 50, 3),
      work("ungraded", 55, 1),
      work("later", 70, 1),
      work("exam", 20, 4, { kind: "exam" }),
      work("essay", 30, 1, { section: "e" }),
    ],
    result: [
      handed("ann", "w1", 12, 50),
      handed("ann", "w2", 50, 90),
      handed("ann", "exam", 20, 70),
      handed("ann", "later", 59, 100),
      handed("bob", "essay", 30, 80),
      { assignment: "w1", learner: "bob@this", score: null, known_on: day(11) }, // said to be missing
    ],
  });
  const row = (name: string): (number | string)[] => ["ann", "bob"].map((who) => cell(table, `${who}@this`, name));
  expect(row("work_due")).toEqual([3, 3]);
  expect(row("work_submitted")).toEqual([2, 1]);
  expect(row("work_missed")).toEqual([1, 2]);
  expect(row("weight_missed")).toEqual([1, 4]);
  expect(row("work_missed_share")).toEqual([1 / 3, 2 / 3]);
  expect(row("score_mean")).toEqual([70, 80]);
  expect(row("score_minimum")).toEqual([50, 80]);
  expect(row("score_last")).toEqual([90, 80]);
  expect(row("score_mean_change")).toEqual([40, Number.NaN]);
  expect(row("days_late_mean")).toEqual([1, 0]);
  expect(row("work_late_share")).toEqual([0.5, 0]);
  expect(row("work_early")).toEqual([1, 0]);
  expect(row("mathematics_mark")).toEqual([(50 + 3 * 90 + 4 * 70) / 8, Number.NaN]);
  expect(row("english_mark")).toEqual([Number.NaN, 80]);
  expect(table.matrix.columns.find((column) => column.name === "course")!.values.every(Number.isNaN)).toBe(true);
});

test("the risk set: entered, not known to have left; a move between schools is one row", async () => {
  const connection = await attachRows({
    enrolment: [
      enrolled("moved", { exited_on: day(30), exit_known_on: day(30) }),
      enrolled("moved", { school: "south", peer_group: "south/7", entered_on: day(30), known_on: day(30) }),
      enrolled("gone", { exited_on: day(60), exit_known_on: day(60) }),
      enrolled("gone, not known yet", { exited_on: day(60), exit_known_on: day(61) }),
      enrolled("leaves tomorrow", { exited_on: day(61), exit_known_on: day(20) }),
      enrolled("comes tomorrow", { entered_on: day(61), known_on: day(20) }),
      enrolled("recorded tomorrow", { known_on: day(61) }),
      enrolled("no day of entry", { entered_on: null }),
      enrolled("another band", { grade_band: "9-12" }),
    ],
  });
  const cohort = await selectCohort(connection, { asOf: { this: day(60) }, gradeBands: ["6-8"] });
  const rows = await connection.runAndReadAll(`SELECT person, school FROM ${cohort.table} ORDER BY "row"`);
  expect(rows.getRowsJS()).toEqual([
    ["gone, not known yet", "north"],
    ["leaves tomorrow", "north"],
    ["no day of entry", "north"],
    ["moved", "south"],
  ]);
  expect(cohort.rows).toBe(4);
});

test("the year before: final marks and absences of the same person", async () => {
  const last: Row = {
    period: "last",
    starts_on: day(-300),
    entered_on: day(-300),
    exited_on: day(-100),
    exit_known_on: day(-100),
    known_on: day(-300),
  };
  const table = await build({
    enrolment: [enrolled("ann"), enrolled("new"), enrolled("ann", { ...last, learner: "ann@last" })],
    calendar: [-200, -199, -150, -50].map((on) => ({ school: "north", on_date: day(on) })),
    attendance: [{ learner: "ann@last", on_date: day(-199), category: "absent", known_on: day(-199) }],
    section: [{ learner: "ann@last", section: "m6", course: "math 6", subject: "math", known_on: day(-300) }],
    assignment: [{ assignment: "final", section: "m6", kind: "final-mark", due_on: day(-101), known_on: day(-300) }],
    result: [{ assignment: "final", learner: "ann@last", score: 71, known_on: day(-101) }],
  });
  expect(cell(table, "ann@this", "prior_mathematics_mark")).toBe(71);
  expect(cell(table, "ann@this", "prior_english_mark")).toBeNaN();
  expect(cell(table, "ann@this", "prior_absences")).toBe(1);
  expect(cell(table, "ann@this", "prior_attendance_rate")).toBe(2 / 3);
  expect(cell(table, "new@this", "prior_absences")).toBeNaN();
});

test("peer ranks: (smaller + smaller or equal) / (2 n) among the known values of the group", async () => {
  const entered = [5, 0, 5, null, 9, 7];
  const table = await build({
    enrolment: entered.map((on, index) =>
      enrolled(`p${index}`, {
        entered_on: on === null ? null : day(on),
        peer_group: index === 5 ? "north/8" : "north/7",
      }),
    ),
  });
  const ranks = entered.map((_, index) => cell(table, `p${index}@this`, "entered_day_rank"));
  expect(ranks).toEqual([(1 + 3) / 8, (0 + 1) / 8, (1 + 3) / 8, Number.NaN, (3 + 4) / 8, 0.5]);
});

test("what cannot be used is refused by code", async () => {
  const connection = await attachRows({ enrolment: [enrolled("ann")] });
  for (const asOf of ["2025-02-30", "yesterday", 1.5]) {
    await expect(selectCohort(connection, { asOf: { this: asOf } })).rejects.toMatchObject({ code: "BAD_INPUT" });
  }
  await expect(selectCohort(connection, { asOf: {} })).rejects.toMatchObject({ code: "BAD_INPUT" });
  await expect(selectCohort(connection, { periods: ["last"], asOf: { this: 0 } })).rejects.toMatchObject({
    code: "BAD_INPUT",
  });
  const cohort = await selectCohort(connection, { asOf: { this: 0 } });
  await expect(buildFeatures(connection, cohort, { families: ["shoes"] })).rejects.toMatchObject({
    code: "UNKNOWN_FEATURE",
  });
  await expect(buildFeatures(connection, cohort, { signal: AbortSignal.abort() })).rejects.toMatchObject({
    code: "CANCELLED",
  });
  await connection.run("DROP TABLE survey");
  await expect(buildFeatures(connection, cohort)).rejects.toMatchObject({ code: "UNREADABLE_FILE" });
});

test("an empty cohort gives an empty table with every column", async () => {
  const table = await build({ enrolment: [enrolled("ann", { known_on: day(90) })] });
  expect(table.learner).toEqual([]);
  expect(table.matrix.rows).toBe(0);
  expect(table.matrix.columns.length).toBeGreaterThan(50);
});
