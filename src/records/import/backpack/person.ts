import { randomUUID } from "node:crypto";
import { ownKey } from "../../export/backpack/names.ts";
import type { ImportSession } from "../core/session.ts";
import type { SentRow } from "./read.ts";

/** Who the learner of a Backpack is here. */
export interface ResolvedPerson {
  readonly personId: string;
  /**
   * `known`: she came from there before, or from here; `matched`: the state's number and a name agree; `new`: a new person,
   * whom the registrar may link to another by hand.
   */
  readonly how: "known" | "matched" | "new";
  /**
   * The state's number is here already, with somebody whose name or birth date is another: one of the two records is wrong, and
   * until the registrar has looked, the number stays with the one who was here.
   */
  readonly contested: boolean;
}

/** What the search for a person goes by. */
export interface PersonClues {
  /** This district's DID. */
  readonly district: string;
  readonly trusted: boolean;
  readonly persons: readonly SentRow[];
  readonly identifiers: readonly SentRow[];
  readonly demographics: readonly SentRow[];
}

/**
 * Finds the learner: by the record of her that is here, else by the state's number where a name agrees and no birth date
 * speaks against it. A number of a district says nothing in another. Whoever is not trusted finds nobody: a made-up Backpack
 * must not reach a real child's record by naming its number.
 */
export async function resolvePerson(session: ImportSession, clues: PersonClues): Promise<ResolvedPerson> {
  const { sql } = session.tx;
  const keys = clues.persons.map((row) => row.record_key);
  const own = keys.flatMap((key) => ownKey(clues.district, key) ?? []);
  const standing = clues.trusted ? "certified" : "contributed";
  const [known] = await sql<{ personId: string }[]>`
    select person_id as "personId" from person
    where (record_key = any(${keys}) and verification ->> 'standing' = ${standing}) or (${clues.trusted} and record_key = any(${own}))
    order by version_id limit 1`;
  if (known !== undefined) return { personId: known.personId, how: "known", contested: false };
  const numbers = clues.trusted ? await byStateNumber(session, clues) : [];
  const matched = numbers.filter(({ agrees }) => agrees);
  if (numbers.length === 1 && matched.length === 1)
    return { personId: matched[0]!.personId, how: "matched", contested: false };
  return { personId: randomUUID(), how: "new", contested: numbers.length > 0 };
}

/** Who has the state's number here, and whether name and birth date are no other's. */
async function byStateNumber(
  session: ImportSession,
  clues: PersonClues,
): Promise<readonly { readonly personId: string; readonly agrees: boolean }[]> {
  const numbers = clues.identifiers
    .filter((row) => row.system === "state" && row.class === "certified" && (row.retracted_at ?? null) === null)
    .map((row) => String(row.value));
  if (numbers.length === 0) return [];
  const folded = (column: string): string[] =>
    clues.persons.flatMap((row) => (typeof row[column] === "string" ? [row[column].toLowerCase()] : []));
  const births = clues.demographics.flatMap((row) => (typeof row.birth_date === "string" ? [row.birth_date] : []));
  return session.tx.sql<{ personId: string; agrees: boolean }[]>`
    with holder as (
      select distinct person_id from (
        select distinct on (record_key) person_id, system, value, class, retracted_at from identifier
        order by record_key, known_on desc, version_id desc
      ) latest where system = 'state' and value = any(${numbers}) and class = 'certified' and retracted_at is null
    )
    select h.person_id as "personId", exists (
        select 1 from person p where p.person_id = h.person_id
          and (lower(p.given_name) = any(${folded("given_name")}) or lower(p.family_name) = any(${folded("family_name")}))
      ) and not exists (
        select 1 from demographics d where d.person_id = h.person_id and ${births.length > 0}
          and d.birth_date is not null and not (d.birth_date::text = any(${births}))
      ) as agrees
    from holder h`;
}
