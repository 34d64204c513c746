import { CairnError } from "../../../errors.ts";
import type { TenantTransaction } from "../../database.ts";

/**
 * The person who has a district, state or local number now.
 * @throws CairnError `NOT_FOUND` when nobody has it, `CONFLICT` when several persons do
 */
export async function personOfNumber(tx: TenantTransaction, number: string): Promise<string> {
  const rows = await tx.sql<{ personId: string }[]>`
    with latest as (
      select distinct on (record_key) system, value, person_id, retracted_at from identifier
      order by record_key, known_on desc, version_id desc
    )
    select distinct person_id as "personId" from latest
    where retracted_at is null and system in ('district', 'state', 'local') and value = ${number}`;
  if (rows.length === 1) return rows[0]!.personId;
  throw rows.length === 0
    ? new CairnError("NOT_FOUND", "expected the number of a person in the record, got one that nobody there has", {
        hint: "give the district's, the state's or the school's own number of the learner",
      })
    : new CairnError("CONFLICT", `expected the number of one person, got one that ${rows.length} persons have`, {
        hint: "give another number of the learner, or link the persons if they are one",
      });
}
