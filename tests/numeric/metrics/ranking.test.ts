import fc from "fast-check";
import { expect, test } from "vitest";
import {
  coverageScore,
  hitScore,
  ndcgScore,
  noveltyScore,
  rankingQuality,
  recallScore,
  reciprocalRankScore,
  recommendationGini,
  topItems,
} from "../../../src/numeric/metrics/ranking.ts";
import { codeOf } from "../../contracts/estimator-contract.ts";

const value = (number: number): object => ({ status: "defined", value: expect.closeTo(number, 12) });
const ranked = Int32Array.of(4, 7, 1, 9);

test("the definitions, by hand", () => {
  const truth = new Set([7, 9, 2]);
  const best = 1 + 1 / Math.log2(3) + 0.5;
  expect(ndcgScore(ranked, truth, 4)).toEqual(value((1 / Math.log2(3) + 1 / Math.log2(5)) / best));
  expect(ndcgScore(ranked, truth, 2)).toEqual(value(1 / Math.log2(3) / (1 + 1 / Math.log2(3))));
  expect(recallScore(ranked, truth, 4)).toEqual(value(2 / 3));
  expect(recallScore(ranked, truth, 1)).toEqual(value(0));
  expect(reciprocalRankScore(ranked, truth, 4)).toEqual(value(1 / 2));
  expect(reciprocalRankScore(ranked, truth, 1)).toEqual(value(0));
  expect(hitScore(ranked, truth, 4)).toEqual(value(1));
  expect(hitScore(ranked, new Set([2]), 4)).toEqual(value(0));
  expect(coverageScore([ranked, Int32Array.of(4, 5, -1)], 10, 4)).toEqual(value(0.5));
  expect(coverageScore([ranked], 10, 2)).toEqual(value(0.2));
});

test("an empty truth is undefined, and left out of the means", () => {
  for (const metric of [ndcgScore, recallScore, reciprocalRankScore, hitScore]) {
    expect(metric(ranked, new Set(), 4).status).toBe("undefined");
  }
  const quality = rankingQuality([ranked, ranked], [new Set([4]), new Set()], 10, 4);
  expect(quality).toMatchObject({ learners: 1, ndcg: value(1), recall: value(1), mrr: value(1), hit: value(1) });
  expect(rankingQuality([ranked], [new Set()], 10, 4).ndcg.status).toBe("undefined");
  expect(coverageScore([], 0, 4).status).toBe("undefined");
});

test("a perfect ranking scores 1 and the same items in any other order no more", () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.nat(30), { minLength: 2, maxLength: 12 }),
      fc.integer({ min: 1, max: 12 }),
      (items, k) => {
        const truth = new Set(items.slice(0, Math.ceil(items.length / 2)));
        const straight = ndcgScore(Int32Array.from(items), truth, k);
        const reversed = ndcgScore(Int32Array.from(items.toReversed()), truth, k);
        expect(straight).toEqual(value(1));
        expect(reversed.status === "defined" && reversed.value <= 1 + 1e-12).toBe(true);
      },
    ),
  );
});

test("topItems is the head of a full sort by score, then by item id", () => {
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom(Number.NEGATIVE_INFINITY, -2, 0, 0.5, 1, 3), { maxLength: 40 }),
      fc.integer({ min: 0, max: 12 }),
      (list, k) => {
        const scores = Float64Array.from(list);
        const expected = [...scores.keys()]
          .filter((item) => scores[item]! > Number.NEGATIVE_INFINITY)
          .sort((a, b) => scores[b]! - scores[a]! || a - b)
          .slice(0, k);
        const out = new Int32Array(k);
        expect(topItems(scores, out)).toBe(expected.length);
        expect([...out]).toEqual([...expected, ...Array<number>(k - expected.length).fill(-1)]);
      },
    ),
  );
});

test("bad input is refused by code", () => {
  expect(codeOf(() => topItems(Float64Array.of(Number.NaN), new Int32Array(1)))).toBe("NOT_FINITE");
  expect(codeOf(() => rankingQuality([ranked], [], 10, 4))).toBe("SHAPE_MISMATCH");
  expect(codeOf(() => rankingQuality([ranked], [new Set([1])], 10, 0))).toBe("BAD_INPUT");
});

test("novelty and Gini, by hand", () => {
  const lists = [Int32Array.of(0, 1), Int32Array.of(0, -1)];
  const counts = Int32Array.of(8, 2, 0);
  expect(noveltyScore(lists, counts, 8, 2)).toEqual(value((0 + 2 + 0) / 3));
  expect(noveltyScore([Int32Array.of(2)], counts, 8, 1)).toEqual(value(3)); // never had: as if once
  expect(noveltyScore([], counts, 8, 2).status).toBe("undefined");
  expect(recommendationGini(lists, 3, 2)).toEqual(value((-2 * 0 + 0 * 1 + 2 * 2) / (3 * 3)));
  expect(recommendationGini([Int32Array.of(0, 1, 2)], 3, 3)).toEqual(value(0));
  expect(recommendationGini([Int32Array.of(0)], 1000, 1)).toEqual(value(0.999));
  expect(recommendationGini([], 3, 2).status).toBe("undefined");
});
