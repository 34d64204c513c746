import { describe, expect, test } from "vitest";
import type { ItemResponseLog } from "../../../src/models/mastery/item-log.ts";
import { abilityGrid, successTable } from "../../../src/models/mastery/item-response/ability-grid.ts";
import { itemResponse } from "../../../src/models/mastery/item-response/item-response.ts";
import { expectAnswers } from "../../../src/models/mastery/item-response/marginal-likelihood.ts";
import { sigmoid } from "../../../src/numeric/log-odds.ts";
import { random } from "../../../src/numeric/random.ts";
import { codeOf, contextOf, describeEstimatorContract } from "../../contracts/estimator-contract.ts";
import { type ItemAnswers, itemLogOf } from "./item-log-of.ts";

const ITEMS = 20;
const truth = {
  slope: Float64Array.from({ length: ITEMS }, (_, item) => 0.6 + 0.08 * item),
  easiness: Float64Array.from({ length: ITEMS }, (_, item) => 1.5 * Math.sin(item)),
};
const tags = Array.from({ length: ITEMS }, () => [0]);

/** Learners of standard normal ability who answer every item once. */
function simulate(learners: number, slope: Float64Array, seed: string): ItemResponseLog {
  const rng = random(seed);
  const answers = Array.from({ length: learners }, (): ItemAnswers => {
    const ability = rng.normal();
    return Array.from({ length: ITEMS }, (_, item) => {
      const right = rng.next() < sigmoid(slope[item]! * ability + truth.easiness[item]!);
      return [item, right ? 1 : 0] as const;
    });
  });
  return itemLogOf(answers, tags);
}

const small = simulate(40, truth.slope, "contract");
for (const itemParameters of [1, 2] as const) {
  describeEstimatorContract(`Item response theory, ${itemParameters} item parameters`, {
    estimator: () => itemResponse({ itemParameters, iterations: 20 }),
    input: () => structuredClone(small),
    answers: (model) => {
      const out = new Float64Array(small.outcome.length);
      model.predictNext(small, out);
      return [...out, ...model.items.flatMap(({ slope, easiness }) => [slope, easiness])];
    },
    refused: {
      "no responses": { input: () => itemLogOf([], tags), code: "BAD_INPUT" },
      "only right answers": { input: () => itemLogOf([[[0, 1]]], tags), code: "SINGLE_CLASS" },
    },
    survived: {
      "one learner, two answers": () =>
        itemLogOf(
          [
            [
              [0, 1],
              [1, 0],
            ],
          ],
          [[0], [0]],
        ),
    },
  });
}

describe("item response theory", () => {
  test("two parameters per item are recovered from 5,000 learners", () => {
    const model = itemResponse().fit(simulate(5000, truth.slope, "recovery"), contextOf(1));
    const error = (of: "slope" | "easiness"): number =>
      Math.sqrt(model.items.reduce((sum, own, item) => sum + (own[of] - truth[of][item]!) ** 2, 0) / ITEMS);
    // The standard error of a slope is about .07 here, that of an easiness about .05.
    expect(error("slope")).toBeLessThan(0.1);
    expect(error("easiness")).toBeLessThan(0.08);
  });

  test("with one slope for all, that slope is recovered, and items share it", () => {
    const shared = new Float64Array(ITEMS).fill(1.3);
    const model = itemResponse({ itemParameters: 1 }).fit(simulate(5000, shared, "one slope"), contextOf(1));
    expect(new Set(model.items.map(({ slope }) => slope)).size).toBe(1);
    expect(Math.abs(model.items[0]!.slope - 1.3)).toBeLessThan(0.05);
  });

  test("the marginal likelihood is that of a sum over abilities, and the fit is at least as likely as the truth", () => {
    const log = simulate(200, truth.slope, "likelihood");
    const grid = abilityGrid();
    const table = successTable(grid, truth.slope, truth.easiness);
    let direct = 0;
    for (let learner = 0; learner < 200; learner++) {
      let sum = 0;
      for (const [node, share] of grid.prior.entries()) {
        let product = share;
        for (let item = 0; item < ITEMS; item++) {
          const right = table[item * grid.prior.length + node]!;
          product *= log.outcome[learner * ITEMS + item] === 1 ? right : 1 - right;
        }
        sum += product;
      }
      direct += Math.log(sum);
    }
    const { logLikelihood } = expectAnswers(log, grid, truth.slope, truth.easiness);
    expect(logLikelihood).toBeCloseTo(direct, 8);
    const model = itemResponse().fit(log, contextOf(1));
    expect(model.logLikelihood).toBeGreaterThan(logLikelihood);
  });

  test("an unknown item is an average one, and settings out of range are refused", () => {
    const model = itemResponse().fit(simulate(300, truth.slope, "unknown"), contextOf(1));
    const out = new Float64Array(1);
    model.predictNext({ ...itemLogOf([[[0, 1]]], [[0]]), items: ["never seen"] }, out);
    expect(out[0]).toBeGreaterThan(0.3);
    expect(out[0]).toBeLessThan(0.9);
    expect(codeOf(() => itemResponse({ iterations: 0 }))).toBe("BAD_INPUT");
    expect(codeOf(() => itemResponse({ tolerance: 1 }))).toBe("BAD_INPUT");
    expect(codeOf(() => model.predictNext(small, new Float64Array(1)))).toBe("SHAPE_MISMATCH");
  });
});
