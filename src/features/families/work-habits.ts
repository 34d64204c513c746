import { measuredFamily } from "../algebra/measured-family.ts";
import type { FeatureFamily } from "../family.ts";

const silence = "until work is due in a section the learner takes and somebody has handed it in";

/**
 * Course work by the day it was due: what course-performance says of the whole year, over windows and against the learner's
 * own past. Work counts as due from the day it is due and first evidence of anybody is known.
 */
export const workHabits: FeatureFamily = measuredFamily({
  name: "work-habits",
  version: "1",
  group: "Course work",
  sources: ["section", "assignment", "result"],
  since: "starts_on",
  scope: "school and period",
  silence,
  spoken: "SELECT learner, submitted_on AS on_date, known_on FROM result",
  measures: [
    {
      name: "work_missed_share",
      meaning: "share of due work not handed in",
      unit: "share",
      direction: "higher is riskier",
      kind: "mean",
      value: "missed",
      weight: "due",
      core: ["month"],
      detail: ["fortnight", "nineWeeks", "term"],
      change: "core",
      trend: "detail",
      changeRanked: "detail",
      sinceVersion: "2",
    },
    {
      name: "score_mean",
      meaning: "mean score of due work handed in",
      unit: "score (0 to 100)",
      direction: "lower is riskier",
      kind: "mean",
      value: "score",
      weight: "scored",
      core: ["month"],
      detail: ["fortnight", "nineWeeks", "term"],
      change: "core",
      trend: "core",
      changeRanked: "detail",
      sinceVersion: "2",
    },
    {
      name: "work_late_share",
      meaning: "share of the due work handed in that came after the due day",
      unit: "share",
      direction: "higher is riskier",
      kind: "mean",
      value: "late",
      weight: "handed_in",
      core: [],
      detail: ["month", "nineWeeks", "term"],
      change: "detail",
      sinceVersion: "2",
    },
    {
      name: "days_late",
      meaning: "mean days between due day and submission of due work (negative: early)",
      unit: "days",
      direction: "higher is riskier",
      kind: "mean",
      value: "days_late",
      weight: "handed_in",
      core: [],
      detail: ["month", "nineWeeks"],
      change: "detail",
      trend: "detail",
      sinceVersion: "2",
    },
    {
      name: "early_work_share",
      meaning: "share of the due work handed in that came a day or more before the due day: planning ahead",
      unit: "share",
      direction: "lower is riskier",
      kind: "mean",
      value: "early",
      weight: "handed_in",
      core: [],
      detail: ["year", "month"],
      sinceVersion: "2",
    },
  ],
  facts: () => `
    evidence AS (
      SELECT assignment, min(greatest(submitted_on, known_on)) AS since FROM result
      WHERE submitted_on IS NOT NULL AND known_on IS NOT NULL GROUP BY assignment
    ), owed AS (
      SELECT s.learner, a.assignment, a.due_on, min(greatest(a.due_on, e.since, a.known_on, s.known_on)) AS visible
      FROM section s SEMI JOIN stint t ON t.learner = s.learner
      JOIN assignment a ON a.section = s.section AND a.kind = 'assignment'
        AND (s.entered_on IS NULL OR a.due_on >= s.entered_on) AND (s.exited_on IS NULL OR a.due_on < s.exited_on)
      JOIN evidence e ON e.assignment = a.assignment
      WHERE a.known_on IS NOT NULL AND s.known_on IS NOT NULL
      GROUP BY s.learner, a.assignment, a.due_on
    ), given AS (
      SELECT o.learner, o.due_on AS on_date, greatest(o.visible, r.submitted_on, r.known_on) AS visible,
        r.submitted_on - o.due_on AS days_late, r.score,
        row_number() OVER (PARTITION BY o.learner, o.assignment ORDER BY greatest(r.submitted_on, r.known_on), r.submitted_on, r.source_row, r.score) AS turn
      FROM owed o JOIN result r ON r.assignment = o.assignment AND r.learner = o.learner
      WHERE r.submitted_on IS NOT NULL AND r.known_on IS NOT NULL
    ), fact AS (
      SELECT learner, due_on AS on_date, visible, 1 AS due, 1 AS missed FROM owed
      UNION ALL BY NAME
      -- the first hand-in counts; what was missing is so no longer
      SELECT learner, on_date, visible, -1 AS missed, 1 AS handed_in, (days_late > 0)::INTEGER AS late,
        (days_late < 0)::INTEGER AS early, days_late::BIGINT AS days_late, score::DECIMAL(18, 6) AS score,
        (score IS NOT NULL)::INTEGER AS scored
      FROM given WHERE turn = 1
    )`,
});
