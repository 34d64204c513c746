import { expect, test } from "vitest";
import { readDefinition } from "../../../src/engine/early-warning/outcomes/definition.ts";
import { NO_LABEL, readLabels } from "../../../src/engine/early-warning/outcomes/labels.ts";
import { readPeriods, requireRipe, ripensOn } from "../../../src/engine/early-warning/outcomes/periods.ts";
import { buildRiskTables } from "../../../src/engine/early-warning/risk-tables.ts";
import { selectCohort } from "../../../src/features/cohort.ts";
import type { Row, Snapshot } from "../../features/snapshot-in-memory.ts";
import { attachRows } from "../../features/snapshot-in-memory.ts";

const [year, next] = ["2024-25", "2025-26"] as const;
const asOf = "2024-12-12";

/** A learner's stay in the finished year. */
const stay = (person: string, change: Row = {}): Row => ({
  learner: person,
  person,
  period: year,
  school: "s",
  grade_band: "9-12",
  starts_on: "2024-08-19",
  entered_on: "2024-08-19",
  known_on: "2024-08-19",
  ...change,
});

/** Somebody of the year after, so that the finished year has an end. */
const later: Row = {
  ...stay("later"),
  period: next,
  starts_on: "2025-08-18",
  entered_on: "2025-08-18",
  known_on: "2025-08-18",
};

const gone = (exited_on: string, exit_kind: string): Row => ({ exited_on, exit_kind, exit_known_on: exited_on });

/** The labels of everybody who was there on the day; nobody's label is left out of the object. */
async function labelsOf(given: object, snapshot: Snapshot): Promise<Record<string, number | null>> {
  const connection = await attachRows({ ...snapshot, enrolment: [...(snapshot.enrolment ?? []), later] });
  const cohort = await selectCohort(connection, { asOf: { [year]: asOf } });
  const labels = await readLabels(connection, cohort, readDefinition({ outcome: "it", title: "It", ...given }));
  const rows = await connection.runAndReadAll(`SELECT learner FROM ${cohort.table} ORDER BY "row"`);
  return Object.fromEntries(
    (rows.getRows() as [string][]).map(([learner], row) => [learner, labels[row] === NO_LABEL ? null : labels[row]!]),
  );
}

test("dropping out: a withdrawal in the window, to the day; a transfer in it is censored", async () => {
  const enrolment = [
    stay("stays"),
    stay("leaves-in-time", gone("2025-01-11", "withdrawal")),
    stay("leaves-a-day-later", gone("2025-01-12", "withdrawal")),
    stay("moves-away", gone("2025-01-05", "transfer")),
    stay("moves-much-later", gone("2025-05-05", "transfer")),
  ];
  expect(await labelsOf({ kind: "drop-out", horizonDays: 30 }, { enrolment })).toEqual({
    stays: 0,
    "leaves-in-time": 1,
    "leaves-a-day-later": 0,
    "moves-away": null,
    "moves-much-later": 0,
  });
  expect(await labelsOf({ kind: "drop-out" }, { enrolment })).toMatchObject({ "leaves-a-day-later": 1, stays: 0 });
});

const days = (from: string, count: number): string[] =>
  Array.from({ length: count }, (_, day) => new Date(Date.parse(from) + day * 86_400_000).toISOString().slice(0, 10));

test("chronic absence: a tenth of the enrolled days, each counted once, tardiness not; ahead counts only what is to come", async () => {
  const calendar = [...days("2024-12-02", 10), ...days("2024-12-13", 20)].map((on_date) => ({ school: "s", on_date }));
  const missed = (learner: string, on: readonly string[], category = "absent"): Row[] =>
    on.map((on_date) => ({ learner, on_date, category, known_on: on_date }));
  const snapshot = {
    enrolment: ["three", "two", "before", "late", "left"].map((who) =>
      stay(who, who === "left" ? gone("2024-12-15", "withdrawal") : {}),
    ),
    calendar,
    attendance: [
      ...missed("three", ["2024-12-03", "2024-12-14", "2024-12-15"]),
      ...missed("two", ["2024-12-03", "2024-12-14", "2024-12-14"]), // marked twice on one day
      ...missed("before", days("2024-12-02", 4)),
      ...missed("late", days("2024-12-13", 20), "tardy"),
      ...missed("left", ["2024-12-02", "2024-12-03"]),
    ],
  };
  const period = { kind: "chronic-absence" };
  expect(await labelsOf(period, snapshot)).toEqual({ three: 1, two: 0, before: 1, late: 0, left: 1 }); // 2 of 13 days
  const ahead = { kind: "chronic-absence", counts: "ahead", horizonDays: 25 };
  expect(await labelsOf(ahead, snapshot)).toEqual({ three: 1, two: 0, before: 0, late: 0, left: null }); // 3 days are too few
});

test("course failure counts every course; who left has no label", async () => {
  const subjects = { art: "other", algebra: "math" };
  const section = ["passes", "fails-art", "leaves"].flatMap((learner) =>
    Object.entries(subjects).map(([name, subject]) => ({
      learner,
      section: name,
      course: name,
      subject,
      known_on: "2024-08-19",
    })),
  );
  const result = section.map(({ learner, section: of }) => ({
    learner,
    assignment: `final-${of}`,
    score: learner === "passes" || of === "algebra" ? 60 : 59,
    known_on: "2025-06-05",
  }));
  const snapshot = {
    enrolment: [stay("passes"), stay("fails-art"), stay("leaves", gone("2025-03-03", "withdrawal"))],
    section,
    assignment: Object.keys(subjects).map((of) => ({
      assignment: `final-${of}`,
      section: of,
      kind: "final-mark",
      known_on: "2025-06-05",
    })),
    result,
  };
  expect(await labelsOf({ kind: "course-failure" }, snapshot)).toEqual({ passes: 0, "fails-art": 1, leaves: null });
  expect(await labelsOf({ kind: "off-track" }, snapshot)).toEqual({ passes: 0, "fails-art": 0, leaves: 1 });
});

test("ninth grade on track: five credits and no more than one failed semester in mathematics and English; other grades have no label", async () => {
  const grade = (learner: string, value: number): Row => ({ learner, name: "grade", value, known_on: "2024-08-19" });
  const mark = (person: string, change: Row): Row => ({
    person,
    kind: "semester",
    subject: "math",
    score: 80,
    on_date: "2025-06-05",
    known_on: "2025-06-05",
    ...change,
  });
  const finals = (person: string, credits: number): Row =>
    mark(person, { kind: "final", subject: "other", credits_earned: credits });
  const people = ["on", "few", "fails-twice", "fails-art", "eighth", "unknown"];
  const snapshot = {
    enrolment: people.map((who) => stay(who)),
    background: people.map((who) => grade(who, who === "eighth" ? 8 : 9)),
    course_grade: [
      ...[...people.slice(0, 5)].map((who) => finals(who, who === "few" ? 4.5 : 5)),
      mark("on", { score: 50 }),
      mark("fails-twice", { score: 50 }),
      mark("fails-twice", { score: 50, subject: "english" }),
      mark("fails-art", { score: 50, subject: "other" }),
      mark("fails-art", { score: 50, subject: "other" }),
      mark("on", { score: 10, on_date: "2024-06-05" }), // of the year before
    ],
  };
  expect(await labelsOf({ kind: "off-track-credits" }, snapshot)).toEqual({
    on: 0,
    few: 1,
    "fails-twice": 1,
    "fails-art": 0,
    eighth: null,
    unknown: null,
  });
});

test("not proficient: the last valid test after the day, in any of the subjects", async () => {
  const sat = (person: string, on_date: string, percentile: number, change: Row = {}): Row => ({
    ...{ person, assessment: "map", subject: "math", percentile, on_date, known_on: on_date },
    ...change,
  });
  const snapshot = {
    enrolment: ["up", "down", "english", "before", "rushed"].map((who) => stay(who)),
    assessment_result: [
      sat("up", "2025-01-10", 20),
      sat("up", "2025-05-10", 60),
      sat("down", "2025-01-10", 60),
      sat("down", "2025-05-10", 49),
      sat("english", "2025-05-10", 80),
      sat("english", "2025-05-10", 20, { subject: "english" }),
      sat("before", asOf, 10),
      sat("rushed", "2025-05-10", 10, { validity: "rushed" }),
      sat("up", "2025-09-10", 1), // of the next period
    ],
  };
  const labels = { up: 0, down: 1, english: 1, before: null, rushed: null };
  expect(await labelsOf({ kind: "not-proficient" }, snapshot)).toEqual(labels);
  expect(await labelsOf({ kind: "not-proficient", subjects: ["math"] }, snapshot)).toEqual({ ...labels, english: 0 });
});

test("declining effort: the share handed in falls by a fifth; too little due work is no label", async () => {
  const due = [...days("2024-12-02", 5), ...days("2024-12-13", 5)];
  const people = { steady: due, slack: due.slice(0, 8), stops: due.slice(0, 5), "barely-there": [] as string[] };
  const snapshot = {
    enrolment: Object.keys(people).map((who) => stay(who)),
    section: Object.keys(people).map((learner) => ({
      learner,
      section: learner === "barely-there" ? "empty" : "all",
      known_on: "2024-08-19",
    })),
    assignment: due.map((due_on) => ({
      assignment: due_on,
      section: "all",
      kind: "assignment",
      due_on,
      known_on: due_on,
    })),
    result: Object.entries(people).flatMap(([learner, done]) =>
      done.map((assignment) => ({ learner, assignment, submitted_on: assignment, known_on: assignment })),
    ),
  };
  const effort = { kind: "declining-effort", horizonDays: 14 };
  expect(await labelsOf(effort, snapshot)).toEqual({ steady: 0, slack: 1, stops: 1, "barely-there": null });
  expect(await labelsOf({ ...effort, drop: 0.5 }, snapshot)).toMatchObject({ slack: 0, stops: 1 });
});

test("what a source records is a label as it says", async () => {
  const result = (learner: string, value: string): Row => ({
    learner,
    name: "final_result",
    value,
    known_on: "2025-06-05",
  });
  const snapshot = {
    enrolment: ["a", "b", "c"].map((who) => stay(who)),
    outcome: [result("a", "Pass"), result("b", "Withdrawn")],
  };
  const given = { kind: "recorded", name: "final_result", values: ["Fail", "Withdrawn"] };
  expect(await labelsOf(given, snapshot)).toEqual({ a: 0, b: 1, c: null });
});

test("a definition with a fault is refused with every fault; what is left out has its default", () => {
  expect(readDefinition({ outcome: "out", kind: "drop-out", title: "Leaves" })).toEqual({
    ...{ outcome: "out", kind: "drop-out", title: "Leaves" },
    ...{ maturityDays: 14, horizonDays: null },
  });
  expect(() => readDefinition({ outcome: "Out!", kind: "drop-out", title: "", horizonDays: 3 })).toThrow(
    /outcome: .*title: .*horizonDays: /,
  );
  expect(() => readDefinition({ outcome: "out", kind: "drop-out", title: "Leaves", horizon: 30 })).toThrow(/horizon/);
  const absent = { outcome: "absent", kind: "chronic-absence", title: "Absent", horizonDays: 30 };
  expect(() => readDefinition(absent)).toThrow(/for absences ahead/);
});

test("a label ripens after its window and what its source needs; before, it is refused with its day", async () => {
  const connection = await attachRows({ enrolment: [stay("a"), later] });
  const [first, second] = await readPeriods(connection);
  expect([first, second]).toEqual([
    { period: year, startsOn: "2024-08-19", endsOn: "2025-08-17" },
    { period: next, startsOn: "2025-08-18", endsOn: null },
  ]);
  const ends = readDefinition({ outcome: "fails", kind: "course-failure", title: "Fails" });
  const soon = readDefinition({ outcome: "leaves", kind: "drop-out", title: "Leaves", horizonDays: 30 });
  expect(ripensOn(ends, first!, asOf)).toBe("2025-08-31");
  expect(ripensOn(ends, second!, "2025-12-12")).toBeNull();
  expect(ripensOn(soon, second!, "2025-12-12")).toBe("2026-01-25");
  expect(ripensOn(soon, first!, "2025-08-10")).toBe("2025-08-31"); // the period ends before the horizon
  expect(() => requireRipe(soon, second!, "2025-12-12", "2026-01-24")).toThrow(/they ripen on 2026-01-25/);
  expect(() => requireRipe(soon, second!, "2025-12-12", "2026-01-25")).not.toThrow();
  expect(() => requireRipe(ends, second!, "2025-12-12", "2026-12-31")).toThrow(/when its period has ended/);
});

test("a finished period whose labels are not ripe yet does not train, and says when it will", async () => {
  const leavers = Array.from({ length: 4 }, (_, index) =>
    stay(`p${index}`, index === 0 ? gone("2025-02-02", "withdrawal") : {}),
  );
  const connection = await attachRows({ enrolment: [...leavers, later] });
  const outcome = readDefinition({ outcome: "leaves", kind: "drop-out", title: "Leaves", maturityDays: 90 });
  const early = await buildRiskTables(connection, "2025-10-01", { outcomes: [outcome] });
  expect(early.outcomes[0]).toMatchObject({
    training: { learner: [] },
    unripe: [{ period: year, ripensOn: "2025-11-15" }, { period: next }],
  });
  const ripe = await buildRiskTables(connection, "2025-11-20", { outcomes: [outcome] });
  expect([...ripe.training.labels]).toEqual([1, 0, 0, 0]);
  expect(ripe.training).toMatchObject({ ripeOn: { [year]: "2025-11-15" }, school: ["s", "s", "s", "s"] });
  expect(ripe.bandOfPeers).toEqual({ "": "9-12" });
});
