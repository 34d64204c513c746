import fc from "fast-check";
import { expect, test } from "vitest";
import { buildFeatures, type FeatureTable } from "../../src/features/build.ts";
import { featureCatalog } from "../../src/features/catalog.ts";
import { selectCohort } from "../../src/features/cohort.ts";
import type { SnapshotTableName } from "../../src/records/snapshot/tables.ts";
import { attachRows, day, type Row, type Snapshot } from "./snapshot-in-memory.ts";

const AS_OF = 60;
const LAST_YEAR = -300;

/** Numbers a row is made of; each table takes what it needs. */
interface Draw {
  readonly learner: number;
  readonly happened: number;
  readonly known: number;
  readonly choice: number;
  readonly value: number;
}

const within = (least: number, most: number) =>
  fc.record({
    learner: fc.integer({ min: 0, max: 3 }),
    happened: fc.integer({ min: least, max: most }),
    known: fc.integer({ min: least, max: most }),
    choice: fc.integer({ min: 0, max: 5 }),
    value: fc.integer({ min: 0, max: 100 }),
  });
const anyDay = within(0, 120);
const laterDay = anyDay.map((draw) =>
  Math.max(draw.happened, draw.known) > AS_OF
    ? draw
    : { ...draw, [draw.choice % 2 ? "happened" : "known"]: AS_OF + 1 + draw.value },
);

const pick = <T>(choices: readonly T[], { choice }: Draw): T => choices[choice % choices.length] as T;
const learnerOf = ({ learner, value }: Draw): string => `p${learner}@${value % 4 === 0 ? "last" : "this"}`;

/** How a draw becomes a row of each table that has a clock. */
const rowOf: Readonly<Partial<Record<SnapshotTableName, (draw: Draw) => Row>>> = {
  enrolment: (d) => ({
    learner: `p${d.learner}@${pick(["this", "last", "other"], d)}`,
    person: `p${d.learner}`,
    period: pick(["this", "last", "this"], d),
    school: pick(["north", "south", "east"], d),
    peer_group: pick(["north/7", "south/7", "north/7"], d),
    starts_on: pick([day(0), day(LAST_YEAR), day(0)], d),
    entered_on: day(d.happened),
    known_on: day(d.known),
  }),
  section: (d) => ({
    learner: learnerOf(d),
    section: pick(["m", "e", "x"], d),
    course: pick(["c1", "c2"], d),
    subject: pick(["math", "english", "other"], d),
    entered_on: day(d.happened),
    known_on: day(d.known),
  }),
  background: (d) => ({
    learner: learnerOf(d),
    name: pick(["num_of_prev_attempts", "studied_credits", "highest_education"], d),
    value: d.value,
    known_on: day(Math.max(d.known, d.happened)),
  }),
  calendar: (d) => ({ school: pick(["north", "south"], d), on_date: day(Math.max(d.happened, d.known)) }),
  attendance: (d) => ({
    learner: learnerOf(d),
    on_date: day(d.happened),
    category: pick(["absent", "tardy"], d),
    known_on: day(d.known),
  }),
  behavior: (d) => ({
    learner: learnerOf(d),
    on_date: day(d.happened),
    severity: pick(["conduct", "state-offense", "minor"], d),
    action: pick([null, "out-of-school-suspension"], d),
    known_on: day(d.known),
  }),
  survey: (d) => ({
    learner: learnerOf(d),
    scale: pick(["persistence", "self-management", "belonging"], d),
    value: 1 + d.value / 25,
    on_date: day(d.happened),
    known_on: day(d.known),
  }),
  assignment: (d) => ({
    assignment: `a${d.value % 4}`,
    section: pick(["m", "e", "x"], d),
    kind: pick(["assignment", "assignment", "exam", "final-mark"], d),
    due_on: day(d.happened),
    weight: d.value,
    known_on: day(Math.max(d.known, d.happened)),
  }),
  result: (d) => ({
    assignment: pick(["work1", "work2", "work3", "exam", "final-m", "final-e"], d),
    learner: learnerOf(d),
    submitted_on: day(d.happened),
    score: d.value,
    source_row: d.value,
    known_on: day(d.known),
  }),
  standard_result: (d) => ({
    learner: learnerOf(d),
    standard: pick(["4.NF.A.1", "4.NF.A.2"], d),
    score: d.value / 100,
    on_date: day(d.happened),
    known_on: day(d.known),
  }),
  response: (d) => ({
    learner: learnerOf(d),
    item: pick(["i1", "i2"], d),
    at: `${day(d.happened)} 10:00:00`,
    correct: d.value % 2,
    hints: d.value % 3,
    seconds: d.value + 1,
    known_on: day(d.known),
  }),
  activity_event: (d) => ({
    learner: learnerOf(d),
    verb: pick(["viewed", "logged-in"], d),
    at: `${day(d.happened)} 23:59:59`,
    clicks: d.value,
    known_on: day(d.known),
  }),
};
const tables = Object.keys(rowOf) as SnapshotTableName[];

const draws = (one: fc.Arbitrary<Draw>, most: number) =>
  fc.record(Object.fromEntries(tables.map((table) => [table, fc.array(one, { minLength: 1, maxLength: most })])));
const rowsOf = (drawn: Record<string, Draw[]>): Snapshot =>
  Object.fromEntries(tables.map((table) => [table, drawn[table]!.map((draw) => rowOf[table]!(draw))]));

const people = ["p0", "p1", "p2", "p3"];
const schoolOf = (person: string): string => (person < "p2" ? "north" : "south");

/** Four people in two schools with a history, their sections and planned work: what random records attach to. */
const frame: Snapshot = {
  enrolment: people.flatMap((person, index) =>
    ["last", "this"].map((period) => ({
      learner: `${person}@${period}`,
      person,
      period,
      school: schoolOf(person),
      peer_group: `${schoolOf(person)}/7`,
      starts_on: period === "this" ? day(0) : day(LAST_YEAR),
      entered_on: period === "this" ? day(index) : null,
      known_on: period === "this" ? day(index) : day(LAST_YEAR),
    })),
  ),
  section: people.flatMap((person) =>
    ["last", "this"].flatMap((period) =>
      ["m", "e"].map((section) => ({
        learner: `${person}@${period}`,
        section,
        course: person === "p3" ? "c1" : section,
        subject: section === "m" ? "math" : "english",
        known_on: day(LAST_YEAR),
      })),
    ),
  ),
  assignment: ["work1", "work2", "work3", "exam", "final-m", "final-e"].map((assignment, index) => ({
    assignment,
    section: assignment === "final-m" || index % 2 === 0 ? "m" : "e",
    kind: assignment.startsWith("work") ? "assignment" : assignment === "exam" ? "exam" : "final-mark",
    due_on: day(10 + index * 15),
    weight: 10,
    known_on: day(0),
  })),
  calendar: ["north", "south"].flatMap((school) =>
    [LAST_YEAR + 10, LAST_YEAR + 11, 30, 31, 45].map((on) => ({ school, on_date: day(on) })),
  ),
};

function merge(...snapshots: Snapshot[]): Snapshot {
  const merged: Partial<Record<SnapshotTableName, Row[]>> = {};
  for (const snapshot of snapshots) {
    for (const [name, rows] of Object.entries(snapshot)) {
      const table = name as SnapshotTableName;
      merged[table] = [...(merged[table] ?? []), ...rows];
    }
  }
  return merged;
}

async function build(snapshot: Snapshot, asOf: number | number[]): Promise<FeatureTable> {
  const connection = await attachRows(snapshot);
  try {
    return await buildFeatures(connection, await selectCohort(connection, { asOf: { this: asOf } }));
  } finally {
    connection.closeSync();
  }
}

function bytes(table: FeatureTable): string {
  const { matrix, ...identity } = table;
  const columns = matrix.columns.map(({ values, ...column }) => ({
    ...column,
    hex: Buffer.from(values.buffer).toString("hex"),
  }));
  return JSON.stringify({ identity, columns });
}

test("whatever happens or becomes known after the as-of day changes no byte of any family", async () => {
  await fc.assert(
    fc.asyncProperty(draws(anyDay, 12), draws(laterDay, 6), laterDay, async (past, future, exit) => {
      const before = merge(frame, rowsOf(past));
      const after = merge(before, rowsOf(future), {
        outcome: [{ learner: "p0@this", name: "final_result", value: "Fail", known_on: day(AS_OF + exit.value) }],
        protected_attribute: [{ learner: "p0@this", name: "gender", value: "F" }],
      });
      after.enrolment = after.enrolment!.map((row) => ({
        ...row,
        exited_on: day(exit.happened),
        exit_known_on: day(exit.known),
        exit_kind: "withdrawal",
      }));
      expect(bytes(await build(after, AS_OF))).toBe(bytes(await build(before, AS_OF)));
    }),
    { numRuns: 30 },
  );
});

test("many days in one pass give the rows that each day gives alone", async () => {
  await fc.assert(
    fc.asyncProperty(draws(anyDay, 12), async (past) => {
      const snapshot = merge(frame, rowsOf(past));
      const days = [20, 60, 100];
      const together = await build(snapshot, days);
      for (const one of days) {
        const alone = await build(snapshot, one);
        const rows = [...together.asOf.keys()].filter((row) => together.asOf[row] === day(one));
        expect(rows.map((row) => together.learner[row])).toEqual(alone.learner);
        for (const [index, column] of alone.matrix.columns.entries()) {
          const wide = together.matrix.columns[index]!;
          const label = (of: typeof column, row: number): unknown =>
            of.categories === undefined ? of.values[row] : of.categories[of.values[row]!];
          expect(
            rows.map((row) => label(wide, row)),
            column.name,
          ).toEqual(alone.learner.map((_, row) => label(column, row)));
        }
      }
    }),
    { numRuns: 10 },
  );
});

test("the same records in another order give the same bytes", async () => {
  await fc.assert(
    fc.asyncProperty(draws(anyDay, 12), async (past) => {
      const snapshot = merge(frame, rowsOf(past));
      const reversed = Object.fromEntries(Object.entries(snapshot).map(([name, rows]) => [name, [...rows].reverse()]));
      expect(bytes(await build(reversed, AS_OF))).toBe(bytes(await build(snapshot, AS_OF)));
    }),
    { numRuns: 15 },
  );
});

test("the records above reach every family, so the tests above can fail", async () => {
  const seen = new Set<string>();
  await fc.assert(
    fc.asyncProperty(draws(within(0, AS_OF), 25), async (past) => {
      const table = await build(merge(frame, rowsOf(past)), AS_OF);
      for (const column of table.matrix.columns)
        if (column.values.some((value) => !Number.isNaN(value))) seen.add(column.name);
    }),
    { numRuns: 25 },
  );
  const names = featureCatalog.families.flatMap((family) => family.features.map((feature) => feature.name));
  expect(names.filter((name) => !seen.has(name))).toEqual([]);
});
