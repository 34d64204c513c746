import type { TenantTransaction } from "../../records/database.ts";
import type { SnapshotPurpose } from "../../records/snapshot/purposes.ts";

/**
 * The pseudonyms of learners whose family's latest decision for a purpose is "deny". A snapshot leaves them out, but a
 * family may decide after it was taken: what a run says of a learner is asked against this at every read.
 */
export async function refusedPseudonyms(tx: TenantTransaction, purpose: SnapshotPurpose): Promise<ReadonlySet<string>> {
  const rows = await tx.sql<{ code: string }[]>`
    select p.code from (
      select distinct on (person_id) person_id, decision from (
        select distinct on (record_key) * from consent_decision order by record_key, known_on desc, version_id desc
      ) newest
      where retracted_at is null and purpose = ${purpose}
      order by person_id, decided_on desc, known_on desc, version_id desc
    ) last join pseudonym p on p.person_id = last.person_id and p.purpose = ${purpose}
    where last.decision = 'deny'`;
  return new Set(rows.map(({ code }) => code));
}
