import { decide } from "../../../records/consent/decide.ts";
import { provisionsFor } from "../../../records/consent/provisions.ts";
import type { TenantTransaction } from "../../../records/database.ts";
import { canonicalPersons } from "../../../records/identity/links.ts";

/** Something that has been tried with a learner. */
export interface Tried {
  readonly intervention: string;
  readonly name: string;
  /** Times the learner got it; times she was expected and missed. */
  readonly given: number;
  readonly missed: number;
  /** Minutes got, where they are recorded. */
  readonly minutes: number | null;
  /** The last time she got it; null: not yet. */
  readonly lastOn: string | null;
  /** She is to get it now. */
  readonly isOpen: boolean;
}

interface TriedRow extends Tried {
  readonly personId: string;
}

/**
 * What has been tried with these learners in the year before a day, by the id that stands for each; the newest first. A learner whose
 * family keeps supports from early warning is left out.
 * @param personIds - the ids that stand for the learners
 * @param on - a calendar day: what came after is left out, what is open is open on it
 */
export async function triedWith(
  tx: TenantTransaction,
  personIds: readonly string[],
  on: string,
): Promise<Map<string, Tried[]>> {
  const asked = new Set(personIds);
  for (const [personId, { provisions, majorityOn }] of await provisionsFor(tx, "early-warning")) {
    const request = {
      purpose: "early-warning",
      dataClass: "supports",
      actor: "the school",
      party: "the school",
      on,
    } as const;
    if (!decide(provisions, { ...request, majorityOn }).allowed) asked.delete(personId);
  }
  const members = new Map([...asked].map((id) => [id, id]));
  for (const [id, learner] of await canonicalPersons(tx)) if (asked.has(learner)) members.set(id, learner);
  const rows = await tx.sql<TriedRow[]>`
    with member as (
      select * from unnest(${[...members.keys()]}::text[], ${[...members.values()]}::text[]) m(person_id, learner)
    ), got as (
      select m.learner, d.intervention, count(*) filter (where coalesce(d.attended, true)) as given,
        count(*) filter (where not d.attended) as missed, sum(d.minutes) filter (where coalesce(d.attended, true)) as minutes,
        max(d.on_date) filter (where coalesce(d.attended, true)) as last_on
      from (
        select distinct on (record_key) * from dose where person_id = any(${[...members.keys()]})
        order by record_key, known_on desc, version_id desc
      ) d join member m using (person_id)
      where d.retracted_at is null and d.on_date <= ${on}::date and d.on_date > ${on}::date - 366 group by 1, 2
    ), planned as (
      select distinct m.learner, a.intervention from (
        select distinct on (record_key) * from intervention_assignment where person_id = any(${[...members.keys()]})
        order by record_key, known_on desc, version_id desc
      ) a join member m using (person_id)
      where a.retracted_at is null and a.begins_on <= ${on} and (a.ends_on is null or a.ends_on >= ${on})
    ), named as (
      select distinct on (intervention) intervention, name from intervention
      order by intervention, known_on desc, version_id desc
    )
    select learner as "personId", intervention, coalesce(n.name, intervention) as name, coalesce(g.given, 0)::int as given,
      coalesce(g.missed, 0)::int as missed, g.minutes, g.last_on::text as "lastOn", p.learner is not null as "isOpen"
    from got g full join planned p using (learner, intervention) left join named n using (intervention)
    order by learner, g.last_on desc nulls first, intervention`;
  const tried = new Map<string, Tried[]>();
  for (const { personId, ...own } of rows) tried.set(personId, [...(tried.get(personId) ?? []), own]);
  return tried;
}
