import type { TenantTransaction } from "../../records/database.ts";
import type { RecordRow, RecordTables } from "../../records/disclosure/record-document.ts";
import type { Facts, GoalFact } from "./facts.ts";
import { instructionalDays, interventionNames, waysOfWorking, workDue } from "./names.ts";
import { profileOfRecord } from "./profile.ts";
import { later, marksOf, rowsOf, standardsOf, testsOf, textOf, workOf } from "./school-facts.ts";
import type { Standing } from "./standing.ts";

const DAY_MILLISECONDS = 86_400_000;
/** How far ahead work is told: what a family can still do something about. */
const DAYS_AHEAD = 14;
/** A year of school begins at most this long ago where no enrolment says when. */
const YEAR_DAYS = 365;

/**
 * Reads the facts of one learner out of the record a reader was given: what is not in it is not known to her.
 * @param on - today, as `YYYY-MM-DD`
 */
export async function collectFacts(
  tx: TenantTransaction,
  tables: RecordTables,
  { on, standing }: { on: string; standing: Standing },
): Promise<Facts> {
  const enrolments = rowsOf(tables, "enrolment").filter(({ starts_on: starts }) => String(starts) <= on);
  const enrolment = newestFirst(enrolments, "starts_on")[0];
  const since = textOf(enrolment?.starts_on) ?? dayBefore(on, YEAR_DAYS);
  const enteredOn = textOf(enrolment?.entered_on);
  const orgKey = textOf(enrolment?.org_key);
  const from = later(since, enteredOn)!;
  const days = orgKey === null ? null : await instructionalDays(tx, orgKey, { from, to: on });
  const sections = rowsOf(tables, "section_enrolment").filter(
    ({ role, exited_on: exited }) => role === "student" && (exited === null || String(exited) >= on),
  );
  const practice = [...rowsOf(tables, "item_response"), ...rowsOf(tables, "activity_event")];
  const likings = likingsOf(tables);
  return {
    on,
    enrolment: enrolment === undefined ? null : { grade: textOf(enrolment.grade), startsOn: since, enteredOn },
    attendance: { ...attendanceOf(tables, { since: from, on }), days },
    marks: await marksOf(tx, tables, since),
    transcript: transcriptOf(tables),
    work: await workOf(tx, tables, { since, on }),
    upcoming: await workDue(
      tx,
      sections.map(({ section_key: key }) => key),
      { after: on, by: dayBefore(on, -DAYS_AHEAD) },
    ),
    standards: await standardsOf(tx, tables),
    tests: await testsOf(tx, tables),
    goals: goalsOf(tables),
    milestones: rowsOf(tables, "readiness_milestone").map((row) => ({
      milestone: String(row.milestone),
      pathway: String(row.pathway),
      status: textOf(row.status) ?? "open",
      on: textOf(row.on_date),
    })),
    preferences: likings.map((row) => ({
      kind: String(row.kind),
      value: String(row.value),
      strength: row.strength === null ? null : Number(row.strength),
      by: textOf(row.said_by),
      on: String(row.on_date),
    })),
    notes: newestFirst(rowsOf(tables, "narrative"), "on_date").map((row) => ({
      kind: row.kind as "asset" | "challenge" | "comment",
      text: String(row.text),
      by: textOf(row.author_role),
      subject: textOf(row.subject),
      on: String(row.on_date),
    })),
    supports: rowsOf(tables, "support")
      .filter(({ begins_on: begins, ends_on: ends }) => String(begins) <= on && (ends === null || String(ends) >= on))
      .map((row) => ({
        kind: String(row.kind),
        accommodations: (row.accommodations as string[] | null) ?? [],
        on: String(row.begins_on),
      })),
    interventions: await interventionsOf(tx, tables, { since, on }),
    achievements: achievementsOf(tables),
    incidents: incidentsOf(tables, since),
    profile: profileOfRecord({
      answers: rowsOf(tables, "item_response"),
      events: rowsOf(tables, "activity_event"),
      likings,
      ways: await waysOfWorking(tx, [...new Set(practice.map(({ item, activity }) => String(item ?? activity)))]),
    }),
    practisedOn: practice
      .map(({ answered_at: answered, at }) => String(answered ?? at).slice(0, 10))
      .reduce<string | null>(later, null),
    ...standing,
  };
}

const dayBefore = (day: string, days: number): string =>
  new Date(Date.parse(day) - days * DAY_MILLISECONDS).toISOString().slice(0, 10);

function newestFirst(rows: readonly RecordRow[], column: string): RecordRow[] {
  return [...rows].sort((a, b) => (String(a[column]) < String(b[column]) ? 1 : -1));
}

/** Each day counts once; absences from single classes say nothing of the day. */
function attendanceOf(tables: RecordTables, { since, on }: { since: string; on: string }) {
  const events = rowsOf(tables, "attendance_event").filter(
    ({ scope, on_date: day }) => scope !== "section" && String(day) >= since && String(day) <= on,
  );
  const daysWhere = (test: (row: RecordRow) => boolean): number =>
    new Set(events.filter(test).map(({ on_date: day }) => day)).size;
  return {
    absent: daysWhere(({ category }) => category === "absent"),
    unexcused: daysWhere(({ category, excused }) => category === "absent" && excused === false),
    tardy: daysWhere(({ category }) => category === "tardy"),
    on: events.map(({ on_date: day }) => String(day)).reduce<string | null>(later, null),
    records: events.length,
  };
}

function transcriptOf(tables: RecordTables): Facts["transcript"] {
  const [row] = newestFirst(rowsOf(tables, "academic_summary"), "on_date");
  if (row === undefined) return null;
  const average = row.cumulative_grade_point_average ?? row.grade_point_average;
  const credits = row.cumulative_credits_earned ?? row.credits_earned;
  return {
    gradePointAverage: typeof average === "number" ? average : null,
    credits: typeof credits === "number" ? credits : null,
    on: textOf(row.on_date),
  };
}

function goalsOf(tables: RecordTables): GoalFact[] {
  const steps = rowsOf(tables, "goal_step").filter(
    ({ status, done_on: done }) => done === null && status !== "dropped",
  );
  return newestFirst(rowsOf(tables, "goal"), "set_on").map((row) => {
    const open = steps
      .filter(({ goal }) => goal === row.goal)
      .sort((a, b) => Number(a.position ?? 0) - Number(b.position ?? 0));
    const isAchieved = row.achieved_on !== null || row.status === "achieved";
    return {
      title: String(row.title),
      status: isAchieved ? "achieved" : row.status === "dropped" ? "dropped" : "open",
      dueOn: textOf(row.due_on),
      nextStep: textOf(open[0]?.title),
      setOn: String(row.set_on),
    };
  });
}

/** What was said last of each thing a learner may like. */
function likingsOf(tables: RecordTables): RecordRow[] {
  const newest = new Map<string, RecordRow>();
  for (const row of newestFirst(rowsOf(tables, "preference"), "on_date").reverse())
    newest.set(`${row.kind} ${String(row.value).toLowerCase()}`, row);
  return [...newest.values()];
}

async function interventionsOf(
  tx: TenantTransaction,
  tables: RecordTables,
  { since, on }: { since: string; on: string },
): Promise<Facts["interventions"]> {
  const doses = rowsOf(tables, "dose").filter(({ on_date: day }) => String(day) >= since);
  const open = rowsOf(tables, "intervention_assignment").filter(
    ({ ends_on: ends }) => ends === null || String(ends) >= on,
  );
  const ids = [...new Set([...open, ...doses].map(({ intervention }) => String(intervention)))].sort();
  const names = await interventionNames(tx, ids);
  return ids.map((id) => {
    const own = doses.filter(({ intervention }) => intervention === id);
    const given = own.filter(({ attended }) => attended !== false);
    return {
      name: names.get(id) ?? id,
      given: given.length,
      missed: own.length - given.length,
      lastOn: given.map(({ on_date: day }) => String(day)).reduce<string | null>(later, null),
      isOpen: open.some(({ intervention }) => intervention === id),
    };
  });
}

function achievementsOf(tables: RecordTables): Facts["achievements"] {
  const of = (source: string, day: string): Facts["achievements"] =>
    rowsOf(tables, source).flatMap((row) => {
      const title = textOf(row.title);
      return title === null ? [] : [{ title, on: textOf(row[day]), source }];
    });
  return [...of("credential", "issued_on"), ...of("achievement", "on_date"), ...of("personal_best", "on_date")].sort(
    (a, b) => ((a.on ?? "") < (b.on ?? "") ? 1 : -1),
  );
}

function incidentsOf(tables: RecordTables, since: string): Facts["incidents"] {
  const own = rowsOf(tables, "behavior_incident").filter(
    ({ participation, on_date: day }) => participation === "perpetrator" && String(day) >= since,
  );
  return {
    count: own.length,
    on: own.map(({ on_date: day }) => String(day)).reduce<string | null>(later, null),
  };
}
