import type { FeatureDefinition, FeatureFamily } from "../family.ts";
import { coursePerformanceSql } from "./course-performance-sql.ts";

const sources = ["section", "assignment", "result"] as const;
const group = "Course work";
const covered = "missing until work is planned in a section the learner takes; after that, nothing is 0";
const handedIn = "missing until the learner has handed in due work";
const scored = "missing until due work of the learner has a score";

type Direction = FeatureDefinition["direction"];

const ranked = ["score_mean", "score_last", "days_late_mean", "work_missed", "mathematics_mark", "english_mark"];

const work = (
  name: string,
  meaning: string,
  unit: string,
  direction: Direction,
  missing: string,
): FeatureDefinition => ({
  name,
  meaning,
  unit,
  sources,
  direction,
  missing,
  actionable: true,
  group,
  sinceVersion: "1",
  ...(ranked.includes(name) ? { ranked: "core" } : {}),
});

/**
 * Work due, handed in and marked. Due is an assignment (not an exam, not a final mark) whose due day has come and of
 * which at least one submission of anybody is known, so that work nobody has graded yet is held against no one.
 */
export const coursePerformance: FeatureFamily = {
  name: "course-performance",
  version: "2",
  features: [
    work("work_due", "pieces of work due so far", "pieces", "none", covered),
    work("work_submitted", "pieces of due work handed in", "pieces", "lower is riskier", covered),
    work("work_missed", "pieces of due work not handed in", "pieces", "higher is riskier", covered),
    work("weight_submitted", "weight of the due work handed in", "weight", "none", covered),
    work("weight_missed", "weight of the due work not handed in", "weight", "higher is riskier", covered),
    work(
      "work_missed_share",
      "share of due work not handed in",
      "share",
      "higher is riskier",
      "missing while nothing is due",
    ),
    work(
      "weight_missed_share",
      "share of the weight of due work not handed in",
      "share",
      "higher is riskier",
      "missing while nothing with a weight is due",
    ),
    work("score_mean", "mean score of due work handed in", "score (0 to 100)", "lower is riskier", scored),
    work("score_minimum", "lowest score of due work handed in", "score (0 to 100)", "lower is riskier", scored),
    work("score_last", "score of the due work handed in last, by date", "score (0 to 100)", "lower is riskier", scored),
    {
      ...work(
        "score_last_in_source_order",
        "score of the due work that stands last in the source",
        "score (0 to 100)",
        "lower is riskier",
        scored,
      ),
      missing: `${scored}, or when the source has no order`,
    },
    work(
      "days_late_mean",
      "mean days between due day and submission of due work (negative: early)",
      "days",
      "higher is riskier",
      handedIn,
    ),
    work("work_late", "pieces of due work handed in after the due day", "pieces", "higher is riskier", handedIn),
    work(
      "work_late_share",
      "share of the due work handed in that came after the due day",
      "share",
      "higher is riskier",
      handedIn,
    ),
    {
      ...work("work_carried_over", "results for due work kept from an earlier attempt", "pieces", "none", handedIn),
      actionable: false,
    },
    work("work_early", "pieces of work handed in that are not due yet", "pieces", "lower is riskier", covered),
    work(
      "mathematics_mark",
      "mean score in mathematics, exams included, weighted by the weight of the work",
      "score (0 to 100)",
      "lower is riskier",
      "missing until work in a mathematics section has a score",
    ),
    work(
      "english_mark",
      "mean score in English, exams included, weighted by the weight of the work",
      "score (0 to 100)",
      "lower is riskier",
      "missing until work in an English section has a score",
    ),
  ],
  sql: coursePerformanceSql,
};
