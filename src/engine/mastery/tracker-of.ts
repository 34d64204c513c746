import type { FittedMastery } from "../../models/mastery/fitted-mastery.ts";
import { ABILITY_KIND, type FittedAbility } from "../../models/mastery/online/ability/fitted-ability.ts";
import { chainTracker } from "../../models/mastery/online/chain-tracker.ts";
import type { MasteryTracker } from "../../models/mastery/online/tracker.ts";

/** What a tracker needs of a curriculum. */
export interface StandardsGraph {
  readonly standards: readonly { readonly standard: string }[];
  /** Per standard, the positions of the standards that come before it. */
  readonly prerequisites: readonly (readonly number[])[];
}

/**
 * The tracker a fitted mastery model is followed with; its standards are the curriculum's, by the same index. Models of runs
 * from before abilities were tracked go on with chains.
 */
export function trackerOf(
  model: FittedMastery | FittedAbility,
  { standards, prerequisites }: StandardsGraph,
): MasteryTracker {
  const names = standards.map(({ standard }) => standard);
  return isAbility(model) ? model.tracker(names, prerequisites) : chainTracker(model, names, prerequisites);
}

const isAbility = (model: FittedMastery | FittedAbility): model is FittedAbility => model.kind === ABILITY_KIND;
