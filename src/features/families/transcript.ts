import type { FeatureDefinition, FeatureFamily } from "../family.ts";
import { bothClocks, exactMean, exactSum } from "../sql.ts";

/** A mark below this is a failed course (Ed-Fi's letter F counts 55, its D 65: handbook 1.3). */
const PASSING = 60;

const feature = (
  name: string,
  meaning: string,
  unit: string,
  source: "course_grade" | "academic_summary" | "assessment_result",
  more: Partial<FeatureDefinition> = {},
): FeatureDefinition => ({
  name,
  meaning,
  unit,
  sources: [source],
  direction: "lower is riskier",
  missing: "missing until a record of the person says it, wherever it came from",
  actionable: false,
  group: "What came along",
  sinceVersion: "2",
  ...more,
});

const percentile = (name: string, subject: string): FeatureDefinition =>
  feature(name, `percentile of the latest valid test in ${subject}`, "percentile (0 to 100)", "assessment_result", {
    missing: "missing without a test result with a percentile; rushed and invalid sittings do not count",
  });

/**
 * Marks, credits and tests of the person, whichever school they come from: for a learner who is new here, this is what came
 * along with the record.
 */
export const transcript: FeatureFamily = {
  name: "transcript",
  version: "1",
  features: [
    feature("grade_point_average", "latest grade point average on record", "points (0 to 4)", "academic_summary"),
    feature("credits_earned", "credits on the latest transcript", "credits", "academic_summary", { use: "detail" }),
    feature("credit_share", "credits earned over credits attempted, all marks on record", "share", "course_grade", {
      use: "detail",
    }),
    feature("courses_failed", `final and semester marks below ${PASSING}, ever`, "marks", "course_grade", {
      direction: "higher is riskier",
    }),
    feature(
      "final_mark_mean",
      "mean of the final and semester marks before this period",
      "score (0 to 100)",
      "course_grade",
    ),
    feature(
      "reported_mark_mean",
      "mean of the marks reported in this period (grading period, midterm, progress)",
      "score (0 to 100)",
      "course_grade",
      {
        actionable: true,
      },
    ),
    feature("reported_mark_minimum", "lowest mark reported in this period", "score (0 to 100)", "course_grade", {
      actionable: true,
      use: "detail",
    }),
    percentile("mathematics_percentile", "mathematics"),
    percentile("english_percentile", "English"),
    feature("rushed_test_share", "share of test sittings marked as rushed or invalid", "share", "assessment_result", {
      direction: "higher is riskier",
      use: "detail",
      missing: "missing until a sitting says whether it was valid",
    }),
  ],
  sql: ({ cohort }) => `
    WITH mark AS (
      SELECT c."row", g.kind IN ('final', 'semester') AS is_final, g.on_date < c.starts_on AS is_before, g.kind, g.score,
        g.credits_attempted, g.credits_earned
      FROM ${cohort.table} c JOIN course_grade g ON g.person = c.person AND ${bothClocks("g.on_date", "g.known_on", "c.as_of")}
      WHERE g.kind <> 'conduct'
    ), marks AS (
      SELECT "row", count(*) FILTER (is_final AND score < ${PASSING}) AS failed, count(*) FILTER (is_final AND score IS NOT NULL) AS finals,
        ${exactMean("score", "is_final AND is_before")} AS final_mean,
        ${exactMean("score", "NOT is_final AND kind <> 'exam' AND NOT is_before")} AS reported_mean,
        min(score) FILTER (NOT is_final AND kind <> 'exam' AND NOT is_before) AS reported_minimum,
        ${exactSum("credits_earned", "credits_attempted > 0")} / nullif(${exactSum("credits_attempted", "credits_earned IS NOT NULL AND credits_attempted > 0")}, 0) AS credit_share
      FROM mark GROUP BY "row"
    ), summary AS (
      SELECT c."row", arg_max(a.grade_point_average, row(a.on_date, a.known_on, a.grade_point_average)) AS average,
        arg_max(a.credits_earned, row(a.on_date, a.known_on, a.credits_earned)) AS credits
      FROM ${cohort.table} c JOIN academic_summary a ON a.person = c.person AND ${bothClocks("a.on_date", "a.known_on", "c.as_of")}
      GROUP BY c."row"
    ), sitting AS (
      SELECT c."row", t.subject, t.percentile, t.validity, row(t.on_date, t.known_on, t.assessment, t.percentile) AS newest
      FROM ${cohort.table} c JOIN assessment_result t ON t.person = c.person AND ${bothClocks("t.on_date", "t.known_on", "c.as_of")}
    ), tests AS (
      SELECT "row",
        ${["math", "english"].map((subject) => `arg_max(percentile, newest) FILTER (subject = '${subject}' AND percentile IS NOT NULL AND coalesce(validity, 'valid') = 'valid') AS ${subject}`).join(",\n        ")},
        count(*) FILTER (validity IN ('rushed', 'invalid')) / nullif(count(validity), 0) AS rushed
      FROM sitting GROUP BY "row"
    )
    SELECT c."row", s.average AS grade_point_average, s.credits AS credits_earned, m.credit_share,
      CASE WHEN m.finals > 0 THEN m.failed END AS courses_failed, m.final_mean AS final_mark_mean,
      m.reported_mean AS reported_mark_mean, m.reported_minimum AS reported_mark_minimum,
      t.math AS mathematics_percentile, t.english AS english_percentile, t.rushed AS rushed_test_share
    FROM ${cohort.table} c LEFT JOIN marks m USING ("row") LEFT JOIN summary s USING ("row") LEFT JOIN tests t USING ("row")`,
};
