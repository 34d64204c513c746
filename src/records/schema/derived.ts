import {
  bigint,
  boolean,
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

/** What is said of one learner and one outcome in one run. `abstained` says why there is no probability. */
function score() {
  return {
    tenantId: text("tenant_id").notNull(),
    runId: text("run_id").notNull(),
    pseudonym: text("pseudonym").notNull(),
    partition: integer("partition").notNull(),
    probability: doublePrecision("probability"),
    /** The interval of the probability; null where there is none. */
    low: doublePrecision("low"),
    high: doublePrecision("high"),
    /** What raises the risk, by groups of features. */
    reasons: jsonb("reasons").notNull(),
    /** What lowers it. */
    strengths: jsonb("strengths").notNull().default([]),
    coverage: doublePrecision("coverage"),
    abstained: text("abstained"),
  };
}

/** The risk of one learner in one run, with its reasons: of the outcome the district ranks by. */
export const riskScore = pgTable(
  "risk_score",
  {
    ...score(),
    /** What speaks for offering more: evidence by kind, null where nothing does. */
    thriving: jsonb("thriving"),
  },
  (table) => [
    primaryKey({ columns: [table.tenantId, table.runId, table.pseudonym] }),
    index("risk_score_ranking").on(table.tenantId, table.runId, table.probability),
  ],
);

/** The same for every other outcome that the district has defined. */
export const outcomeScore = pgTable("outcome_score", { ...score(), outcome: text("outcome").notNull() }, (table) => [
  primaryKey({ columns: [table.tenantId, table.runId, table.outcome, table.pseudonym] }),
  index("outcome_score_ranking").on(table.tenantId, table.runId, table.outcome, table.probability),
]);

/** An outcome as a district defines it. A change is a new version; `active` false ends it, and what was labelled by it stays. */
export const outcomeDefinition = pgTable(
  "outcome_definition",
  {
    tenantId: text("tenant_id").notNull(),
    outcome: text("outcome").notNull(),
    version: integer("version").notNull(),
    definition: jsonb("definition").notNull(),
    active: boolean("active").notNull(),
    decidedBy: text("decided_by").notNull(),
    decidedAt: timestamp("decided_at", { withTimezone: true }).notNull(),
  },
  (table) => [primaryKey({ columns: [table.tenantId, table.outcome, table.version] })],
);

/** Whom a counselor is there for, by rule (school, grades, first letters of the family name). The newest row of a counselor counts. */
export const counselorCaseload = pgTable(
  "counselor_caseload",
  {
    tenantId: text("tenant_id").notNull(),
    caseloadId: bigint("caseload_id", { mode: "number" }).primaryKey().generatedAlwaysAsIdentity(),
    /** The counselor. */
    personId: text("person_id").notNull(),
    rule: jsonb("rule").notNull(),
    decidedBy: text("decided_by").notNull(),
    decidedAt: timestamp("decided_at", { withTimezone: true }).notNull(),
  },
  (table) => [index("counselor_caseload_person").on(table.tenantId, table.personId)],
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
