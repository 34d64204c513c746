import fc from "fast-check";
import { expect, test } from "vitest";
import { buildFeatures, type FeatureTable } from "../../src/features/build.ts";
import { selectCohort } from "../../src/features/cohort.ts";
import { type MissingReason, missingReasons, shareKnown } from "../../src/features/missing.ts";
import { buildPanel, buildPanelPieces } from "../../src/features/panel.ts";
import { attachRows, day, type Row, type Snapshot } from "./snapshot-in-memory.ts";

const enrolled = (person: string, more: Row = {}): Row => ({
  learner: `${person}@this`,
  person,
  period: "this",
  school: "north",
  peer_group: "north/7",
  starts_on: day(0),
  entered_on: day(0),
  known_on: day(0),
  ...more,
});

async function build(snapshot: Snapshot, asOf: number, families: readonly string[]): Promise<FeatureTable> {
  const connection = await attachRows(snapshot);
  const cohort = await selectCohort(connection, { asOf: { this: asOf } });
  return buildFeatures(connection, cohort, { families, detail: true });
}

const columnOf = (table: FeatureTable, name: string): number =>
  table.matrix.columns.findIndex((column) => column.name === name);
const cell = (table: FeatureTable, learner: string, name: string): number =>
  table.matrix.columns[columnOf(table, name)]!.values[table.learner.indexOf(`${learner}@this`)]!;
const reason = (table: FeatureTable, learner: string, name: string): MissingReason =>
  missingReasons[table.reasons![columnOf(table, name)]![table.learner.indexOf(`${learner}@this`)]!]!;

const schoolDays = Array.from({ length: 150 }, (_, on) => on).filter((on) => on % 7 < 5);
const calendar = schoolDays.map((on) => ({ school: "north", on_date: day(on) }));

/** What the algebra must give, computed the slow way from the days absent. */
function expected(absent: readonly number[], asOf: number): Record<string, number> {
  const within = (days: readonly number[], from: number, to: number): number =>
    days.filter((on) => on > from && on <= to).length;
  const level = (after: number, to = asOf): number => within(absent, after, to);
  const rate = (after: number, to = asOf): number => {
    const days = within(schoolDays, after, to);
    return (
      (days -
        within(
          absent.filter((on) => schoolDays.includes(on)),
          after,
          to,
        )) /
      days
    );
  };
  const weeks = Math.min(9, Math.floor((asOf + 1) / 7));
  const totals = Array.from({ length: weeks }, (_, back) => within(absent, asOf - 7 * (back + 1), asOf - 7 * back));
  const middle = (weeks - 1) / 2;
  const spread = totals.reduce((sum, _, back) => sum + (back - middle) ** 2, 0);
  return {
    absences: level(-1),
    absences_7_days: level(asOf - 7),
    absences_14_days: level(asOf - 14),
    absences_28_days: level(asOf - 28),
    absences_63_days: level(asOf - 63),
    absences_term: level(39),
    absences_trend: totals.reduce((sum, total, back) => sum - ((back - middle) * total) / spread, 0),
    attendance_rate: rate(-1),
    attendance_rate_28_days: rate(asOf - 28),
    attendance_rate_change: rate(asOf - 28) - rate(-1, asOf - 28),
  };
}

test("windows, change and trend of attendance are what a slow count of days gives", async () => {
  const days = fc.uniqueArray(fc.integer({ min: 0, max: 149 }), { minLength: 1, maxLength: 40 });
  await fc.assert(
    fc.asyncProperty(days, fc.integer({ min: 60, max: 149 }), async (absent, asOf) => {
      const table = await build(
        {
          enrolment: [enrolled("ann")],
          calendar,
          term: [{ school: "north", starts_on: day(40), ends_on: day(160) }],
          // known at once; one more row of another learner lets the source speak from the first day
          attendance: [
            ...absent.map((on) => ({ learner: "ann@this", on_date: day(on), category: "absent", known_on: day(on) })),
            { learner: "ann@this", on_date: day(0), category: "tardy", known_on: day(0) },
          ],
        },
        asOf,
        ["attendance"],
      );
      for (const [name, value] of Object.entries(expected(absent, asOf)))
        expect(cell(table, "ann", name), name).toBeCloseTo(value, 10);
    }),
    { numRuns: 25, endOnFailure: true },
  );
});

test("a mean's trend is least squares over weeks, each weighed by its pieces", async () => {
  const scores: [due: number, score: number][] = [
    [20, 90],
    [33, 70],
    [34, 80],
    [47, 65],
    [59, 40],
  ];
  const table = await build(
    {
      enrolment: [enrolled("ann")],
      section: [{ learner: "ann@this", section: "m", course: "c", subject: "math", known_on: day(0) }],
      assignment: scores.map(([due]) => ({
        assignment: `w${due}`,
        section: "m",
        kind: "assignment",
        due_on: day(due),
        known_on: day(0),
      })),
      result: scores.map(([due, score]) => ({
        assignment: `w${due}`,
        learner: "ann@this",
        submitted_on: day(due),
        score,
        known_on: day(due),
      })),
    },
    60,
    ["work-habits"],
  );
  const points = scores.map(([due, score]) => ({ x: -Math.floor((60 - due) / 7), y: score }));
  const mean = (values: number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [x, y] = [mean(points.map((point) => point.x)), mean(points.map((point) => point.y))];
  const slope =
    points.reduce((sum, point) => sum + (point.x - x) * (point.y - y), 0) /
    points.reduce((sum, point) => sum + (point.x - x) ** 2, 0);
  expect(cell(table, "ann", "score_mean_trend")).toBeCloseTo(slope, 10);
  expect(cell(table, "ann", "score_mean_28_days")).toBeCloseTo((70 + 80 + 65 + 40) / 4, 10);
  expect(cell(table, "ann", "work_missed_share_28_days")).toBe(0);
});

test("a missing cell says why: silent source, nothing yet, not enrolled, no consent", async () => {
  const table = await build(
    {
      enrolment: [
        enrolled("ann"),
        enrolled("bob", { entered_on: day(50), known_on: day(50) }),
        enrolled("cyn", { school: "south", peer_group: "south/7" }),
        enrolled("dan"),
      ],
      calendar: [...calendar, ...calendar.map((row) => ({ ...row, school: "south" }))],
      attendance: [{ learner: "ann@this", on_date: day(10), category: "absent", known_on: day(10) }],
      response: [{ learner: "ann@this", item: "i", at: `${day(9)} 10:00:00`, correct: 1, known_on: day(9) }],
      withheld: [{ learner: "dan@this", table_name: "response" }],
    },
    60,
    ["attendance", "engagement", "history"],
  );
  expect(reason(table, "ann", "attendance_rate")).toBe("known");
  expect(reason(table, "cyn", "attendance_rate")).toBe("source silent");
  expect(reason(table, "bob", "attendance_rate_change")).toBe("not enrolled");
  expect(reason(table, "bob", "correct_rate")).toBe("no data yet");
  expect(reason(table, "dan", "correct_rate")).toBe("no consent");
  expect(reason(table, "ann", "prior_absences")).toBe("not enrolled");
  const known = shareKnown(table.matrix);
  expect(known[table.learner.indexOf("ann@this")]).toBeGreaterThan(known[table.learner.indexOf("cyn@this")]!);
});

test("a learner who is new here is described by what came along", async () => {
  const table = await build(
    {
      enrolment: [enrolled("new", { entered_on: day(55), known_on: day(55) })],
      course_grade: [
        { person: "new", subject: "math", kind: "final", score: 55, on_date: day(-80), known_on: day(55) },
        { person: "new", subject: "english", kind: "final", score: 85, on_date: day(-80), known_on: day(55) },
        { person: "new", subject: "math", kind: "final", score: 0, on_date: day(-80), known_on: day(61) },
      ],
      academic_summary: [
        { person: "new", grade_point_average: 2.5, credits_earned: 12, on_date: day(-70), known_on: day(55) },
      ],
      assessment_result: [
        { person: "new", subject: "math", percentile: 40, validity: "valid", on_date: day(-100), known_on: day(55) },
        { person: "new", subject: "math", percentile: 3, validity: "rushed", on_date: day(-90), known_on: day(55) },
      ],
    },
    60,
    ["transcript", "transfers"],
  );
  expect(cell(table, "new", "courses_failed")).toBe(1);
  expect(cell(table, "new", "final_mark_mean")).toBe(70);
  expect(cell(table, "new", "grade_point_average")).toBe(2.5);
  expect(cell(table, "new", "mathematics_percentile")).toBe(40);
  expect(cell(table, "new", "rushed_test_share")).toBe(0.5);
  expect(cell(table, "new", "entered_mid_year")).toBe(1);
});

test("a panel takes dates and days of the period, and refuses what lies before every period", async () => {
  const connection = await attachRows({ enrolment: [enrolled("ann"), enrolled("bob", { entered_on: day(30) })] });
  const table = await buildPanel({ snapshot: connection, asOf: [day(20), 40], families: ["registration"] });
  expect(table.learner.map((learner, row) => [learner, table.asOf[row]])).toEqual([
    ["ann@this", day(20)],
    ["ann@this", day(40)],
    ["bob@this", day(40)],
  ]);
  await expect(buildPanel({ snapshot: connection, asOf: [day(-1)] })).rejects.toMatchObject({ code: "BAD_INPUT" });
});

test("a panel in pieces has the rows of the whole panel, ranks and reasons included", async () => {
  const people = ["ann", "bob", "cyn", "dan"].map((who, index) => enrolled(who, { entered_on: day(10 * index) }));
  const connection = await attachRows({
    enrolment: people,
    behavior: people.map(({ learner }, index) => ({
      learner: String(learner),
      on_date: day(12 + 9 * index),
      severity: "conduct",
      action: "detention",
      known_on: day(12 + 9 * index),
    })),
  });
  const options = { snapshot: connection, asOf: [14, 21, 28, 35, 42], families: ["registration", "behavior", "peers"] };
  const rowsOf = (table: FeatureTable): [string, unknown][] =>
    table.learner.map((learner, row) => [
      `${table.asOf[row]} ${learner}`,
      [...table.matrix.columns.map(({ values }) => values[row]), ...(table.reasons ?? []).map((codes) => codes[row])],
    ]);
  const whole = new Map(rowsOf(await buildPanel(options)));
  for (const daysAtOnce of [1, 2, 9]) {
    const shares: number[] = [];
    const onProgress = (share: number): number => shares.push(share);
    const pieces: [string, unknown][] = [];
    for await (const piece of buildPanelPieces({ ...options, daysAtOnce, onProgress })) pieces.push(...rowsOf(piece));
    expect(pieces.length).toBe(whole.size);
    expect(new Map(pieces)).toEqual(whole);
    expect(shares).toHaveLength(Math.ceil(5 / daysAtOnce));
    expect(shares.at(-1)).toBe(1);
  }
  const refused = [{ asOf: [14, day(20)] }, { daysAtOnce: 0 }, { asOf: [day(40), day(-1)], daysAtOnce: 1 }];
  for (const wrong of refused) {
    await expect(buildPanelPieces({ ...options, ...wrong }).next()).rejects.toMatchObject({ code: "BAD_INPUT" });
  }
});
