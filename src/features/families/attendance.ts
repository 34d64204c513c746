import { measuredFamily } from "../algebra/measured-family.ts";
import type { FeatureFamily } from "../family.ts";

/** The first day on which each learner and day is known to be of a category: a day counts once, however often it is told. */
const days = (column: string, where: string): string => `
      SELECT learner, on_date, min(greatest(on_date, known_on)) AS visible, 1 AS ${column}
      FROM exception WHERE ${where} GROUP BY learner, on_date`;

/**
 * Being there. Sources list exceptions only, so the denominator is the school's calendar while the learner was enrolled
 * there (Ed-Fi's definition, handbook 1.3): each day counts once, excused or not; tardy and partial days are present.
 * Absences from single classes are measured apart: they say nothing of the day.
 */
export const attendance: FeatureFamily = measuredFamily({
  name: "attendance",
  version: "2",
  group: "Attendance",
  sources: ["attendance", "calendar", "enrolment"],
  since: "first_day",
  scope: "school and period",
  silence: "until the school has reported at least one exception in this period",
  spoken: "SELECT learner, on_date, known_on FROM attendance",
  measures: [
    {
      name: "attendance_rate",
      meaning: "share of instructional days on which the learner was enrolled and not absent",
      unit: "share",
      direction: "lower is riskier",
      kind: "presence",
      value: "absent",
      core: ["year", "month"],
      detail: ["week", "fortnight", "nineWeeks", "term"],
      change: "core",
      ranked: "core",
      changeRanked: "detail",
      sinceVersion: "2",
      sinceFirst: ["attendance_rate", "attendance_rate_28_days"],
    },
    {
      name: "absences",
      meaning: "days absent",
      unit: "days",
      direction: "higher is riskier",
      kind: "total",
      value: "absent",
      core: ["year", "month"],
      detail: ["week", "fortnight", "nineWeeks", "term"],
      trend: "core",
      sinceVersion: "2",
      sinceFirst: ["absences", "absences_28_days"],
    },
    {
      name: "unexcused_absences",
      meaning: "days absent without an excuse",
      unit: "days",
      direction: "higher is riskier",
      kind: "total",
      value: "unexcused",
      core: ["year"],
      detail: ["month", "nineWeeks", "term"],
      change: "detail",
      sinceVersion: "2",
    },
    {
      name: "tardies",
      meaning: "days tardy",
      unit: "days",
      direction: "higher is riskier",
      kind: "total",
      value: "tardy",
      core: ["year"],
      detail: ["week", "fortnight", "month", "nineWeeks", "term"],
      change: "detail",
      trend: "detail",
      sinceVersion: "2",
      sinceFirst: ["tardies"],
    },
    {
      name: "partial_days",
      meaning: "days attended in part",
      unit: "days",
      direction: "higher is riskier",
      kind: "total",
      value: "partial",
      core: [],
      detail: ["month", "year"],
      sinceVersion: "2",
    },
  ],
  facts: () => `
    exception AS (
      SELECT a.* FROM attendance a SEMI JOIN stint s ON s.learner = a.learner
      WHERE a.on_date IS NOT NULL AND a.known_on IS NOT NULL
    ), fact AS (
      ${days("absent", "category = 'absent'")}
      UNION ALL BY NAME ${days("unexcused", "category = 'absent' AND excused = false")}
      UNION ALL BY NAME ${days("tardy", "category = 'tardy'")}
      UNION ALL BY NAME ${days("partial", "category = 'partial'")}
    )`,
});
