import type { FeatureFamily } from "../family.ts";
import { bothClocks, literal } from "../sql.ts";

const scales = ["persistence", "self-management", "belonging"] as const;
const column = (scale: string): string => `survey_${scale.replaceAll("-", "_")}`;

/** Non-cognitive surveys: the latest score on each of three scales. */
export const survey: FeatureFamily = {
  name: "survey",
  version: "1",
  features: scales.map((scale) => ({
    name: column(scale),
    meaning: `latest score on the survey scale ${scale}`,
    unit: "mean answer (1 to 5)",
    sources: ["survey"],
    direction: "lower is riskier",
    missing: "missing when the learner has not answered in this period",
    actionable: true,
    group: "Survey",
    sinceVersion: "1",
  })),
  sql: ({ cohort }) => `
    WITH latest AS (
      SELECT c."row", s.scale, arg_max(s.value, row(s.on_date, s.known_on, s.items, s.value)) AS value
      FROM ${cohort.table} c
      JOIN survey s ON s.learner = c.learner AND ${bothClocks("s.on_date", "s.known_on", "c.as_of")}
      WHERE s.value IS NOT NULL AND s.scale IN (${scales.map(literal).join(", ")})
      GROUP BY ALL
    ), wide AS (
      SELECT "row", ${scales.map((scale) => `max(value) FILTER (scale = ${literal(scale)}) AS ${column(scale)}`).join(", ")}
      FROM latest GROUP BY "row"
    )
    SELECT c."row", ${scales.map((scale) => `w.${column(scale)}`).join(", ")}
    FROM ${cohort.table} c LEFT JOIN wide w USING ("row")`,
};
