import type { TenantTransaction } from "../../records/database.ts";

/** A section or a piece of work as people call it. */
export interface CourseName {
  readonly course: string;
  readonly subject: string | null;
}

/** A piece of work. */
export interface WorkName extends CourseName {
  readonly title: string;
  readonly isMark: boolean;
  readonly dueOn: string | null;
  readonly maximum: number | null;
}

/** The newest versions of records of a table, less those taken back, by a column. */
const newest = (tx: TenantTransaction, table: string, column: string, values: readonly unknown[]) => tx.sql`
  (select * from (
    select distinct on (record_key) * from ${tx.sql(table)} where ${tx.sql(column)} = any(${values.map(String)})
    order by record_key, known_on desc, version_id desc
  ) versions where retracted_at is null)`;

/** The sections with these keys, by key. */
export async function sectionNames(
  tx: TenantTransaction,
  keys: readonly unknown[],
): Promise<ReadonlyMap<string, CourseName>> {
  const rows = await tx.sql<(CourseName & { key: string })[]>`
    select s.record_key as key, coalesce(c.title, s.title, 'a course without a name') as course,
      (coalesce(nullif(s.subjects, '{}'), c.subjects))[1] as subject
    from ${newest(tx, "section", "record_key", keys)} s left join lateral (
      select title, subjects from course where record_key = s.course_key order by known_on desc, version_id desc limit 1
    ) c on true`;
  return new Map(rows.map(({ key, ...name }) => [key, name]));
}

/** The titles of courses with these keys, by key. */
export async function courseTitles(
  tx: TenantTransaction,
  keys: readonly unknown[],
): Promise<ReadonlyMap<string, string | null>> {
  const rows = await tx.sql<{ key: string; title: string | null }[]>`
    select record_key as key, title from ${newest(tx, "course", "record_key", keys)} c`;
  return new Map(rows.map(({ key, title }) => [key, title]));
}

/** The pieces of work with these keys, by key. */
export async function workNames(
  tx: TenantTransaction,
  keys: readonly unknown[],
): Promise<ReadonlyMap<string, WorkName>> {
  const rows = await tx.sql<
    { key: string; title: string | null; kind: string; dueOn: string | null; maximum: number | null; section: string }[]
  >`
    select record_key as key, title, kind, due_on::text as "dueOn", score_maximum as maximum, section_key as section
    from ${newest(tx, "assignment", "record_key", keys)} a`;
  const sections = await sectionNames(tx, [...new Set(rows.map(({ section }) => section))]);
  return new Map(
    rows.map(({ key, title, kind, dueOn, maximum, section }) => [
      key,
      {
        title: title ?? "a piece of work",
        isMark: kind === "final-mark",
        dueOn,
        maximum,
        course: sections.get(section)?.course ?? "a course without a name",
        subject: sections.get(section)?.subject ?? null,
      },
    ]),
  );
}

/** Work of sections that is due after a day and by another, the next first. */
export async function workDue(
  tx: TenantTransaction,
  sectionKeys: readonly unknown[],
  { after, by }: { after: string; by: string },
): Promise<{ readonly title: string; readonly course: string; readonly dueOn: string }[]> {
  const rows = await tx.sql<{ title: string | null; section: string; dueOn: string }[]>`
    select title, section_key as section, due_on::text as "dueOn" from ${newest(tx, "assignment", "section_key", sectionKeys)} a
    where kind <> 'final-mark' and due_on > ${after} and due_on <= ${by} order by due_on, record_key`;
  const sections = await sectionNames(tx, sectionKeys);
  return rows.map(({ title, section, dueOn }) => ({
    title: title ?? "a piece of work",
    course: sections.get(section)?.course ?? "a course without a name",
    dueOn,
  }));
}

/** Tests with these keys that are no screeners of feelings, by key. */
export async function testTitles(
  tx: TenantTransaction,
  keys: readonly unknown[],
): Promise<ReadonlyMap<string, string>> {
  const rows = await tx.sql<{ key: string; title: string }[]>`
    select record_key as key, coalesce(title, family, 'a test') as title
    from ${newest(tx, "assessment", "record_key", keys)} t where not sensitive`;
  return new Map(rows.map(({ key, title }) => [key, title]));
}

/** The names of interventions, by their own id. */
export async function interventionNames(
  tx: TenantTransaction,
  ids: readonly unknown[],
): Promise<ReadonlyMap<string, string>> {
  const rows = await tx.sql<{ intervention: string; name: string }[]>`
    select intervention, name from ${newest(tx, "intervention", "intervention", ids)} i`;
  return new Map(rows.map(({ intervention, name }) => [intervention, name]));
}

/** How activities and items of the library are worked on, by their own id. */
export async function waysOfWorking(
  tx: TenantTransaction,
  ids: readonly unknown[],
): Promise<ReadonlyMap<string, { readonly modality: string | null; readonly setting: string | null }>> {
  const rows = await tx.sql<{ activity: string; modality: string | null; setting: string | null }[]>`
    select activity, lower(modality) as modality, lower(setting) as setting
    from ${newest(tx, "activity", "activity", ids)} a`;
  return new Map(rows.map(({ activity, ...way }) => [activity, way]));
}

/** The instructional days of a school between two days, both counted; null where it has no calendar. */
export async function instructionalDays(
  tx: TenantTransaction,
  orgKey: string,
  { from, to }: { from: string; to: string },
): Promise<number | null> {
  const [row] = await tx.sql<{ days: number; known: number }[]>`
    select count(distinct on_date) filter (where instructional and on_date between ${from} and ${to})::int as days, count(*)::int as known
    from ${newest(tx, "calendar_day", "org_key", [orgKey])} d`;
  return row === undefined || row.known === 0 ? null : row.days;
}
