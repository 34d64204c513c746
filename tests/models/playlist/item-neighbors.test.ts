import { expect, test } from "vitest";
import { ease } from "../../../src/models/playlist/ease.ts";
import { itemNeighbors } from "../../../src/models/playlist/item-neighbors.ts";
import { codeOf, contextOf } from "../../contracts/estimator-contract.ts";
import { interactionsOf, scoresOf, twoTastes } from "./interactions-of.ts";

const rows = twoTastes(60, 12, "neighbors");

/** s_ij = n_ij/(√(n_i n_j) + shrink), the k largest per column j, straight from the definition. */
function byDefinition(k: number, shrink: number, done: readonly number[]): number[] {
  const count = (...items: number[]): number => rows.filter((row) => items.every((item) => row.includes(item))).length;
  return Array.from({ length: 12 }, (_, target) => {
    const kept = [...Array(12).keys()]
      .filter((other) => other !== target && count(target, other) > 0)
      .map((other) => ({ other, s: count(target, other) / (Math.sqrt(count(target) * count(other)) + shrink) }))
      .sort((a, b) => b.s - a.s || a.other - b.other)
      .slice(0, k);
    return kept.filter(({ other }) => done.includes(other)).reduce((sum, { s }) => sum + s, 0);
  });
}

test.each([
  [3, 0],
  [5, 1],
  [200, 10],
])("the definition, %i neighbors, shrink %i: cut per recommended activity", (neighbors, shrink) => {
  const model = itemNeighbors({ neighbors, shrink }).fit(interactionsOf(rows, 12), contextOf(1));
  for (const done of [[0], [1, 4, 5], [0, 2, 3, 7, 11]]) {
    const scores = scoresOf(model, done);
    for (const [item, expected] of byDefinition(neighbors, shrink, done).entries()) {
      expect(Math.abs(scores[item]! - expected)).toBeLessThan(1e-12);
    }
  }
});

test("options out of range are refused", () => {
  expect(codeOf(() => itemNeighbors({ neighbors: 0 }))).toBe("BAD_INPUT");
  expect(codeOf(() => itemNeighbors({ shrink: -1 }))).toBe("BAD_INPUT");
  expect(codeOf(() => ease({ learnerExponent: 2 }))).toBe("BAD_INPUT");
});

test("EASE's exponents: equal learners and activities change nothing, popularity divides, identity stays", () => {
  // Everybody did two of four activities, every activity was done by the same number: all shares are 1.
  const even = interactionsOf(
    Array.from(
      { length: 40 },
      (_, i) =>
        [
          [0, 1],
          [1, 2],
          [2, 3],
          [0, 3],
        ][i % 4]!,
    ),
    4,
  );
  const plain = scoresOf(ease({ regularization: 5 }).fit(even, contextOf(1)), [0]);
  const weighted = ease({ regularization: 5, learnerExponent: 0.5, activityExponent: 0.5 }).fit(even, contextOf(1));
  const divided = ease({ regularization: 5, popularityExponent: 0.5 }).fit(even, contextOf(1));
  for (const [i, score] of plain.entries()) {
    expect(Math.abs(scoresOf(weighted, [0])[i]! - score)).toBeLessThan(1e-12);
    expect(Math.abs(scoresOf(divided, [0])[i]! - score / Math.sqrt(20))).toBeLessThan(1e-12);
  }
  expect(ease({ regularization: 5 }).parameters).toEqual({ regularization: 5 });
});

test("EASE's learner exponent is the gram of learners scaled by it", () => {
  const input = interactionsOf(rows, 12);
  const lengths = rows.map((row) => row.length).filter((length) => length > 0);
  const mean = lengths.reduce((sum, length) => sum + length ** -0.5, 0) / lengths.length;
  // A weight of √share on every entry of a learner gives the same gram.
  const weight = Float64Array.from(rows.flatMap((row) => row.map(() => Math.sqrt(row.length ** -0.5 / mean))));
  const weighted = ease({ regularization: 6, learnerExponent: 0.5 }).fit(input, contextOf(1));
  const scaled = ease({ regularization: 6 }).fit({ ...input, weight }, contextOf(1));
  const [a, b] = [scoresOf(weighted, [1, 4]), scoresOf(scaled, [1, 4])];
  for (let i = 0; i < 12; i++) expect(Math.abs(a[i]! - b[i]!)).toBeLessThan(1e-9);
});
