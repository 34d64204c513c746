import type { FeatureBlock } from "./block.ts";
import { itemBlock, practiceBlock, totalsBlock } from "./classic-blocks.ts";
import { abilityBlock, previousItemBlock, transitionBlock } from "./context-blocks.ts";
import { ngramBlock, recencyBlock, skillRecencyBlock } from "./recency-blocks.ts";
import { itemPairBlock, itemSlopeBlock, skillSlopeBlock } from "./slope-blocks.ts";
import { timeGapBlock, timeWindowBlock } from "./time-blocks.ts";

const bestLr = [itemBlock, practiceBlock, totalsBlock];
const recency = [...bestLr, recencyBlock, skillRecencyBlock];

/** The name of a set of feature blocks. */
export type MasteryFeatures = "items" | "performance-factors" | "das3h" | "best-lr" | "recency" | "n-grams" | "context";

/**
 * The named sets of feature blocks, each the earlier one and more: item response theory with items only, performance
 * factors, time windows (DAS3H), Best-LR (Gervet et al. 2020), recent form, and sequences of outcomes. `context` is
 * recent form with difficulty-adjusted ability, transitions between skills and items, and weights of their own for what ability
 * means on an item and a skill, chosen on learners held out of the training rows (AUC there .7960 without the slopes, .7974
 * with); sequences of outcomes and the form on other skills add nothing to it.
 */
export const masteryFeatures: Readonly<Record<MasteryFeatures, readonly FeatureBlock[]>> = {
  items: [itemBlock],
  "performance-factors": [practiceBlock],
  das3h: [itemBlock, timeWindowBlock],
  "best-lr": bestLr,
  recency,
  "n-grams": [...recency, ngramBlock],
  context: [
    ...recency,
    abilityBlock,
    transitionBlock,
    previousItemBlock,
    itemSlopeBlock,
    itemPairBlock,
    skillSlopeBlock,
    timeGapBlock,
  ],
};
