import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { elo } from "../../../src/models/mastery/elo.ts";
import type { ItemResponseLog } from "../../../src/models/mastery/item-log.ts";
import { logisticMastery } from "../../../src/models/mastery/logistic/logistic-mastery.ts";
import { type MasteryFeatures, masteryFeatures } from "../../../src/models/mastery/logistic/presets.ts";
import type { FittedNextResponse } from "../../../src/models/mastery/next-response.ts";
import { recurrentMastery } from "../../../src/models/mastery/recurrent/recurrent-mastery.ts";
import { logit } from "../../../src/numeric/log-odds.ts";
import { random } from "../../../src/numeric/random.ts";
import { codeOf, contextOf, describeEstimatorContract } from "../../contracts/estimator-contract.ts";
import { type ItemAnswers, itemLogOf } from "./item-log-of.ts";

const tags = [[0], [0], [1], [1, 2], [2], [0, 1, 2]];
const rng = random("next response");
const learners: ItemAnswers[] = Array.from({ length: 30 }, () =>
  Array.from({ length: 1 + rng.integer(12) }, () => [rng.integer(tags.length), rng.integer(2)] as const),
);
const probe = itemLogOf([learners[0]!, learners[3]!, learners[7]!], tags);
const single = itemLogOf([[[0, 1]]], [[0]]);
const presets = Object.keys(masteryFeatures) as MasteryFeatures[];

const predict = (model: FittedNextResponse, log: ItemResponseLog): Float64Array => {
  const out = new Float64Array(log.outcome.length);
  model.predictNext(log, out);
  return out;
};
const refused = {
  "no responses": { input: () => itemLogOf([], tags), code: "BAD_INPUT" },
  "an outcome above 1": { input: () => ({ ...single, outcome: Uint8Array.of(2) }), code: "BAD_INPUT" },
  "an unnamed item": { input: () => ({ ...single, item: Int32Array.of(1) }), code: "BAD_INPUT" },
  "an unnamed skill": { input: () => ({ ...single, skillIdx: Int32Array.of(4) }), code: "BAD_INPUT" },
  "unequal lengths": { input: () => ({ ...single, item: new Int32Array(2) }), code: "SHAPE_MISMATCH" },
  "starts that do not fit": { input: () => ({ ...single, learnerStart: Int32Array.of(0) }), code: "SHAPE_MISMATCH" },
  "an item named twice": { input: () => ({ ...probe, items: probe.items.map(() => "same") }), code: "BAD_INPUT" },
} as const;
const survived = {
  "one learner, two answers": () =>
    itemLogOf(
      [
        [
          [0, 1],
          [0, 0],
        ],
      ],
      [[0]],
    ),
  "an item without skills": () =>
    itemLogOf(
      [
        [
          [0, 1],
          [1, 0],
          [1, 1],
        ],
      ],
      [[0], []],
    ),
  "a learner without responses": () =>
    itemLogOf(
      [
        [],
        [
          [0, 1],
          [1, 0],
        ],
        [],
      ],
      tags,
    ),
};

for (const features of presets) {
  describeEstimatorContract(`Logistic mastery, ${features}`, {
    estimator: () => logisticMastery({ features }),
    input: () => itemLogOf(learners, tags),
    answers: (model) => predict(model, probe),
    reordered: () => itemLogOf(learners.toReversed(), tags),
    reorderedTolerance: 1e-7,
    refused: {
      ...refused,
      "only right answers": { input: () => single, code: "SINGLE_CLASS" },
    },
    survived,
  });
}

describeEstimatorContract("Elo", {
  estimator: () => elo(),
  input: () => itemLogOf(learners, tags),
  answers: (model) => predict(model, probe),
  refused,
  survived: { ...survived, "one response": () => single },
});

const smallRecurrent = () => recurrentMastery({ hidden: 6, head: 4, epochs: 3, learningRate: 0.01 });
describeEstimatorContract("Recurrent mastery", {
  estimator: smallRecurrent,
  input: () => itemLogOf(learners, tags),
  answers: (model) => predict(model, probe),
  refused: { ...refused, "only right answers": { input: () => single, code: "SINGLE_CLASS" } },
  survived,
});

const everyModel = {
  ...Object.fromEntries(presets.map((features) => [features, () => logisticMastery({ features })])),
  elo: () => elo(),
  recurrent: smallRecurrent,
};

describe.each(Object.entries(everyModel))("%s", (_name, recipe) => {
  const model = recipe().fit(itemLogOf(learners, tags), contextOf(1)) as FittedNextResponse;

  test("an answer and everything after it cannot change its prediction", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: probe.outcome.length - 1 }), (row) => {
        const before = predict(model, probe);
        const outcome = probe.outcome.map((value, at) => (at >= row ? 1 - value : value));
        expect(predict(model, { ...probe, outcome }).subarray(0, row + 1)).toEqual(before.subarray(0, row + 1));
      }),
    );
  });

  test("learners do not touch each other, and numbering does not matter", () => {
    const alone = [learners[0]!, learners[3]!, learners[7]!].flatMap((own) => [
      ...predict(model, itemLogOf([own], tags)),
    ]);
    expect(alone).toEqual([...predict(model, probe)]);
    const order = [5, 3, 1, 0, 2, 4]; // the same items under other numbers
    const renumbered = {
      ...probe,
      item: probe.item.map((item) => order.indexOf(item)),
      items: order.map((item) => `item-${item}`),
    };
    expect(predict(model, renumbered)).toEqual(predict(model, probe));
  });

  test("what training never saw is predicted all the same", () => {
    const strange = itemLogOf(
      [
        [
          [0, 1],
          [1, 1],
          [0, 0],
        ],
      ],
      [[0], [1]],
    );
    const renamed = { ...strange, items: ["new", "newer"], skills: ["unknown", "unheard of"] };
    expect(predict(model, renamed).every((p) => p > 0 && p < 1)).toBe(true);
  });
});

describe("logistic mastery", () => {
  test("Best-LR agrees with scikit-learn's logistic regression on features written independently", () => {
    const golden = JSON.parse(readFileSync(new URL("../../golden/best-lr/best-lr.json", import.meta.url), "utf8")) as {
      tags: number[][];
      train: [number, number][][];
      test: [number, number][][];
      objective: number;
      probabilities: number[];
    };
    const model = logisticMastery({ features: "best-lr" }).fit(itemLogOf(golden.train, golden.tags), contextOf(1));
    expect(Math.abs(model.objective / golden.objective - 1)).toBeLessThan(1e-6);
    const predicted = predict(model, itemLogOf(golden.test, golden.tags));
    for (const [row, p] of golden.probabilities.entries()) expect(Math.abs(predicted[row]! - p)).toBeLessThan(1e-4);
  });

  test("reasons sum to the log-odds of the prediction", () => {
    const model = logisticMastery().fit(itemLogOf(learners, tags), contextOf(1));
    const width = model.blocks.length + 1;
    const reasons = new Float64Array(probe.outcome.length * width);
    model.explain(probe, reasons);
    for (const [row, p] of predict(model, probe).entries()) {
      const sum = reasons.subarray(row * width, (row + 1) * width).reduce((total, reason) => total + reason, 0);
      expect(Math.abs(sum - logit(p))).toBeLessThan(1e-9);
    }
    expect(codeOf(() => model.explain(probe, new Float64Array(1)))).toBe("SHAPE_MISMATCH");
  });

  test("settings out of range are refused", () => {
    expect(codeOf(() => logisticMastery({ penalty: 0 }))).toBe("BAD_INPUT");
    expect(codeOf(() => logisticMastery({ features: "all" as MasteryFeatures }))).toBe("BAD_INPUT");
    expect(codeOf(() => elo({ step: 0 }))).toBe("BAD_INPUT");
    expect(codeOf(() => elo({ passes: 0.5 }))).toBe("BAD_INPUT");
    expect(codeOf(() => recurrentMastery({ hidden: 0 }))).toBe("BAD_INPUT");
    expect(codeOf(() => recurrentMastery({ dropout: 1 }))).toBe("BAD_INPUT");
  });
});

test("Elo's first two answers are what its rule says", () => {
  const model = elo({ passes: 1 }).fit(itemLogOf([[[0, 1]]], [[0]]), contextOf(1));
  const [first, second] = predict(
    model,
    itemLogOf(
      [
        [
          [0, 1],
          [0, 1],
        ],
      ],
      [[0]],
    ),
  );
  // d = −½ after one right answer at p = ½; then θ_u and θ_uk each gain ½·(1 − σ(½)).
  const p = 1 / (1 + Math.exp(-0.5));
  expect(first).toBeCloseTo(p, 12);
  expect(second).toBeCloseTo(1 / (1 + Math.exp(-(0.5 + (1 - p)))), 12);
});
