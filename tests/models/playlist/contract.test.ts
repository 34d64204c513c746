import { blend } from "../../../src/models/playlist/blend.ts";
import { bpr } from "../../../src/models/playlist/bpr/bpr.ts";
import { ease } from "../../../src/models/playlist/ease.ts";
import { implicitAls } from "../../../src/models/playlist/implicit-als/implicit-als.ts";
import { itemNeighbors } from "../../../src/models/playlist/item-neighbors.ts";
import { nextActivity } from "../../../src/models/playlist/next-activity.ts";
import type { FittedRecommender, Interactions } from "../../../src/models/playlist/recommender.ts";
import { describeEstimatorContract, type EstimatorSubject } from "../../contracts/estimator-contract.ts";
import { interactionsOf, scoresOf, twoTastes } from "./interactions-of.ts";

const rows = twoTastes(30, 9, "contract");
const als = { dimensions: 6, epochs: 3 };
const weightedEase = { regularization: 4, learnerExponent: 0.5, activityExponent: 0.5, popularityExponent: 0.2 };

/** Recipes and how far reordered learners may move the scores: singles round in another order. */
const subjects: Record<
  string,
  Pick<EstimatorSubject<Interactions, FittedRecommender>, "estimator" | "reorderedTolerance"> & {
    readonly isOrdered?: boolean;
  }
> = {
  "item neighbors": { estimator: () => itemNeighbors({ neighbors: 4 }) },
  "weighted EASE": { estimator: () => ease(weightedEase) },
  // BPR's steps follow the order of the learners
  BPR: { estimator: () => bpr({ dimensions: 5, epochs: 4 }), isOrdered: true },
  "next activity": { estimator: () => nextActivity({ timeScale: 3 }) },
  "next activity, direct": { estimator: () => nextActivity({ succession: "direct" }) },
  "iALS by Cholesky": { estimator: () => implicitAls({ ...als, solver: "cholesky" }), reorderedTolerance: 1e-4 },
  "iALS by conjugate gradients": { estimator: () => implicitAls(als), reorderedTolerance: 1e-4 },
  blend: {
    estimator: () =>
      blend([
        { recommender: ease({ regularization: 4 }), weight: 1 },
        { recommender: implicitAls(als), weight: 0.5 },
        { recommender: itemNeighbors(), weight: 0 },
      ]),
    reorderedTolerance: 1e-3,
  },
};

/** The interactions with times that do not follow the order of the activities, some of them shared. */
function timed(interactions: Interactions): Interactions {
  return { ...interactions, time: Float64Array.from(interactions.activityIdx, (activity) => (activity * 5) % 7) };
}

for (const [name, { isOrdered, ...subject }] of Object.entries(subjects)) {
  describeEstimatorContract<Interactions, FittedRecommender>(name, {
    ...subject,
    input: () => timed(interactionsOf(rows, 9, true)),
    answers: (model) => scoresOf(model, model.activities.length > 5 ? [1, 4] : []),
    ...(isOrdered ? {} : { reordered: () => timed(reversed(interactionsOf(rows, 9, true))) }),
    refused: {
      "an activity out of range": { input: () => timed(interactionsOf([[0, 9]], 9)), code: "BAD_INPUT" },
      "an activity twice in a row": { input: () => timed(interactionsOf([[1, 1]], 9)), code: "BAD_INPUT" },
      "a weight of 0": {
        input: () => ({ ...timed(interactionsOf([[0, 1]], 9)), weight: Float64Array.of(1, 0) }),
        code: "BAD_INPUT",
      },
    },
    survived: {
      "one learner, one activity": () => timed(interactionsOf([[0]], 1)),
      "nobody did anything": () => timed(interactionsOf([[], []], 4)),
      "no learners": () => timed(interactionsOf([], 2)),
      "no activities": () => timed(interactionsOf([[]], 0)),
    },
  });
}

/** The same interactions with the learners in reverse order. */
function reversed({ learnerPtr, activityIdx, weight, activities }: Interactions): Interactions {
  const order = Array.from({ length: learnerPtr.length - 1 }, (_, learner) => learner).reverse();
  const entries = order.flatMap((learner) =>
    Array.from({ length: learnerPtr[learner + 1]! - learnerPtr[learner]! }, (_, i) => learnerPtr[learner]! + i),
  );
  const ptr = Int32Array.from([0, ...order.map((learner) => learnerPtr[learner + 1]! - learnerPtr[learner]!)]);
  for (let i = 1; i < ptr.length; i++) ptr[i]! += ptr[i - 1]!;
  return {
    learnerPtr: ptr,
    activityIdx: Int32Array.from(entries, (entry) => activityIdx[entry]!),
    weight: Float64Array.from(entries, (entry) => weight![entry]!),
    activities,
  };
}
