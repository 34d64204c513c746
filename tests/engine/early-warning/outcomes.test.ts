import fc from "fast-check";
import { expect, test } from "vitest";
import { defaultOutcome } from "../../../src/engine/early-warning/outcomes/definition.ts";
import { NO_LABEL, readLabels } from "../../../src/engine/early-warning/outcomes/labels.ts";
import { buildRiskTables } from "../../../src/engine/early-warning/risk-tables.ts";
import { selectCohort } from "../../../src/features/cohort.ts";
import type { Row, Snapshot } from "../../features/snapshot-in-memory.ts";
import { attachRows, insertRows } from "../../features/snapshot-in-memory.ts";

const starts: Record<string, string> = { "2023-24": "2023-08-21", "2024-25": "2024-08-19", "2025-26": "2025-08-18" };

/** A stay of a learner in a period. */
function stay(person: string, period: string, change: Row = {}): Row {
  const first = starts[period]!;
  return {
    learner: `${person}@${period}`,
    person,
    period,
    school: "s",
    peer_group: `s/7/${period}`,
    grade_band: "6-8",
    starts_on: first,
    entered_on: first,
    known_on: first,
    ...change,
  };
}

/** A final mark, with the section and the piece of work it stands in. */
function mark(person: string, period: string, score: number | null, subject = "math"): Snapshot {
  const learner = `${person}@${period}`;
  const section = `${subject}-${period}`;
  const ended = `${Number(period.slice(0, 4)) + 1}-06-05`;
  return {
    section: [{ learner, section, course: subject, subject, known_on: starts[period]! }],
    assignment: [{ assignment: `final-${section}`, section, kind: "final-mark", due_on: ended, known_on: ended }],
    result: [{ learner, assignment: `final-${section}`, submitted_on: ended, score, known_on: ended }],
  };
}

async function attach(enrolment: readonly Row[], marks: readonly Snapshot[] = [], more: Snapshot = {}) {
  const connection = await attachRows({ ...more, enrolment });
  const assignments = new Map<unknown, Row>();
  for (const { section = [], assignment = [], result = [] } of marks) {
    await insertRows(connection, "section", section);
    await insertRows(connection, "result", result);
    for (const row of assignment) assignments.set(row.assignment, row);
  }
  await insertRows(connection, "assignment", [...assignments.values()]);
  return connection;
}

const last = "2024-25";
const labelsOf = async (enrolment: readonly Row[], marks: readonly Snapshot[]) => {
  const connection = await attach(enrolment, marks);
  const cohort = await selectCohort(connection, { asOf: Object.fromEntries(enrolment.map((row) => [row.period, 0])) });
  const labels = await readLabels(connection, cohort, defaultOutcome);
  const rows = await connection.runAndReadAll(`SELECT learner, period FROM ${cohort.table} ORDER BY "row"`);
  const labelled = (rows.getRows() as [string, string][]).filter((_, row) => labels[row] !== NO_LABEL);
  const own = [...labels].filter((label) => label !== NO_LABEL);
  return {
    labels: Object.fromEntries(labelled.map(([learner], row) => [learner, own[row]])),
    periods: [...new Set(labelled.map(([, period]) => period))],
  };
};

test("a failed final mark or a withdrawal is off track; a transfer has no label; an unripe period has none at all", async () => {
  const { labels, periods } = await labelsOf(
    [
      ...["passes", "fails", "one-of-two"].map((person) => stay(person, last)),
      stay("withdraws", last, { exited_on: "2025-02-03", exit_kind: "withdrawal" }),
      stay("moves-away", last, { exited_on: "2025-02-03", exit_kind: "transfer" }),
      stay("unmarked", last),
      stay("passes", "2025-26"),
      stay("leaves", "2025-26", { exited_on: "2025-10-01", exit_kind: "withdrawal" }),
    ],
    [
      mark("passes", last, 60),
      mark("fails", last, 59.9),
      mark("one-of-two", last, 88),
      mark("one-of-two", last, 41, "english"),
      mark("moves-away", last, 20),
      mark("unmarked", last, null),
      mark("unmarked", last, 10, "other"), // neither mathematics nor English
    ],
  );
  expect(labels).toEqual({
    "passes@2024-25": 0,
    "fails@2024-25": 1,
    "one-of-two@2024-25": 1,
    "withdraws@2024-25": 1,
  });
  expect(periods).toEqual([last]);
});

test("a move between two schools of the district is no end, and neither is a withdrawal that was taken back", async () => {
  const left = { exited_on: "2024-11-01", school: "elsewhere" };
  const { labels } = await labelsOf(
    [
      ...["moved", "came-back", "failed-after"].map((person) => stay(person, last, { entered_on: "2024-11-04" })),
      stay("moved", last, { ...left, exit_kind: "transfer" }),
      stay("came-back", last, { ...left, exit_kind: "withdrawal" }),
      stay("failed-after", last, { ...left, exit_kind: "transfer" }),
    ],
    [mark("moved", last, 80), mark("came-back", last, 75), mark("failed-after", last, 30)],
  );
  expect(labels).toEqual({ "moved@2024-25": 0, "came-back@2024-25": 0, "failed-after@2024-25": 1 });
});

test("withdrawals do not label a school that gives no marks, nor one that has handed in a few", async () => {
  const small = { grade_band: "K-5", school: "primary" };
  const gone = { exited_on: "2025-02-03", exit_kind: "withdrawal" };
  const { labels } = await labelsOf(
    [
      ...["a", "b", "c"].map((person) => stay(person, last)),
      stay("d", last, gone),
      ...["e", "f"].map((person) => stay(person, last, small)),
      stay("g", last, { ...small, ...gone }),
      ...["h", "i", "j"].map((person) => stay(person, last, { school: "late" })),
      stay("k", last, { school: "late", ...gone }),
    ],
    [mark("a", last, 90), mark("b", last, 50), mark("h", last, 90)],
  );
  expect(labels).toEqual({ "a@2024-25": 0, "b@2024-25": 1, "d@2024-25": 1 });
});

const asOf = "2025-10-17"; // day 60 of 2025-26; day 60 of 2024-25 is 2024-10-18
const absence = (learner: string, on: string, known = on): Row => ({
  learner,
  on_date: on,
  category: "absent",
  excused: false,
  known_on: known,
});

test("every finished period is seen as of the same day of the year, and the period under way never trains", async () => {
  const people = ["a", "b"];
  const connection = await attach(
    Object.keys(starts).flatMap((period) => people.map((person) => stay(person, period))),
    // A mark of the period under way, such as a first semester's, makes it no finished one.
    Object.keys(starts).flatMap((period) => [mark("a", period, 80), mark("b", period, 40)]),
  );
  const { training, current } = await buildRiskTables(connection, asOf);
  const seen = training.learner.map((learner, row) => `${learner} ${training.asOf[row]} ${training.labels[row]}`);
  expect(seen).toEqual([
    "a@2023-24 2023-10-20 0",
    "b@2023-24 2023-10-20 1",
    "a@2024-25 2024-10-18 0",
    "b@2024-25 2024-10-18 1",
  ]);
  expect(current.learner).toEqual(["a@2025-26", "b@2025-26"]);
  expect(current.asOf).toEqual([asOf, asOf]);
});

test("nothing that was known after the day of a training row changes it, though it is history by now", async () => {
  const enrolment = [last, "2025-26"].flatMap((period) => ["a", "b"].map((person) => stay(person, period)));
  const marks = [mark("a", last, 80), mark("b", last, 40)];
  const plain = await buildRiskTables(await attach(enrolment, marks), asOf);
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 200 }), fc.boolean(), async (after, known) => {
      const later = new Date(Date.UTC(2024, 9, 18 + after)).toISOString().slice(0, 10);
      const rows = [known ? absence("a@2024-25", "2024-09-02", later) : absence("a@2024-25", later)];
      const { training, current } = await buildRiskTables(
        await attach(enrolment, marks, { attendance: rows, calendar: [{ school: "s", on_date: later }] }),
        asOf,
      );
      expect(training.matrix).toEqual(plain.training.matrix);
      expect(current.learner).toEqual(plain.current.learner);
    }),
    { numRuns: 10 },
  );
});

test("who has left by the day is in neither table; who has no grade, school or peers is in both", async () => {
  const unknown = { peer_group: null, grade_band: null, school: null };
  const connection = await attach(
    [
      ...["a", "b"].flatMap((person) => [stay(person, last, unknown), stay(person, "2025-26", unknown)]),
      stay("early", last, {
        ...unknown,
        exited_on: "2024-09-30",
        exit_kind: "withdrawal",
        exit_known_on: "2024-09-30",
      }),
      stay("late", last, { ...unknown, exited_on: "2025-03-03", exit_kind: "withdrawal", exit_known_on: "2025-03-03" }),
      stay("early", "2025-26", { ...unknown, exited_on: "2025-09-30", exit_known_on: "2025-09-30" }),
      stay("new", "2025-26", { ...unknown, entered_on: "2025-10-16", known_on: "2025-10-16" }),
    ],
    [mark("a", last, 80), mark("b", last, 40)],
  );
  const { training, current } = await buildRiskTables(connection, asOf);
  expect(training.person).toEqual(["a", "b", "late"]);
  expect([...training.labels]).toEqual([0, 1, 1]);
  expect(current.person).toEqual(["a", "b", "new"]);
});

test("before any period a table cannot be built; without a finished one nobody trains", async () => {
  const connection = await attach([stay("a", "2025-26")]);
  await expect(buildRiskTables(connection, "2025-08-17")).rejects.toMatchObject({ code: "CONFLICT" });
  const { training, current } = await buildRiskTables(connection, asOf);
  expect([training.labels.length, current.learner.length]).toEqual([0, 1]);
  await expect(buildRiskTables(await attach([]), asOf)).rejects.toMatchObject({ code: "CONFLICT" });
});
