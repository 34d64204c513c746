import type { LegalBasis } from "../consent/uses.ts";
import type { TenantTransaction } from "../database.ts";
import { idsOf } from "../identity/links.ts";
import { disclosure } from "../schema/index.ts";

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

const LINES_AT_ONCE = 2000; // 14 columns each: below the 65,535 parameters of one statement

/** Writes lines of the record of disclosures. They are never changed; they go with the record itself. */
export async function logDisclosures(
  tx: TenantTransaction,
  lines: readonly DisclosureLine[],
  now: Date,
): Promise<void> {
  for (let from = 0; from < lines.length; from += LINES_AT_ONCE) {
    await tx.orm.insert(disclosure).values(
      lines.slice(from, from + LINES_AT_ONCE).map((line) => ({
        ...line,
        tenantId: tx.tenantId,
        at: now,
        dataClasses: [...line.dataClasses],
        onwardParties: line.onwardParties === null ? null : [...line.onwardParties],
      })),
    );
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
