import type { FeatureDefinition, FeatureFamily } from "../family.ts";

const common = {
  sources: ["attendance", "calendar", "enrolment"],
  actionable: true,
  group: "Attendance",
  sinceVersion: "1",
} as const;
const noReport = "missing until the school has reported at least one exception in this period";

const count = (name: string, meaning: string): FeatureDefinition => ({
  ...common,
  name,
  meaning,
  unit: "days",
  direction: "higher is riskier",
  missing: `${noReport}; after that, nothing reported is 0`,
});

const rate = (name: string, span: string): FeatureDefinition => ({
  ...common,
  name,
  meaning: `share of instructional days on which the learner was enrolled and not absent, ${span}`,
  unit: "share",
  direction: "lower is riskier",
  missing: `${noReport}, and when the calendar has no instructional day in the span`,
});

/**
 * Being there. Sources list exceptions only, so the denominator is the school's calendar while the learner was enrolled
 * there (Ed-Fi's definition, handbook 1.3): each day counts once, excused or not; tardy and partial days are present.
 */
export const attendance: FeatureFamily = {
  name: "attendance",
  version: "1",
  features: [
    rate("attendance_rate", "since the start of the period"),
    rate("attendance_rate_28_days", "in the last 28 days"),
    count("absences", "days absent since the start of the period"),
    count("absences_28_days", "days absent in the last 28 days"),
    count("tardies", "days tardy since the start of the period"),
  ],
  sql: ({ cohort }) => `
    WITH reported AS (
      SELECT e.school, e.period, min(greatest(a.on_date, a.known_on, e.known_on, e.entered_on)) AS since
      FROM attendance a JOIN enrolment e USING (learner)
      WHERE a.on_date IS NOT NULL AND a.known_on IS NOT NULL AND e.known_on IS NOT NULL
      GROUP BY ALL
    ), instructional AS (
      SELECT DISTINCT school, on_date FROM calendar
    ), span AS (
      SELECT DISTINCT school, first_day, as_of FROM ${cohort.table}
    ), enrolled AS (
      SELECT s.school, s.first_day, s.as_of, count(*) AS days, count(*) FILTER (d.on_date > s.as_of - 28) AS days_28
      FROM span s JOIN instructional d ON d.school = s.school AND d.on_date BETWEEN s.first_day AND s.as_of
      GROUP BY ALL
    ), exception_day AS (
      SELECT c."row", a.on_date, c.as_of, bool_or(a.category = 'absent') AS absent, bool_or(a.category = 'tardy') AS tardy,
        bool_or(d.on_date IS NOT NULL) AS instructional
      FROM ${cohort.table} c
      JOIN attendance a ON a.learner = c.learner AND a.on_date BETWEEN c.first_day AND c.as_of AND a.known_on <= c.as_of
      LEFT JOIN instructional d ON d.school = c.school AND d.on_date = a.on_date
      GROUP BY ALL
    ), counted AS (
      SELECT "row",
        count(*) FILTER (absent) AS absences,
        count(*) FILTER (absent AND on_date > as_of - 28) AS absences_28,
        count(*) FILTER (tardy) AS tardies,
        count(*) FILTER (absent AND instructional) AS missed,
        count(*) FILTER (absent AND instructional AND on_date > as_of - 28) AS missed_28
      FROM exception_day GROUP BY "row"
    )
    SELECT c."row",
      CASE WHEN r.since <= c.as_of AND e.days > 0 THEN (e.days - coalesce(k.missed, 0)) / e.days END AS attendance_rate,
      CASE WHEN r.since <= c.as_of AND e.days_28 > 0 THEN (e.days_28 - coalesce(k.missed_28, 0)) / e.days_28 END
        AS attendance_rate_28_days,
      CASE WHEN r.since <= c.as_of THEN coalesce(k.absences, 0) END AS absences,
      CASE WHEN r.since <= c.as_of THEN coalesce(k.absences_28, 0) END AS absences_28_days,
      CASE WHEN r.since <= c.as_of THEN coalesce(k.tardies, 0) END AS tardies
    FROM ${cohort.table} c
    LEFT JOIN reported r ON r.school = c.school AND r.period = c.period
    LEFT JOIN enrolled e ON e.school = c.school AND e.first_day = c.first_day AND e.as_of = c.as_of
    LEFT JOIN counted k USING ("row")`,
};
