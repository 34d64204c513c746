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
  if (known !== undefined) return { personId: known.personId, how: "known" };
  const matched = clues.trusted ? await byStateNumber(session, clues) : undefined;
  return matched === undefined ? { personId: randomUUID(), how: "new" } : { personId: matched, how: "matched" };
}

async function byStateNumber(session: ImportSession, clues: PersonClues): Promise<string | undefined> {
  const numbers = clues.identifiers
    .filter((row) => row.system === "state" && row.class === "certified" && (row.retracted_at ?? null) === null)
    .map((row) => String(row.value));
  if (numbers.length === 0) return undefined;
  const folded = (column: string): string[] =>
    clues.persons.flatMap((row) => (typeof row[column] === "string" ? [row[column].toLowerCase()] : []));
  const births = clues.demographics.flatMap((row) => (typeof row.birth_date === "string" ? [row.birth_date] : []));
  const found = await session.tx.sql<{ personId: string }[]>`
    select distinct i.person_id as "personId" from identifier i
    where i.system = 'state' and i.value = any(${numbers}) and i.class = 'certified' and i.retracted_at is null
      and exists (
        select 1 from person p where p.person_id = i.person_id
          and (lower(p.given_name) = any(${folded("given_name")}) or lower(p.family_name) = any(${folded("family_name")})))
      and not exists (
        select 1 from demographics d where d.person_id = i.person_id and ${births.length > 0}
          and d.birth_date is not null and not (d.birth_date::text = any(${births})))`;
  return found.length === 1 ? found[0]!.personId : undefined;
}
