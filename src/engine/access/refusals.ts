import { decide } from "../../records/consent/decide.ts";
import { dayOf } from "../../records/consent/own-version.ts";
import { provisionsFor } from "../../records/consent/provisions.ts";
import type { TenantTransaction } from "../../records/database.ts";
import { canonicalPersons } from "../../records/identity/links.ts";

/**
 * The pseudonyms of learners whose family says no to a use of the school's own. A snapshot leaves them out, but a family may
 * decide after it was taken: what a run says of a learner is asked against this at every read. Whoever is linked to a learner
 * who is refused is refused too.
 */
export async function refusedPseudonyms(
  tx: TenantTransaction,
  purpose: "early-warning" | "playlist",
  now: Date = new Date(),
): Promise<ReadonlySet<string>> {
  const on = dayOf(now);
  const refused = new Set<string>();
  for (const [personId, { provisions, majorityOn }] of await provisionsFor(tx, purpose)) {
    const request = {
      purpose,
      dataClass: "enrolment",
      actor: "the school",
      party: "the school",
      on,
      majorityOn,
    } as const;
    if (!decide(provisions, request).allowed) refused.add(personId);
  }
  if (refused.size === 0) return new Set();
  for (const [id, learner] of await canonicalPersons(tx)) if (refused.has(learner)) refused.add(id);
  const rows = await tx.sql<{ code: string }[]>`
    select code from pseudonym where purpose = ${purpose} and person_id = any(${[...refused]})`;
  return new Set(rows.map(({ code }) => code));
}
