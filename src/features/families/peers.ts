import type { DerivedFamily, FeatureDefinition, FeatureFamily } from "../family.ts";
import { midRanks } from "../mid-ranks.ts";

/**
 * Where the learner stands among the cohort rows of the same peer group on the same day: the mid-rank
 * (number smaller + number smaller or equal) / (2 · number of non-missing values), in (0, 1). It compares across
 * calendars without labels (handbook 2.2.9). The rank depends on who else is in the cohort, so a cohort must hold
 * whole peer groups.
 * @param families - the families whose features say that they are ranked
 */
export function peersOf(families: readonly FeatureFamily[]): DerivedFamily {
  const isRanked = (feature: FeatureDefinition): boolean => feature.ranked !== undefined;
  const originals = families.flatMap((family) => family.features.filter(isRanked));
  const byRank = new Map(originals.map((original) => [`${original.name}_rank`, original.name]));
  const originalOf = (feature: string): string => byRank.get(feature) as string;
  return {
    name: "peers",
    version: "2",
    requires: families.filter((family) => family.features.some(isRanked)).map((family) => family.name),
    features: originals.map((original) => rankOf(original, `${original.name}_rank`)),
    reads: (feature) => [originalOf(feature)],
    derive: (feature, { column, peers }) => midRanks(column(originalOf(feature)), peers),
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
