import { bigint, index, integer, jsonb, pgTable, primaryKey, text, timestamp } from "drizzle-orm/pg-core";

/** One district. The register itself holds no learner data; the application role cannot read it. */
export const tenant = pgTable("tenant", {
  id: text("id").primaryKey(),
  name: text("name").notNull(),
  /** An IANA time zone: moments that name a zone become this district's wall clock. */
  timeZone: text("time_zone").notNull().default("UTC"),
  /** Within how many days a family's request to see or to change the record is answered: 45 at most (34 CFR 99.10), less by some states' law. */
  answerDays: integer("answer_days").notNull().default(45),
  createdAt: timestamp("created_at", { withTimezone: true }).notNull().defaultNow(),
});

/** One delivery of files: from which system, by which standard, with what result. */
export const importBatch = pgTable(
  "import_batch",
  {
    tenantId: text("tenant_id")
      .notNull()
      .references(() => tenant.id),
    batchId: text("batch_id").notNull(),
    sourceSystem: jsonb("source_system").notNull(),
    standard: text("standard").notNull(),
    standardVersion: text("standard_version").notNull(),
    transport: text("transport", { enum: ["upload", "sftp", "api", "webhook"] }).notNull(),
    sha256: text("sha256").notNull(),
    receivedAt: timestamp("received_at", { withTimezone: true }).notNull(),
    importerVersion: text("importer_version").notNull(),
    counts: jsonb("counts").notNull(),
    /** The mapping profiles the files were read by, with their versions. */
    profiles: text("profiles").array(),
    report: jsonb("report").notNull(),
  },
  (table) => [primaryKey({ columns: [table.tenantId, table.batchId] })],
);

/** A row that could not go in: where it stands, why, and the row itself, kept so that it can be repaired. */
export const importRefusal = pgTable(
  "import_refusal",
  {
    tenantId: text("tenant_id").notNull(),
    batchId: text("batch_id").notNull(),
    position: integer("position").notNull(),
    file: text("file").notNull(),
    line: integer("line").notNull(),
    column: text("column"),
    code: text("code").notNull(),
    reason: text("reason").notNull(),
    raw: text("raw").notNull(),
    /** The header line of the file, so that the row can be read again by itself. */
    header: text("header"),
    /** The mapping profile or file kind that refused it. */
    profile: text("profile"),
  },
  (table) => [primaryKey({ columns: [table.tenantId, table.batchId, table.position] })],
);

/** A refused row that went in after repair: it is no longer waiting. */
export const importRepair = pgTable(
  "import_repair",
  {
    tenantId: text("tenant_id").notNull(),
    batchId: text("batch_id").notNull(),
    position: integer("position").notNull(),
    repairedBatchId: text("repaired_batch_id").notNull(),
    repairedAt: timestamp("repaired_at", { withTimezone: true }).notNull(),
  },
  (table) => [primaryKey({ columns: [table.tenantId, table.batchId, table.position] })],
);

/**
 * What a source may say: the word of a `certified` source goes to the Backpack, that of any other to the Profile. The latest
 * row for a source counts.
 */
export const sourceStanding = pgTable(
  "source_standing",
  {
    tenantId: text("tenant_id").notNull(),
    standingId: bigint("standing_id", { mode: "number" }).primaryKey().generatedAlwaysAsIdentity(),
    source: text("source").notNull(),
    authority: text("authority").notNull(),
    standing: text("standing", { enum: ["certified", "contributed"] }).notNull(),
    decidedBy: text("decided_by"),
    decidedAt: timestamp("decided_at", { withTimezone: true }).notNull().defaultNow(),
  },
  (table) => [index("source_standing_source").on(table.tenantId, table.source)],
);

/**
 * A badge or record of the district's own that it has taken back, by its place in the district's status list. It names nobody, so
 * that it stays when the learner's record is erased: what was taken back does not come to hold again.
 */
export const credentialRevocation = pgTable(
  "credential_revocation",
  {
    tenantId: text("tenant_id").notNull(),
    statusIndex: integer("status_index").notNull(),
    reason: text("reason").notNull(),
    decidedBy: text("decided_by").notNull(),
    decidedAt: timestamp("decided_at", { withTimezone: true }).notNull(),
  },
  (table) => [primaryKey({ columns: [table.tenantId, table.statusIndex] })],
);

/** A key of the HTTP interface, kept as a hash only. */
export const apiKey = pgTable(
  "api_key",
  {
    tenantId: text("tenant_id").notNull(),
    keyHash: text("key_hash").notNull().unique(),
    role: text("role").notNull(),
    label: text("label").notNull(),
    /** Whose key it is: the guardian or the learner of 18 who decides with it. Null: a key of the school. */
    personId: text("person_id"),
    createdAt: timestamp("created_at", { withTimezone: true }).notNull().defaultNow(),
    revokedAt: timestamp("revoked_at", { withTimezone: true }),
  },
  (table) => [primaryKey({ columns: [table.tenantId, table.keyHash] })],
);
