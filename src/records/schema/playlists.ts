import { bigint, date, index, integer, jsonb, pgTable, primaryKey, text, timestamp } from "drizzle-orm/pg-core";
import { provenance, versionIndex } from "./provenance.ts";

/**
 * What a teacher or the school decided about a learner's playlists: who, when, why, until when. Taken back by a version that
 * is retracted, like every record.
 */
export const playlistOverride = pgTable(
  "playlist_override",
  {
    ...provenance(),
    personId: text("person_id").notNull(),
    kind: text("kind", { enum: ["pin", "require", "ban"] }).notNull(),
    /** An activity or, for a ban, a standard. */
    activity: text("activity"),
    standard: text("standard"),
    /** Place among what is pinned, smaller first. */
    position: integer("position"),
    reason: text("reason").notNull(),
    decidedBy: text("decided_by").notNull(),
    decidedAt: timestamp("decided_at", { withTimezone: true }).notNull(),
    /** The last day it holds. */
    endsOn: date("ends_on"),
  },
  (table) => [
    versionIndex("playlist_override", table),
    index("playlist_override_person").on(table.tenantId, table.personId),
  ],
);

/**
 * One playlist as it was given out: what could have been chosen at each place and with what chance, so that what was learned
 * from it can be measured later (handbook 2.7 and 2.8). `places` holds ids of activities and numbers.
 */
export const playlistDecision = pgTable(
  "playlist_decision",
  {
    tenantId: text("tenant_id").notNull(),
    decisionId: text("decision_id").notNull(),
    personId: text("person_id").notNull(),
    policy: text("policy").notNull(),
    /** The run whose models chose, and the version of the learner's standing they chose by. */
    runId: text("run_id").notNull(),
    standingVersion: integer("standing_version").notNull(),
    minutes: integer("minutes").notNull(),
    seed: text("seed").notNull(),
    places: jsonb("places").notNull(),
    decidedAt: timestamp("decided_at", { withTimezone: true }).notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.tenantId, table.decisionId] }),
    index("playlist_decision_person").on(table.tenantId, table.personId, table.decidedAt),
  ],
);

/**
 * Where a learner stands, worked out from the record and kept so that the next answer need not replay all of it: a cache, it
 * can be thrown away. `version` counts changes: a server process that remembers another version reads again.
 */
export const learnerStanding = pgTable(
  "learner_standing",
  {
    tenantId: text("tenant_id").notNull(),
    /** The id that stands for the learner. */
    personId: text("person_id").notNull(),
    version: integer("version").notNull(),
    /** The model that follows the learner. */
    modelId: text("model_id").notNull(),
    state: jsonb("state").notNull(),
    updatedAt: timestamp("updated_at", { withTimezone: true }).notNull(),
  },
  (table) => [primaryKey({ columns: [table.tenantId, table.personId] })],
);

/**
 * That a record of a learner came in or went by any other way than the answers cairn keeps standings by: a trigger adds a
 * line, and whoever works the standing out again takes it away. Lines, and not a mark on the standing: an import of an hour
 * would hold the locks of every learner in it.
 */
export const standingChange = pgTable(
  "standing_change",
  {
    tenantId: text("tenant_id").notNull(),
    changeId: bigint("change_id", { mode: "number" }).primaryKey().generatedAlwaysAsIdentity(),
    personId: text("person_id").notNull(),
  },
  (table) => [index("standing_change_person").on(table.tenantId, table.personId)],
);
