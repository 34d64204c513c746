import { bigint, date, index, jsonb, text, timestamp } from "drizzle-orm/pg-core";

/**
 * The provenance columns every record table carries. Tables are append-only: a changed row is a new version with the same
 * `record_key`, and nothing is overwritten.
 *
 * - `record_key`: source system and source id, so only the same authority on the same channel supersedes a version
 * - `content_hash`: of everything the source said about the record; an equal hash is the same version
 * - `class`: certified (from the system of record), contributed, or derived (computed by cairn)
 * - `known_on`: when the school knew: the source's last change, else the source's own recording date, else the receipt
 * - `modified_on`: the source's own word on when it changed the record, where it gives one. A version that came later is the
 *   later word unless its day is before that of the version it follows
 * - `valid_from`, `valid_to`: when it was true, where the source says so
 * - `retracted_at`: this version says that the source took the record back
 * - `source_version`: the source's own mark of the version (an etag, a change number)
 * - `raw_ref`: where in the delivery the record stands, such as `users.csv#12`; the delivery's hash is with the batch
 * - `verification`: how a signature came out, where the channel was not what vouches for the record
 */
export function provenance() {
  return {
    tenantId: text("tenant_id").notNull(),
    versionId: bigint("version_id", { mode: "number" }).primaryKey().generatedAlwaysAsIdentity(),
    recordKey: text("record_key").notNull(),
    contentHash: text("content_hash").notNull(),
    class: text("class", { enum: ["certified", "contributed", "derived"] }).notNull(),
    authority: text("authority").notNull(),
    batchId: text("batch_id").notNull(),
    sourceRecordId: text("source_record_id").notNull(),
    knownOn: date("known_on").notNull(),
    modifiedOn: date("modified_on"),
    receivedAt: timestamp("received_at", { withTimezone: true }).notNull(),
    validFrom: date("valid_from"),
    validTo: date("valid_to"),
    supersedes: bigint("supersedes", { mode: "number" }),
    retractedAt: timestamp("retracted_at", { withTimezone: true }),
    sourceVersion: text("source_version"),
    rawRef: text("raw_ref"),
    verification: jsonb("verification"),
  };
}

/** The index every record table needs: the versions of one record, newest knowledge last. */
export function versionIndex(
  table: string,
  columns: { tenantId: AnyColumn; recordKey: AnyColumn; knownOn: AnyColumn; versionId: AnyColumn },
) {
  return index(`${table}_versions`).on(columns.tenantId, columns.recordKey, columns.knownOn, columns.versionId);
}

type AnyColumn = Parameters<ReturnType<typeof index>["on"]>[0];
