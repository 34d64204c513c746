import type { Estimator } from "../../../models/estimator.ts";
import { bayesianKnowledgeTracing } from "../../../models/mastery/bayesian-knowledge-tracing.ts";
import { elo } from "../../../models/mastery/elo.ts";
import type { FittedMastery } from "../../../models/mastery/fitted-mastery.ts";
import { bandItems, bandsOf } from "../../../models/mastery/item-bands.ts";
import { type ItemResponseLog, skillSetsAsSkills } from "../../../models/mastery/item-log.ts";
import { itemResponse } from "../../../models/mastery/item-response/item-response.ts";
import { logisticMastery } from "../../../models/mastery/logistic/logistic-mastery.ts";
import { recurrentMastery } from "../../../models/mastery/recurrent/recurrent-mastery.ts";
import type { ResponseLog } from "../../../models/mastery/response-log.ts";
import { historyTrees } from "./history-trees.ts";
import type { NextResponseRecipe } from "./recipe.ts";

const DIFFICULTY_BANDS = 8; // of 3, 5 and 8 the lowest log loss on a fifth of the training learners of ASSISTments 2009

/** Every model of the next response, by the name `cairn evaluate mastery --models` knows it by, simplest first. */
export const masteryModels: Readonly<Record<string, NextResponseRecipe>> = {
  irt: logisticMastery({ features: "items" }),
  "irt-2pl": itemResponse(),
  pfa: logisticMastery({ features: "performance-factors" }),
  das3h: logisticMastery({ features: "das3h" }),
  "bkt-classic": onSkillSets(bayesianKnowledgeTracing({ forgetting: false })),
  bkt: onSkillSets(bayesianKnowledgeTracing()),
  "bkt-bands": onSkillSets(bayesianKnowledgeTracing(), DIFFICULTY_BANDS),
  elo: elo(),
  "best-lr": logisticMastery({ features: "best-lr" }),
  recency: logisticMastery({ features: "recency" }),
  "n-grams": logisticMastery({ features: "n-grams" }),
  context: logisticMastery({ features: "context" }),
  trees: historyTrees(),
  recurrent: recurrentMastery(),
};

/**
 * Blends of other models, by name: their log-odds are added with weights fitted on learners held out of the training rows. The
 * simple ones carry small sets, the context model most others; trees and network add what interactions and order bring.
 */
export const masteryBlends: Readonly<Record<string, readonly string[]>> = {
  blend: ["irt-2pl", "bkt", "best-lr", "context", "trees", "recurrent"],
};

/**
 * Bayesian knowledge tracing on items of several skills: each distinct set is a chain of its own.
 * @param bands - how many bands of difficulty have a guess and a slip of their own within a skill; 0 tells no items apart
 */
function onSkillSets(recipe: Estimator<ResponseLog, FittedMastery>, bands = 0): NextResponseRecipe {
  return {
    fit(log, context) {
      const items = bandItems(log, bands);
      const read = (own: ItemResponseLog): ResponseLog =>
        bands === 0 ? skillSetsAsSkills(own) : { ...skillSetsAsSkills(own), itemClass: bandsOf(own, items) };
      const fitted = recipe.fit(read(log), context);
      return { ...fitted, predictNext: (asked, out) => fitted.predictNext(read(asked), out) };
    },
  };
}
