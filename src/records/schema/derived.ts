import {
  date,
  doublePrecision,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  text,
  timestamp,
} from "drizzle-orm/pg-core";

/** One snapshot that left the record through its only door, and why. */
export const snapshot = pgTable(
  "snapshot",
  {
    tenantId: text("tenant_id").notNull(),
    id: text("id").notNull(),
    purpose: text("purpose").notNull(),
    asOf: date("as_of").notNull(),
    manifest: jsonb("manifest").notNull(),
    createdAt: timestamp("created_at", { withTimezone: true }).notNull().defaultNow(),
  },
  (table) => [primaryKey({ columns: [table.tenantId, table.id] })],
);

/** A trained model: what it is, how good it is, what it came from. */
export const model = pgTable(
  "model",
  {
    tenantId: text("tenant_id").notNull(),
    modelId: text("model_id").notNull(),
    kind: text("kind").notNull(),
    purpose: text("purpose").notNull(),
    parameters: jsonb("parameters").notNull(),
    metrics: jsonb("metrics").notNull(),
    lineage: jsonb("lineage").notNull(),
    createdAt: timestamp("created_at", { withTimezone: true }).notNull().defaultNow(),
  },
  (table) => [primaryKey({ columns: [table.tenantId, table.modelId] })],
);

/** One run of scoring: readers see a run only once it is published. */
export const scoringRun = pgTable(
  "scoring_run",
  {
    tenantId: text("tenant_id").notNull(),
    runId: text("run_id").notNull(),
    kind: text("kind").notNull(),
    asOf: date("as_of").notNull(),
    snapshotIds: jsonb("snapshot_ids").notNull(),
    modelIds: jsonb("model_ids").notNull(),
    status: text("status", { enum: ["running", "published", "failed"] }).notNull(),
    partitions: integer("partitions").notNull(),
    startedAt: timestamp("started_at", { withTimezone: true }).notNull().defaultNow(),
    publishedAt: timestamp("published_at", { withTimezone: true }),
  },
  (table) => [
    primaryKey({ columns: [table.tenantId, table.runId] }),
    index("scoring_run_latest").on(table.tenantId, table.kind, table.publishedAt),
  ],
);

/** A partition of a run that is finished: a job that runs again finds it and does nothing. */
export const scoredPartition = pgTable(
  "scored_partition",
  {
    tenantId: text("tenant_id").notNull(),
    runId: text("run_id").notNull(),
    kind: text("kind").notNull(),
    partition: integer("partition").notNull(),
    rows: integer("rows").notNull(),
    finishedAt: timestamp("finished_at", { withTimezone: true }).notNull().defaultNow(),
  },
  (table) => [primaryKey({ columns: [table.tenantId, table.runId, table.kind, table.partition] })],
);

/** The risk of one learner in one run, with its reasons. `abstained` says why there is no probability. */
export const riskScore = pgTable(
  "risk_score",
  {
    tenantId: text("tenant_id").notNull(),
    runId: text("run_id").notNull(),
    pseudonym: text("pseudonym").notNull(),
    partition: integer("partition").notNull(),
    probability: doublePrecision("probability"),
    reasons: jsonb("reasons").notNull(),
    coverage: doublePrecision("coverage"),
    abstained: text("abstained"),
  },
  (table) => [
    primaryKey({ columns: [table.tenantId, table.runId, table.pseudonym] }),
    index("risk_score_ranking").on(table.tenantId, table.runId, table.probability),
  ],
);

/** One place of one learner's playlist in one run. */
export const playlistEntry = pgTable(
  "playlist_entry",
  {
    tenantId: text("tenant_id").notNull(),
    runId: text("run_id").notNull(),
    pseudonym: text("pseudonym").notNull(),
    position: integer("position").notNull(),
    activity: text("activity").notNull(),
    score: doublePrecision("score").notNull(),
    reasons: jsonb("reasons").notNull(),
  },
  (table) => [primaryKey({ columns: [table.tenantId, table.runId, table.pseudonym, table.position] })],
);
