import { boolean, date, doublePrecision, index, integer, jsonb, pgTable, text } from "drizzle-orm/pg-core";
import { provenance, versionIndex } from "./provenance.ts";

/** A district, school or other organisation. */
export const org = pgTable(
  "org",
  {
    ...provenance(),
    name: text("name"),
    kind: text("kind"),
    identifier: text("identifier"),
    parentKey: text("parent_key"),
  },
  (table) => [versionIndex("org", table)],
);

/** A school year, semester, term or grading period. `schoolYear` is the year it ends in. */
export const term = pgTable(
  "term",
  {
    ...provenance(),
    title: text("title"),
    kind: text("kind"),
    startsOn: date("starts_on"),
    endsOn: date("ends_on"),
    parentKey: text("parent_key"),
    schoolYear: integer("school_year"),
  },
  (table) => [versionIndex("term", table)],
);

/** A course of the catalogue. */
export const course = pgTable(
  "course",
  {
    ...provenance(),
    title: text("title"),
    code: text("code"),
    subjects: text("subjects").array(),
    subjectCodes: text("subject_codes").array(),
    grades: text("grades").array(),
    orgKey: text("org_key"),
  },
  (table) => [versionIndex("course", table)],
);

/** A class: one section of a course. */
export const section = pgTable(
  "section",
  {
    ...provenance(),
    title: text("title"),
    code: text("code"),
    kind: text("kind"),
    courseKey: text("course_key"),
    orgKey: text("org_key"),
    termKeys: text("term_keys").array(),
    grades: text("grades").array(),
    subjects: text("subjects").array(),
  },
  (table) => [versionIndex("section", table)],
);

/**
 * A person in a section, as student or teacher. `entryKnownOn` is the day the school can be taken to have known the entry,
 * `exitKnownOn` the exit: a row that was last changed when the learner left still says that she was there before.
 */
export const sectionEnrolment = pgTable(
  "section_enrolment",
  {
    ...provenance(),
    personId: text("person_id").notNull(),
    sectionKey: text("section_key").notNull(),
    orgKey: text("org_key"),
    role: text("role").notNull(),
    enteredOn: date("entered_on"),
    exitedOn: date("exited_on"),
    exitKind: text("exit_kind"),
    entryKnownOn: date("entry_known_on"),
    exitKnownOn: date("exit_known_on"),
  },
  (table) => [
    versionIndex("section_enrolment", table),
    index("section_enrolment_person").on(table.tenantId, table.personId),
  ],
);

/** A learner in a school for one school year: derived from section enrolments, or imported from a flat file. */
export const enrolment = pgTable(
  "enrolment",
  {
    ...provenance(),
    personId: text("person_id").notNull(),
    orgKey: text("org_key"),
    period: text("period").notNull(),
    startsOn: date("starts_on").notNull(),
    endsOn: date("ends_on"),
    grade: text("grade"),
    enteredOn: date("entered_on"),
    exitedOn: date("exited_on"),
    exitKind: text("exit_kind"),
    entryKnownOn: date("entry_known_on"),
    exitKnownOn: date("exit_known_on"),
  },
  (table) => [versionIndex("enrolment", table), index("enrolment_person").on(table.tenantId, table.personId)],
);

/** One day of a school's calendar. */
export const calendarDay = pgTable(
  "calendar_day",
  {
    ...provenance(),
    orgKey: text("org_key").notNull(),
    onDate: date("on_date").notNull(),
    event: text("event").notNull(),
    instructional: boolean("instructional").notNull(),
  },
  (table) => [versionIndex("calendar_day", table)],
);

/** A piece of work that is due: a line item. */
export const assignment = pgTable(
  "assignment",
  {
    ...provenance(),
    title: text("title"),
    kind: text("kind", { enum: ["assignment", "exam", "final-mark"] }).notNull(),
    category: text("category"),
    /** The source's id of the category: a delta that changes a line item need not repeat its category. */
    categoryId: text("category_id"),
    sectionKey: text("section_key").notNull(),
    termKey: text("term_key"),
    assignedOn: date("assigned_on"),
    dueOn: date("due_on"),
    weight: doublePrecision("weight"),
    scoreMinimum: doublePrecision("score_minimum"),
    scoreMaximum: doublePrecision("score_maximum"),
  },
  (table) => [versionIndex("assignment", table)],
);

/** What a learner handed in, or a mark. */
export const result = pgTable(
  "result",
  {
    ...provenance(),
    personId: text("person_id").notNull(),
    assignmentKey: text("assignment_key").notNull(),
    status: text("status"),
    statusRaw: text("status_raw"),
    score: doublePrecision("score"),
    textScore: text("text_score"),
    scoredOn: date("scored_on"),
    late: boolean("late"),
    missing: boolean("missing"),
    incomplete: boolean("incomplete"),
    comment: text("comment"),
  },
  (table) => [versionIndex("result", table), index("result_person").on(table.tenantId, table.personId)],
);

/** A score on one standard, as part of a result. */
export const standardResult = pgTable(
  "standard_result",
  {
    ...provenance(),
    resultKey: text("result_key").notNull(),
    source: text("source"),
    standard: text("standard").notNull(),
    score: doublePrecision("score"),
    textScore: text("text_score"),
  },
  (table) => [versionIndex("standard_result", table)],
);

/** That a piece of work is about a standard, said once for the whole work. */
export const assignmentStandard = pgTable(
  "assignment_standard",
  {
    ...provenance(),
    assignmentKey: text("assignment_key").notNull(),
    source: text("source"),
    standard: text("standard").notNull(),
  },
  (table) => [versionIndex("assignment_standard", table)],
);

/** How scores are told, such as letters for ranges of percent. `values` is the source's list of value pairs, as it stands. */
export const scoreScale = pgTable(
  "score_scale",
  {
    ...provenance(),
    title: text("title"),
    kind: text("kind"),
    orgKey: text("org_key"),
    courseKey: text("course_key"),
    sectionKey: text("section_key"),
    values: text("values"),
  },
  (table) => [versionIndex("score_scale", table)],
);

/** Which scale a piece of work or a result is told in. */
export const scoreScaleUse = pgTable(
  "score_scale_use",
  {
    ...provenance(),
    assignmentKey: text("assignment_key"),
    resultKey: text("result_key"),
    scoreScaleKey: text("score_scale_key").notNull(),
  },
  (table) => [versionIndex("score_scale_use", table)],
);

/**
 * A row of a file that cairn keeps for those who read it back and does not use itself (resources, user profiles without
 * their passwords): the entity it was and its cells by column.
 */
export const keptRow = pgTable(
  "kept_row",
  { ...provenance(), entity: text("entity").notNull(), personId: text("person_id"), cells: jsonb("cells").notNull() },
  (table) => [versionIndex("kept_row", table)],
);
