import fc from "fast-check";
import { expect, test } from "vitest";
import { buildFeatures, type FeatureTable } from "../../src/features/build.ts";
import { featureCatalog } from "../../src/features/catalog.ts";
import { selectCohort } from "../../src/features/cohort.ts";
import { kinds } from "../../src/features/families/motivation.ts";
import { buildPanel } from "../../src/features/panel.ts";
import type { SnapshotTableName } from "../../src/records/snapshot/tables.ts";
import { attachRows, day, type Row, type Snapshot } from "./snapshot-in-memory.ts";

const AS_OF = 60;
const PATIENCE = 300_000; // three hundred columns, twice per example
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

/** One activity of each kind of content the motivation family knows, and the scales of the survey family. */
const contents = kinds.map(({ stem }) => stem);
const scales = featureCatalog.families
  .flatMap((family) => family.features)
  .flatMap(({ name }) =>
    /^scale_(?!reliability)/.test(name) ? [name.slice("scale_".length).replaceAll("_", "-")] : [],
  );

/** A step may be done before it is due, and then counts from that day; one that is later is later in both. */
const doneOn = ({ happened, choice }: Draw): number => (happened > AS_OF ? happened + choice : happened - choice + 3);

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
    category: pick(["absent", "tardy", "partial"], d),
    excused: pick([false, null, true], d),
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
    assignment: pick(["work1", "work2", "work3", "work4", "work5", "exam", "final-m", "final-e"], {
      ...d,
      choice: d.happened + d.value,
    }),
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
    item: pick(contents, { ...d, choice: d.value }),
    standard: pick(["4.NF.A.1", "4.NF.A.2", "4.NF.A.3"], d),
    // on one day of twenty, so that answers of one day follow each other; never earlier than drawn
    at: `${day(Math.ceil(d.happened / 20) * 20)} ${10 + (d.value % 12)}:${10 + (d.value % 50)}:00`,
    correct: d.value % 2,
    attempts: 1 + (d.value % 3),
    hints: d.value % 3,
    seconds: d.value + 1,
    known_on: day(d.known),
  }),
  activity_event: (d) => ({
    learner: learnerOf(d),
    activity: pick([...contents, null], { ...d, choice: d.happened + d.value }),
    verb: pick(["viewed", "logged-in", "completed", "skipped"], { ...d, choice: d.value }),
    at: `${day(d.happened)} 23:59:59`,
    seconds: d.value,
    clicks: d.value,
    known_on: day(d.known),
  }),
  observation: (d) => ({
    learner: learnerOf(d),
    standard: pick(["4.NF.A.1", "4.NF.A.2", "4.NF.A.3"], d),
    score: d.value / 100,
    on_date: day(d.happened),
    known_on: day(d.known),
  }),
  scale_score: (d) => ({
    learner: learnerOf(d),
    instrument: "detectors",
    scale: pick(scales, { ...d, choice: d.value }),
    score: d.value,
    reliability: pick([null, 0.9, 0.8], d),
    on_date: day(d.happened),
    known_on: day(d.known),
  }),
  goal: (d) => ({
    learner: learnerOf(d),
    goal: `g${d.value}`,
    set_on: day(d.happened),
    due_on: day(d.happened + (d.value % 30)),
    achieved_on: d.choice === 0 ? null : day(d.happened + d.choice * 10),
    known_on: day(d.known),
    achieved_known_on: d.choice === 0 ? null : day(Math.max(d.known, d.happened + d.choice * 10)),
  }),
  goal_step: (d) => ({
    learner: learnerOf(d),
    goal: `g${d.value}`,
    step: "first",
    due_on: day(d.happened),
    done_on: day(doneOn(d)),
    known_on: day(d.known),
    done_known_on: day(Math.max(d.known, doneOn(d))),
  }),
  preference: (d) => {
    const { aspect, value } = pick(kinds, { ...d, choice: d.value });
    return {
      learner: learnerOf(d),
      kind: aspect,
      value,
      strength: d.value / 50 - 1,
      on_date: day(d.happened),
      known_on: day(d.known),
    };
  },
  intervention_assignment: (d) => ({
    learner: learnerOf(d),
    intervention: pick(["tutoring", "check-in"], d),
    begins_on: day(d.happened),
    ends_on: d.choice === 0 ? day(d.happened + d.value) : null,
    known_on: day(d.known),
  }),
  dose: (d) => ({
    learner: learnerOf(d),
    intervention: "tutoring",
    on_date: day(d.happened),
    minutes: d.value,
    attended: pick([true, true, false], d),
    known_on: day(d.known),
  }),
  course_grade: (d) => ({
    person: `p${d.learner}`,
    subject: pick(["math", "english"], d),
    kind: pick(["final", "semester", "grading-period", "progress"], d),
    score: d.value,
    credits_attempted: 1,
    credits_earned: d.value % 2,
    on_date: day(d.value % 3 === 0 ? d.happened : d.happened - 200),
    known_on: day(d.value % 3 === 0 ? d.known : Math.max(d.known, d.happened)),
  }),
  academic_summary: (d) => ({
    person: `p${d.learner}`,
    grade_point_average: d.value / 25,
    credits_earned: d.value,
    on_date: day(d.happened),
    known_on: day(d.known),
  }),
  assessment_result: (d) => ({
    person: `p${d.learner}`,
    assessment: pick(["fall", "winter"], d),
    subject: pick(["math", "english"], d),
    percentile: d.value,
    validity: pick(["valid", null, "rushed", "valid"], d),
    on_date: day(d.happened),
    known_on: day(d.known),
  }),
};
const tables = Object.keys(rowOf) as SnapshotTableName[];

const draws = (one: fc.Arbitrary<Draw>, most: number, least = 1) =>
  fc.record(Object.fromEntries(tables.map((table) => [table, fc.array(one, { minLength: least, maxLength: most })])));
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
  assignment: ["work1", "work2", "work3", "exam", "work4", "work5", "final-m", "final-e"].map((assignment, index) => ({
    assignment,
    section: assignment === "final-m" || index % 2 === 0 ? "m" : "e",
    kind: assignment.startsWith("work") ? "assignment" : assignment === "exam" ? "exam" : "final-mark",
    due_on: day(10 + index * 12), // the last within two weeks of the as-of day, or after it
    weight: index === 1 ? 0 : 10,
    known_on: day(0),
  })),
  activity: kinds.map(({ stem, aspect, value }) => ({
    activity: stem,
    modality: aspect === "modality" ? value : null,
  })),
  activity_setting: kinds.flatMap(({ stem, aspect, value }) =>
    aspect === "setting" ? [{ activity: stem, setting: value }] : [],
  ),
  prerequisite: [{ standard: "4.NF.A.2", requires: "4.NF.A.1" }],
  term: ["north", "south"].map((school) => ({ school, starts_on: day(40), ends_on: day(120) })),
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

async function build(snapshot: Snapshot, asOf: number): Promise<FeatureTable> {
  const connection = await attachRows(snapshot);
  try {
    return await buildFeatures(connection, await selectCohort(connection, { asOf: { this: asOf } }), { detail: true });
  } finally {
    connection.closeSync();
  }
}

async function panel(snapshot: Snapshot, asOf: number[]): Promise<FeatureTable> {
  const connection = await attachRows(snapshot);
  try {
    return await buildPanel({ snapshot: connection, asOf, periods: ["this"], detail: true });
  } finally {
    connection.closeSync();
  }
}

/** Compares column by column first, so that a failure names the feature. */
function expectSameBytes(left: FeatureTable, right: FeatureTable): void {
  const bytes = (values: Float64Array | Uint8Array): string => Buffer.from(values.buffer).toString("hex");
  const { matrix, reasons, ...identity } = left;
  const { matrix: otherMatrix, reasons: otherReasons, ...otherIdentity } = right;
  expect(identity).toEqual(otherIdentity);
  for (const [index, { values, ...column }] of matrix.columns.entries()) {
    const { values: otherValues, ...other } = otherMatrix.columns[index]!;
    expect(column).toEqual(other);
    expect(bytes(values), column.name).toBe(bytes(otherValues));
    expect(bytes(reasons![index]!), `reasons of ${column.name}`).toBe(bytes(otherReasons![index]!));
  }
}

test(
  "whatever happens or becomes known after the as-of day changes no byte of any family",
  async () => {
    await fc.assert(
      fc.asyncProperty(draws(anyDay, 30), draws(laterDay, 12), laterDay, async (past, future, exit) => {
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
        expectSameBytes(await build(after, AS_OF), await build(before, AS_OF));
      }),
      { numRuns: 10, endOnFailure: true },
    );
  },
  PATIENCE,
);

test(
  "many days in one pass give the rows that each day gives alone",
  async () => {
    await fc.assert(
      fc.asyncProperty(draws(anyDay, 30), async (past) => {
        const snapshot = merge(frame, rowsOf(past));
        const days = [20, 60, 100];
        const together = await panel(snapshot, days);
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
            expect(
              rows.map((row) => together.reasons![index]![row]),
              `reasons of ${column.name}`,
            ).toEqual([...alone.reasons![index]!]);
          }
        }
      }),
      { numRuns: 5, endOnFailure: true },
    );
  },
  PATIENCE,
);

test(
  "the same records in another order give the same bytes",
  async () => {
    await fc.assert(
      fc.asyncProperty(draws(anyDay, 30), async (past) => {
        const snapshot = merge(frame, rowsOf(past));
        const reversed = Object.fromEntries(
          Object.entries(snapshot).map(([name, rows]) => [name, [...rows].reverse()]),
        );
        expectSameBytes(await build(reversed, AS_OF), await build(snapshot, AS_OF));
      }),
      { numRuns: 6, endOnFailure: true },
    );
  },
  PATIENCE,
);

test(
  "the records above reach every family, so the tests above can fail",
  async () => {
    const seen = new Set<string>();
    await fc.assert(
      fc.asyncProperty(fc.oneof(draws(within(0, AS_OF), 5), draws(within(0, AS_OF), 80, 40)), async (past) => {
        const table = await build(merge(frame, rowsOf(past)), AS_OF);
        for (const column of table.matrix.columns)
          if (column.values.some((value) => !Number.isNaN(value))) seen.add(column.name);
      }),
      { numRuns: 10, endOnFailure: true },
    );
    const names = featureCatalog.families.flatMap((family) => family.features.map((feature) => feature.name));
    expect(names.filter((name) => !seen.has(name))).toEqual([]);
  },
  PATIENCE,
);
