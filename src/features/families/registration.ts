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
  const cells = told.map(([feature, name]) => `arg_max(value, known_on) FILTER (name = '${name}') AS ${feature}`);
  return `
    WITH told AS (
      -- what was known last holds; of several told on one day, the highest
      SELECT c."row", b.name, b.known_on, max(b.value) AS value
      FROM ${cohort.table} c JOIN background b ON b.learner = c.learner
      WHERE b.known_on <= c.as_of AND b.value IS NOT NULL AND b.name IN (${["NULL", ...told.map(([, name]) => `'${name}'`)].join(", ")})
      GROUP BY ALL
    ), background_of AS (
      SELECT ${['"row"', ...cells].join(", ")} FROM told GROUP BY "row"
    ), course_of AS (
      SELECT c."row", CASE WHEN min(s.course) = max(s.course) THEN min(s.course) END AS course
      FROM ${cohort.table} c JOIN section s ON s.learner = c.learner
      WHERE s.known_on <= c.as_of AND (s.entered_on IS NULL OR s.entered_on <= c.as_of)
        AND (s.exited_on IS NULL OR s.exited_on > c.as_of)
      GROUP BY c."row"
    )
    SELECT ${['c."row"', "(c.entered_on - c.starts_on)::DOUBLE AS entered_day", ...told.map(([feature]) => `b.${feature}`), "k.course"].join(", ")}
    FROM ${cohort.table} c LEFT JOIN background_of b USING ("row") LEFT JOIN course_of k USING ("row")`;
}
