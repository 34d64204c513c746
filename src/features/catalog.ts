import { CairnError } from "../errors.ts";
import { attendance } from "./families/attendance.ts";
import { behavior } from "./families/behavior.ts";
import { coursePerformance } from "./families/course-performance.ts";
import { engagement } from "./families/engagement.ts";
import { history } from "./families/history.ts";
import { peers } from "./families/peers.ts";
import { registration } from "./families/registration.ts";
import { standards } from "./families/standards.ts";
import { survey } from "./families/survey.ts";
import type { FeatureDefinition, FeatureFamily } from "./family.ts";

/** Every feature cairn can build. `version` is stored with every matrix and every score. */
export interface FeatureCatalog {
  readonly version: string;
  /** In the order they are built: a family comes after those it requires. */
  readonly families: readonly FeatureFamily[];
}

/** The catalog; its version rises when a feature is added, dropped or computed differently. */
export const featureCatalog: FeatureCatalog = {
  version: "1",
  families: [registration, history, attendance, behavior, coursePerformance, standards, engagement, survey, peers],
};

/**
 * The families with the given names, in catalog order.
 * @throws CairnError `UNKNOWN_FEATURE` when there is no such family
 */
export function featureFamilies(names: readonly string[]): FeatureFamily[] {
  const known = new Set(featureCatalog.families.map((family) => family.name));
  for (const name of names) {
    if (!known.has(name)) {
      throw new CairnError("UNKNOWN_FEATURE", `expected a feature family (${[...known].join(", ")}), got "${name}"`, {
        hint: "see docs/features.md for what each family holds",
        details: { family: name },
      });
    }
  }
  return featureCatalog.families.filter((family) => names.includes(family.name));
}

/**
 * The definition of a feature.
 * @throws CairnError `UNKNOWN_FEATURE` when the catalog has no feature of that name
 */
export function featureDefinition(name: string): FeatureDefinition {
  for (const family of featureCatalog.families) {
    const feature = family.features.find((candidate) => candidate.name === name);
    if (feature !== undefined) return feature;
  }
  throw new CairnError(
    "UNKNOWN_FEATURE",
    `expected a feature of catalog version ${featureCatalog.version}, got "${name}"`,
    {
      hint: "see docs/features.md for the names",
      details: { feature: name },
    },
  );
}
