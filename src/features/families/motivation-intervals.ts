import type { DerivedFamily, FeatureDefinition } from "../family.ts";
import { shrunkenInterval } from "../shrunken-interval.ts";
import { kinds, motivation, PRIOR_TRIES } from "./motivation.ts";

/** How sure the interval is: what `describeMotivation` says by default. */
const PROBABILITY = 0.9;

/** One end of the interval of a share. */
interface End {
  readonly share: string;
  readonly index: 0 | 1;
}

const ends = new Map<string, End>(
  kinds.flatMap(({ stem }) =>
    ["success", "persistence"].flatMap((what): [string, End][] => [
      [`${what}_${stem}_low`, { share: `${what}_${stem}`, index: 0 }],
      [`${what}_${stem}_high`, { share: `${what}_${stem}`, index: 1 }],
    ]),
  ),
);

/** How sure the shares of the family `motivation` are: both ends of the interval that its text gives, so that a model can weigh them. */
export const motivationIntervals: DerivedFamily = {
  name: "motivation-intervals",
  version: "1",
  requires: ["motivation"],
  features: [...ends].map(([name, { share, index }]): FeatureDefinition => {
    const original = motivation.features.find((feature) => feature.name === share)!;
    return {
      ...original,
      name,
      meaning: `${index === 0 ? "lower" : "upper"} end of the ${100 * PROBABILITY} % interval of: ${original.meaning}`,
      sinceVersion: "3",
    };
  }),
  reads: (feature) => {
    const { share } = ends.get(feature)!;
    return [share, `${share}_tries`];
  },
  derive: (feature, { column }) => {
    const { share, index } = ends.get(feature)!;
    const tries = column(`${share}_tries`);
    // A missing share has no tries, and no interval.
    return column(share).map((estimate, row) =>
      Number.isNaN(estimate) ? Number.NaN : shrunkenInterval(estimate, tries[row]! + PRIOR_TRIES, PROBABILITY)[index],
    );
  },
};
