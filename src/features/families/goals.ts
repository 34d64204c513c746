import type { FeatureDefinition, FeatureFamily } from "../family.ts";
import { bothClocks } from "../sql.ts";

/** A goal this long past its day, with no step done in as long, was let lie: the record shows no end of it. */
const LET_LIE_DAYS = 28;

const feature = (
  name: string,
  meaning: string,
  unit: string,
  direction: FeatureDefinition["direction"],
  sources: FeatureDefinition["sources"],
  missing: string,
  use: FeatureDefinition["use"] = "detail",
  sinceVersion = "2",
): FeatureDefinition => ({
  name,
  meaning,
  unit,
  direction,
  sources,
  missing,
  use,
  actionable: true,
  group: "Goals and support",
  sinceVersion,
});

/** Self-regulation as it shows in goals and their steps, and what help is under way. */
export const goals: FeatureFamily = {
  name: "goals",
  version: "2",
  features: [
    feature(
      "goals_set",
      "goals set by the day",
      "goals",
      "lower is riskier",
      ["goal"],
      "missing until a goal is known",
      "core",
    ),
    feature(
      "goals_achieved_share",
      "share of the goals set that are achieved",
      "share",
      "lower is riskier",
      ["goal"],
      "missing until a goal is known",
    ),
    feature(
      "goals_overdue",
      "goals past their due day and not achieved",
      "goals",
      "higher is riskier",
      ["goal"],
      "missing until a goal is known",
    ),
    feature(
      "goal_steps_on_time_share",
      "share of goal steps whose due day has come that were done by then",
      "share",
      "lower is riskier",
      ["goal_step"],
      "missing until a step is due",
    ),
    feature(
      "goals_let_lie",
      `goals ${LET_LIE_DAYS} days or more past their due day, not achieved, with no step done in the last ${LET_LIE_DAYS} days`,
      "goals",
      "higher is riskier",
      ["goal", "goal_step"],
      "missing until a goal is known",
      "detail",
      "3",
    ),
    feature(
      "goal_steps_done",
      "steps towards goals done by the day: milestones reached",
      "steps",
      "lower is riskier",
      ["goal_step"],
      "missing until a step is done",
      "detail",
      "3",
    ),
    feature(
      "goal_steps_done_28_days",
      "steps towards goals done in the last 28 days",
      "steps",
      "lower is riskier",
      ["goal_step"],
      "missing until a step is done",
      "detail",
      "3",
    ),
    feature(
      "interventions_open",
      "interventions the learner is assigned to on the day",
      "interventions",
      "none",
      ["intervention_assignment"],
      "missing until an assignment of anybody in the school and period is known; after that, nothing is 0",
      "core",
    ),
    feature(
      "intervention_days",
      "days since the oldest open intervention began",
      "days",
      "none",
      ["intervention_assignment"],
      "missing while no intervention is open",
    ),
  ],
  sql: ({ cohort }) => `
    WITH done_step AS (
      -- a step that is done early is done, whenever it is due
      SELECT c."row", c.as_of, s.goal, s.done_on FROM ${cohort.table} c JOIN goal_step s ON s.learner = c.learner
        AND s.known_on <= c.as_of AND ${bothClocks("s.done_on", "coalesce(s.done_known_on, s.done_on)", "c.as_of")}
    ), worked_on AS (
      SELECT "row", goal, max(done_on) AS last_done FROM done_step GROUP BY ALL
    ), done AS (
      SELECT "row", count(*) AS steps, count(*) FILTER (done_on > as_of - 28) AS steps_28 FROM done_step GROUP BY "row"
    ), set_goal AS (
      SELECT c."row", c.as_of, g.goal, g.due_on, g.achieved_on <= c.as_of AND coalesce(g.achieved_known_on, g.achieved_on) <= c.as_of AS achieved
      FROM ${cohort.table} c JOIN goal g ON g.learner = c.learner AND ${bothClocks("g.set_on", "g.known_on", "c.as_of")}
    ), goals AS (
      SELECT "row", count(*) AS goals, count(*) FILTER (achieved) AS achieved,
        count(*) FILTER (due_on < as_of AND NOT coalesce(achieved, false)) AS overdue,
        count(*) FILTER (due_on <= as_of - ${LET_LIE_DAYS} AND NOT coalesce(achieved, false)
          AND NOT coalesce(w.last_done > as_of - ${LET_LIE_DAYS}, false)) AS let_lie
      FROM set_goal LEFT JOIN worked_on w USING ("row", goal) GROUP BY "row"
    ), steps AS (
      SELECT c."row", count(*) AS due,
        count(*) FILTER (s.done_on <= s.due_on AND coalesce(s.done_known_on, s.done_on) <= c.as_of) AS done
      FROM ${cohort.table} c JOIN goal_step s ON s.learner = c.learner AND ${bothClocks("s.due_on", "s.known_on", "c.as_of")}
      GROUP BY c."row"
    ), reported AS (
      SELECT e.school, e.period, min(greatest(a.begins_on, a.known_on, e.known_on, e.entered_on)) AS since
      FROM intervention_assignment a JOIN enrolment e USING (learner)
      WHERE a.begins_on IS NOT NULL AND a.known_on IS NOT NULL AND e.known_on IS NOT NULL GROUP BY ALL
    ), open AS (
      SELECT c."row", count(DISTINCT a.intervention) AS interventions, max(c.as_of - a.begins_on) AS days
      FROM ${cohort.table} c JOIN intervention_assignment a ON a.learner = c.learner
        AND ${bothClocks("a.begins_on", "a.known_on", "c.as_of")} AND (a.ends_on IS NULL OR a.ends_on > c.as_of)
      GROUP BY c."row"
    )
    SELECT c."row", g.goals AS goals_set, g.achieved / g.goals AS goals_achieved_share, g.overdue AS goals_overdue,
      g.let_lie AS goals_let_lie, d.steps AS goal_steps_done, d.steps_28 AS goal_steps_done_28_days,
      s.done / s.due AS goal_steps_on_time_share,
      CASE WHEN r.since <= c.as_of THEN coalesce(o.interventions, 0) END AS interventions_open, o.days AS intervention_days
    FROM ${cohort.table} c LEFT JOIN goals g USING ("row") LEFT JOIN done d USING ("row") LEFT JOIN steps s USING ("row") LEFT JOIN open o USING ("row")
    LEFT JOIN reported r ON r.school = c.school AND r.period = c.period`,
};
