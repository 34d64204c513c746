import { date, index, integer, jsonb, pgTable, primaryKey, text, timestamp, uniqueIndex } from "drizzle-orm/pg-core";
import { provenance, versionIndex } from "./provenance.ts";

/** What a district decided alerts are raised by. A change is a new version; the newest counts, none means cairn's own. */
export const alertRules = pgTable(
  "alert_rules",
  {
    tenantId: text("tenant_id").notNull(),
    version: integer("version").notNull(),
    rules: jsonb("rules").notNull(),
    decidedBy: text("decided_by").notNull(),
    decidedAt: timestamp("decided_at", { withTimezone: true }).notNull(),
  },
  (table) => [primaryKey({ columns: [table.tenantId, table.version] })],
);

/**
 * That a rule held, once per episode. `alertId` is the hash of the episode, so the same episode found again is no second
 * row. `personId` is null where nobody is meant: a silent source. What is said to whom is not here: it is told at the edge.
 */
export const alert = pgTable(
  "alert",
  {
    ...provenance(),
    alertId: text("alert_id").notNull(),
    personId: text("person_id"),
    rule: text("rule").notNull(),
    /** Null: cairn's own rules. */
    rulesVersion: integer("rules_version"),
    /** What the rule is about: a standard, a run of scores, a source. */
    subject: text("subject").notNull(),
    /** The kind of data it rests on: what a family's refusal of that kind silences. */
    dataClass: text("data_class").notNull(),
    /** When it happened; when the school learned of it is `received_at` of the record that opened the episode. */
    happenedOn: date("happened_on").notNull(),
    learnedAt: timestamp("learned_at", { withTimezone: true }).notNull(),
    /** Counts and days. */
    evidence: jsonb("evidence").notNull(),
  },
  (table) => [
    versionIndex("alert", table),
    uniqueIndex("alert_once").on(table.tenantId, table.alertId),
    index("alert_person").on(table.tenantId, table.personId),
  ],
);

/** A step of the school in an alert: who saw it, whose it is, how it ended. */
export const alertEvent = pgTable(
  "alert_event",
  {
    ...provenance(),
    alertId: text("alert_id").notNull(),
    personId: text("person_id"),
    step: text("step", { enum: ["acknowledged", "assigned", "closed"] }).notNull(),
    by: text("by").notNull(),
    at: timestamp("at", { withTimezone: true }).notNull(),
    assignedTo: text("assigned_to"),
    /** What was done, in words. */
    note: text("note"),
    /** The record key of the dose that closing it wrote. */
    doseKey: text("dose_key"),
  },
  (table) => [
    versionIndex("alert_event", table),
    index("alert_event_alert").on(table.tenantId, table.alertId, table.versionId),
    index("alert_event_person").on(table.tenantId, table.personId),
  ],
);

/** Where a district wants to be told that something happened to an alert. */
export const webhook = pgTable(
  "webhook",
  {
    tenantId: text("tenant_id").notNull(),
    webhookId: text("webhook_id").notNull(),
    url: text("url").notNull(),
    /** What signs: needed as it stands, so it is kept as it stands. */
    secret: text("secret").notNull(),
    createdBy: text("created_by").notNull(),
    createdAt: timestamp("created_at", { withTimezone: true }).notNull(),
    endedAt: timestamp("ended_at", { withTimezone: true }),
  },
  (table) => [primaryKey({ columns: [table.tenantId, table.webhookId] })],
);

/** One message to one webhook: written with what it tells of, sent later. `body` holds ids and hashes only. */
export const webhookDelivery = pgTable(
  "webhook_delivery",
  {
    tenantId: text("tenant_id").notNull(),
    deliveryId: text("delivery_id").notNull(),
    webhookId: text("webhook_id").notNull(),
    body: text("body").notNull(),
    createdAt: timestamp("created_at", { withTimezone: true }).notNull(),
    attempts: integer("attempts").notNull().default(0),
    lastTriedAt: timestamp("last_tried_at", { withTimezone: true }),
    /** The status of the last answer; null when there was none. */
    lastStatus: integer("last_status"),
    deliveredAt: timestamp("delivered_at", { withTimezone: true }),
    /** Given up: a dead letter. */
    deadAt: timestamp("dead_at", { withTimezone: true }),
  },
  (table) => [
    primaryKey({ columns: [table.tenantId, table.deliveryId] }),
    index("webhook_delivery_waiting").on(table.tenantId, table.deliveredAt, table.deadAt),
  ],
);
