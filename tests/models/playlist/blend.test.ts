import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { blend, blendFitted } from "../../../src/models/playlist/blend.ts";
import { chooseBlendWeights } from "../../../src/models/playlist/blend-weights.ts";
import { ease } from "../../../src/models/playlist/ease.ts";
import { itemNeighbors } from "../../../src/models/playlist/item-neighbors.ts";
import { popularity } from "../../../src/models/playlist/popularity.ts";
import { codeOf, contextOf } from "../../contracts/estimator-contract.ts";
import { interactionsOf, scoresOf, twoTastes } from "./interactions-of.ts";

const input = interactionsOf(twoTastes(120, 20, "blend"), 20);
const parts = {
  ease: ease({ regularization: 10 }).fit(input, contextOf(1)),
  neighbors: itemNeighbors().fit(input, contextOf(1)),
  popularity: popularity().fit(input, contextOf(1)),
};
const orderOf = (scores: Float64Array, done: readonly number[]): number[] =>
  [...scores.keys()].filter((i) => !done.includes(i)).sort((a, b) => scores[b]! - scores[a]! || a - b);

describe("blend", () => {
  test("one part alone ranks as the part does, whatever its weight", () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.nat(19), { maxLength: 8 }),
        fc.double({ min: 0.1, max: 9, noNaN: true }),
        (done, weight) => {
          const alone = blendFitted([
            { recommender: parts.ease, weight },
            { recommender: parts.popularity, weight: 0 },
          ]);
          expect(orderOf(scoresOf(alone, done), done)).toEqual(orderOf(scoresOf(parts.ease, done), done));
        },
      ),
    );
  });

  test("the scale of a part does not matter: scores are standardised over what is not done", () => {
    const scaled = {
      ...parts.neighbors,
      score: (...[history, out]: Parameters<typeof parts.neighbors.score>) => {
        parts.neighbors.score(history, out);
        for (let i = 0; i < out.length; i++) out[i] = 1000 * out[i]! - 7;
      },
    };
    const of = (second: typeof parts.neighbors): Float64Array =>
      scoresOf(
        blendFitted([
          { recommender: parts.ease, weight: 1 },
          { recommender: second, weight: 2 },
        ]),
        [1, 3, 8],
      );
    const [a, b] = [of(parts.neighbors), of(scaled)];
    for (let i = 0; i < 20; i++) expect(Math.abs(a[i]! - b[i]!)).toBeLessThan(1e-9);
    const open = [...a.keys()].filter((i) => ![1, 3, 8].includes(i));
    expect(Math.abs(open.reduce((sum, i) => sum + a[i]!, 0))).toBeLessThan(1e-9);
  });

  test("parts of other activities, no parts and weights that are none are refused", () => {
    const other = popularity().fit(interactionsOf([[0]], 2), contextOf(1));
    const pair = [
      { recommender: parts.ease, weight: 1 },
      { recommender: other, weight: 1 },
    ];
    expect(codeOf(() => blendFitted(pair))).toBe("BAD_INPUT");
    expect(codeOf(() => blend([]))).toBe("BAD_INPUT");
    expect(codeOf(() => blend([{ recommender: ease(), weight: Number.NaN }]))).toBe("BAD_INPUT");
  });
});

describe("the weights of a blend", () => {
  const histories = twoTastes(80, 20, "weights");
  const validation = histories.map((done, learner) =>
    Int32Array.from([...Array(20).keys()].filter((i) => !done.includes(i) && i % 2 === learner % 2).slice(0, 3)),
  );
  const choose = (models: readonly (typeof parts.ease | typeof parts.popularity)[]) =>
    chooseBlendWeights({ parts: models, histories: histories.map((row) => Int32Array.from(row)), validation });

  test("are no worse on the validation items than any part, and leave out what only harms", () => {
    const alone = Object.values(parts).map((part) => choose([part]).ndcg);
    const { weights, ndcg } = choose(Object.values(parts));
    expect(ndcg).toBeGreaterThanOrEqual(Math.max(...alone));
    expect(weights.every((weight) => weight >= 0)).toBe(true);
    const inverted = {
      ...parts.ease,
      score: (...[history, out]: Parameters<typeof parts.ease.score>) => {
        parts.ease.score(history, out);
        for (let i = 0; i < out.length; i++) out[i] = -out[i]!;
      },
    };
    expect(choose([inverted, parts.ease]).weights[0]).toBe(0);
  });

  test("repeat, and need something held out", () => {
    expect(choose(Object.values(parts))).toEqual(choose(Object.values(parts)));
    const nothing = { parts: [parts.ease], histories: [Int32Array.of(1)], validation: [new Int32Array(0)] };
    expect(codeOf(() => chooseBlendWeights(nothing))).toBe("BAD_INPUT");
    expect(codeOf(() => chooseBlendWeights({ ...nothing, validation: [] }))).toBe("SHAPE_MISMATCH");
  });
});
