import type { FeatureDefinition, FeatureFamily } from "../family.ts";
import { attendance } from "./attendance.ts";
import { coursePerformance } from "./course-performance.ts";
import { registration } from "./registration.ts";

const ranked: ReadonlyArray<readonly [FeatureFamily, readonly string[]]> = [
  [registration, ["entered_day"]],
  [attendance, ["attendance_rate"]],
  [
    coursePerformance,
    ["score_mean", "score_last", "days_late_mean", "work_missed", "mathematics_mark", "english_mark"],
  ],
];

const columns = ranked.flatMap(([family, names]) =>
  names.map((name) => {
    const original = family.features.find((feature) => feature.name === name) as FeatureDefinition;
    return { family: family.name, original };
  }),
);

/**
 * Where the learner stands among the cohort rows of the same peer group on the same day: the mid-rank
 * (number smaller + number smaller or equal) / (2 · number of non-missing values), in (0, 1). It compares across
 * calendars without labels (handbook 2.2.9). The rank depends on who else is in the cohort, so a cohort must hold
 * whole peer groups.
 */
export const peers: FeatureFamily = {
  name: "peers",
  version: "1",
  requires: ranked.map(([family]) => family.name),
  features: columns.map(({ original }) => ({
    ...original,
    name: `${original.name}_rank`,
    meaning: `mid-rank within the peer group on the day of: ${original.meaning}`,
    unit: "share (0 to 1)",
    sources: [...original.sources, "enrolment" as const],
    missing: `missing where ${original.name} is missing or the learner has no peer group`,
    sinceVersion: "1",
  })),
  sql: ({ cohort, tableOf }) => `
    WITH base AS (
      SELECT c."row", c.peer_group, c.as_of, ${columns.map(({ family, original }) => `${tableOf(family)}.${original.name}`).join(", ")}
      FROM ${cohort.table} c ${ranked.map(([family]) => `JOIN ${tableOf(family.name)} USING ("row")`).join(" ")}
    )
    SELECT "row", ${columns.map(({ original }) => midRank(original.name)).join(",\n      ")}
    FROM base`,
};

/** `count(*)` over an ordered window counts the rows up to and including ties; `rank() − 1` counts the smaller ones. */
function midRank(name: string): string {
  const group = `PARTITION BY peer_group, as_of, ${name} IS NULL`;
  const ordered = `(${group} ORDER BY ${name})`;
  return `CASE WHEN ${name} IS NOT NULL AND peer_group IS NOT NULL
        THEN (rank() OVER ${ordered} - 1 + count(*) OVER ${ordered}) / (2 * count(*) OVER (${group})) END AS ${name}_rank`;
}
