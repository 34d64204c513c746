import { sql } from "drizzle-orm";
import { date, doublePrecision, index, integer, jsonb, pgTable, text, timestamp } from "drizzle-orm/pg-core";
import { provenance, versionIndex } from "./provenance.ts";

/** The score of a whole scale, where the source gives no single answers. */
export const scaleScore = pgTable(
  "scale_score",
  {
    ...provenance(),
    personId: text("person_id").notNull(),
    onDate: date("on_date").notNull(),
    instrument: text("instrument").notNull(),
    scale: text("scale").notNull(),
    score: doublePrecision("score").notNull(),
    items: integer("items"),
    reliability: doublePrecision("reliability"),
  },
  (table) => [versionIndex("scale_score", table), index("scale_score_person").on(table.tenantId, table.personId)],
);

/** What a learner wants to reach. */
export const goal = pgTable(
  "goal",
  {
    ...provenance(),
    personId: text("person_id").notNull(),
    goal: text("goal").notNull(),
    title: text("title").notNull(),
    description: text("description"),
    subject: text("subject"),
    standard: text("standard"),
    status: text("status", { enum: ["open", "achieved", "dropped"] }),
    setOn: date("set_on").notNull(),
    setBy: text("set_by"),
    dueOn: date("due_on"),
    achievedOn: date("achieved_on"),
  },
  (table) => [versionIndex("goal", table), index("goal_person").on(table.tenantId, table.personId)],
);

/** A step towards a goal. */
export const goalStep = pgTable(
  "goal_step",
  {
    ...provenance(),
    personId: text("person_id").notNull(),
    goal: text("goal").notNull(),
    step: text("step").notNull(),
    title: text("title").notNull(),
    position: integer("position"),
    status: text("status", { enum: ["open", "done", "dropped"] }),
    dueOn: date("due_on"),
    doneOn: date("done_on"),
  },
  (table) => [versionIndex("goal_step", table), index("goal_step_person").on(table.tenantId, table.personId)],
);

/** A badge or another signed recognition, with the document itself and the five answers of its verification. */
export const credential = pgTable(
  "credential",
  {
    ...provenance(),
    personId: text("person_id").notNull(),
    credential: text("credential").notNull(),
    kind: text("kind", { enum: ["badge", "record", "endorsement", "certificate"] }).notNull(),
    title: text("title"),
    description: text("description"),
    achievementKind: text("achievement_kind"),
    issuer: text("issuer"),
    issuerName: text("issuer_name"),
    issuedOn: date("issued_on"),
    expiresOn: date("expires_on"),
    standards: text("standards").array(),
    documentSha256: text("document_sha256"),
    mediaType: text("media_type"),
    document: text("document"),
  },
  (table) => [versionIndex("credential", table), index("credential_person").on(table.tenantId, table.personId)],
);

/** A piece of work in the portfolio: what it is and where it is kept. */
export const artifact = pgTable(
  "artifact",
  {
    ...provenance(),
    personId: text("person_id").notNull(),
    artifact: text("artifact").notNull(),
    title: text("title").notNull(),
    kind: text("kind"),
    description: text("description"),
    subject: text("subject"),
    standards: text("standards").array(),
    onDate: date("on_date"),
    mediaType: text("media_type"),
    uri: text("uri"),
    sha256: text("sha256"),
    bytes: integer("bytes"),
  },
  (table) => [versionIndex("artifact", table), index("artifact_person").on(table.tenantId, table.personId)],
);

/** The best work of a learner in a subject: one per subject, the latest counts. */
export const personalBest = pgTable(
  "personal_best",
  {
    ...provenance(),
    personId: text("person_id").notNull(),
    subject: text("subject").notNull(),
    title: text("title").notNull(),
    onDate: date("on_date").notNull(),
    score: doublePrecision("score"),
    artifact: text("artifact"),
  },
  (table) => [versionIndex("personal_best", table), index("personal_best_person").on(table.tenantId, table.personId)],
);

/** Words of a teacher, a learner or a family about the learner. */
export const narrative = pgTable(
  "narrative",
  {
    ...provenance(),
    personId: text("person_id").notNull(),
    narrative: text("narrative").notNull(),
    kind: text("kind", { enum: ["asset", "challenge", "comment"] }).notNull(),
    text: text("text").notNull(),
    onDate: date("on_date").notNull(),
    authorRole: text("author_role"),
    subject: text("subject"),
  },
  (table) => [versionIndex("narrative", table), index("narrative_person").on(table.tenantId, table.personId)],
);

/** What a learner likes: an interest, a modality, a setting. `strength` from −1 (not at all) to 1. */
export const preference = pgTable(
  "preference",
  {
    ...provenance(),
    personId: text("person_id").notNull(),
    kind: text("kind", { enum: ["interest", "modality", "setting", "time-of-day", "other"] }).notNull(),
    value: text("value").notNull(),
    strength: doublePrecision("strength"),
    onDate: date("on_date").notNull(),
    saidBy: text("said_by", { enum: ["learner", "family", "teacher"] }),
  },
  (table) => [versionIndex("preference", table), index("preference_person").on(table.tenantId, table.personId)],
);

/** A step of a pathway to college or career. */
export const readinessMilestone = pgTable(
  "readiness_milestone",
  {
    ...provenance(),
    personId: text("person_id").notNull(),
    pathway: text("pathway").notNull(),
    milestone: text("milestone").notNull(),
    status: text("status", { enum: ["open", "met", "missed"] }),
    onDate: date("on_date"),
    dueOn: date("due_on"),
  },
  (table) => [
    versionIndex("readiness_milestone", table),
    index("readiness_milestone_person").on(table.tenantId, table.personId),
  ],
);

/** Hours of service to the community. */
export const serviceHours = pgTable(
  "service_hours",
  {
    ...provenance(),
    personId: text("person_id").notNull(),
    onDate: date("on_date").notNull(),
    hours: doublePrecision("hours").notNull(),
    description: text("description").notNull(),
  },
  (table) => [versionIndex("service_hours", table), index("service_hours_person").on(table.tenantId, table.personId)],
);

/** Achievement that the gradebook has no column for: arts, music, sport, projects, languages. */
export const achievement = pgTable(
  "achievement",
  {
    ...provenance(),
    personId: text("person_id").notNull(),
    achievement: text("achievement").notNull(),
    area: text("area").notNull(),
    title: text("title").notNull(),
    level: text("level"),
    onDate: date("on_date").notNull(),
  },
  (table) => [versionIndex("achievement", table), index("achievement_person").on(table.tenantId, table.personId)],
);

/**
 * A statement of an activity stream as it came (xAPI), found again by its id. What features need of it is an
 * `activity_event` or an `item_response` beside it. Two columns may be filled later, both about what was not known when the
 * statement came: whose it is, and which statement voided it.
 */
export const statement = pgTable(
  "statement",
  {
    ...provenance(),
    statementId: text("statement_id").notNull(),
    personId: text("person_id"),
    verb: text("verb").notNull(),
    object: text("object"),
    registration: text("registration"),
    storedAt: timestamp("stored_at", { withTimezone: true }).notNull(),
    document: jsonb("document").notNull(),
    /** Hashes of who acts and, where the object is an agent, of who is acted upon: who that is stands in the document alone. */
    agents: text("agents").array(),
    /** Every agent (as a hash) and every activity the statement names anywhere: what a search for related ones looks through. */
    related: text("related").array(),
    /** The statement this one is about, where its object is one. */
    refersTo: text("refers_to"),
    voidedBy: text("voided_by"),
  },
  (table) => [
    versionIndex("statement", table),
    index("statement_id").on(table.tenantId, table.statementId),
    index("statement_stored").on(table.tenantId, table.storedAt, table.versionId),
    // Under row-level security an index serves only leakproof conditions: equality of texts is one, containment of arrays is not.
    index("statement_object").on(table.tenantId, table.object),
    index("statement_refers").on(table.tenantId, table.refersTo).where(sql`refers_to is not null`),
    index("statement_person").on(table.tenantId, table.personId),
  ],
);
