import type { TenantTransaction } from "../database.ts";

/** A section that is taught on a day. */
export interface TaughtSection {
  readonly sectionKey: string;
  readonly title: string | null;
  readonly subjects: readonly string[];
}

/**
 * The sections a person teaches on a day: her enrolment as a teacher is in force, and so is a term of the section, where its
 * terms are known.
 * @param ids - every id of the person
 */
export async function sectionsTaught(
  tx: TenantTransaction,
  ids: readonly string[],
  on: string,
): Promise<TaughtSection[]> {
  const rows = await tx.sql<{ sectionKey: string; title: string | null; subjects: string[] | null }[]>`
    select distinct s.record_key as "sectionKey", s.title, coalesce(s.subjects, c.subjects) as subjects
    from (${inForce(tx, tx.sql`person_id = any(${[...ids]})`, "teacher", on)}) e
    join lateral (
      select * from section where record_key = e.section_key order by known_on desc, version_id desc limit 1
    ) s on s.retracted_at is null
    left join lateral (
      select subjects from course where record_key = s.course_key order by known_on desc, version_id desc limit 1
    ) c on true
    where coalesce(cardinality(s.term_keys), 0) = 0 or not exists (select 1 from term where record_key = any(s.term_keys))
      or exists (
        select 1 from term t where t.record_key = any(s.term_keys)
          and (t.starts_on is null or t.starts_on <= ${on}) and (t.ends_on is null or t.ends_on >= ${on})
      )
    order by 1`;
  return rows.map((row) => ({ ...row, subjects: row.subjects ?? [] }));
}

/** A learner in a section. */
export interface SectionLearner {
  readonly personId: string;
  readonly sectionKey: string;
}

/** The learners of sections on a day. */
export function learnersIn(
  tx: TenantTransaction,
  sectionKeys: readonly string[],
  on: string,
): Promise<SectionLearner[]> {
  return tx.sql<SectionLearner[]>`
    select distinct e.person_id as "personId", e.section_key as "sectionKey"
    from (${inForce(tx, tx.sql`section_key = any(${[...sectionKeys]})`, "student", on)}) e order by 1, 2`;
}

/** The newest versions of the section enrolments that fulfil a condition, as far as they hold on a day. */
function inForce(tx: TenantTransaction, condition: ReturnType<TenantTransaction["sql"]>, role: string, on: string) {
  return tx.sql`
    select * from (
      select distinct on (record_key) * from section_enrolment
      where record_key in (select record_key from section_enrolment where ${condition})
      order by record_key, known_on desc, version_id desc
    ) newest where ${condition} and retracted_at is null and role = ${role}
      and (entered_on is null or entered_on <= ${on}) and (exited_on is null or exited_on >= ${on})`;
}

/** The learners of a school (by its name) on a day. */
export async function learnersOfSchool(tx: TenantTransaction, school: string, on: string): Promise<string[]> {
  const rows = await tx.sql<{ personId: string }[]>`
    select distinct e.person_id as "personId" from (
      select distinct on (record_key) * from enrolment order by record_key, known_on desc, version_id desc
    ) e join (
      select distinct on (record_key) * from org order by record_key, known_on desc, version_id desc
    ) o on o.record_key = e.org_key and o.name = ${school}
    where e.retracted_at is null and e.starts_on <= ${on} and (e.ends_on is null or e.ends_on >= ${on})
      and (e.entered_on is null or e.entered_on <= ${on}) and (e.exited_on is null or e.exited_on >= ${on}) order by 1`;
  return rows.map(({ personId }) => personId);
}

/** What people call a standard. */
export interface StandardName {
  readonly label: string | null;
  readonly subject: string | null;
}

/** The names of standards that are known. */
export async function standardNames(
  tx: TenantTransaction,
  standards: readonly string[],
): Promise<ReadonlyMap<string, StandardName>> {
  const rows = await tx.sql<(StandardName & { standard: string })[]>`
    select standard, coalesce(label, statement) as label, subject from (
      select distinct on (record_key) * from standard where standard = any(${[...standards]})
      order by record_key, known_on desc, version_id desc
    ) newest where retracted_at is null`;
  return new Map(rows.map(({ standard, ...name }) => [standard, name]));
}
