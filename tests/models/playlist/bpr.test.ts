import fc from "fast-check";
import { expect, test } from "vitest";
import { bpr } from "../../../src/models/playlist/bpr/bpr.ts";
import { foldIn } from "../../../src/models/playlist/bpr/fold-in.ts";
import { random } from "../../../src/numeric/random.ts";
import { codeOf, contextOf } from "../../contracts/estimator-contract.ts";
import { interactionsOf, scoresOf, twoTastes } from "./interactions-of.ts";

test("what a taste likes is ranked above what it does not, also for a learner it never saw", () => {
  const model = bpr({ dimensions: 8, epochs: 60 }).fit(
    interactionsOf(twoTastes(120, 20, "bpr"), 20),
    contextOf("seen"),
  );
  const scores = scoresOf(model, [0, 2, 4]);
  const mean = (parity: number): number =>
    scores.filter((_, activity) => activity > 4 && activity % 2 === parity).reduce((sum, score) => sum + score, 0) / 8;
  expect(mean(0)).toBeGreaterThan(mean(1) + 1);
});

/** The sum a fold-in maximises, pair by pair. */
function objective(
  learner: Float64Array,
  done: readonly number[],
  rivals: readonly number[],
  factors: Float32Array,
  regularization: number,
): number {
  const d = learner.length;
  const score = (activity: number): number => learner.reduce((sum, w, k) => sum + w * factors[activity * d + k]!, 0);
  const others = rivals.filter((rival) => !done.includes(rival));
  let sum = 0;
  for (const i of done) for (const j of others) sum -= Math.log1p(Math.exp(score(j) - score(i)));
  return sum / (done.length * others.length) - (regularization / 2) * learner.reduce((total, w) => total + w * w, 0);
}

test("a fold-in ends at the maximum: no move in any direction is better", () => {
  fc.assert(
    fc.property(fc.integer(), fc.uniqueArray(fc.nat(11), { minLength: 1, maxLength: 5 }), (seed, picked) => {
      const rng = random(seed);
      const done = picked.toSorted((a, b) => a - b);
      const factors = Float32Array.from({ length: 12 * 3 }, () => rng.normal());
      const rivals = Int32Array.of(0, 3, 6, 7, 9, 11);
      const model = { factors, dimensions: 3, regularization: 0.05, rivals };
      const learner = new Float64Array(3);
      foldIn({ activityIdx: Int32Array.from(done) }, model, learner);
      const best = objective(learner, done, [...rivals], factors, 0.05);
      for (let k = 0; k < 3; k++) {
        for (const move of [-1e-3, 1e-3]) {
          const moved = learner.slice();
          moved[k]! += move;
          expect(objective(moved, done, [...rivals], factors, 0.05)).toBeLessThanOrEqual(best + 1e-9);
        }
      }
    }),
    { numRuns: 40 },
  );
});

test("an empty history, and one that did everything, score nothing", () => {
  const model = bpr({ dimensions: 4, epochs: 2 }).fit(interactionsOf([[0, 1], [2]], 3), contextOf(1));
  expect([...scoresOf(model, [])]).toEqual([0, 0, 0]);
  expect([...scoresOf(model, [0, 1, 2])]).toEqual([0, 0, 0]);
});

test("options out of range and steps that diverge are refused by code", () => {
  for (const options of [{ dimensions: 0 }, { epochs: 1.5 }, { learningRate: 0 }, { regularization: Number.NaN }])
    expect(codeOf(() => bpr(options))).toBe("BAD_INPUT");
  const interactions = interactionsOf(twoTastes(20, 9, "bpr"), 9);
  expect(codeOf(() => bpr({ learningRate: 1e9, epochs: 40 }).fit(interactions, contextOf(1)))).toBe("NOT_FINITE");
});
