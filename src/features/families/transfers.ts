import type { FeatureDefinition, FeatureFamily } from "../family.ts";

/** A learner who enters later than this after the first day came in the middle of the year. */
const LATE_ENTRY_DAYS = 14;

const feature = (
  name: string,
  meaning: string,
  unit: string,
  more: Partial<FeatureDefinition> = {},
): FeatureDefinition => ({
  name,
  meaning,
  unit,
  sources: ["enrolment"],
  direction: "higher is riskier",
  missing: "never missing: 0 is what is known",
  actionable: false,
  group: "Transfers",
  sinceVersion: "2",
  ...more,
});

/** Moves between schools, in this period and before, as far as they are known by the day. */
export const transfers: FeatureFamily = {
  name: "transfers",
  version: "1",
  features: [
    feature("schools_this_period", "schools the learner has been enrolled in since the start of the period", "schools"),
    feature(
      "entered_mid_year",
      `1 when the learner entered over ${LATE_ENTRY_DAYS} days after the start, else 0`,
      "0 or 1",
      {
        missing: "missing when the source gives no day of entry",
      },
    ),
    feature("days_in_school", "days since the learner entered this school in this period", "days", {
      direction: "lower is riskier",
      use: "detail",
    }),
    feature("earlier_periods", "earlier periods in which the person was enrolled here", "periods", {
      direction: "none",
    }),
    feature("earlier_schools", "schools the person was enrolled in before this period", "schools", { use: "detail" }),
    feature(
      "earlier_withdrawals",
      "earlier or other enrolments the person is known to have left before their end",
      "enrolments",
    ),
  ],
  sql: ({ cohort }) => `
    WITH stay AS (
      SELECT c."row", e.school, e.period, e.learner, e.starts_on < c.starts_on AS is_earlier, e.learner = c.learner AS is_own,
        e.exit_kind IS NOT NULL AND e.exited_on <= c.as_of AND coalesce(e.exit_known_on, e.exited_on) <= c.as_of
          AND e.exit_kind <> 'transfer' AS has_left
      FROM ${cohort.table} c JOIN enrolment e ON e.person = c.person AND e.known_on <= c.as_of
        AND (e.entered_on IS NULL OR e.entered_on <= c.as_of) AND e.starts_on <= c.as_of
    ), counted AS (
      SELECT "row", count(DISTINCT school) FILTER (is_own) AS schools, count(DISTINCT period) FILTER (is_earlier) AS periods,
        count(DISTINCT school) FILTER (is_earlier) AS earlier_schools,
        count(DISTINCT learner) FILTER (has_left AND NOT is_own) AS withdrawals
      FROM stay GROUP BY "row"
    )
    SELECT c."row", coalesce(k.schools, 1) AS schools_this_period,
      (c.entered_on > c.starts_on + ${LATE_ENTRY_DAYS})::INTEGER AS entered_mid_year, c.as_of - c.first_day AS days_in_school,
      coalesce(k.periods, 0) AS earlier_periods, coalesce(k.earlier_schools, 0) AS earlier_schools,
      coalesce(k.withdrawals, 0) AS earlier_withdrawals
    FROM ${cohort.table} c LEFT JOIN counted k USING ("row")`,
};
