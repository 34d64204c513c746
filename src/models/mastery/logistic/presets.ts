import type { FeatureBlock } from "./block.ts";
import { itemBlock, practiceBlock, totalsBlock } from "./classic-blocks.ts";
import { abilityBlock, previousItemBlock, transitionBlock } from "./context-blocks.ts";
import { ngramBlock, recencyBlock, skillRecencyBlock } from "./recency-blocks.ts";

const bestLr = [itemBlock, practiceBlock, totalsBlock];
const recency = [...bestLr, recencyBlock, skillRecencyBlock];

/** The name of a set of feature blocks. */
export type MasteryFeatures = "items" | "performance-factors" | "best-lr" | "recency" | "n-grams" | "context";

/**
 * The named sets of feature blocks, each the earlier one and more: item response theory with items only, performance
 * factors, Best-LR (Gervet et al. 2020), recent form, and sequences of outcomes. `context` is
 * recent form with difficulty-adjusted ability and transitions between skills and items, chosen on learners held out of the
 * training rows; sequences of outcomes add nothing to it.
 */
export const masteryFeatures: Readonly<Record<MasteryFeatures, readonly FeatureBlock[]>> = {
  items: [itemBlock],
  "performance-factors": [practiceBlock],
  "best-lr": bestLr,
  recency,
  "n-grams": [...recency, ngramBlock],
  context: [...recency, abilityBlock, transitionBlock, previousItemBlock],
};
