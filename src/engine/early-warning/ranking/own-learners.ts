import type { TenantTransaction } from "../../../records/database.ts";
import { canonicalPersons } from "../../../records/identity/links.ts";
import type { ResolvedPerson } from "../../../records/snapshot/pseudonyms.ts";
import { caseloadRule, isOfCaseload } from "./caseload.ts";

type Standing = Pick<ResolvedPerson, "personId" | "school" | "grade" | "familyName">;

/**
 * Those of some learners who are of a counselor's caseload now, by the name, school and grade that the rankings go by. Her rule is
 * looked up before anybody else is, so that her answer is the same whether a learner is another's or nobody's.
 * @param counselor - a person of the record
 * @param among - ids that stand for learners (of linked ones the one that does)
 * @returns ids of `among`, in no order
 * @throws CairnError `NOT_FOUND` when she has no caseload
 */
export async function learnersOfCounselor(
  tx: TenantTransaction,
  counselor: string,
  among: readonly string[],
): Promise<string[]> {
  const rule = await caseloadRule(tx, counselor);
  if (among.length === 0) return [];
  const learners = await standingsOf(tx, among);
  return learners.filter((learner) => isOfCaseload(rule, learner)).map(({ personId }) => personId);
}

/** As the snapshot's resolver has it, for learners with and without a pseudonym: who takes part in no ranking is still somebody's. */
async function standingsOf(tx: TenantTransaction, among: readonly string[]): Promise<Standing[]> {
  const canonical = await canonicalPersons(tx);
  return tx.sql<Standing[]>`
    with linked as (
      select * from unnest(${[...canonical.keys()]}::text[], ${[...canonical.values()]}::text[]) l(person_id, learner)
    ), member as (
      select learner, learner as person_id from unnest(${[...among]}::text[]) asked(learner)
      union select linked.learner, linked.person_id from linked where learner = any(${[...among]})
    ), newest_person as (
      select distinct on (m.learner) m.learner, coalesce(p.preferred_family_name, p.family_name) as family_name
      from person p join member m using (person_id) order by m.learner, p.known_on desc, p.version_id desc
    ), newest_enrolment as (
      select distinct on (m.learner) m.learner, e.org_key, e.grade
      from enrolment e join member m using (person_id) order by m.learner, e.starts_on desc, e.known_on desc, e.version_id desc
    ), school as (
      select distinct on (record_key) record_key, name from org order by record_key, known_on desc, version_id desc
    )
    select p.learner as "personId", p.family_name as "familyName", s.name as school, e.grade
    from newest_person p left join newest_enrolment e using (learner) left join school s on s.record_key = e.org_key`;
}
