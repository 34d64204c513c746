import { readFileSync } from "node:fs";
import fc from "fast-check";
import { Matrix } from "ml-matrix";
import { describe, expect, test } from "vitest";
import { ease, type FittedEase } from "../../../src/models/playlist/ease.ts";
import { popularity } from "../../../src/models/playlist/popularity.ts";
import { invertPositiveDefinite, paddedOrder, TILE } from "../../../src/models/playlist/positive-definite-inverse.ts";
import type { FittedRecommender, Interactions } from "../../../src/models/playlist/recommender.ts";
import { random } from "../../../src/numeric/random.ts";
import { codeOf, contextOf, describeEstimatorContract } from "../../contracts/estimator-contract.ts";

interface GoldenCase {
  readonly regularization: number;
  readonly activities: number;
  readonly learnerPtr: number[];
  readonly activityIdx: number[];
  readonly weight: number[] | null;
  readonly scores: number[][];
  readonly coefficients: [number, number, number][];
}
const golden = JSON.parse(readFileSync(new URL("../../golden/ease/ease.json", import.meta.url), "utf8")) as {
  cases: GoldenCase[];
};

function interactionsOf(rows: readonly (readonly number[])[], activities: number, weighted = false): Interactions {
  const learnerPtr = new Int32Array(rows.length + 1);
  for (const [learner, row] of rows.entries()) learnerPtr[learner + 1] = learnerPtr[learner]! + row.length;
  const activityIdx = Int32Array.from(rows.flat());
  return {
    learnerPtr,
    activityIdx,
    ...(weighted ? { weight: Float64Array.from(activityIdx, (activity, i) => 1 + ((activity + i) % 3) / 2) } : {}),
    activities: Array.from({ length: activities }, (_, i) => `activity-${i}`),
  };
}

/** Learners of two tastes, so that there is something to find. */
function simulated(learners: number, activities: number, seed: string): number[][] {
  const rng = random(seed);
  return Array.from({ length: learners }, (_, learner) =>
    Array.from({ length: activities }, (_, activity) => activity).filter(
      (activity) => rng.next() < (activity % 2 === learner % 2 ? 0.4 : 0.05),
    ),
  );
}

const scoresOf = (model: FittedRecommender, activityIdx: readonly number[]): Float64Array => {
  const out = new Float64Array(model.activities.length);
  model.score({ activityIdx: Int32Array.from(activityIdx) }, out);
  return out;
};

const rows = simulated(30, 9, "contract");
const refused = {
  "an activity out of range": { input: () => interactionsOf([[0, 9]], 9), code: "BAD_INPUT" },
  "an activity twice in a row": { input: () => interactionsOf([[1, 1]], 9), code: "BAD_INPUT" },
  "rows that do not fit": {
    input: () => ({ ...interactionsOf(rows, 9), learnerPtr: Int32Array.of(0, 3) }),
    code: "SHAPE_MISMATCH",
  },
  "a missing weight": {
    input: () => ({ ...interactionsOf([[0, 1]], 9), weight: Float64Array.of(1, Number.NaN) }),
    code: "NOT_FINITE",
  },
  "a weight of 0": {
    input: () => ({ ...interactionsOf([[0, 1]], 9), weight: Float64Array.of(1, 0) }),
    code: "BAD_INPUT",
  },
  "an id twice": { input: () => ({ ...interactionsOf([[0]], 2), activities: ["a", "a"] }), code: "BAD_INPUT" },
} as const;
const survived = {
  "one learner, one activity": () => interactionsOf([[0]], 1),
  "nobody did anything": () => interactionsOf([[], []], 4),
  "no learners": () => interactionsOf([], 2),
  "no activities": () => interactionsOf([[]], 0),
};

for (const [name, estimator] of Object.entries({ EASE: () => ease({ regularization: 4 }), popularity })) {
  describeEstimatorContract<Interactions, FittedRecommender>(name, {
    estimator,
    input: () => interactionsOf(rows, 9),
    answers: (model) => scoresOf(model, model.activities.length > 5 ? [1, 4] : []),
    reordered: () => interactionsOf(rows.toReversed(), 9),
    reorderedTolerance: 0,
    refused,
    survived,
  });
}

describe("EASE", () => {
  test("agrees with numpy's inverse, in scores and coefficients, binary and weighted", () => {
    for (const { regularization, activities, learnerPtr, activityIdx, weight, scores, coefficients } of golden.cases) {
      const model = ease({ regularization }).fit(
        {
          learnerPtr: Int32Array.from(learnerPtr),
          activityIdx: Int32Array.from(activityIdx),
          ...(weight === null ? {} : { weight: Float64Array.from(weight) }),
          activities: Array.from({ length: activities }, (_, i) => String(i)),
        },
        contextOf(1),
      );
      const out = new Float64Array(activities);
      for (const [learner, expected] of scores.entries()) {
        const range = [learnerPtr[learner]!, learnerPtr[learner + 1]!] as const;
        const history = {
          activityIdx: Int32Array.from(activityIdx.slice(...range)),
          ...(weight === null ? {} : { weight: Float64Array.from(weight.slice(...range)) }),
        };
        model.score(history, out);
        for (const [activity, score] of expected.entries()) expect(Math.abs(out[activity]! - score)).toBeLessThan(1e-9);
      }
      const term = new Float64Array(1);
      for (const [from, to, coefficient] of coefficients) {
        model.explain({ activityIdx: Int32Array.of(from) }, to, term);
        expect(Math.abs(term[0]! - coefficient)).toBeLessThan(1e-9);
      }
    }
  });

  test("the terms of an explanation add up to the score, whatever the history and weights", () => {
    const model = ease({ regularization: 10 }).fit(
      interactionsOf(simulated(80, 70, "explain"), 70, true),
      contextOf(1),
    );
    const weight = fc.double({ min: 0.1, max: 5, noNaN: true });
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat(69), { maxLength: 20 }), fc.nat(69), weight, (list, activity, first) => {
        const history = {
          activityIdx: Int32Array.from(list),
          weight: Float64Array.from(list, (_, i) => (i === 0 ? first : 1)),
        };
        const scores = new Float64Array(70);
        model.score(history, scores);
        const terms = new Float64Array(list.length);
        model.explain(history, activity, terms);
        expect(Math.abs(terms.reduce((a, b) => a + b, 0) - scores[activity]!)).toBeLessThan(1e-9);
        const own = list.indexOf(activity);
        if (own >= 0) expect(terms[own]).toBe(0);
      }),
    );
  });

  test("a learner of one taste is recommended that taste", () => {
    const model = ease({ regularization: 10 }).fit(interactionsOf(simulated(200, 20, "taste"), 20), contextOf(1));
    const scores = scoresOf(model, [0, 2, 4]);
    const mean = (activities: readonly number[]): number =>
      activities.reduce((sum, activity) => sum + scores[activity]!, 0) / activities.length;
    expect(mean([6, 8, 10, 12, 14, 16, 18])).toBeGreaterThan(2 * mean([1, 3, 5, 7, 9, 11, 13]));
  });

  test("without regularization, activities always done together are refused as SINGULAR with advice", () => {
    const together = interactionsOf(Array<number[]>(5).fill([0, 1]), 2);
    expect(codeOf(() => ease({ regularization: 0 }).fit(together, contextOf(1)))).toBe("SINGULAR");
    expect(() => ease({ regularization: 0 }).fit(together, contextOf(1))).toThrow("row 1");
    expect(ease({ regularization: 1 }).fit(together, contextOf(1)).activities.length).toBe(2);
  });

  test("stops between tile rows when it is asked to", () => {
    const controller = new AbortController();
    const onProgress = (fraction: number): void => {
      if (fraction > 0.5) controller.abort();
    };
    const input = interactionsOf(simulated(20, 130, "cancel"), 130);
    const context = contextOf(1, { signal: controller.signal, onProgress });
    expect(codeOf(() => ease().fit(input, context))).toBe("CANCELLED");
  });

  test("histories that do not fit are refused by code", () => {
    const model: FittedEase = ease().fit(interactionsOf(rows, 9), contextOf(1));
    const history = { activityIdx: Int32Array.of(1) };
    expect(codeOf(() => model.score(history, new Float64Array(8)))).toBe("SHAPE_MISMATCH");
    expect(codeOf(() => model.score({ activityIdx: Int32Array.of(9) }, new Float64Array(9)))).toBe("BAD_INPUT");
    expect(codeOf(() => model.explain(history, 9, new Float64Array(1)))).toBe("BAD_INPUT");
    expect(codeOf(() => model.explain(history, 0, new Float64Array(2)))).toBe("SHAPE_MISMATCH");
    expect(model.indexOf("activity-3")).toBe(3);
    expect(model.indexOf("nothing")).toBeUndefined();
    expect(codeOf(() => ease({ regularization: -1 }))).toBe("BAD_INPUT");
  });
});

test("popularity counts learners, not weights", () => {
  const model = popularity().fit(interactionsOf([[0, 2], [2], [1, 2]], 4, true), contextOf(1));
  expect([...scoresOf(model, [])]).toEqual([1, 1, 3, 0]);
});

/** A well-conditioned symmetric matrix of random numbers, rows and columns scaled over `spread` powers of ten. */
function definite(order: number, spread: number): { full: Matrix; scale: number[] } {
  const rng = random(`inverse/${order}`);
  const scale = Array.from({ length: order }, (_, i) => 10 ** ((-spread / 2) * (i / order)));
  const factor = new Matrix(Array.from({ length: order }, () => Array.from({ length: order }, () => rng.normal())));
  const full = factor.mmul(factor.transpose()).add(Matrix.eye(order).mul(order));
  return { full: full.mulRowVector(scale).mulColumnVector(scale), scale };
}

test.each([
  [1, 0],
  [3, 4],
  [TILE - 1, 0],
  [TILE, 8],
  [TILE + 1, 2],
  [2 * TILE + 2, 6],
])("the tiled inverse times the matrix is the identity: order %i, scales over 10^%i", (order, spread) => {
  const { full, scale } = definite(order, spread);
  const stride = paddedOrder(order);
  const matrix = new Float64Array(stride * stride);
  for (let i = 0; i < stride; i++) {
    for (let j = 0; j <= i; j++) matrix[i * stride + j] = i < order ? full.get(i, j) : Number(i === j);
  }
  const seen: number[] = [];
  invertPositiveDefinite(matrix, order, (fraction) => seen.push(fraction));
  expect(seen.every((fraction, i) => fraction > (seen[i - 1] ?? 0))).toBe(true);
  expect(seen.at(-1)).toBe(1);
  const inverse = Matrix.zeros(order, order).apply(function (i, j) {
    this.set(i, j, matrix[Math.max(i, j) * stride + Math.min(i, j)]!);
  });
  const product = full.mmul(inverse).mulRowVector(scale).divColumnVector(scale); // undoes the scaling, leaves the identity
  expect(product.sub(Matrix.eye(order)).abs().max()).toBeLessThan(1e-10);
});
