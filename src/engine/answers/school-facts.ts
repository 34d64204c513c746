import { LEAST_EVIDENCE } from "../../features/families/standards.ts";
import { standardNames } from "../../records/alerts/caseload.ts";
import type { TenantTransaction } from "../../records/database.ts";
import type { RecordRow, RecordTables } from "../../records/disclosure/record-document.ts";
import type { Facts, MarkFact, StandardFact, WorkFact } from "./facts.ts";
import { courseTitles, sectionNames, testTitles, workNames } from "./names.ts";

/** A text of a row; null where there is none. */
export const textOf = (value: unknown): string | null =>
  value === null || value === undefined || value === "" ? null : String(value);

/** The later of two days; null is before every day. */
export const later = (one: string | null, other: string | null): string | null =>
  one === null || (other !== null && other > one) ? other : one;

/** The rows of a table, none where the reader sees none. */
export const rowsOf = (tables: RecordTables, name: string): readonly RecordRow[] => tables[name] ?? [];

/** The newest mark of each course since the year began, conduct left out. */
export async function marksOf(tx: TenantTransaction, tables: RecordTables, since: string): Promise<MarkFact[]> {
  const grades = rowsOf(tables, "course_grade")
    .filter(({ kind, on_date: on }) => kind !== "conduct" && String(on) >= since)
    .sort((a, b) => (String(a.on_date) < String(b.on_date) ? -1 : 1));
  const courses = await courseTitles(
    tx,
    grades.flatMap(({ course_key: key }) => textOf(key) ?? []),
  );
  const sections = await sectionNames(
    tx,
    grades.flatMap(({ section_key: key }) => textOf(key) ?? []),
  );
  const newest = new Map<string, MarkFact>();
  for (const row of grades) {
    const course =
      courses.get(String(row.course_key)) ?? sections.get(String(row.section_key))?.course ?? "a course without a name";
    const maximum = Number(row.numeric_maximum ?? 100);
    const score = row.numeric === null || maximum <= 0 ? null : (100 * Number(row.numeric)) / maximum;
    newest.set(course, { course, letter: textOf(row.letter), score, on: String(row.on_date) });
  }
  return [...newest.values()].sort((a, b) => (a.course < b.course ? -1 : 1));
}

/** Work due since the year began, by subject (by course where a subject is not known). */
export async function workOf(
  tx: TenantTransaction,
  tables: RecordTables,
  { since, on }: { since: string; on: string },
): Promise<WorkFact[]> {
  const results = rowsOf(tables, "result");
  const names = await workNames(
    tx,
    results.map(({ assignment_key: key }) => key),
  );
  const subjects = new Map<
    string,
    { pieces: number; marked: number; sum: number; missing: number; on: string | null }
  >();
  for (const row of results) {
    const work = names.get(String(row.assignment_key));
    if (work === undefined || work.isMark || work.dueOn === null || work.dueOn < since || work.dueOn > on) continue;
    if (row.status === "exempt") continue; // nobody waits for it
    const key = work.subject ?? work.course;
    const entry = subjects.get(key) ?? { pieces: 0, marked: 0, sum: 0, missing: 0, on: null };
    entry.pieces += 1;
    entry.missing += row.missing === true || row.status === "not submitted" ? 1 : 0;
    const maximum = work.maximum ?? 100;
    if (typeof row.score === "number" && maximum > 0) {
      entry.marked += 1;
      entry.sum += row.score / maximum;
    }
    entry.on = later(entry.on, work.dueOn);
    subjects.set(key, entry);
  }
  return [...subjects]
    .map(([subject, { pieces, marked, sum, missing, on: last }]) => ({
      subject,
      pieces,
      missing,
      mean: marked === 0 ? null : sum / marked,
      on: last,
    }))
    .sort((a, b) => (a.subject < b.subject ? -1 : 1));
}

/** How many of the latest pieces of evidence say where a learner stands now. */
const LATEST_PIECES = 10;

/** Every standard with enough evidence of any kind: marked work, what teachers saw, answers on a platform. */
export async function standardsOf(tx: TenantTransaction, tables: RecordTables): Promise<StandardFact[]> {
  const scoredOn = new Map(rowsOf(tables, "result").map((row) => [row.record_key, textOf(row.scored_on)]));
  const told = [
    ...rowsOf(tables, "standard_result").map((row) => ({ ...row, on: scoredOn.get(row.result_key) ?? null })),
    ...rowsOf(tables, "observation").map((row) => ({ ...row, on: textOf(row.on_date) })),
    ...rowsOf(tables, "item_response").map((row) => ({
      ...row,
      score: row.correct,
      on: textOf(row.answered_at)?.slice(0, 10) ?? null,
    })),
  ] as readonly (RecordRow & { readonly on: string | null })[];
  const byStandard = new Map<string, { score: number; on: string | null }[]>();
  for (const { standard, score, on } of told) {
    if (typeof standard !== "string" || typeof score !== "number" || score < 0 || score > 1) continue;
    byStandard.set(standard, [...(byStandard.get(standard) ?? []), { score, on }]);
  }
  const names = await standardNames(tx, [...byStandard.keys()]);
  return [...byStandard]
    .filter(([, pieces]) => pieces.length >= LEAST_EVIDENCE)
    .map(([standard, pieces]) => {
      const latest = pieces.sort((a, b) => ((a.on ?? "") < (b.on ?? "") ? 1 : -1)).slice(0, LATEST_PIECES);
      const score = latest.reduce((sum, piece) => sum + piece.score, 0) / latest.length;
      return { label: names.get(standard)?.label ?? standard, score, pieces: pieces.length, on: latest[0]!.on };
    })
    .sort((a, b) => b.score - a.score || (a.label < b.label ? -1 : 1));
}

/** The newest valid sitting of each test that gives a percentile. */
export async function testsOf(tx: TenantTransaction, tables: RecordTables): Promise<Facts["tests"]> {
  const rows = rowsOf(tables, "assessment_result")
    .filter(({ percentile, validity }) => typeof percentile === "number" && (validity ?? "valid") === "valid")
    .sort((a, b) => (String(a.on_date) < String(b.on_date) ? -1 : 1));
  const titles = await testTitles(
    tx,
    rows.map(({ assessment_key: key }) => key),
  );
  const newest = new Map<string, Facts["tests"][number]>();
  for (const row of rows) {
    const title = titles.get(String(row.assessment_key));
    if (title === undefined) continue;
    newest.set(title, { title, percentile: Number(row.percentile), on: String(row.on_date) });
  }
  return [...newest.values()];
}
