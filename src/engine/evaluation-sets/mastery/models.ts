import type { Estimator } from "../../../models/estimator.ts";
import { bayesianKnowledgeTracing } from "../../../models/mastery/bayesian-knowledge-tracing.ts";
import { elo } from "../../../models/mastery/elo.ts";
import type { FittedMastery } from "../../../models/mastery/fitted-mastery.ts";
import { skillSetsAsSkills } from "../../../models/mastery/item-log.ts";
import { itemResponse } from "../../../models/mastery/item-response/item-response.ts";
import { logisticMastery } from "../../../models/mastery/logistic/logistic-mastery.ts";
import { recurrentMastery } from "../../../models/mastery/recurrent/recurrent-mastery.ts";
import type { ResponseLog } from "../../../models/mastery/response-log.ts";
import { historyTrees } from "./history-trees.ts";
import type { NextResponseRecipe } from "./recipe.ts";

/** Every model of the next response, by the name `cairn evaluate mastery --models` knows it by, simplest first. */
export const masteryModels: Readonly<Record<string, NextResponseRecipe>> = {
  irt: logisticMastery({ features: "items" }),
  "irt-2pl": itemResponse(),
  pfa: logisticMastery({ features: "performance-factors" }),
  das3h: logisticMastery({ features: "das3h" }),
  "bkt-classic": onSkillSets(bayesianKnowledgeTracing({ forgetting: false })),
  bkt: onSkillSets(bayesianKnowledgeTracing()),
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

/** Bayesian knowledge tracing on items of several skills: each distinct set is a chain of its own. */
function onSkillSets(recipe: Estimator<ResponseLog, FittedMastery>): NextResponseRecipe {
  return {
    fit(log, context) {
      const fitted = recipe.fit(skillSetsAsSkills(log), context);
      return { ...fitted, predictNext: (asked, out) => fitted.predictNext(skillSetsAsSkills(asked), out) };
    },
  };
}
