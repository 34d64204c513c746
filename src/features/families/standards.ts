import type { FeatureDefinition, FeatureFamily } from "../family.ts";
import { bothClocks, exactMean } from "../sql.ts";

/** A standard counts as mastered from the first day with this score … */
export const MASTERED = 0.7;
/** … once there are this many pieces of evidence: one lucky answer masters nothing. */
export const LEAST_EVIDENCE = 3;
/** So much evidence without mastery is wheel-spinning (Beck and Gong 2013: ten opportunities). */
const STUCK_EVIDENCE = 10;
/** A mastered standard that later falls below this is forgotten. */
const FORGOTTEN = 0.5;

const scored = {
  sources: ["standard_result"],
  missing: "missing when no standard has been scored",
  actionable: true,
  group: "Standards",
  sinceVersion: "1",
} as const;

const seen = {
  ...scored,
  sources: ["standard_result", "observation", "response"],
  missing: "missing until there is evidence on a standard: a score, an observation or an answer",
  sinceVersion: "2",
} as const;

const features: readonly FeatureDefinition[] = [
  {
    ...scored,
    name: "standards_mean",
    meaning: "mean over standards of the latest score on each",
    unit: "score (0 to 1)",
    direction: "lower is riskier",
  },
  {
    ...scored,
    name: "standards_below_share",
    meaning: `share of scored standards whose latest score is below ${MASTERED}`,
    unit: "share",
    direction: "higher is riskier",
  },
  {
    ...seen,
    name: "standards_seen",
    meaning: "standards with any evidence",
    unit: "standards",
    direction: "lower is riskier",
    use: "detail",
  },
  {
    ...seen,
    name: "standards_mastered_share",
    meaning: `share of seen standards mastered: a day at ${MASTERED} or above after ${LEAST_EVIDENCE} pieces of evidence`,
    unit: "share",
    direction: "lower is riskier",
    ranked: "detail",
  },
  {
    ...seen,
    name: "standards_velocity_63_days",
    meaning: "standards newly mastered per week in the last 63 days",
    unit: "standards per week",
    direction: "lower is riskier",
  },
  {
    ...seen,
    name: "standards_velocity_change",
    meaning: "standards newly mastered in the last 28 days minus those in the 28 days before",
    unit: "standards",
    direction: "lower is riskier",
    use: "detail",
  },
  {
    ...seen,
    name: "standards_stuck",
    meaning: `standards with ${STUCK_EVIDENCE} or more pieces of evidence and no mastery: wheel-spinning`,
    unit: "standards",
    direction: "higher is riskier",
  },
  {
    ...seen,
    name: "standards_forgotten_share",
    meaning: `share of mastered standards whose latest evidence is below ${FORGOTTEN}`,
    unit: "share",
    direction: "higher is riskier",
    missing: "missing until a standard is mastered",
  },
  {
    ...seen,
    sources: [...seen.sources, "prerequisite"],
    name: "prerequisite_gap_share",
    meaning: "share of the standards worked on in the last 28 days that need a standard the learner has not mastered",
    unit: "share",
    direction: "higher is riskier",
    missing: "missing when no standard with a prerequisite was worked on in the last 28 days",
  },
];

/** Mastery of standards by simple counts: what the record itself shows; the mastery models estimate the same with a theory. */
export const standards: FeatureFamily = {
  name: "standards",
  version: "2",
  features,
  sql: ({ cohort }) => `
    WITH latest AS (
      SELECT c."row", s.standard, arg_max(s.score, row(s.on_date, s.known_on, s.score)) AS score
      FROM ${cohort.table} c
      JOIN standard_result s ON s.learner = c.learner AND ${bothClocks("s.on_date", "s.known_on", "c.as_of")}
      WHERE s.score IS NOT NULL
      GROUP BY ALL
    ), summary AS (
      SELECT "row", ${exactMean("score")} AS mean, count(*) FILTER (score < ${MASTERED}) / count(*) AS below
      FROM latest GROUP BY "row"
    ), told AS (
      SELECT learner, standard, on_date, known_on, score FROM standard_result
      UNION ALL SELECT learner, standard, on_date, known_on, score FROM observation
      UNION ALL SELECT learner, standard, "at"::DATE, known_on, correct FROM response
    ), evidence AS (
      SELECT learner, standard, on_date, greatest(on_date, known_on) AS visible, count(*) AS pieces,
        sum(score::DECIMAL(18, 6)) AS score
      FROM told SEMI JOIN ${cohort.table} USING (learner)
      WHERE standard IS NOT NULL AND on_date IS NOT NULL AND known_on IS NOT NULL AND score IS NOT NULL
      GROUP BY ALL
    ), daily AS (
      SELECT c."row", c.as_of, e.standard, e.on_date, sum(e.score)::DOUBLE / sum(e.pieces)::DOUBLE AS score, sum(e.pieces) AS pieces
      FROM ${cohort.table} c JOIN evidence e ON e.learner = c.learner AND e.visible <= c.as_of
      GROUP BY ALL
    ), running AS (
      SELECT *, sum(pieces) OVER (PARTITION BY "row", standard ORDER BY on_date) AS so_far FROM daily
    ), progress AS (
      SELECT "row", as_of, standard, sum(pieces) AS pieces, max(on_date) AS last_day, arg_max(score, on_date) AS last_score,
        min(on_date) FILTER (score >= ${MASTERED} AND so_far >= ${LEAST_EVIDENCE}) AS mastered_on
      FROM running GROUP BY ALL
    ), gap AS (
      SELECT p."row", p.standard, bool_or(q.mastered_on IS NULL) AS is_gap
      FROM progress p JOIN (SELECT DISTINCT standard, requires FROM prerequisite) r ON r.standard = p.standard
      LEFT JOIN progress q ON q."row" = p."row" AND q.standard = r.requires
      WHERE p.last_day > p.as_of - 28 GROUP BY ALL
    ), gaps AS (
      SELECT "row", count(*) FILTER (is_gap) / count(*) AS share FROM gap GROUP BY "row"
    ), counted AS (
      SELECT "row", count(*) AS seen, count(mastered_on) AS mastered,
        count(*) FILTER (mastered_on > as_of - 63) AS mastered_63, count(*) FILTER (mastered_on > as_of - 28) AS mastered_28,
        count(*) FILTER (mastered_on > as_of - 56 AND mastered_on <= as_of - 28) AS mastered_before,
        count(*) FILTER (mastered_on IS NULL AND pieces >= ${STUCK_EVIDENCE}) AS stuck,
        count(*) FILTER (mastered_on < last_day AND last_score < ${FORGOTTEN}) AS forgotten
      FROM progress GROUP BY "row"
    )
    SELECT c."row", s.mean AS standards_mean, s.below AS standards_below_share,
      k.seen AS standards_seen, k.mastered / k.seen AS standards_mastered_share, k.mastered_63 / 9 AS standards_velocity_63_days,
      k.mastered_28 - k.mastered_before AS standards_velocity_change, k.stuck AS standards_stuck,
      CASE WHEN k.mastered > 0 THEN k.forgotten / k.mastered END AS standards_forgotten_share, g.share AS prerequisite_gap_share
    FROM ${cohort.table} c LEFT JOIN summary s USING ("row") LEFT JOIN counted k USING ("row") LEFT JOIN gaps g USING ("row")`,
};
