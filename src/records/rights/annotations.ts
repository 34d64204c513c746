import { randomUUID } from "node:crypto";
import type { PersonTable } from "../consent/data-classes.ts";
import { dayOf, ownVersion } from "../consent/own-version.ts";
import type { TenantTransaction } from "../database.ts";
import { annotation } from "../schema/index.ts";

/** A record that can be pointed at: a table and the record's key. */
export interface RecordPointer {
  readonly recordTable: string;
  readonly recordKey: string;
}

/** Words to stand beside a record. */
export interface WordsToAdd extends RecordPointer {
  readonly personId: string;
  readonly kind: "dispute" | "statement" | "note";
  readonly text: string;
  readonly by: string;
  readonly caseId: string | null;
  readonly now: Date;
}

/**
 * Puts words beside a record. The record itself is never edited: whoever reads it from now on reads the words with it.
 * @returns the record key of the annotation
 */
export async function annotate(tx: TenantTransaction, added: WordsToAdd): Promise<string> {
  const { personId, recordTable, recordKey, kind, text, by, caseId, now } = added;
  const values = { personId, recordTable, subjectKey: recordKey, kind, text, by, onDate: dayOf(now), caseId };
  const own = ownVersion(tx.tenantId, randomUUID(), values, now);
  await tx.orm.insert(annotation).values({ ...own, ...values });
  return own.recordKey;
}

/** Whether a record is there and about this learner. */
export async function isOwnRecord(
  tx: TenantTransaction,
  ids: readonly string[],
  recordTable: PersonTable,
  recordKey: string,
): Promise<boolean> {
  const rows = await tx.sql`
    select 1 from ${tx.sql(recordTable)} where record_key = ${recordKey} and person_id = any(${[...ids]}) limit 1`;
  return rows.length > 0;
}
