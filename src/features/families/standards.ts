import type { FeatureFamily } from "../family.ts";
import { bothClocks, exactMean } from "../sql.ts";

const common = {
  sources: ["standard_result"],
  missing: "missing when no standard has been scored",
  actionable: true,
  group: "Standards",
  sinceVersion: "1",
} as const;

/** Results on standards: the latest score on each standard of the period counts. */
export const standards: FeatureFamily = {
  name: "standards",
  version: "1",
  features: [
    {
      ...common,
      name: "standards_mean",
      meaning: "mean over standards of the latest score on each",
      unit: "score (0 to 1)",
      direction: "lower is riskier",
    },
    {
      ...common,
      name: "standards_below_share",
      meaning: "share of scored standards whose latest score is below 0.7",
      unit: "share",
      direction: "higher is riskier",
    },
  ],
  sql: ({ cohort }) => `
    WITH latest AS (
      SELECT c."row", s.standard, arg_max(s.score, row(s.on_date, s.known_on, s.score)) AS score
      FROM ${cohort.table} c
      JOIN standard_result s ON s.learner = c.learner AND ${bothClocks("s.on_date", "s.known_on", "c.as_of")}
      WHERE s.score IS NOT NULL
      GROUP BY ALL
    ), summary AS (
      SELECT "row", ${exactMean("score")} AS mean, count(*) FILTER (score < 0.7) / count(*) AS below
      FROM latest GROUP BY "row"
    )
    SELECT c."row", s.mean AS standards_mean, s.below AS standards_below_share
    FROM ${cohort.table} c LEFT JOIN summary s USING ("row")`,
};
