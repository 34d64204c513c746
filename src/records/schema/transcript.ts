import { boolean, date, doublePrecision, index, integer, jsonb, pgTable, text } from "drizzle-orm/pg-core";
import { provenance, versionIndex } from "./provenance.ts";

/** A mark of a course for a term, with the credits it gave. Letter and number as the source says, both or either. */
export const courseGrade = pgTable(
  "course_grade",
  {
    ...provenance(),
    personId: text("person_id").notNull(),
    courseKey: text("course_key"),
    sectionKey: text("section_key"),
    termKey: text("term_key"),
    kind: text("kind", {
      enum: ["grading-period", "semester", "final", "midterm", "progress", "exam", "conduct"],
    }).notNull(),
    kindRaw: text("kind_raw"),
    letter: text("letter"),
    numeric: doublePrecision("numeric"),
    numericMaximum: doublePrecision("numeric_maximum"),
    creditsAttempted: doublePrecision("credits_attempted"),
    creditsEarned: doublePrecision("credits_earned"),
    onDate: date("on_date").notNull(),
  },
  (table) => [versionIndex("course_grade", table), index("course_grade_person").on(table.tenantId, table.personId)],
);

/** What a transcript says of a whole year or of all years so far. */
export const academicSummary = pgTable(
  "academic_summary",
  {
    ...provenance(),
    personId: text("person_id").notNull(),
    schoolYear: integer("school_year"),
    termKey: text("term_key"),
    gradePointAverage: doublePrecision("grade_point_average"),
    cumulativeGradePointAverage: doublePrecision("cumulative_grade_point_average"),
    creditsEarned: doublePrecision("credits_earned"),
    cumulativeCreditsEarned: doublePrecision("cumulative_credits_earned"),
    onDate: date("on_date"),
  },
  (table) => [
    versionIndex("academic_summary", table),
    index("academic_summary_person").on(table.tenantId, table.personId),
  ],
);

/** A test: a state test, a benchmark, a diagnostic, a screener. */
export const assessment = pgTable(
  "assessment",
  {
    ...provenance(),
    assessment: text("assessment").notNull(),
    title: text("title"),
    family: text("family"),
    kind: text("kind"),
    subject: text("subject"),
    grade: text("grade"),
    edition: text("edition"),
    /** Screeners of behavior and feelings are kept under extra protection: never in a playlist, never shared by default. */
    sensitive: boolean("sensitive").notNull().default(false),
  },
  (table) => [versionIndex("assessment", table)],
);

/** One learner's result in one sitting of a test. `scores` holds every further score as the source names it. */
export const assessmentResult = pgTable(
  "assessment_result",
  {
    ...provenance(),
    personId: text("person_id").notNull(),
    assessmentKey: text("assessment_key").notNull(),
    onDate: date("on_date").notNull(),
    gradeTested: text("grade_tested"),
    score: doublePrecision("score"),
    scoreText: text("score_text"),
    scoreKind: text("score_kind"),
    standardError: doublePrecision("standard_error"),
    percentile: doublePrecision("percentile"),
    performanceLevel: text("performance_level"),
    minutes: doublePrecision("minutes"),
    /** A rushed test is not low skill. */
    validity: text("validity", { enum: ["valid", "rushed", "invalid"] }),
    validityRaw: text("validity_raw"),
    accommodations: text("accommodations").array(),
    scores: jsonb("scores"),
  },
  (table) => [
    versionIndex("assessment_result", table),
    index("assessment_result_person").on(table.tenantId, table.personId),
  ],
);

/** A part of a result: an objective, a skill area, a standard. */
export const subResult = pgTable(
  "sub_result",
  {
    ...provenance(),
    personId: text("person_id").notNull(),
    resultKey: text("result_key").notNull(),
    part: text("part").notNull(),
    kind: text("kind", { enum: ["objective", "skill-area", "standard"] }).notNull(),
    standard: text("standard"),
    onDate: date("on_date").notNull(),
    score: doublePrecision("score"),
    scoreText: text("score_text"),
    scoreKind: text("score_kind"),
    performanceLevel: text("performance_level"),
    /** 0 to 1 where the source gives a share of mastery, else null. */
    mastery: doublePrecision("mastery"),
  },
  (table) => [versionIndex("sub_result", table), index("sub_result_person").on(table.tenantId, table.personId)],
);

/** What somebody saw a learner do on one standard, outside a marked piece of work. `score` is 0 to 1. */
export const observation = pgTable(
  "observation",
  {
    ...provenance(),
    personId: text("person_id").notNull(),
    standard: text("standard").notNull(),
    onDate: date("on_date").notNull(),
    score: doublePrecision("score").notNull(),
    level: text("level"),
    enteredBy: text("entered_by", { enum: ["teacher", "computer"] }),
    kind: text("kind"),
  },
  (table) => [versionIndex("observation", table), index("observation_person").on(table.tenantId, table.personId)],
);
