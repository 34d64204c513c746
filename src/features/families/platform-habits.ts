import { measuredFamily } from "../algebra/measured-family.ts";
import type { FeatureFamily } from "../family.ts";

/** A pause longer than this ends a session; the common choice in click-stream work. */
const SESSION_PAUSE_MINUTES = 30;
/** A break: two weeks without a trace hold no ordinary holiday weekend. */
const BREAK_DAYS = 14;

const silence = "until the platform has reported anything of this school and period";

/**
 * Rhythm on the platform: how often, how long, when, and whether the learner comes back. "The one before" is always the one
 * before in the order in which things became known, so that what becomes known later cannot change what was counted. A trace is told when
 * it ends, so the time before it that its own seconds do not fill is idle.
 */
export const platformHabits: FeatureFamily = measuredFamily({
  name: "platform-habits",
  version: "2",
  group: "Learning on the platform",
  sources: ["response", "activity_event", "enrolment"],
  since: "starts_on",
  scope: "school and period",
  silence,
  spoken: `SELECT learner, "at"::DATE AS on_date, known_on FROM response
        UNION ALL SELECT learner, "at"::DATE, known_on FROM activity_event`,
  measures: [
    {
      name: "active_days",
      meaning: "days with an answer or an event",
      unit: "days",
      direction: "lower is riskier",
      kind: "total",
      value: "active",
      core: [],
      detail: ["week", "fortnight", "nineWeeks", "term", "year"],
      change: "core",
      trend: "core",
      changeRanked: "detail",
      sinceVersion: "2",
    },
    {
      name: "platform_minutes",
      meaning: "minutes that answers and events say they took",
      unit: "minutes",
      direction: "lower is riskier",
      kind: "total",
      value: "minutes",
      core: ["month"],
      detail: ["week", "fortnight", "nineWeeks", "term", "year"],
      change: "detail",
      trend: "detail",
      ranked: "detail",
      sinceVersion: "2",
    },
    {
      name: "sessions",
      meaning: `spells of work with pauses of at most ${SESSION_PAUSE_MINUTES} minutes`,
      unit: "sessions",
      direction: "lower is riskier",
      kind: "total",
      value: "session",
      core: [],
      detail: ["week", "month", "year"],
      change: "detail",
      trend: "detail",
      sinceVersion: "2",
    },
    {
      name: "session_minutes",
      meaning: "minutes that a session's answers and events say they took",
      unit: "minutes",
      direction: "none",
      kind: "mean",
      value: "minutes",
      weight: "session",
      core: [],
      detail: ["month", "year"],
      sinceVersion: "2",
    },
    {
      name: "evening_share",
      meaning: "share of answers and events between eight in the evening and six in the morning",
      unit: "share",
      direction: "none",
      kind: "mean",
      value: "evening",
      weight: "traces",
      core: [],
      detail: ["month", "year"],
      sinceVersion: "2",
    },
    {
      name: "weekend_share",
      meaning: "share of answers and events on Saturdays and Sundays",
      unit: "share",
      direction: "none",
      kind: "mean",
      value: "weekend",
      weight: "traces",
      core: [],
      detail: ["year"],
      sinceVersion: "2",
    },
    {
      name: "gap_days",
      meaning: "mean days from one active day to the next: regularity",
      unit: "days",
      direction: "higher is riskier",
      kind: "mean",
      value: "gap",
      weight: "gaps",
      core: ["year"],
      detail: ["month", "nineWeeks"],
      change: "detail",
      sinceVersion: "2",
    },
    {
      name: "returns_after_break",
      meaning: `returns after ${BREAK_DAYS} days or more without a trace`,
      unit: "returns",
      direction: "none",
      kind: "total",
      value: "returned",
      core: [],
      detail: ["year"],
      sinceVersion: "2",
    },
    {
      name: "skips",
      meaning: "items or activities the platform says were skipped",
      unit: "skips",
      direction: "higher is riskier",
      kind: "total",
      value: "skipped",
      core: [],
      detail: ["month", "year"],
      sinceVersion: "2",
    },
    {
      name: "clicks",
      meaning: "clicks that events say they had",
      unit: "clicks",
      direction: "lower is riskier",
      kind: "total",
      value: "clicks",
      core: [],
      detail: ["week", "fortnight", "nineWeeks", "term", "year"],
      change: "detail",
      trend: "detail",
      ranked: "detail",
      sinceVersion: "3",
    },
    {
      name: "clicks_per_session",
      meaning: "clicks of a session",
      unit: "clicks",
      direction: "none",
      kind: "mean",
      value: "clicks",
      weight: "session",
      core: [],
      detail: ["month", "year"],
      sinceVersion: "3",
    },
    {
      name: "idle_minutes",
      meaning: "minutes inside sessions that the answer or event at their end does not account for",
      unit: "minutes",
      direction: "higher is riskier",
      kind: "total",
      value: "idle",
      core: [],
      detail: ["week", "month", "year"],
      change: "detail",
      sinceVersion: "3",
    },
    {
      name: "idle_share",
      meaning: "share of the time inside sessions that the answer or event at its end does not account for",
      unit: "share",
      direction: "higher is riskier",
      kind: "mean",
      value: "idle",
      weight: "between",
      core: [],
      detail: ["month", "year"],
      change: "detail",
      sinceVersion: "3",
    },
  ],
  facts: () => `
    trace AS (
      SELECT learner, "at", known_on, seconds, 0 AS skipped, NULL AS clicks FROM response SEMI JOIN stint USING (learner)
      UNION ALL SELECT learner, "at", known_on, seconds, (verb ILIKE 'skip%')::INTEGER, clicks FROM activity_event SEMI JOIN stint USING (learner)
    ), ordered AS (
      SELECT learner, "at", "at"::DATE AS on_date, greatest("at"::DATE, known_on) AS visible, seconds, skipped, clicks,
        max("at") OVER (PARTITION BY learner ORDER BY greatest("at"::DATE, known_on), "at", seconds, skipped, clicks
          ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS before
      FROM trace WHERE "at" IS NOT NULL AND known_on IS NOT NULL
    ), timed AS (
      -- what took no told time could have filled the time before it or not: it says nothing of idling
      SELECT *, CASE WHEN seconds IS NOT NULL AND "at" >= before AND "at" <= before + INTERVAL ${SESSION_PAUSE_MINUTES} MINUTE
        THEN epoch("at" - before) / 60 END AS between
      FROM ordered
    ), active_day AS (
      SELECT learner, on_date, min(visible) AS visible FROM ordered GROUP BY learner, on_date
    ), day_before AS (
      SELECT *, on_date - max(on_date) OVER (PARTITION BY learner ORDER BY visible, on_date
        ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS gap
      FROM active_day
    ), fact AS (
      SELECT learner, on_date, visible, count(*) AS traces, sum(skipped) AS skipped,
        count(*) FILTER (before IS NULL OR "at" > before + INTERVAL ${SESSION_PAUSE_MINUTES} MINUTE) AS session,
        sum((seconds / 60)::DECIMAL(18, 6)) AS minutes,
        sum(clicks) AS clicks, sum(between::DECIMAL(18, 6)) AS between,
        sum(greatest(between - seconds / 60, 0)::DECIMAL(18, 6)) AS idle,
        count(*) FILTER (hour("at") >= 20 OR hour("at") < 6) AS evening,
        count(*) FILTER (isodow("at") >= 6) AS weekend
      FROM timed GROUP BY learner, on_date, visible
      UNION ALL BY NAME
      -- a day that became known after a later one has no gap
      SELECT learner, on_date, visible, 1 AS active, CASE WHEN gap > 0 THEN gap END AS gap, (gap > 0)::INTEGER AS gaps,
        coalesce(gap >= ${BREAK_DAYS}, false)::INTEGER AS returned
      FROM day_before
    )`,
});
