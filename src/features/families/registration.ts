import type { FamilyContext, FeatureFamily } from "../family.ts";

/** What was known when the learner came: day of entry, earlier attempts, credits, education, the one course taken. */
export const registration: FeatureFamily = {
  name: "registration",
  version: "1",
  features: [
    {
      name: "entered_day",
      meaning: "day the learner entered, counted from the first day of the period (negative: before it)",
      unit: "days",
      sources: ["enrolment"],
      direction: "higher is riskier",
      missing: "missing when the source gives no day of entry",
      actionable: false,
      group: "Background",
      sinceVersion: "1",
      ranked: "core",
    },
    {
      name: "previous_attempts",
      meaning: "how often the learner has tried this course before",
      unit: "attempts",
      sources: ["background"],
      direction: "higher is riskier",
      missing: "missing when not reported",
      actionable: false,
      group: "Background",
      sinceVersion: "1",
    },
    {
      name: "studied_credits",
      meaning: "credits the learner studies for at the same time",
      unit: "credits",
      sources: ["background"],
      direction: "higher is riskier",
      missing: "missing when not reported",
      actionable: true,
      group: "Background",
      sinceVersion: "1",
    },
    {
      name: "highest_education",
      meaning: "highest education on entry: 0 none, 1 below A level, 2 A level, 3 higher education, 4 postgraduate",
      unit: "level (0 to 4)",
      sources: ["background"],
      direction: "lower is riskier",
      missing: "missing when not reported",
      actionable: false,
      group: "Background",
      sinceVersion: "1",
    },
    {
      name: "course",
      meaning: "the course, where the learner takes exactly one in this period",
      unit: "label",
      kind: "categorical",
      sources: ["section"],
      direction: "none",
      missing: "missing when the learner takes no course or several",
      actionable: false,
      group: "Background",
      sinceVersion: "1",
    },
  ],
  sql: registrationSql,
};

/** Each feature of the background by the name it goes by in the source. */
const backgroundNames: Readonly<Record<string, string>> = {
  previous_attempts: "num_of_prev_attempts",
  studied_credits: "studied_credits",
  highest_education: "highest_education",
};

function registrationSql({ cohort, wants }: FamilyContext): string {
  const told = Object.entries(backgroundNames).filter(([feature]) => wants(feature));
  const names = `b.name IN (${["NULL", ...told.map(([, name]) => `'${name}'`)].join(", ")})`;
  const cells = (value: string): string =>
    told.map(([feature, name]) => `, ${value} FILTER (name = '${name}') AS ${feature}`).join("");
  return `
    WITH told AS MATERIALIZED (
      SELECT c."row", b.name, b.known_on, b.value FROM ${cohort.table} c JOIN background b ON b.learner = c.learner
      WHERE b.known_on <= c.as_of AND b.value IS NOT NULL AND ${names}
    ), told_once AS (
      -- nearly everybody's background is told on one day: of several told on it, the highest
      SELECT "row", min(known_on) < max(known_on) AS is_revised${cells("max(value)")} FROM told GROUP BY "row"
    ), told_again AS (
      -- for the others, what was known last holds
      SELECT "row"${cells("arg_max(value, known_on)")} FROM (
        SELECT "row", name, known_on, max(value) AS value FROM told SEMI JOIN (FROM told_once WHERE is_revised) USING ("row")
        GROUP BY ALL
      ) GROUP BY "row"
    ), course_of AS (
      SELECT c."row", CASE WHEN min(s.course) = max(s.course) THEN min(s.course) END AS course
      FROM ${cohort.table} c JOIN section s ON s.learner = c.learner
      WHERE s.known_on <= c.as_of AND (s.entered_on IS NULL OR s.entered_on <= c.as_of)
        AND (s.exited_on IS NULL OR s.exited_on > c.as_of)
      GROUP BY c."row"
    )
    SELECT ${['c."row"', "(c.entered_on - c.starts_on)::DOUBLE AS entered_day", ...told.map(([feature]) => `CASE WHEN b.is_revised THEN r.${feature} ELSE b.${feature} END AS ${feature}`), "k.course"].join(", ")}
    FROM ${cohort.table} c LEFT JOIN told_once b USING ("row") LEFT JOIN told_again r USING ("row") LEFT JOIN course_of k USING ("row")`;
}
