import { boolean, date, doublePrecision, index, integer, pgTable, text, timestamp } from "drizzle-orm/pg-core";
import { provenance, versionIndex } from "./provenance.ts";

/** An exception from being there. No row is not the same as present: rates need the calendar and the enrolment. */
export const attendanceEvent = pgTable(
  "attendance_event",
  {
    ...provenance(),
    personId: text("person_id").notNull(),
    onDate: date("on_date").notNull(),
    category: text("category", { enum: ["absent", "tardy", "partial"] }).notNull(),
    categoryRaw: text("category_raw"),
    excused: boolean("excused"),
    reasonRaw: text("reason_raw"),
    scope: text("scope", { enum: ["school", "section"] }),
    sectionKey: text("section_key"),
    /** Minutes missed, where the source says. */
    minutes: doublePrecision("minutes"),
  },
  (table) => [
    versionIndex("attendance_event", table),
    index("attendance_event_person").on(table.tenantId, table.personId),
  ],
);

/** A person's part in an incident. Only `perpetrator` is the one who did it. */
export const behaviorIncident = pgTable(
  "behavior_incident",
  {
    ...provenance(),
    incident: text("incident").notNull(),
    personId: text("person_id").notNull(),
    onDate: date("on_date").notNull(),
    severity: text("severity", { enum: ["state-offense", "conduct", "minor"] }).notNull(),
    severityRaw: text("severity_raw"),
    participation: text("participation", { enum: ["perpetrator", "victim", "witness", "reporter"] }).notNull(),
    action: text("action"),
    actionRaw: text("action_raw"),
    /** Days the action lasts. */
    actionDays: doublePrecision("action_days"),
    location: text("location"),
  },
  (table) => [
    versionIndex("behavior_incident", table),
    index("behavior_incident_person").on(table.tenantId, table.personId),
  ],
);

/** An answer to one survey item, 1 to 5. */
export const surveyAnswer = pgTable(
  "survey_answer",
  {
    ...provenance(),
    personId: text("person_id").notNull(),
    onDate: date("on_date").notNull(),
    instrument: text("instrument").notNull(),
    scale: text("scale").notNull(),
    item: text("item").notNull(),
    answer: doublePrecision("answer"),
  },
  (table) => [versionIndex("survey_answer", table), index("survey_answer_person").on(table.tenantId, table.personId)],
);

/** An answer to one practice or test item. Times are wall-clock times of the source (no zone). */
export const itemResponse = pgTable(
  "item_response",
  {
    ...provenance(),
    personId: text("person_id").notNull(),
    item: text("item").notNull(),
    standard: text("standard"),
    answeredAt: timestamp("answered_at").notNull(),
    correct: doublePrecision("correct"),
    attempts: integer("attempts"),
    hints: integer("hints"),
    seconds: doublePrecision("seconds"),
  },
  (table) => [
    versionIndex("item_response", table),
    // A rule looks at one learner's answers on one standard whenever another of them comes in.
    index("item_response_person").on(table.tenantId, table.personId, table.standard),
  ],
);

/** Something a person did on a platform. */
export const activityEvent = pgTable(
  "activity_event",
  {
    ...provenance(),
    personId: text("person_id").notNull(),
    activity: text("activity"),
    verb: text("verb").notNull(),
    kind: text("kind"),
    at: timestamp("at").notNull(),
    seconds: doublePrecision("seconds"),
    clicks: integer("clicks"),
    sensor: text("sensor"),
    object: text("object"),
    /** 0 to 1, where the event carries a result. */
    score: doublePrecision("score"),
    success: boolean("success"),
    completion: boolean("completion"),
    session: text("session"),
  },
  (table) => [versionIndex("activity_event", table), index("activity_event_person").on(table.tenantId, table.personId)],
);
