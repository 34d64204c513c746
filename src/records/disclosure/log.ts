import type { LegalBasis } from "../consent/uses.ts";
import type { TenantTransaction } from "../database.ts";
import { idsOf } from "../identity/links.ts";

/** One request about one learner and what became of it: a line of the record of disclosures (34 CFR 99.32). */
export interface DisclosureLine {
  readonly personId: string;
  readonly outcome: "disclosed" | "refused";
  /** The account, key or person that asked. */
  readonly requester: string;
  /** For whom. */
  readonly party: string;
  /** The legitimate interest, which is the purpose that IDEA asks for (34 CFR 300.614). */
  readonly interest: string;
  readonly legalBasis: LegalBasis;
  readonly dataClasses: readonly string[];
  readonly agreementId: string | null;
  /** The decision of the family that it rests on, or that forbade it. */
  readonly consentKey: string | null;
  /** To whom the party may pass it on, where it may (34 CFR 99.33(b)). */
  readonly onwardParties: readonly string[] | null;
  /** Whether it held records of special education. */
  readonly specialEducation: boolean;
  readonly reason: string | null;
  /** The snapshot, export or request it belongs to. */
  readonly reference: string | null;
}

/** A line as it is read back. */
export interface LoggedDisclosure extends DisclosureLine {
  /** ISO 8601, UTC. */
  readonly at: string;
}

const LINES_AT_ONCE = 10_000; // some megabytes a statement: a district of 100,000 learners is written in a few seconds

/** Writes lines of the record of disclosures. They are never changed; they go with the record itself. */
export async function logDisclosures(
  { sql, tenantId }: TenantTransaction,
  lines: readonly DisclosureLine[],
  now: Date,
): Promise<void> {
  for (let from = 0; from < lines.length; from += LINES_AT_ONCE) {
    // One document a statement: a parameter for each cell takes five times as long.
    await sql`
      insert into disclosure (tenant_id, person_id, at, outcome, requester, party, interest, legal_basis, data_classes,
        agreement_id, consent_key, onward_parties, special_education, reason, reference)
      select ${tenantId}, "personId", ${now.toISOString()}::timestamptz, outcome, requester, party, interest, "legalBasis",
        "dataClasses", "agreementId", "consentKey", "onwardParties", "specialEducation", reason, reference
      from jsonb_to_recordset(${JSON.stringify(lines.slice(from, from + LINES_AT_ONCE))}::text::jsonb) as line(
        "personId" text, outcome text, requester text, party text, interest text, "legalBasis" text, "dataClasses" text[],
        "agreementId" text, "consentKey" text, "onwardParties" text[], "specialEducation" boolean, reason text, reference text)`;
  }
}

/** The record of disclosures of a learner, oldest first, by all of her ids: refused requests and onward parties with it. */
export async function disclosuresOf(tx: TenantTransaction, personId: string): Promise<LoggedDisclosure[]> {
  const rows = await tx.sql<LoggedDisclosure[]>`
    select person_id as "personId", at, outcome, requester, party, interest, legal_basis as "legalBasis",
      data_classes as "dataClasses", agreement_id as "agreementId", consent_key as "consentKey",
      onward_parties as "onwardParties", special_education as "specialEducation", reason, reference
    from disclosure where person_id = any(${await idsOf(tx, personId)}) order by disclosure_id`;
  return rows.map((row) => ({ ...row, at: new Date(row.at).toISOString() }));
}
