import type { FeatureDefinition, FeatureFamily } from "../family.ts";

const count = (name: string, meaning: string): FeatureDefinition => ({
  name,
  meaning,
  unit: "days",
  sources: ["behavior", "enrolment"],
  direction: "higher is riskier",
  missing: "missing until the school has reported at least one incident, ever; after that, nothing reported is 0",
  actionable: true,
  group: "Behavior",
  sinceVersion: "1",
});

/**
 * Conduct. Incidents count as days: two of the same kind on one day count once, as in Ed-Fi's rule (handbook 1.3).
 */
export const behavior: FeatureFamily = {
  name: "behavior",
  version: "1",
  features: [
    count("conduct_incidents", "days with an incident against the code of conduct since the start of the period"),
    count("conduct_incidents_63_days", "days with an incident against the code of conduct in the last nine weeks"),
    count("state_offenses", "days with an offense that the state counts since the start of the period"),
    count("minor_incidents", "days with a minor incident since the start of the period"),
    count("suspensions", "days with an incident that led to a suspension since the start of the period"),
  ],
  sql: ({ cohort }) => `
    WITH reported AS (
      SELECT e.school, min(greatest(b.on_date, b.known_on, e.known_on, e.entered_on)) AS since
      FROM behavior b JOIN enrolment e USING (learner)
      WHERE b.on_date IS NOT NULL AND b.known_on IS NOT NULL AND e.known_on IS NOT NULL
      GROUP BY ALL
    ), incident_day AS (
      SELECT c."row", b.on_date, c.as_of, bool_or(b.severity = 'conduct') AS conduct,
        bool_or(b.severity = 'state-offense') AS offense, bool_or(b.severity = 'minor') AS minor,
        bool_or(b.action ILIKE '%suspension%') AS suspended
      FROM ${cohort.table} c
      JOIN behavior b ON b.learner = c.learner AND b.on_date BETWEEN c.starts_on AND c.as_of AND b.known_on <= c.as_of
      GROUP BY ALL
    ), counted AS (
      SELECT "row",
        count(*) FILTER (conduct) AS conduct,
        count(*) FILTER (conduct AND on_date > as_of - 63) AS conduct_63,
        count(*) FILTER (offense) AS offenses,
        count(*) FILTER (minor) AS minor,
        count(*) FILTER (suspended) AS suspensions
      FROM incident_day GROUP BY "row"
    )
    SELECT c."row",
      CASE WHEN r.since <= c.as_of THEN coalesce(k.conduct, 0) END AS conduct_incidents,
      CASE WHEN r.since <= c.as_of THEN coalesce(k.conduct_63, 0) END AS conduct_incidents_63_days,
      CASE WHEN r.since <= c.as_of THEN coalesce(k.offenses, 0) END AS state_offenses,
      CASE WHEN r.since <= c.as_of THEN coalesce(k.minor, 0) END AS minor_incidents,
      CASE WHEN r.since <= c.as_of THEN coalesce(k.suspensions, 0) END AS suspensions
    FROM ${cohort.table} c
    LEFT JOIN reported r ON r.school = c.school
    LEFT JOIN counted k USING ("row")`,
};
