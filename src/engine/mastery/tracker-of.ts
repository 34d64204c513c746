import type { FittedMastery } from "../../models/mastery/fitted-mastery.ts";
import { chainTracker } from "../../models/mastery/online/chain-tracker.ts";
import type { MasteryTracker } from "../../models/mastery/online/tracker.ts";

/** What a tracker needs of a curriculum. */
export interface StandardsGraph {
  readonly standards: readonly { readonly standard: string }[];
  /** Per standard, the positions of the standards that come before it. */
  readonly prerequisites: readonly (readonly number[])[];
}

/** The tracker a fitted mastery model is followed with; its standards are the curriculum's, by the same index. */
export function trackerOf(model: FittedMastery, { standards, prerequisites }: StandardsGraph): MasteryTracker {
  return chainTracker(
    model,
    standards.map(({ standard }) => standard),
    prerequisites,
  );
}
