import { date, doublePrecision, index, integer, pgTable, text } from "drizzle-orm/pg-core";
import { provenance, versionIndex } from "./provenance.ts";

/** A set of standards as its publisher issues it. */
export const framework = pgTable(
  "framework",
  {
    ...provenance(),
    framework: text("framework").notNull(),
    title: text("title"),
    publisher: text("publisher"),
    edition: text("edition"),
    subject: text("subject"),
    language: text("language"),
    adoptionStatus: text("adoption_status"),
    uri: text("uri"),
    licence: text("licence"),
  },
  (table) => [versionIndex("framework", table)],
);

/** A standard of a framework. `standard` is the id by which evidence names it (a CASE identifier, or a district's own code). */
export const standard = pgTable(
  "standard",
  {
    ...provenance(),
    standard: text("standard").notNull(),
    label: text("label"),
    subject: text("subject"),
    grade: text("grade"),
    framework: text("framework"),
    /** The code people use, such as 4.NF.A.2. */
    code: text("code"),
    statement: text("statement"),
    kind: text("kind"),
    grades: text("grades").array(),
    uri: text("uri"),
    statusEndsOn: date("status_ends_on"),
  },
  (table) => [versionIndex("standard", table), index("standard_code").on(table.tenantId, table.code)],
);

/** A tie between two standards: child of, related to, same as … Prerequisites stand in a table of their own. */
export const standardAssociation = pgTable(
  "standard_association",
  {
    ...provenance(),
    standard: text("standard").notNull(),
    kind: text("kind").notNull(),
    other: text("other").notNull(),
    framework: text("framework"),
    position: integer("position"),
  },
  (table) => [versionIndex("standard_association", table)],
);

/** `standard` needs `requires` first. */
export const prerequisite = pgTable(
  "prerequisite",
  { ...provenance(), standard: text("standard").notNull(), requires: text("requires").notNull() },
  (table) => [versionIndex("prerequisite", table)],
);

/** A learning activity of the content library. */
export const activity = pgTable(
  "activity",
  {
    ...provenance(),
    activity: text("activity").notNull(),
    title: text("title"),
    standard: text("standard"),
    modality: text("modality"),
    setting: text("setting"),
    minutes: integer("minutes"),
    difficulty: doublePrecision("difficulty"),
    topics: text("topics").array(),
    language: text("language"),
    uri: text("uri"),
    /** cmi5: the scaled score (0 to 1) from which the activity counts as passed. */
    masteryScore: doublePrecision("mastery_score"),
    /** cmi5: what satisfies the activity (Passed, Completed, CompletedAndPassed, CompletedOrPassed, NotApplicable). */
    moveOn: text("move_on"),
  },
  (table) => [versionIndex("activity", table)],
);

/** How an activity or an item stands to a standard, in the terms of LRMI: teaches, assesses, requires … */
export const alignment = pgTable(
  "alignment",
  {
    ...provenance(),
    resource: text("resource").notNull(),
    standard: text("standard").notNull(),
    kind: text("kind").notNull(),
    framework: text("framework"),
  },
  (table) => [versionIndex("alignment", table)],
);
