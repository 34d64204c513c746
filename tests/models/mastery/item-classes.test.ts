import fc from "fast-check";
import { expect, test } from "vitest";
import { bayesianKnowledgeTracing } from "../../../src/models/mastery/bayesian-knowledge-tracing.ts";
import { evidence } from "../../../src/models/mastery/chain.ts";
import { bandItems, bandsOf } from "../../../src/models/mastery/item-bands.ts";
import type { LearnerState } from "../../../src/models/mastery/learner-state.ts";
import type { ResponseLog } from "../../../src/models/mastery/response-log.ts";
import { random } from "../../../src/numeric/random.ts";
import { codeOf, contextOf, describeEstimatorContract } from "../../contracts/estimator-contract.ts";
import { itemLogOf } from "./item-log-of.ts";
import { logOf } from "./sequences-of.ts";

type Answer = readonly [skill: number, outcome: number, itemClass: number];

function classLogOf(learners: readonly (readonly Answer[])[], count = 2): ResponseLog {
  const log = logOf(learners.map((answers) => answers.map(([skill, outcome]) => [skill, outcome] as const)));
  return { ...log, itemClass: { of: Int32Array.from(learners.flat(), ([, , own]) => own), count } };
}

const truth = {
  prior: 0.3,
  learn: 0.15,
  pairs: [
    { guess: 0.35, slip: 0.05 }, // easy items
    { guess: 0.05, slip: 0.3 }, // hard ones
  ],
} as const;

/** Learners of a known chain whose items are easy or hard by lot. */
function simulate(learners: number, responses: number, seed: string): Answer[][] {
  const rng = random(seed);
  return Array.from({ length: learners }, () => {
    let known = rng.next() < truth.prior;
    return Array.from({ length: responses }, (): Answer => {
      const own = rng.integer(2);
      const { guess, slip } = truth.pairs[own]!;
      const right = rng.next() < (known ? 1 - slip : guess);
      known = known || rng.next() < truth.learn;
      return [0, right ? 1 : 0, own];
    });
  });
}

const rng = random("contract of classes");
const learners: Answer[][] = Array.from({ length: 25 }, () =>
  Array.from({ length: 1 + rng.integer(9) }, (): Answer => [rng.integer(2), rng.integer(3) / 2, rng.integer(3) - 1]),
);

describeEstimatorContract("Bayesian knowledge tracing with classes of items", {
  estimator: () => bayesianKnowledgeTracing(),
  input: () => classLogOf(learners),
  answers(model) {
    const out = new Float64Array(learners.flat().length);
    model.predictNext(classLogOf(learners), out);
    return out;
  },
  reordered: () => classLogOf(learners.toReversed()),
  reorderedTolerance: 0,
  refused: {
    "a class beyond the count": { input: () => classLogOf([[[0, 1, 2]]]), code: "BAD_INPUT" },
    "too few classes": {
      input: () => ({ ...classLogOf([[[0, 1, 0]]]), itemClass: { of: new Int32Array(3), count: 2 } }),
      code: "SHAPE_MISMATCH",
    },
  },
  survived: { "no answer has a class": () => classLogOf([[[0, 1, -1]], [[0, 0, -1]]]) },
});

test("guess and slip of each class come back within .03 from 4,000 learners × 12 answers", () => {
  const model = bayesianKnowledgeTracing({ forgetting: false, priorStrength: 0 }).fit(
    classLogOf(simulate(4000, 12, "classes")),
    contextOf(1),
  );
  const knows: LearnerState = new Map([["skill-0", { known: 1, evidence: 1 }]]);
  const knowsNot: LearnerState = new Map([["skill-0", { known: 0, evidence: 1 }]]);
  for (const [own, { guess, slip }] of truth.pairs.entries()) {
    expect(Math.abs(model.success(knows, "skill-0", own) - (1 - slip))).toBeLessThan(0.03);
    expect(Math.abs(model.success(knowsNot, "skill-0", own) - guess)).toBeLessThan(0.03);
  }
  expect(Math.abs(model.skills[0]!.prior - truth.prior)).toBeLessThan(0.03);
  expect(Math.abs(model.skills[0]!.learn - truth.learn)).toBeLessThan(0.03);
});

test("an update is Bayes' rule with the guess and slip of the item's class", () => {
  const model = bayesianKnowledgeTracing({ forgetting: false }).fit(
    classLogOf(simulate(300, 8, "update")),
    contextOf(1),
  );
  const at = (known: number, own: number): number =>
    model.success(new Map([["skill-0", { known, evidence: 1 }]]), "skill-0", own);
  fc.assert(
    fc.property(
      fc.double({ min: 0.01, max: 0.99 }),
      fc.constantFrom(0, 1),
      fc.constantFrom(-1, 0, 1),
      (p, credit, own) => {
        const state: LearnerState = new Map([["skill-0", { known: p, evidence: 1 }]]);
        model.update(state, "skill-0", credit, own);
        const right = p * evidence(at(1, own), credit);
        const posterior = right / (right + (1 - p) * evidence(at(0, own), credit));
        const { learn } = model.skills[0]!;
        expect(state.get("skill-0")!.known).toBeCloseTo(posterior + (1 - posterior) * learn, 12);
      },
    ),
  );
});

test("a class without answers keeps what its skill says, and a log without classes is answered", () => {
  const model = bayesianKnowledgeTracing().fit(classLogOf(simulate(200, 6, "empty"), 3), contextOf(1));
  const fresh: LearnerState = new Map();
  const between = [model.success(fresh, "skill-0", 1), model.success(fresh, "skill-0", 0)];
  expect(model.success(fresh, "skill-0", 2)).toBeGreaterThan(between[0]!);
  expect(model.success(fresh, "skill-0", 2)).toBeLessThan(between[1]!);
  const log = logOf([[[0, 1]]]);
  const out = new Float64Array(1);
  model.predictNext(log, out);
  expect(out[0]).toBe(model.success(fresh, "skill-0"));
  expect(codeOf(() => bayesianKnowledgeTracing({ classStrength: -1 }))).toBe("BAD_INPUT");
});

test("bands order items by difficulty, hold equal numbers of answers and leave out the rare", () => {
  const tags = [[0], [0], [0], [0]];
  const answers = Array.from({ length: 40 }, (_, learner) => [
    [0, learner % 10 === 0 ? 1 : 0] as const,
    [1, learner % 2] as const,
    [2, learner % 10 === 0 ? 0 : 1] as const,
    ...(learner < 5 ? [[3, 1] as const] : []),
  ]);
  const log = itemLogOf(answers, tags);
  const bands = bandItems(log, 3);
  expect([...bands.of].sort()).toEqual([
    ["item-0", 0],
    ["item-1", 1],
    ["item-2", 2],
  ]);
  const { of, count } = bandsOf(
    itemLogOf(
      [
        [
          [3, 1],
          [2, 0],
        ],
      ],
      tags,
    ),
    bands,
  );
  expect([[...of], count]).toEqual([[-1, 2], 3]);
});
