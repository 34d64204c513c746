import type { TenantTransaction } from "../database.ts";
import { canonicalPersons } from "./links.ts";

/** A person as an office knows her. The name is for the eyes of those who may see it, never for a log. */
export interface KnownPerson {
  readonly personId: string;
  /** The district's own number, else the school's, else the state's. */
  readonly number: string | null;
  readonly givenName: string | null;
  readonly familyName: string | null;
}

/**
 * The name and number of each of these persons, in their order: a system of record's before a contributed one, then the
 * newest. Who is not there is left out.
 */
export async function peopleByIds(tx: TenantTransaction, personIds: readonly string[]): Promise<KnownPerson[]> {
  const rows = await tx.sql<KnownPerson[]>`
    with number as (
      select distinct on (person_id) person_id, value from identifier
      where system in ('district', 'local', 'state') and person_id = any(${[...personIds]})
      order by person_id, class = 'certified' desc, array_position(array['district', 'local', 'state'], system),
        known_on desc, version_id desc
    ), newest as (
      select distinct on (person_id) person_id, coalesce(preferred_given_name, given_name) as given_name,
        coalesce(preferred_family_name, family_name) as family_name
      from person where person_id = any(${[...personIds]})
      order by person_id, class = 'certified' desc, known_on desc, version_id desc
    )
    select person_id as "personId", value as number, given_name as "givenName", family_name as "familyName"
    from newest left join number using (person_id)`;
  const byId = new Map(rows.map((row) => [row.personId, { ...row }]));
  return personIds.flatMap((id) => byId.get(id) ?? []);
}

/**
 * Who has a district's, school's or state's number, by the ids that stand for them. A contributed source is heard only where
 * no system of record has spoken, else anybody could make a number ambiguous. A number that was taken back still leads to who
 * had it until somebody else has it: learners who have left are asked for by the number they had.
 */
export async function holdersOf(tx: TenantTransaction, number: string): Promise<string[]> {
  const named = tx.sql<{ id: string }[]>`
    with newest as (
      select distinct on (record_key) * from identifier
      where record_key in (
        select record_key from identifier where system in ('district', 'local', 'state') and value = ${number}
      )
      order by record_key, known_on desc, version_id desc
    )
    select distinct person_id as id from (
      select person_id, rank() over (order by class = 'certified' desc, retracted_at is null desc) as place from newest
      where system in ('district', 'local', 'state') and value = ${number}
    ) ranked where place = 1 order by 1`;
  const [rows, canonical] = await Promise.all([named, canonicalPersons(tx)]);
  return [...new Set(rows.map(({ id }) => canonical.get(id) ?? id))];
}

/**
 * The person with a district's, school's or state's number; undefined when there is none, or two who are not one learner
 * (then nobody is meant).
 */
export async function personByNumber(tx: TenantTransaction, number: string): Promise<string | undefined> {
  const holders = await holdersOf(tx, number);
  return holders.length === 1 ? holders[0] : undefined;
}
