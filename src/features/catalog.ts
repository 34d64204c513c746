import { CairnError } from "../errors.ts";
import { attendance } from "./families/attendance.ts";
import { behavior } from "./families/behavior.ts";
import { coursePerformance } from "./families/course-performance.ts";
import { courseStanding } from "./families/course-standing.ts";
import { doses } from "./families/doses.ts";
import { engagement } from "./families/engagement.ts";
import { goals } from "./families/goals.ts";
import { history } from "./families/history.ts";
import { motivation } from "./families/motivation.ts";
import { motivationIntervals } from "./families/motivation-intervals.ts";
import { peersOf } from "./families/peers.ts";
import { persistence } from "./families/persistence.ts";
import { platformHabits } from "./families/platform-habits.ts";
import { registration } from "./families/registration.ts";
import { standards } from "./families/standards.ts";
import { survey } from "./families/survey.ts";
import { transcript } from "./families/transcript.ts";
import { transfers } from "./families/transfers.ts";
import { workHabits } from "./families/work-habits.ts";
import type { FeatureDefinition, FeatureFamily } from "./family.ts";

/** Every feature cairn can build. `version` is stored with every matrix and every score. */
export interface FeatureCatalog {
  readonly version: string;
  /** In the order they are built: a derived family comes after those it requires. */
  readonly families: readonly FeatureFamily[];
}

const families: readonly FeatureFamily[] = [
  registration,
  history,
  transcript,
  transfers,
  attendance,
  behavior,
  coursePerformance,
  workHabits,
  courseStanding,
  standards,
  engagement,
  platformHabits,
  persistence,
  survey,
  motivation,
  goals,
  doses,
];

/** The catalog; its version rises when a feature is added, dropped or computed differently. */
export const featureCatalog: FeatureCatalog = {
  version: "3",
  families: [...families, motivationIntervals, peersOf(families)],
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
