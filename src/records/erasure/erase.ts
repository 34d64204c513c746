import { randomUUID } from "node:crypto";
import { CairnError } from "../../errors.ts";
import type { TenantTransaction } from "../database.ts";
import { idsOf } from "../identity/links.ts";
import { claimStatements } from "./claim-statements.ts";

/** The proof that something was erased. It holds no personal data: a re-imported learner cannot be told from a new one by it. */
export interface Certificate {
  readonly erasureId: string;
  /** Why: in the words of who decided, or the rule. */
  readonly cause: string;
  /** Rows erased, by table. */
  readonly rows: Readonly<Record<string, number>>;
  /** SHA-256 over what is gone. */
  readonly sha256: string;
  readonly decidedBy: string;
  /** ISO 8601, UTC. */
  readonly erasedAt: string;
}

/**
 * Erases a learner, by all of her ids, and leaves a certificate. Every table with people is emptied of her, also her
 * decisions and the record of her disclosures, which is kept as long as the record and no longer (34 CFR 99.32(a)(2)).
 * Snapshots taken before hold her pseudonymous rows: see `overtakenSnapshots`. A source that still holds her brings her
 * back as a new person, tied to nothing that was erased.
 * @throws CairnError `NOT_FOUND` when there is nobody of that id, `CONFLICT` while a request to inspect is open
 */
export async function erasePerson(
  tx: TenantTransaction,
  { personId, cause, decidedBy, now }: { personId: string; cause: string; decidedBy: string; now: Date },
): Promise<Certificate> {
  if (cause.trim() === "") throw new CairnError("BAD_INPUT", "expected the cause of the erasure, got nothing");
  const ids = await idsOf(tx, personId);
  const known = await tx.sql`select 1 from person where person_id = any(${ids}) limit 1`;
  if (known.length === 0) throw new CairnError("NOT_FOUND", "expected a person of the record, got nobody of that id");
  const held = await tx.sql`select 1 from cairn_held_people() h(id) where id = any(${ids}) limit 1`;
  if (held.length > 0) {
    throw new CairnError("CONFLICT", "expected nobody to wait for this record, got an open request to inspect it", {
      hint: "answer the request first: until then nothing may be destroyed (34 CFR 99.10(e))",
    });
  }
  await claimStatements(tx, ids);
  const erasureId = `erasure:${randomUUID()}`;
  await tx.sql`select cairn_erase_person(${ids}, ${erasureId}, ${cause}, ${decidedBy}, ${now.toISOString()}::timestamptz)`;
  const certificate = (await certificates(tx)).find((one) => one.erasureId === erasureId);
  return certificate!;
}

/** Every certificate of the district, oldest first. */
export async function certificates(tx: TenantTransaction): Promise<Certificate[]> {
  const rows = await tx.sql<Certificate[]>`
    select erasure_id as "erasureId", cause, rows, sha256, decided_by as "decidedBy", erased_at as "erasedAt"
    from erasure order by erased_at, erasure_id`;
  return rows.map((row) => ({ ...row, erasedAt: new Date(row.erasedAt).toISOString() }));
}
