import { CairnError } from "../../../errors.ts";
import type { TenantTransaction } from "../../database.ts";
import { holdersOf } from "../../identity/people.ts";

/**
 * The person who has a district, state or local number, or had it last.
 * @throws CairnError `NOT_FOUND` when nobody has it, `CONFLICT` when several persons do
 */
export async function personOfNumber(tx: TenantTransaction, number: string): Promise<string> {
  const holders = await holdersOf(tx, number);
  if (holders.length === 1) return holders[0]!;
  throw holders.length === 0
    ? new CairnError("NOT_FOUND", "expected the number of a person in the record, got one that nobody there has", {
        hint: "give the district's, the state's or the school's own number of the learner",
      })
    : new CairnError("CONFLICT", `expected the number of one person, got one that ${holders.length} persons have`, {
        hint: "give another number of the learner, or link the persons if they are one",
      });
}
