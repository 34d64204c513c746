import type { Measure } from "../algebra/measure.ts";
import { measuredFamily } from "../algebra/measured-family.ts";
import type { FeatureFamily } from "../family.ts";

/** Incidents count as days: two of the same kind on one day count once, as in Ed-Fi's rule (handbook 1.3). */
const days = (column: string, where: string): string => `
      SELECT learner, on_date, min(greatest(on_date, known_on)) AS visible, 1 AS ${column}
      FROM incident WHERE ${where} GROUP BY learner, on_date`;

const counted = (name: string, meaning: string, value: string): Measure => ({
  name,
  meaning,
  unit: "days",
  direction: "higher is riskier",
  kind: "total",
  value,
  core: ["year"],
  sinceVersion: "2",
  sinceFirst: [name],
});

/** Conduct: incidents in which the learner is the one who did it. Incidents are rare, so the short windows are not kept. */
export const behavior: FeatureFamily = measuredFamily({
  name: "behavior",
  version: "2",
  group: "Behavior",
  sources: ["behavior", "enrolment"],
  since: "starts_on",
  scope: "school",
  silence: "until the school has reported at least one incident, ever",
  spoken: "SELECT learner, on_date, known_on FROM behavior",
  measures: [
    {
      ...counted("conduct_incidents", "days with an incident against the code of conduct", "conduct"),
      core: ["year", "nineWeeks"],
      sinceFirst: ["conduct_incidents", "conduct_incidents_63_days"],
      detail: ["fortnight", "month", "term"],
      change: "core",
      trend: "detail",
      ranked: "detail",
    },
    {
      ...counted("state_offenses", "days with an offense that the state counts", "offense"),
      detail: ["nineWeeks", "term"],
    },
    {
      ...counted("minor_incidents", "days with a minor incident", "minor"),
      detail: ["fortnight", "month", "nineWeeks", "term"],
      change: "detail",
      trend: "detail",
    },
    {
      ...counted("suspensions", "days with an incident that led to a suspension", "suspended"),
      detail: ["nineWeeks", "term"],
    },
  ],
  facts: () => `
    incident AS (
      SELECT b.* FROM behavior b SEMI JOIN stint s ON s.learner = b.learner
      WHERE b.on_date IS NOT NULL AND b.known_on IS NOT NULL
    ), fact AS (
      ${days("conduct", "severity = 'conduct'")}
      UNION ALL BY NAME ${days("offense", "severity = 'state-offense'")}
      UNION ALL BY NAME ${days("minor", "severity = 'minor'")}
      UNION ALL BY NAME ${days("suspended", "action ILIKE '%suspension%'")}
    )`,
});
