import { describe, expect, test } from "vitest";
import { featureAls } from "../../../src/models/playlist/feature-als/feature-als.ts";
import type { FittedFeatureAls } from "../../../src/models/playlist/feature-als/model.ts";
import {
  type FeaturedHistory,
  type FeaturedInteractions,
  regressOnFeatures,
} from "../../../src/models/playlist/feature-als/side-features.ts";
import { implicitAls } from "../../../src/models/playlist/implicit-als/implicit-als.ts";
import { random } from "../../../src/numeric/random.ts";
import { codeOf, contextOf, describeEstimatorContract } from "../../contracts/estimator-contract.ts";
import { interactionsOf, scoresOf, twoTastes } from "./interactions-of.ts";

const ITEMS = 12;
const options = { dimensions: 6, epochs: 8 };

/** Learners of two tastes who say which they have, and activities that say whom they suit; the last two nobody did. */
function featured(learners: number, seed: string): FeaturedInteractions {
  const rows = twoTastes(learners, ITEMS - 2, seed);
  const parity = (count: number): Float64Array =>
    Float64Array.from({ length: 2 * count }, (_, i) => ((i >> 1) % 2 === i % 2 ? 1 : 0));
  return {
    ...interactionsOf(rows, ITEMS),
    learnerFeatures: { names: ["even", "odd"], values: parity(learners) },
    activityFeatures: { names: ["even", "odd"], values: parity(ITEMS) },
  };
}

const scores = (model: FittedFeatureAls, history: FeaturedHistory): Float64Array => {
  const out = new Float64Array(model.activities.length);
  model.score(history, out);
  return out;
};
const nobody = (features: Float64Array): FeaturedHistory => ({ activityIdx: new Int32Array(0), features });

describeEstimatorContract<FeaturedInteractions, FittedFeatureAls>("iALS with features", {
  estimator: () => featureAls({ ...options, epochs: 3 }),
  input: () => featured(30, "contract"),
  answers: (model) => {
    if (model.activities.length < ITEMS) return scoresOf(model, []);
    const explained = new Float64Array(3);
    const history = { activityIdx: Int32Array.of(1, 4), features: Float64Array.of(0, 1) };
    model.explain(history, 3, explained);
    return [...scores(model, history), ...scores(model, nobody(Float64Array.of(1, 0))), ...explained];
  },
  refused: {
    "features of too few learners": {
      input: () => ({ ...featured(9, "few"), learnerFeatures: { names: ["even"], values: new Float64Array(8) } }),
      code: "SHAPE_MISMATCH",
    },
    "a feature that is no number": {
      input: () => ({
        ...featured(9, "nan"),
        activityFeatures: { names: ["even"], values: new Float64Array(ITEMS).fill(Number.NaN) },
      }),
      code: "NOT_FINITE",
    },
    "a feature twice": {
      input: () => ({
        ...featured(9, "twice"),
        activityFeatures: { names: ["a", "a"], values: new Float64Array(2 * ITEMS) },
      }),
      code: "BAD_INPUT",
    },
  },
  survived: {
    "one learner, one activity": () => interactionsOf([[0]], 1),
    "nobody did anything": () => interactionsOf([[], []], 4),
    "no learners": () => interactionsOf([], 2),
    "no activities": () => interactionsOf([[]], 0),
  },
});

test("without features it is iALS, solved exactly", () => {
  const interactions = interactionsOf(twoTastes(40, 9, "plain"), 9, true);
  const plain = implicitAls({ ...options, solver: "cholesky" }).fit(interactions, contextOf(3));
  const same = featureAls(options).fit(interactions, contextOf(3));
  const [expected, got] = [scoresOf(plain, [2, 5]), scoresOf(same, [2, 5])];
  for (const [i, score] of got.entries()) expect(score).toBeCloseTo(expected[i]!, 4); // iALS keeps singles between half-steps
});

describe("cold start", () => {
  const model = featureAls(options).fit(featured(80, "cold"), contextOf(1));
  const mean = (values: Float64Array, parity: number): number =>
    values.filter((_, i) => i % 2 === parity).reduce((sum, value) => sum + value, 0) / (ITEMS / 2);

  test("a learner who did nothing is recommended what learners with these features do", () => {
    const [even, odd] = [scores(model, nobody(Float64Array.of(1, 0))), scores(model, nobody(Float64Array.of(0, 1)))];
    expect(mean(even, 0)).toBeGreaterThan(2 * mean(even, 1));
    expect(mean(odd, 1)).toBeGreaterThan(2 * mean(odd, 0));
    expect([...scores(model, { activityIdx: new Int32Array(0) })]).toEqual(new Array(ITEMS).fill(0));
  });

  test("activities nobody did are recommended to those their features suit, and new ones like them", () => {
    const even = scores(model, nobody(Float64Array.of(1, 0)));
    expect(even[10]).toBeGreaterThan(2 * even[11]!);
    const [learner, activity] = [new Float64Array(6), new Float64Array(6)];
    model.foldIn(nobody(Float64Array.of(1, 0)), learner);
    model.embedActivity(Float64Array.of(1, 0), activity);
    expect(learner.reduce((sum, value, k) => sum + value * activity[k]!, 0)).toBeCloseTo(even[10]!, 6);
  });

  test("what a learner does outweighs the features, the more the more was done", () => {
    const told = Float64Array.of(1, 0);
    const gap = (done: readonly number[]): number => {
      const own = scores(model, { activityIdx: Int32Array.from(done), features: told });
      return own[9]! - own[8]!; // odd less even, both not done
    };
    expect(gap([])).toBeLessThan(0);
    expect(gap([1, 3, 5, 7])).toBeGreaterThan(gap([1]));
    expect(gap([1, 3, 5, 7])).toBeGreaterThan(0);
  });
});

test("a fold-in is where the gradient of the loss is 0, prior and all", () => {
  const model = featureAls(options).fit(featured(50, "gradient"), contextOf(1));
  const { arrays } = model.encode();
  const factors = arrays.factors as Float32Array;
  const map = arrays.learnerMap as Float64Array;
  const history = { activityIdx: Int32Array.of(0, 3, 7), features: Float64Array.of(0, 1) };
  const learner = new Float64Array(6);
  model.foldIn(history, learner);
  const penalty = 0.01 * (3 + 0.5 * ITEMS);
  const score = (i: number): number => learner.reduce((sum, value, k) => sum + value * factors[6 * i + k]!, 0);
  for (let k = 0; k < 6; k++) {
    let slope = penalty * (learner[k]! - map[2 * k + 1]!);
    for (let i = 0; i < ITEMS; i++) slope += 0.5 * score(i) * factors[6 * i + k]!;
    for (const i of history.activityIdx) slope += (score(i) - 1) * factors[6 * i + k]!;
    expect(Math.abs(slope)).toBeLessThan(1e-10);
  }
});

test("reasons add up to the score: what was done, and last the features", () => {
  const model = featureAls(options).fit(featured(50, "reasons"), contextOf(1));
  const features = Float64Array.of(0.5, 0.25);
  for (const activityIdx of [Int32Array.of(), Int32Array.of(2), Int32Array.of(1, 4, 9)]) {
    const history = { activityIdx, weight: Float64Array.from(activityIdx, (i) => 1 + i / 4), features };
    const own = scores(model, history);
    const terms = new Float64Array(activityIdx.length + 1);
    for (let activity = 0; activity < ITEMS; activity++) {
      model.explain(history, activity, terms);
      expect(terms.reduce((sum, term) => sum + term, 0)).toBeCloseTo(own[activity]!, 9);
    }
  }
});

test("the map of features finds the coefficients behind noiseless embeddings", () => {
  const rng = random("map");
  const rows = 60;
  const values = Float64Array.from({ length: rows * 3 }, () => rng.normal());
  const truth = [1, -2, 0.5, 3, 0, -1];
  const embeddings = Float64Array.from({ length: rows * 2 }, (_, i) =>
    [0, 1, 2].reduce((sum, f) => sum + truth[3 * (i % 2) + f]! * values[3 * (i >> 1) + f]!, 0),
  );
  const penalties = Float64Array.from({ length: rows }, (_, row) => (row % 5 === 0 ? 0 : 1 + rng.next()));
  for (const [row, penalty] of penalties.entries()) if (penalty === 0) embeddings[2 * row] = 1e6; // left out
  const { data } = regressOnFeatures(embeddings, 2, { names: ["a", "b", "c"], values }, penalties, 1e-9);
  for (const [i, value] of data.entries()) expect(value).toBeCloseTo(truth[i]!, 6);
});

test("options and questions out of range are refused by code", () => {
  expect(codeOf(() => featureAls({ mapPenalty: 0 }))).toBe("BAD_INPUT");
  expect(codeOf(() => featureAls({ dimensions: 0 }))).toBe("BAD_INPUT");
  const model = featureAls(options).fit(featured(9, "questions"), contextOf(1));
  expect(codeOf(() => scores(model, nobody(new Float64Array(3))))).toBe("SHAPE_MISMATCH");
  expect(codeOf(() => model.embedActivity(new Float64Array(1), new Float64Array(6)))).toBe("SHAPE_MISMATCH");
  expect(codeOf(() => model.embedActivity(new Float64Array(2), new Float64Array(5)))).toBe("SHAPE_MISMATCH");
  expect(codeOf(() => model.explain({ activityIdx: new Int32Array(0) }, ITEMS, new Float64Array(1)))).toBe("BAD_INPUT");
});
