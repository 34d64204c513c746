import { date, index, jsonb, pgTable, primaryKey, text, timestamp } from "drizzle-orm/pg-core";

/** What a look at the records, the scores and the sources found. Shares and counts of cells that are large enough; of no learner. */
export const monitoringReport = pgTable(
  "monitoring_report",
  {
    tenantId: text("tenant_id").notNull(),
    reportId: text("report_id").notNull(),
    asOf: date("as_of").notNull(),
    report: jsonb("report").notNull(),
    createdAt: timestamp("created_at", { withTimezone: true }).notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.tenantId, table.reportId] }),
    index("monitoring_report_latest").on(table.tenantId, table.createdAt),
  ],
);

/** That a model could take another's place, and how the two did on the same rows. */
export const modelProposal = pgTable(
  "model_proposal",
  {
    tenantId: text("tenant_id").notNull(),
    proposalId: text("proposal_id").notNull(),
    purpose: text("purpose").notNull(),
    champion: text("champion").notNull(),
    challenger: text("challenger").notNull(),
    /** The rows both were judged on, the figures of each, the differences with their intervals. */
    comparison: jsonb("comparison").notNull(),
    proposedBy: text("proposed_by").notNull(),
    proposedAt: timestamp("proposed_at", { withTimezone: true }).notNull(),
  },
  (table) => [primaryKey({ columns: [table.tenantId, table.proposalId] })],
);

/** What a person decided about a proposal: once. */
export const modelDecision = pgTable(
  "model_decision",
  {
    tenantId: text("tenant_id").notNull(),
    proposalId: text("proposal_id").notNull(),
    decision: text("decision", { enum: ["accepted", "declined"] }).notNull(),
    reason: text("reason").notNull(),
    decidedBy: text("decided_by").notNull(),
    decidedAt: timestamp("decided_at", { withTimezone: true }).notNull(),
  },
  (table) => [primaryKey({ columns: [table.tenantId, table.proposalId] })],
);
