import type { FittedRecommender, Interactions } from "../../../src/models/playlist/recommender.ts";
import { random } from "../../../src/numeric/random.ts";

/** Rows of activities as the input of a recommender; weights from 1 to 2 when asked for. */
export function interactionsOf(
  rows: readonly (readonly number[])[],
  activities: number,
  isWeighted = false,
): Interactions {
  const learnerPtr = new Int32Array(rows.length + 1);
  for (const [learner, row] of rows.entries()) learnerPtr[learner + 1] = learnerPtr[learner]! + row.length;
  const activityIdx = Int32Array.from(rows.flat());
  return {
    learnerPtr,
    activityIdx,
    ...(isWeighted ? { weight: Float64Array.from(activityIdx, (activity, i) => 1 + ((activity + i) % 3) / 2) } : {}),
    activities: Array.from({ length: activities }, (_, i) => `activity-${i}`),
  };
}

/** Learners of two tastes (even and odd activities), so that there is something to find. */
export function twoTastes(learners: number, activities: number, seed: string): number[][] {
  const rng = random(seed);
  return Array.from({ length: learners }, (_, learner) =>
    Array.from({ length: activities }, (_, activity) => activity).filter(
      (activity) => rng.next() < (activity % 2 === learner % 2 ? 0.4 : 0.05),
    ),
  );
}

/** The scores of a learner with this history. */
export function scoresOf(model: FittedRecommender, activityIdx: readonly number[]): Float64Array {
  const out = new Float64Array(model.activities.length);
  model.score({ activityIdx: Int32Array.from(activityIdx) }, out);
  return out;
}
