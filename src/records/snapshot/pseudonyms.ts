import type { TenantTransaction } from "../database.ts";
import { canonicalPersons } from "../identity/links.ts";
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
 * The people behind pseudonyms; of a learner with several linked ids the newest name, number and school of any of them. Only the engine's answers to people come back through here; nothing of it may reach a log, a
 * job or an artifact.
 */
export async function resolvePseudonyms(
  tx: TenantTransaction,
  purpose: SnapshotPurpose,
  pseudonyms: readonly string[],
): Promise<Map<string, ResolvedPerson>> {
  const { members, learners } = await linkedIds(tx);
  const rows = await tx.sql<(ResolvedPerson & { code: string })[]>`
    with asked as (
      select code, person_id as learner from pseudonym where purpose = ${purpose} and code = any(${[...pseudonyms]})
    ), linked as (
      select * from unnest(${members}::text[], ${learners}::text[]) l(person_id, learner)
    ), member as (
      select learner, learner as person_id from asked
      union select linked.learner, linked.person_id from linked join asked using (learner)
    ), newest_person as (
      select distinct on (m.learner) m.learner, p.given_name, p.preferred_given_name, p.family_name, p.preferred_family_name
      from person p join member m using (person_id) order by m.learner, p.known_on desc, p.version_id desc
    ), number as (
      select distinct on (m.learner) m.learner, i.value
      from identifier i join member m using (person_id) where i.system in ('district', 'local', 'state')
      order by m.learner, array_position(array['district', 'local', 'state'], i.system), i.known_on desc, i.version_id desc
    ), newest_enrolment as (
      select distinct on (m.learner) m.learner, e.org_key, e.grade
      from enrolment e join member m using (person_id) order by m.learner, e.starts_on desc, e.known_on desc, e.version_id desc
    ), school as (
      select distinct on (record_key) record_key, name from org order by record_key, known_on desc, version_id desc
    )
    select a.code, a.learner as "personId", coalesce(p.preferred_given_name, p.given_name) as "givenName",
      coalesce(p.preferred_family_name, p.family_name) as "familyName", n.value as "districtNumber", s.name as school, e.grade
    from asked a
    left join newest_person p using (learner) left join number n using (learner)
    left join newest_enrolment e using (learner) left join school s on s.record_key = e.org_key`;
  return new Map(rows.map(({ code, ...person }) => [code, person]));
}

/** The pseudonym of the learner with this district number; undefined when there is none (or two: then nobody is meant). */
export async function findPseudonym(
  tx: TenantTransaction,
  purpose: SnapshotPurpose,
  districtNumber: string,
): Promise<string | undefined> {
  const { members, learners } = await linkedIds(tx);
  const rows = await tx.sql<{ code: string }[]>`
    with linked as (
      select * from unnest(${members}::text[], ${learners}::text[]) l(person_id, learner)
    ), named as (
      select coalesce(l.learner, i.person_id) as learner from identifier i left join linked l using (person_id)
      where i.system in ('district', 'local', 'state') and i.value = ${districtNumber}
    )
    select distinct p.code from pseudonym p join named on named.learner = p.person_id
    where p.purpose = ${purpose} limit 2`;
  return rows.length === 1 ? rows[0]!.code : undefined;
}

/** The linked ids, and beside each the id that stands for the learner. */
async function linkedIds(tx: TenantTransaction): Promise<{ members: string[]; learners: string[] }> {
  const canonical = await canonicalPersons(tx);
  return { members: [...canonical.keys()], learners: [...canonical.values()] };
}
