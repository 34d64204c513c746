import { measuredFamily } from "../algebra/measured-family.ts";
import type { FeatureFamily } from "../family.ts";

/**
 * What the school did to help, as it was delivered. Entitlements (an individual plan, meals, English learner) are protected
 * attributes and no features. A dose says what adults chose for a learner: read it beside the study of its effect, never as a cause.
 */
export const doses: FeatureFamily = measuredFamily({
  name: "doses",
  version: "1",
  group: "Support",
  sources: ["dose", "enrolment"],
  since: "starts_on",
  scope: "school and period",
  silence: "until a dose of any intervention is known in this school and period",
  spoken: "SELECT learner, on_date, known_on FROM dose",
  measures: [
    {
      name: "doses",
      meaning: "times the learner got an intervention",
      unit: "times",
      direction: "none",
      kind: "total",
      value: "attended",
      core: ["month"],
      detail: ["week", "nineWeeks", "term", "year"],
      sinceVersion: "2",
    },
    {
      name: "dose_minutes",
      meaning: "minutes of intervention the learner got",
      unit: "minutes",
      direction: "none",
      kind: "total",
      value: "minutes",
      core: [],
      detail: ["month", "year"],
      change: "detail",
      sinceVersion: "2",
    },
    {
      name: "dose_attended_share",
      meaning: "share of offered doses the learner attended",
      unit: "share",
      direction: "lower is riskier",
      kind: "mean",
      value: "attended",
      weight: "offered",
      core: ["year"],
      detail: ["month"],
      sinceVersion: "2",
    },
  ],
  facts: () => `
    fact AS (
      SELECT d.learner, d.on_date, greatest(d.on_date, d.known_on) AS visible, 1 AS offered,
        coalesce(d.attended, true)::INTEGER AS attended,
        CASE WHEN coalesce(d.attended, true) THEN d.minutes::DECIMAL(18, 6) END AS minutes
      FROM dose d SEMI JOIN stint s ON s.learner = d.learner WHERE d.on_date IS NOT NULL AND d.known_on IS NOT NULL
    )`,
});
