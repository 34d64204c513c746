import type { Measure } from "../algebra/measure.ts";
import { measuredFamily } from "../algebra/measured-family.ts";
import type { FeatureDirection, FeatureFamily } from "../family.ts";

/** An answer this fast was not read, whatever the item (the fixed three-second threshold of Wise and Kong 2005). */
const QUICK_SECONDS = 3;
/** Longer than this, the clock ran while the learner did something else. */
const LONGEST_SECONDS = 300;

const mean = (
  name: string,
  meaning: string,
  value: string,
  weight: string,
  direction: FeatureDirection,
  more: Partial<Measure> = {},
): Measure => ({
  name,
  meaning,
  unit: "share",
  direction,
  kind: "mean",
  value,
  weight,
  core: [],
  detail: ["year", "month"],
  sinceVersion: "2",
  ...more,
});

/**
 * What a learner does after an error, with help, and with time: persistence and help-seeking as behavior, not as an opinion
 * about a character. An answer follows the one before it on the same day, in the order in which answers became known.
 */
export const persistence: FeatureFamily = measuredFamily({
  name: "persistence",
  version: "1",
  group: "Persistence",
  sources: ["response"],
  since: "starts_on",
  scope: "school and period",
  silence: "until a learner of this school and period has answered on the platform",
  spoken: `SELECT learner, "at"::DATE AS on_date, known_on FROM response`,
  measures: [
    mean(
      "retry_after_error_share",
      "share of answers after an error that stay with the same item or standard",
      "retried",
      "after_error",
      "lower is riskier",
      { core: ["year"], detail: ["month", "nineWeeks"], change: "detail" },
    ),
    mean(
      "correct_after_error_rate",
      "mean correctness of answers after an error",
      "recovered",
      "after_error",
      "lower is riskier",
    ),
    mean(
      "seconds_after_error",
      `mean seconds taken for the answer after an error (at most ${LONGEST_SECONDS} count)`,
      "seconds_after",
      "timed_after",
      "none",
      { unit: "seconds" },
    ),
    mean("help_after_error_share", "share of answers after an error with a hint", "helped", "help_told", "none"),
    mean("help_share", "share of answers with a hint", "with_help", "told_help", "none"),
    mean("attempts_per_answer", "attempts per answer", "attempts", "told_attempts", "none", { unit: "attempts" }),
    mean(
      "quick_answer_share",
      `share of timed answers under ${QUICK_SECONDS} seconds: too fast to have been read`,
      "quick",
      "timed",
      "higher is riskier",
      { core: ["month"], detail: ["year", "nineWeeks"], change: "detail" },
    ),
    mean("correct_rate", "mean correctness of answers", "correct", "marked", "lower is riskier", {
      core: ["month"],
      detail: ["fortnight", "nineWeeks"],
      change: "core",
      trend: "detail",
      changeRanked: "detail",
    }),
    mean(
      "errors_in_a_row",
      "mean number of errors in a row before an answer",
      "streak",
      "answered",
      "higher is riskier",
      {
        unit: "errors",
      },
    ),
  ],
  facts: () => `
    answer AS (
      SELECT learner, item, standard, "at", "at"::DATE AS on_date, greatest("at"::DATE, known_on) AS visible,
        correct, attempts, hints, seconds
      FROM response SEMI JOIN stint USING (learner) WHERE "at" IS NOT NULL AND known_on IS NOT NULL
    ), followed AS (
      SELECT *, lag(correct) OVER turn AS before, lag(item) OVER turn AS item_before, lag(standard) OVER turn AS standard_before,
        row_number() OVER turn AS turn
      FROM answer
      WINDOW turn AS (PARTITION BY learner, on_date ORDER BY visible, "at", item, standard, correct, attempts, hints, seconds)
    ), counted AS (
      SELECT *, turn - 1 - coalesce(max(CASE WHEN coalesce(correct, 1) >= 0.5 THEN turn END) OVER (
          PARTITION BY learner, on_date ORDER BY turn ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS errors,
        coalesce(before < 0.5, false) AS failed
      FROM followed
    ), fact AS (
      SELECT learner, on_date, visible, count(*) AS answered, sum(errors) AS streak,
        count(*) FILTER (failed) AS after_error,
        count(*) FILTER (failed AND (item = item_before OR standard = standard_before)) AS retried,
        sum(correct::DECIMAL(18, 6)) FILTER (failed) AS recovered,
        sum(least(seconds, ${LONGEST_SECONDS})::DECIMAL(18, 6)) FILTER (failed AND seconds > 0) AS seconds_after,
        count(*) FILTER (failed AND seconds > 0) AS timed_after,
        count(*) FILTER (failed AND hints > 0) AS helped, count(hints) FILTER (failed) AS help_told,
        count(*) FILTER (hints > 0) AS with_help, count(hints) AS told_help,
        sum(attempts) AS attempts, count(attempts) AS told_attempts,
        count(*) FILTER (seconds < ${QUICK_SECONDS}) AS quick, count(seconds) AS timed,
        sum(correct::DECIMAL(18, 6)) AS correct, count(correct) AS marked
      FROM counted GROUP BY learner, on_date, visible
    )`,
});
