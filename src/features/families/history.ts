import type { FeatureDefinition, FeatureFamily } from "../family.ts";
import { exactMean } from "../sql.ts";

const common = { actionable: false, group: "Last year", sinceVersion: "1", needs: "an earlier period" } as const;

const finalMark = (name: string, subject: string): FeatureDefinition => ({
  ...common,
  name,
  meaning: `mean final mark in ${subject} in the period before`,
  unit: "score (0 to 100)",
  sources: ["enrolment", "section", "assignment", "result"],
  direction: "lower is riskier",
  missing: "missing when the person has no earlier period here, or no final mark in it",
});

/** The same person in the period before this one: final marks and absences, as far as they are known by the day. */
export const history: FeatureFamily = {
  name: "history",
  version: "1",
  features: [
    finalMark("prior_mathematics_mark", "mathematics"),
    finalMark("prior_english_mark", "English"),
    {
      ...common,
      name: "prior_absences",
      meaning: "days absent in the period before",
      unit: "days",
      sources: ["enrolment", "attendance"],
      direction: "higher is riskier",
      missing: "missing when the person has no earlier period here, or that school reported no attendance in it",
    },
    {
      ...common,
      name: "prior_attendance_rate",
      meaning: "share of instructional days of the period before on which the learner was enrolled and not absent",
      unit: "share",
      sources: ["enrolment", "attendance", "calendar"],
      direction: "lower is riskier",
      missing:
        "missing when the person has no earlier period here, or that school has no calendar or no attendance for it",
    },
  ],
  sql: ({ cohort }) => `
    WITH earlier AS (
      SELECT c."row", c.as_of, e.learner, e.school, e.period,
        greatest(e.starts_on, e.entered_on) AS first_day,
        least(c.as_of, c.starts_on - 1,
          CASE WHEN coalesce(e.exit_known_on, e.exited_on) <= c.as_of THEN e.exited_on - 1 END) AS last_day
      FROM ${cohort.table} c
      JOIN enrolment e ON e.person = c.person AND e.learner <> c.learner AND e.starts_on < c.starts_on AND e.known_on <= c.as_of
        AND (e.entered_on IS NULL OR e.entered_on <= c.as_of)
      QUALIFY row_number() OVER (
        PARTITION BY c."row" ORDER BY e.starts_on DESC, e.entered_on DESC NULLS LAST, e.period, e.learner, e.school) = 1
    ), marks AS (
      SELECT p."row",
        ${exactMean("r.score", "s.subject = 'math'")} AS mathematics,
        ${exactMean("r.score", "s.subject = 'english'")} AS english
      FROM earlier p
      JOIN (SELECT DISTINCT learner, section, subject, known_on FROM section) s ON s.learner = p.learner AND s.known_on <= p.as_of
      JOIN assignment a ON a.section = s.section AND a.kind = 'final-mark'
      JOIN result r ON r.assignment = a.assignment AND r.learner = p.learner AND r.known_on <= p.as_of
        AND coalesce(r.submitted_on, a.due_on, r.known_on) <= p.as_of
      GROUP BY p."row"
    ), reported AS (
      SELECT e.school, e.period, min(greatest(a.on_date, a.known_on, e.known_on, e.entered_on)) AS since
      FROM attendance a JOIN enrolment e USING (learner)
      WHERE a.on_date IS NOT NULL AND a.known_on IS NOT NULL AND e.known_on IS NOT NULL
      GROUP BY ALL
    ), instructional AS (
      SELECT DISTINCT school, on_date FROM calendar
    ), span AS (
      SELECT DISTINCT school, first_day, last_day FROM earlier
    ), enrolled AS (
      SELECT s.school, s.first_day, s.last_day, count(*) AS days
      FROM span s JOIN instructional d ON d.school = s.school AND d.on_date BETWEEN s.first_day AND s.last_day
      GROUP BY ALL
    ), absent_day AS (
      SELECT p."row", a.on_date, bool_or(d.on_date IS NOT NULL) AS instructional
      FROM earlier p
      JOIN attendance a ON a.learner = p.learner AND a.on_date BETWEEN p.first_day AND p.last_day AND a.known_on <= p.as_of
      LEFT JOIN instructional d ON d.school = p.school AND d.on_date = a.on_date
      WHERE a.category = 'absent'
      GROUP BY ALL
    ), counted AS (
      SELECT "row", count(*) AS absences, count(*) FILTER (instructional) AS missed FROM absent_day GROUP BY "row"
    )
    SELECT c."row", m.mathematics AS prior_mathematics_mark, m.english AS prior_english_mark,
      CASE WHEN r.since <= c.as_of THEN coalesce(k.absences, 0) END AS prior_absences,
      CASE WHEN r.since <= c.as_of AND e.days > 0 THEN (e.days - coalesce(k.missed, 0)) / e.days END AS prior_attendance_rate
    FROM ${cohort.table} c
    LEFT JOIN earlier p USING ("row") LEFT JOIN marks m USING ("row") LEFT JOIN counted k USING ("row")
    LEFT JOIN reported r ON r.school = p.school AND r.period = p.period
    LEFT JOIN enrolled e ON e.school = p.school AND e.first_day = p.first_day AND e.last_day = p.last_day`,
};
