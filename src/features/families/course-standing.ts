import type { FamilyContext, FeatureDefinition, FeatureFamily } from "../family.ts";
import { sectionsAndWork, submittedWork } from "./course-performance-sql.ts";

const feature = (
  name: string,
  meaning: string,
  unit: string,
  direction: FeatureDefinition["direction"],
  more: Partial<FeatureDefinition> = {},
): FeatureDefinition => ({
  name,
  meaning,
  unit,
  sources: ["section", "assignment", "result"],
  direction,
  missing: "missing until the learner has handed in work",
  actionable: true,
  group: "Course work",
  sinceVersion: "2",
  use: "detail",
  ...more,
});

const scored = { missing: "missing until work of the learner has a score" } as const;
const dueWork = { missing: "missing while nothing is due" } as const;
const rank = "mid-rank (0 to 1)";

/**
 * Where the learner stands on each piece of work among those who handed in the same piece, then the mean over pieces: free of
 * how hard the work was and of how much of it the calendar of the course has due. Work handed in before it is due counts, too.
 * Results carried over from an earlier attempt do not. A rank depends on who else is in the cohort, so a cohort must hold
 * whole peer groups.
 */
export const courseStanding: FeatureFamily = {
  name: "course-standing",
  version: "1",
  features: [
    feature("score_standing", "mean over pieces of work of the mid-rank of the score", rank, "lower is riskier", {
      ...scored,
      use: "core",
      ranked: "detail",
    }),
    feature("score_standing_minimum", "lowest mid-rank of a score", rank, "lower is riskier", scored),
    feature(
      "score_standing_first",
      "mid-rank of the score of the work handed in first",
      rank,
      "lower is riskier",
      scored,
    ),
    feature(
      "score_standing_last",
      "mid-rank of the score of the work handed in last",
      rank,
      "lower is riskier",
      scored,
    ),
    feature(
      "score_standing_weighted",
      "mean mid-rank of the scores, weighted by the weight of the work",
      rank,
      "lower is riskier",
      scored,
    ),
    feature(
      "score_standing_unweighted_work",
      "mean mid-rank of the scores of work without weight",
      rank,
      "lower is riskier",
      scored,
    ),
    feature(
      "score_standing_early_work",
      "mean mid-rank of the scores of work not due yet",
      rank,
      "lower is riskier",
      scored,
    ),
    feature(
      "score_against_class",
      "mean over pieces of (score − mean) / standard deviation",
      "standard deviations",
      "lower is riskier",
      scored,
    ),
    feature("score_maximum", "highest score", "score (0 to 100)", "lower is riskier", scored),
    feature("score_deviation", "standard deviation of the scores", "score points", "none", scored),
    feature("score_mean_early_work", "mean score of work not due yet", "score (0 to 100)", "lower is riskier", scored),
    feature(
      "submission_standing",
      "mean over pieces of the mid-rank of the day of handing in (high: later than others)",
      rank,
      "higher is riskier",
      {
        use: "core",
      },
    ),
    feature(
      "submission_standing_first",
      "mid-rank of the day of handing in, work handed in first",
      rank,
      "higher is riskier",
    ),
    feature(
      "submission_standing_last",
      "mid-rank of the day of handing in, work handed in last",
      rank,
      "higher is riskier",
    ),
    feature("submission_standing_maximum", "highest mid-rank of a day of handing in", rank, "higher is riskier"),
    feature("days_late_maximum", "most days between due day and submission", "days", "higher is riskier"),
    feature("days_since_submission", "days since work was last handed in", "days", "higher is riskier", {
      use: "core",
    }),
    feature("submissions", "pieces of work handed in, due or not", "pieces", "lower is riskier", { ranked: "detail" }),
    feature("submission_days", "days on which work was handed in", "days", "lower is riskier"),
    feature(
      "credit_to_date",
      "score so far over all due work, weighted; what is missing counts as 0",
      "score (0 to 100)",
      "lower is riskier",
      {
        missing: "missing while nothing with a weight is due",
        use: "core",
        ranked: "core",
      },
    ),
    feature(
      "credit_to_date_unweighted",
      "mean score over all due work; what is missing counts as 0",
      "score (0 to 100)",
      "lower is riskier",
      {
        ...dueWork,
        ranked: "detail",
      },
    ),
    feature(
      "work_missed_against_class",
      "sum over missed due work of the share of the class that handed it in",
      "pieces",
      "higher is riskier",
      {
        ...dueWork,
        use: "core",
      },
    ),
    feature(
      "work_done_against_class",
      "sum over due work handed in of the share of the class that did not",
      "pieces",
      "lower is riskier",
      dueWork,
    ),
    feature(
      "work_missed_in_a_row",
      "pieces of due work missed since the last one handed in",
      "pieces",
      "higher is riskier",
      { ...dueWork, use: "core" },
    ),
    feature(
      "work_done_in_a_row",
      "pieces of due work handed in since the last one missed",
      "pieces",
      "lower is riskier",
      dueWork,
    ),
    feature("last_work_done", "1 when the work due last was handed in, else 0", "0 or 1", "lower is riskier", dueWork),
    feature(
      "first_work_done",
      "1 when the work due first was handed in, else 0",
      "0 or 1",
      "lower is riskier",
      dueWork,
    ),
    feature(
      "last_days_late",
      "days between due day and submission, work due last",
      "days",
      "higher is riskier",
      dueWork,
    ),
    feature(
      "first_days_late",
      "days between due day and submission, work due first",
      "days",
      "higher is riskier",
      dueWork,
    ),
    feature("days_since_due", "days since the last due day", "days", "none", { ...dueWork, actionable: false }),
  ],
  sql: courseStandingSql,
};

/** (smaller + smaller or equal) / (2 n) within a piece of work and an as-of day. */
const midRank = (value: string): string => `(rank() OVER (PARTITION BY assignment, as_of ORDER BY ${value}) - 1
          + count(*) OVER (PARTITION BY assignment, as_of ORDER BY ${value})) / (2 * count(*) OVER (PARTITION BY assignment, as_of))`;

/** A DOUBLE that came out of divisions, as an exact number, so that sums do not depend on their order. */
const fixed = (value: string): string => `round(${value}, 9)::DECIMAL(18, 9)`;
const meanOf = (value: string, where?: string): string =>
  `avg(${fixed(value)})${where === undefined ? "" : ` FILTER (${where})`}`;

function courseStandingSql({ cohort }: FamilyContext): string {
  return `
    WITH ${sectionsAndWork(cohort.table)}, ${submittedWork(cohort.table)}, ${submissions}, ${slots}
    SELECT c."row", s.* EXCLUDE ("row"), t.* EXCLUDE ("row"), k.* EXCLUDE ("row")
    FROM ${cohort.table} c LEFT JOIN score_of s USING ("row") LEFT JOIN time_of t USING ("row") LEFT JOIN slot_of k USING ("row")`;
}

/** `handed`: everything a row's learner is known to have handed in. `score_of` and `time_of`: its standing, per row. */
const submissions = `
    handed AS (
      SELECT "row", as_of, assignment, due_on, weight, is_due, submitted_on, score, carried_over, days_late
      FROM submitted WHERE kind = 'assignment'
    ), score_standing AS (
      SELECT *, ${midRank("score")} AS standing,
        (score - avg(score::DECIMAL(18, 6)) OVER piece) / nullif(sqrt(greatest(
          avg((score * score)::DECIMAL(18, 6)) OVER piece - (avg(score::DECIMAL(18, 6)) OVER piece) ** 2, 0)), 0) AS z
      FROM handed WHERE score IS NOT NULL AND NOT carried_over
      WINDOW piece AS (PARTITION BY assignment, as_of)
    ), score_of AS (
      SELECT "row", ${meanOf("standing")} AS score_standing, min(standing) AS score_standing_minimum,
        arg_min(standing, row(submitted_on, assignment, score)) AS score_standing_first,
        arg_max(standing, row(submitted_on, assignment, score)) AS score_standing_last,
        sum(${fixed("standing * weight")})::DOUBLE / nullif(sum(${fixed("weight")})::DOUBLE, 0) AS score_standing_weighted,
        ${meanOf("standing", "weight = 0")} AS score_standing_unweighted_work,
        ${meanOf("standing", "NOT is_due")} AS score_standing_early_work,
        ${meanOf("z")} AS score_against_class, max(score) AS score_maximum,
        sqrt(greatest(avg((score * score)::DECIMAL(18, 6)) - avg(score::DECIMAL(18, 6)) ** 2, 0)) AS score_deviation,
        avg(score::DECIMAL(18, 6)) FILTER (NOT is_due) AS score_mean_early_work
      FROM score_standing GROUP BY "row"
    ), time_standing AS (
      SELECT *, ${midRank("submitted_on")} AS standing FROM handed WHERE NOT carried_over
    ), time_of AS (
      SELECT "row", ${meanOf("standing")} AS submission_standing,
        arg_min(standing, row(submitted_on, assignment)) AS submission_standing_first,
        arg_max(standing, row(submitted_on, assignment)) AS submission_standing_last,
        max(standing) AS submission_standing_maximum, max(days_late) AS days_late_maximum,
        min(as_of - submitted_on) AS days_since_submission, count(*) AS submissions, count(DISTINCT submitted_on) AS submission_days
      FROM time_standing GROUP BY "row"
    )`;

/** `slot`: every piece of work due to a row, done or not, newest first. */
const slots = `
    slot AS (
      SELECT t."row", t.as_of, w.assignment, w.due_on, w.weight, h.done, h.score, h.days_late,
        row_number() OVER (PARTITION BY t."row" ORDER BY w.due_on DESC, w.assignment) AS back,
        count(h.done) OVER (PARTITION BY w.assignment, t.as_of) / count(*) OVER (PARTITION BY w.assignment, t.as_of) AS done_share
      FROM taken t
      JOIN work w ON w.section = t.section AND w.kind = 'assignment' AND w.known_on <= t.as_of AND w.due_on <= t.as_of
        AND w.since <= t.as_of AND (t.entered_on IS NULL OR w.due_on >= t.entered_on) AND (t.exited_on IS NULL OR w.due_on < t.exited_on)
      LEFT JOIN (
        SELECT "row", assignment, true AS done, max(score) AS score, min(days_late) AS days_late FROM handed GROUP BY ALL
      ) h ON h."row" = t."row" AND h.assignment = w.assignment
    ), slot_of AS (
      SELECT "row", sum(${fixed("weight * coalesce(score, 0)")})::DOUBLE / nullif(sum(${fixed("weight")})::DOUBLE, 0) AS credit_to_date,
        avg(coalesce(score, 0)::DECIMAL(18, 6)) AS credit_to_date_unweighted,
        coalesce(sum(${fixed("done_share")}) FILTER (done IS NULL), 0)::DOUBLE AS work_missed_against_class,
        coalesce(sum(${fixed("1 - done_share")}) FILTER (done), 0)::DOUBLE AS work_done_against_class,
        coalesce(min(back) FILTER (done), count(*) + 1) - 1 AS work_missed_in_a_row,
        coalesce(min(back) FILTER (done IS NULL), count(*) + 1) - 1 AS work_done_in_a_row,
        max(coalesce(done, false)::INTEGER) FILTER (back = 1) AS last_work_done,
        arg_max(coalesce(done, false)::INTEGER, back) AS first_work_done,
        max(days_late) FILTER (back = 1) AS last_days_late, arg_max_null(days_late, back) AS first_days_late,
        min(as_of - due_on) AS days_since_due
      FROM slot GROUP BY "row"
    )`;
