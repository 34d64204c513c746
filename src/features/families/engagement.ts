import type { FeatureDefinition, FeatureFamily } from "../family.ts";
import { bothClocks, exactMean } from "../sql.ts";

const both = ["response", "activity_event", "enrolment"] as const;
/** Features that only one of the two sources feeds. */
const own: Readonly<Record<string, FeatureDefinition["sources"]>> = {
  logins_28_days: ["activity_event", "enrolment"],
  clicks_28_days: ["activity_event", "enrolment"],
  active_days_28_days: both,
  days_since_active: both,
};
const answers =
  "missing until a learner of this school and period has answered on the platform; after that, nothing is 0";
const events = "missing until the platform has reported an event of this school and period; after that, nothing is 0";
const answered = "missing until the learner has answered";

type Direction = FeatureDefinition["direction"];

const feature = (
  name: string,
  meaning: string,
  unit: string,
  direction: Direction,
  missing: string,
): FeatureDefinition => ({
  name,
  meaning,
  unit,
  sources: own[name] ?? ["response", "enrolment"],
  direction,
  missing,
  actionable: true,
  group: "Learning on the platform",
  sinceVersion: "1",
});

/**
 * What the learner does on the platform. Seconds are compared with the item's own norm, the median over everybody who
 * had answered by the day; a rapid guess takes less than a tenth of the norm and less than ten seconds (the normative
 * threshold NT10 of Wise and Ma 2012).
 */
export const engagement: FeatureFamily = {
  name: "engagement",
  version: "1",
  features: [
    feature("responses", "answers to items since the start of the period", "answers", "lower is riskier", answers),
    feature("responses_28_days", "answers to items in the last 28 days", "answers", "lower is riskier", answers),
    feature("correct_rate", "mean correctness of the answers of the period", "share", "lower is riskier", answered),
    feature(
      "seconds_against_norm",
      "median of seconds taken over the item's norm",
      "ratio",
      "none",
      "missing until an answer was timed",
    ),
    feature(
      "hints_per_response",
      "hints asked for per answer",
      "hints",
      "none",
      "missing until an answer says its hints",
    ),
    feature(
      "rapid_guess_share",
      "share of timed answers that were rapid guesses",
      "share",
      "higher is riskier",
      "missing until an answer was timed",
    ),
    feature(
      "active_days_28_days",
      "days with an answer or an event in the last 28 days",
      "days",
      "lower is riskier",
      events,
    ),
    feature(
      "days_since_active",
      "days since the last answer or event; without any, days since the learner's first day",
      "days",
      "higher is riskier",
      "missing until the platform has reported an event of this school and period",
    ),
    feature("logins_28_days", "log-ins in the last 28 days", "log-ins", "lower is riskier", events),
    feature("clicks_28_days", "clicks in the last 28 days", "clicks", "lower is riskier", events),
  ],
  sql: ({ cohort }) => `
    WITH answer AS (
      SELECT learner, item, "at"::DATE AS on_date, known_on, correct, hints, seconds FROM response
      WHERE "at" IS NOT NULL AND known_on IS NOT NULL
    ), event AS (
      SELECT learner, verb, "at"::DATE AS on_date, known_on, coalesce(clicks, 0) AS clicks FROM activity_event
      WHERE "at" IS NOT NULL AND known_on IS NOT NULL
    ), answers_reported AS (
      SELECT e.school, e.period, min(greatest(a.on_date, a.known_on, e.known_on, e.entered_on)) AS since
      FROM (SELECT learner, on_date, known_on FROM answer) a JOIN enrolment e USING (learner)
      WHERE e.known_on IS NOT NULL GROUP BY ALL
    ), events_reported AS (
      SELECT e.school, e.period, min(greatest(a.on_date, a.known_on, e.known_on, e.entered_on)) AS since
      FROM (SELECT learner, on_date, known_on FROM answer UNION ALL SELECT learner, on_date, known_on FROM event) a
      JOIN enrolment e USING (learner)
      WHERE e.known_on IS NOT NULL GROUP BY ALL
    ), day AS (
      SELECT DISTINCT as_of FROM ${cohort.table}
    ), norm AS (
      SELECT d.as_of, a.item, median(a.seconds) AS seconds
      FROM day d JOIN answer a ON ${bothClocks("a.on_date", "a.known_on", "d.as_of")}
      WHERE a.seconds > 0 GROUP BY ALL
    ), answered AS (
      SELECT c."row",
        count(*) AS responses,
        count(*) FILTER (a.on_date > c.as_of - 28) AS responses_28,
        ${exactMean("a.correct")} AS correct_rate,
        median(a.seconds / n.seconds) FILTER (a.seconds > 0) AS pace,
        avg(a.hints) AS hints,
        count(*) FILTER (a.seconds < least(10, 0.1 * n.seconds)) AS rapid,
        count(*) FILTER (a.seconds IS NOT NULL AND n.seconds IS NOT NULL) AS timed
      FROM ${cohort.table} c
      JOIN answer a ON a.learner = c.learner AND ${bothClocks("a.on_date", "a.known_on", "c.as_of")}
      LEFT JOIN norm n ON n.as_of = c.as_of AND n.item = a.item
      GROUP BY c."row"
    ), visited AS (
      SELECT c."row",
        count(*) FILTER (e.verb = 'logged-in') AS logins,
        sum(e.clicks) AS clicks
      FROM ${cohort.table} c
      JOIN event e ON e.learner = c.learner AND ${bothClocks("e.on_date", "e.known_on", "c.as_of")} AND e.on_date > c.as_of - 28
      GROUP BY c."row"
    ), active AS (
      SELECT c."row", count(DISTINCT a.on_date) FILTER (a.on_date > c.as_of - 28) AS days, max(a.on_date) AS last_day
      FROM ${cohort.table} c
      JOIN (SELECT learner, on_date, known_on FROM answer UNION SELECT learner, on_date, known_on FROM event) a
        ON a.learner = c.learner AND ${bothClocks("a.on_date", "a.known_on", "c.as_of")}
      GROUP BY c."row"
    )
    SELECT c."row",
      CASE WHEN ra.since <= c.as_of THEN coalesce(w.responses, 0) END AS responses,
      CASE WHEN ra.since <= c.as_of THEN coalesce(w.responses_28, 0) END AS responses_28_days,
      w.correct_rate, w.pace AS seconds_against_norm, w.hints AS hints_per_response,
      CASE WHEN w.timed > 0 THEN w.rapid / w.timed END AS rapid_guess_share,
      CASE WHEN re.since <= c.as_of THEN coalesce(a.days, 0) END AS active_days_28_days,
      CASE WHEN re.since <= c.as_of THEN c.as_of - coalesce(a.last_day, c.first_day) END AS days_since_active,
      CASE WHEN re.since <= c.as_of THEN coalesce(v.logins, 0) END AS logins_28_days,
      CASE WHEN re.since <= c.as_of THEN coalesce(v.clicks, 0) END AS clicks_28_days
    FROM ${cohort.table} c
    LEFT JOIN answers_reported ra ON ra.school = c.school AND ra.period = c.period
    LEFT JOIN events_reported re ON re.school = c.school AND re.period = c.period
    LEFT JOIN answered w USING ("row") LEFT JOIN visited v USING ("row") LEFT JOIN active a USING ("row")`,
};
