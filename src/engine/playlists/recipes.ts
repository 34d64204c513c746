import { bayesianKnowledgeTracing } from "../../models/mastery/bayesian-knowledge-tracing.ts";
import { ease } from "../../models/playlist/ease.ts";

/** The mastery model behind playlists. */
export const masteryRecipe = bayesianKnowledgeTracing;

// EASE's λ grows with the number of interactions; a district's library is small and densely used (handbook 2.3: 300 on ML-100K).
const REGULARIZATION = 300;

/** The recommender behind playlists. */
export const recommenderRecipe = (): ReturnType<typeof ease> => ease({ regularization: REGULARIZATION });
