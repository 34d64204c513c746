import type { FeatureDefinition, FeatureFamily } from "../family.ts";

/**
 * Where the learner stands among the cohort rows of the same peer group on the same day: the mid-rank
 * (number smaller + number smaller or equal) / (2 · number of non-missing values), in (0, 1). It compares across
 * calendars without labels (handbook 2.2.9). The rank depends on who else is in the cohort, so a cohort must hold
 * whole peer groups.
 * @param families - the families whose features say that they are ranked
 */
export function peersOf(families: readonly FeatureFamily[]): FeatureFamily {
  const columns = families.flatMap((family) =>
    family.features
      .filter((feature) => feature.ranked !== undefined)
      .map((original) => ({ family: family.name, original, name: `${original.name}_rank` })),
  );
  const originals = new Map(columns.map(({ name, original }) => [name, original.name]));
  return {
    name: "peers",
    version: "2",
    requires: [...new Set(columns.map(({ family }) => family))],
    reads: (feature) => [originals.get(feature) as string],
    features: columns.map(({ original, name }) => rankOf(original, name)),
    sql: ({ cohort, tableOf, wants }) => {
      const wanted = columns.filter(({ name }) => wants(name));
      const joined = [...new Set(wanted.map(({ family }) => family))];
      return `
    WITH base AS (
      SELECT ${['c."row"', "c.peer_group", "c.as_of", ...wanted.map(({ family, original }) => `${tableOf(family)}.${original.name}`)].join(", ")}
      FROM ${cohort.table} c ${joined.map((family) => `JOIN ${tableOf(family)} USING ("row")`).join(" ")}
    )
    SELECT ${['"row"', ...wanted.map(({ original }) => midRank(original.name))].join(",\n      ")}
    FROM base`;
    },
  };
}

function rankOf(original: FeatureDefinition, name: string): FeatureDefinition {
  const { ranked, use: _, ...shared } = original;
  return {
    ...shared,
    name,
    meaning: `mid-rank within the peer group on the day of: ${original.meaning}`,
    unit: "share (0 to 1)",
    sources: [...new Set([...original.sources, "enrolment" as const])],
    missing: `missing where ${original.name} is missing or the learner has no peer group`,
    use: ranked ?? "detail",
  };
}

/** `count(*)` over an ordered window counts the rows up to and including ties; `rank() − 1` counts the smaller ones. */
function midRank(name: string): string {
  const group = `PARTITION BY peer_group, as_of, ${name} IS NULL`;
  const ordered = `(${group} ORDER BY ${name})`;
  return `CASE WHEN ${name} IS NOT NULL AND peer_group IS NOT NULL
        THEN (rank() OVER ${ordered} - 1 + count(*) OVER ${ordered}) / (2 * count(*) OVER (${group})) END AS ${name}_rank`;
}
