import type { Estimator } from "../estimator.ts";
import {
  checkHistory,
  checkInteractions,
  encodeActivities,
  type FittedRecommender,
  type Interactions,
  indexActivities,
  readRecommender,
  stopIfCancelled,
} from "./recommender.ts";

const KIND = "playlist/popularity";

/**
 * The baseline every recommender must beat: the score of an activity is the number of learners who did it, for everybody
 * alike (weights do not count). Survives an empty log with scores of 0.
 * @throws CairnError from `fit`: `SHAPE_MISMATCH`, `NOT_FINITE`, `BAD_INPUT`, `CANCELLED`
 */
export function popularity(): Estimator<Interactions, FittedRecommender> {
  return {
    kind: KIND,
    parameters: {},
    fit(interactions, context) {
      stopIfCancelled(context);
      checkInteractions(interactions);
      const learners = new Float64Array(interactions.activities.length);
      for (let i = 0; i < interactions.activityIdx.length; i++) learners[interactions.activityIdx[i]!]!++;
      context.onProgress?.(1);
      return fitted([...interactions.activities], learners);
    },
    decode(tensors) {
      const { activities, values } = readRecommender(KIND, tensors, "learners", (count) => count);
      return fitted(activities, values.slice());
    },
  };
}

function fitted(activities: readonly string[], learners: Float64Array): FittedRecommender {
  return {
    kind: KIND,
    activities,
    indexOf: indexActivities(activities),
    score(history, out) {
      checkHistory(history, activities.length, out);
      out.set(learners);
    },
    encode: () => ({
      metadata: { kind: KIND },
      arrays: { activities: encodeActivities(activities), learners: learners.slice() },
    }),
  };
}
