import { bayesianKnowledgeTracing } from "../../models/mastery/bayesian-knowledge-tracing.ts";
import type { FittedMastery } from "../../models/mastery/fitted-mastery.ts";
import { abilityTracking } from "../../models/mastery/online/ability/ability-tracking.ts";
import type { FittedAbility } from "../../models/mastery/online/ability/fitted-ability.ts";
import { ease } from "../../models/playlist/ease.ts";
import { loadModel } from "../registry/models.ts";
import type { Cairn } from "../runtime.ts";

/** The mastery model behind playlists. */
export const masteryRecipe = abilityTracking;

/**
 * The mastery model of a run; runs from before abilities were tracked have chains.
 * @throws CairnError `NOT_FOUND`, `ARTIFACT_CORRUPT`; `CONFLICT` when it is of another kind
 */
export function loadMastery(cairn: Cairn, tenantId: string, id: string): Promise<FittedAbility | FittedMastery> {
  return loadModel<FittedAbility | FittedMastery>(cairn, tenantId, id, [masteryRecipe(), bayesianKnowledgeTracing()]);
}

// EASE's λ grows with the number of interactions; a district's library is small and densely used (handbook 2.3: 300 on ML-100K).
const REGULARIZATION = 300;

/** The recommender behind playlists. */
export const recommenderRecipe = (): ReturnType<typeof ease> => ease({ regularization: REGULARIZATION });
