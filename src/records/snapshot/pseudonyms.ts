import type { TenantTransaction } from "../database.ts";
import type { SnapshotPurpose } from "./purposes.ts";

/** The human being behind a pseudonym, for those who may see a name. */
export interface ResolvedPerson {
  readonly personId: string;
  readonly givenName: string | null;
  readonly familyName: string | null;
  /** The district's own number, else the school's, else the state's. */
  readonly districtNumber: string | null;
  readonly school: string | null;
  readonly grade: string | null;
}

/**
 * The people behind pseudonyms. Only the engine's answers to people come back through here; nothing of it may reach a log, a
 * job or an artifact.
 */
export async function resolvePseudonyms(
  tx: TenantTransaction,
  purpose: SnapshotPurpose,
  pseudonyms: readonly string[],
): Promise<Map<string, ResolvedPerson>> {
  const rows = await tx.sql<(ResolvedPerson & { code: string })[]>`
    with asked as (
      select code, person_id from pseudonym where purpose = ${purpose} and code = any(${[...pseudonyms]})
    ), newest_person as (
      select distinct on (p.person_id) p.person_id, p.given_name, p.preferred_given_name, p.family_name, p.preferred_family_name
      from person p join asked using (person_id) order by p.person_id, p.known_on desc, p.version_id desc
    ), number as (
      select distinct on (i.person_id) i.person_id, i.value
      from identifier i join asked using (person_id) where i.system in ('district', 'local', 'state')
      order by i.person_id, array_position(array['district', 'local', 'state'], i.system), i.known_on desc, i.version_id desc
    ), newest_enrolment as (
      select distinct on (e.person_id) e.person_id, e.org_key, e.grade
      from enrolment e join asked using (person_id) order by e.person_id, e.starts_on desc, e.known_on desc, e.version_id desc
    ), school as (
      select distinct on (record_key) record_key, name from org order by record_key, known_on desc, version_id desc
    )
    select a.code, a.person_id as "personId", coalesce(p.preferred_given_name, p.given_name) as "givenName",
      coalesce(p.preferred_family_name, p.family_name) as "familyName", n.value as "districtNumber", s.name as school, e.grade
    from asked a
    left join newest_person p using (person_id) left join number n using (person_id)
    left join newest_enrolment e using (person_id) left join school s on s.record_key = e.org_key`;
  return new Map(rows.map(({ code, ...person }) => [code, person]));
}

/** The pseudonym of the learner with this district number; undefined when there is none (or two: then nobody is meant). */
export async function findPseudonym(
  tx: TenantTransaction,
  purpose: SnapshotPurpose,
  districtNumber: string,
): Promise<string | undefined> {
  const rows = await tx.sql<{ code: string }[]>`
    select distinct p.code from pseudonym p join identifier i using (person_id)
    where p.purpose = ${purpose} and i.system in ('district', 'local', 'state') and i.value = ${districtNumber} limit 2`;
  return rows.length === 1 ? rows[0]!.code : undefined;
}
