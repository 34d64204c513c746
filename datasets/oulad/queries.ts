import type { SnapshotTableName } from "../../src/records/snapshot/tables.ts";
import type { OuladTable } from "./files.ts";

type Sources = Readonly<Record<OuladTable, string>>;

/** Day 0 of a presentation: the set says only February (B) or October (J), so the first of the month stands for it. */
const startsOn = `make_date(left(code_presentation, 4)::INTEGER, CASE right(code_presentation, 1) WHEN 'B' THEN 2 ELSE 10 END, 1)`;
const learner = "code_module || '/' || code_presentation || '/' || id_student";
const section = "code_module || '/' || code_presentation";

/** `enrolment_day`: one row per enrolment with its days as dates; the tables below are selected from it. */
export const enrolmentDays = ({ studentInfo, studentRegistration, courses }: Sources): string => `
  SELECT i.*, r.date_unregistration, ${learner} AS learner, ${section} AS section, ${startsOn} AS starts_on,
    ${startsOn} + r.date_registration AS entered_on,
    -- a learner whose registration day is not given is taken as known on day 0
    coalesce(${startsOn} + r.date_registration, ${startsOn}) AS known_on,
    ${startsOn} + r.date_unregistration AS exited_on,
    ${startsOn} + c.module_presentation_length AS ends_on
  FROM ${studentInfo} i
  JOIN ${courses} c USING (code_module, code_presentation)
  LEFT JOIN ${studentRegistration} r USING (code_module, code_presentation, id_student)`;

const education = `CASE highest_education WHEN 'No Formal quals' THEN 0 WHEN 'Lower Than A Level' THEN 1
    WHEN 'A Level or Equivalent' THEN 2 WHEN 'HE Qualification' THEN 3 WHEN 'Post Graduate Qualification' THEN 4 END`;

/**
 * One SELECT per snapshot table the set can fill, from `enrolment_day` and the files. What the outcome is made of goes
 * nowhere but into `outcome`; the day of unregistration only into the day of exit.
 */
export const snapshotQueries = (
  sources: Sources,
): Partial<Record<SnapshotTableName, { select: string; order: string }>> => ({
  enrolment: {
    // each module stands where a school does: what it reports, it reports for all its learners
    select: `SELECT learner, id_student AS person, code_presentation AS period, code_module AS school, section AS peer_group,
        'higher-education' AS grade_band, starts_on, entered_on, exited_on,
        CASE WHEN exited_on IS NOT NULL THEN 'withdrawal' END AS exit_kind, known_on, exited_on AS exit_known_on
      FROM enrolment_day`,
    order: "learner",
  },
  section: {
    // no day of entry: who registers late owes the same assessments as everybody else
    select: `SELECT learner, section, code_module AS course, 'other' AS subject, NULL AS entered_on, NULL AS exited_on, known_on
      FROM enrolment_day`,
    order: "learner",
  },
  background: {
    select: `SELECT learner, name, value, known_on FROM (
        SELECT learner, 'num_of_prev_attempts' AS name, num_of_prev_attempts AS value, known_on FROM enrolment_day
        UNION ALL SELECT learner, 'studied_credits', studied_credits, known_on FROM enrolment_day
        UNION ALL SELECT learner, 'highest_education', ${education}, known_on FROM enrolment_day)
      WHERE value IS NOT NULL`,
    order: "learner, name",
  },
  protected_attribute: {
    select: `SELECT learner, name, value FROM (
        UNPIVOT (SELECT learner, gender, disability, imd_band, age_band FROM enrolment_day)
        ON gender, disability, imd_band, age_band INTO NAME name VALUE value)`,
    order: "learner, name",
  },
  assignment: {
    // the plan of a presentation is public from its first day
    select: `SELECT id_assessment AS assignment, ${section} AS section,
        CASE assessment_type WHEN 'Exam' THEN 'exam' ELSE 'assignment' END AS kind, ${startsOn} + date AS due_on, weight,
        ${startsOn} AS known_on
      FROM ${sources.assessments}`,
    order: "section, assignment",
  },
  result: {
    // the set has no day of marking: a score counts as known on the day of submission
    select: `SELECT id_assessment AS assignment, ${learner} AS learner, ${startsOn} + date_submitted AS submitted_on, score,
        is_banked = 1 AS carried_over, source_row, ${startsOn} + date_submitted AS known_on
      FROM (SELECT *, row_number() OVER () AS source_row FROM ${sources.studentAssessment})
      JOIN ${sources.assessments} USING (id_assessment)`,
    order: "source_row",
  },
  outcome: {
    select: `SELECT learner, 'final_result' AS name, final_result AS value, ends_on AS known_on FROM enrolment_day`,
    order: "learner",
  },
});

/** The click log as events, one per learner, site and day as the set has them. */
export const clickQuery = (sources: Sources): { select: string; order: string } => ({
  select: `SELECT ${learner} AS learner, id_site AS activity, 'viewed' AS verb, v.activity_type AS kind,
      (${startsOn} + date)::TIMESTAMP AS "at", NULL AS seconds, sum_click AS clicks, ${startsOn} + date AS known_on
    FROM ${sources.studentVle} LEFT JOIN (SELECT id_site, activity_type FROM ${sources.vle}) v USING (id_site)`,
  order: 'learner, "at", activity, clicks',
});
