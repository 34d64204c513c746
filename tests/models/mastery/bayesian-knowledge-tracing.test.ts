import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { bayesianKnowledgeTracing } from "../../../src/models/mastery/bayesian-knowledge-tracing.ts";
import { advance, chainWorkspace, expectedCounts, successProbability } from "../../../src/models/mastery/chain.ts";
import { fitSkill } from "../../../src/models/mastery/expectation-maximization.ts";
import type { FittedMastery } from "../../../src/models/mastery/fitted-mastery.ts";
import { type LearnerState, restoreState, storeState } from "../../../src/models/mastery/learner-state.ts";
import { logPrior, priorCounts } from "../../../src/models/mastery/maximization.ts";
import type { ResponseLog } from "../../../src/models/mastery/response-log.ts";
import { groupBySkill } from "../../../src/models/mastery/sequences.ts";
import { random } from "../../../src/numeric/random.ts";
import { codeOf, contextOf, describeEstimatorContract } from "../../contracts/estimator-contract.ts";
import { type Answers, logOf } from "./sequences-of.ts";

const golden = JSON.parse(readFileSync(new URL("../../golden/bkt/bkt.json", import.meta.url), "utf8")) as {
  sequences: string[];
  optima: { forgetting: boolean; parameters: number[]; objective: number }[];
};

interface Truth {
  readonly prior: number;
  readonly learn: number;
  readonly forget: number;
  readonly guess: number;
  readonly slip: number;
}

/** Learners whose hidden states are drawn from known chains. */
function simulate(truth: Truth, learners: number, responses: number, seed: string): Answers[] {
  const rng = random(seed);
  return Array.from({ length: learners }, () => {
    let known = rng.next() < truth.prior;
    return Array.from({ length: responses }, () => {
      const right = rng.next() < (known ? 1 - truth.slip : truth.guess);
      known = known ? rng.next() >= truth.forget : rng.next() < truth.learn;
      return [0, right ? 1 : 0] as const;
    });
  });
}

const rng = random("contract");
const contractLearners: Answers[] = Array.from({ length: 25 }, () =>
  Array.from({ length: 1 + rng.integer(9) }, () => [rng.integer(2), rng.integer(3) / 2] as const),
);
const probe = logOf([
  [
    [0, 1],
    [1, 0],
    [0, 0],
    [2, 1],
  ],
  [
    [1, 1],
    [1, 0.5],
    [0, 1],
  ],
]);
const predict = (model: FittedMastery, log: ResponseLog): Float64Array => {
  const out = new Float64Array(log.outcome.length);
  model.predictNext(log, out);
  return out;
};
const small = logOf([[[0, 1]]], 1);

describeEstimatorContract("Bayesian knowledge tracing", {
  estimator: () => bayesianKnowledgeTracing(),
  input: () => logOf(contractLearners),
  answers: (model) => [
    ...predict(model, probe),
    ...model.skills.flatMap(({ prior, learn, forget }) => [prior, learn, forget]),
  ],
  reordered: () => logOf(contractLearners.toReversed()),
  reorderedTolerance: 0,
  refused: {
    "no responses": { input: () => logOf([]), code: "BAD_INPUT" },
    "a missing outcome": { input: () => logOf([[[0, Number.NaN]]]), code: "NOT_FINITE" },
    "an outcome above 1": { input: () => logOf([[[0, 2]]]), code: "BAD_INPUT" },
    "an unnamed skill": { input: () => logOf([[[3, 1]]]), code: "BAD_INPUT" },
    "unequal lengths": { input: () => ({ ...small, skill: new Int32Array(2) }), code: "SHAPE_MISMATCH" },
    "starts that do not fit": { input: () => ({ ...small, learnerStart: Int32Array.of(0) }), code: "SHAPE_MISMATCH" },
    "a learner in two places": {
      input: () => ({ ...logOf([[[0, 1]], [[0, 1]], [[0, 0]]]), learner: Int32Array.of(4, 5, 4) }),
      code: "BAD_INPUT",
    },
    "a skill named twice": { input: () => ({ ...logOf([[[0, 1]]], 2), skills: ["a", "a"] }), code: "BAD_INPUT" },
  },
  survived: {
    "one response": () => small,
    "only right answers": () =>
      logOf([
        [
          [0, 1],
          [0, 1],
        ],
        [[1, 1]],
      ]),
    "only wrong answers": () =>
      logOf([
        [
          [0, 0],
          [0, 0],
        ],
        [[1, 0]],
      ]),
    "a learner without responses": () =>
      logOf([
        [],
        [
          [0, 1],
          [0, 0],
        ],
        [],
      ]),
  },
});

describe("fitting", () => {
  test("reaches the optimum that an independent quasi-Newton search finds", () => {
    const log = logOf(
      golden.sequences.map((row) => Array.from(row, (outcome) => [0, Number(outcome)] as const)),
      1,
    );
    const [sequences] = groupBySkill(log);
    for (const { forgetting, parameters, objective } of golden.optima) {
      const recipe = bayesianKnowledgeTracing({ forgetting, iterations: 5000, tolerance: 1e-13 });
      const [skill] = recipe.fit(log, contextOf(1)).skills;
      const fitted = Float64Array.of(skill!.prior, skill!.learn, skill!.forget, skill!.guess, skill!.slip);
      for (const [k, value] of parameters.entries()) expect(Math.abs(fitted[k]! - value)).toBeLessThan(0.005);
      const likelihood = expectedCounts(sequences!, fitted, chainWorkspace(sequences!.longest));
      expect(likelihood + logPrior(fitted, priorCounts(5))).toBeGreaterThan(objective - 1e-6 * Math.abs(objective));
    }
  });

  test("keeps the best of the four starts", () => {
    const starts = [
      [0.3, 0.1, 0.05, 0.2, 0.1],
      [0.5, 0.2, 0.05, 0.3, 0.2],
      [0.1, 0.05, 0.05, 0.1, 0.3],
      [0.7, 0.3, 0.05, 0.25, 0.05],
    ];
    const prior = priorCounts(0);
    for (const truth of starts) {
      const [initial, learn, forget, guess, slip] = truth as [number, number, number, number, number];
      const log = logOf(simulate({ prior: initial, learn, forget, guess, slip }, 300, 6, "starts"), 1);
      const sequences = groupBySkill(log)[0]!;
      const workspace = chainWorkspace(sequences.longest);
      const reached = starts.map((start) => expectedCounts(sequences, Float64Array.from(start), workspace));
      const options = { forgetting: true, prior, classStrength: 0, iterations: 1, tolerance: 1e-7, starts: 4 };
      const { objective } = fitSkill(sequences, options, workspace, new Float64Array(5), 0);
      expect(objective).toBe(Math.max(...reached));
    }
  });

  for (const forget of [0, 0.05]) {
    test(`recovers a known chain ${forget > 0 ? "with" : "without"} forgetting from 2,000 learners × 10 responses`, () => {
      const truth = { prior: 0.4, learn: forget > 0 ? 0.2 : 0.15, forget, guess: 0.2, slip: 0.1 };
      for (const seed of ["a", "b"]) {
        const log = logOf(simulate(truth, 2000, 10, `recovery/${seed}`), 1);
        const [fitted] = bayesianKnowledgeTracing({ forgetting: forget > 0 }).fit(log, contextOf(1)).skills;
        expect(Math.abs(fitted!.prior - truth.prior)).toBeLessThanOrEqual(0.04);
        for (const key of ["learn", "forget", "guess", "slip"] as const) {
          expect(Math.abs(fitted![key] - truth[key])).toBeLessThanOrEqual(0.03);
        }
        expect(fitted!.converged).toBe(true);
      }
    });
  }

  test("with 5,000 learners × 20 responses every parameter, forgetting too, is within .02", () => {
    const truth = { prior: 0.4, learn: 0.2, forget: 0.05, guess: 0.2, slip: 0.1 };
    const log = logOf(simulate(truth, 5000, 20, "recovery at size"), 1);
    const [fitted] = bayesianKnowledgeTracing({ iterations: 500, tolerance: 1e-9, starts: 1 }).fit(
      log,
      contextOf(1),
    ).skills;
    for (const [key, value] of Object.entries(truth))
      expect(Math.abs(fitted![key as keyof typeof truth] - value)).toBeLessThanOrEqual(0.02);
  });

  test("agrees with pyBKT: its predictions at its parameters, and a likelihood at least its own", () => {
    const peer = JSON.parse(readFileSync(new URL("../../golden/pybkt/pybkt.json", import.meta.url), "utf8")) as {
      sequences: string[];
      fits: {
        forgetting: boolean;
        parameters: Record<"prior" | "learn" | "forget" | "guess" | "slip", number>;
        logLikelihood: number;
        predicted: number[];
      }[];
    };
    const log = logOf(
      peer.sequences.map((row) => Array.from(row, (outcome) => [0, Number(outcome)] as const)),
      1,
    );
    const [sequences] = groupBySkill(log);
    const workspace = chainWorkspace(sequences!.longest);
    for (const { forgetting, parameters, logLikelihood, predicted } of peer.fits) {
      const { prior, learn, forget, guess, slip } = parameters;
      const theirs = Float64Array.of(prior, learn, forget, guess, slip);
      expect(Math.abs(expectedCounts(sequences!, theirs, workspace) / logLikelihood - 1)).toBeLessThan(1e-9);
      let known = prior;
      for (let row = 0; row < predicted.length; row++) {
        if (row === 0 || log.learner[row] !== log.learner[row - 1]) known = prior;
        expect(Math.abs(successProbability(known, theirs, 0) - predicted[row]!)).toBeLessThan(1e-9);
        known = advance(known, log.outcome[row]!, theirs, 0);
      }
      const recipe = bayesianKnowledgeTracing({ forgetting, priorStrength: 0, iterations: 3000, tolerance: 1e-10 });
      const [skill] = recipe.fit(log, contextOf(1)).skills;
      const ours = Float64Array.of(skill!.prior, skill!.learn, skill!.forget, skill!.guess, skill!.slip);
      expect(expectedCounts(sequences!, ours, workspace)).toBeGreaterThan(logLikelihood);
    }
  });

  test("right answers always speak for knowing, even where learners get worse with practice", () => {
    const worse = { prior: 0.9, learn: 0.01, forget: 0.3, guess: 0.1, slip: 0.1 };
    for (const forgetting of [true, false]) {
      const log = logOf(simulate(worse, 200, 6, "worse"), 1);
      const model = bayesianKnowledgeTracing({ forgetting, priorStrength: 0 }).fit(log, contextOf(1));
      const [skill] = model.skills;
      expect(skill!.guess + skill!.slip).toBeLessThanOrEqual(0.95 + 1e-9);
      const knownGiven = (outcome: number): number => {
        const state: LearnerState = new Map();
        model.update(state, "skill-0", outcome);
        return state.get("skill-0")!.known;
      };
      expect(knownGiven(1)).toBeGreaterThanOrEqual(knownGiven(0));
    }
  });

  test("settings out of range are refused", () => {
    expect(codeOf(() => bayesianKnowledgeTracing({ priorStrength: -1 }))).toBe("BAD_INPUT");
    expect(codeOf(() => bayesianKnowledgeTracing({ iterations: 0 }))).toBe("BAD_INPUT");
    expect(codeOf(() => bayesianKnowledgeTracing({ tolerance: 0 }))).toBe("BAD_INPUT");
  });
});

describe("predicting", () => {
  const model = bayesianKnowledgeTracing().fit(logOf(contractLearners), contextOf(1));
  const answers = fc.array(fc.tuple(fc.integer({ min: 0, max: 2 }), fc.constantFrom(0, 0.25, 1)), {
    minLength: 1,
    maxLength: 30,
  });

  test("no prediction changes when its own and later outcomes do", () => {
    fc.assert(
      fc.property(answers, fc.nat(29), (learner, cut) => {
        const changed = learner.map(([skill, outcome], row) => [skill, row < cut ? outcome : 1 - outcome] as const);
        const straight = predict(model, logOf([learner]));
        expect([...predict(model, logOf([changed]))].slice(0, cut + 1)).toEqual([...straight].slice(0, cut + 1));
      }),
    );
  });

  test("following one learner online gives the batch's predictions, and survives being stored half-way", () => {
    fc.assert(
      fc.property(answers, answers, (before, learner) => {
        const batch = predict(model, logOf([before, learner])).subarray(before.length);
        let state: LearnerState = new Map();
        for (const [row, [skill, outcome]] of learner.entries()) {
          expect(model.success(state, `skill-${skill}`)).toBe(batch[row]);
          model.update(state, `skill-${skill}`, outcome);
          state = restoreState(JSON.parse(JSON.stringify(storeState(state))) as ReturnType<typeof storeState>);
        }
      }),
    );
  });

  test("a skill without training responses predicts the overall share and has no mastery", () => {
    const state: LearnerState = new Map();
    const right =
      contractLearners.flat().reduce((sum, [, outcome]) => sum + outcome, 0) / contractLearners.flat().length;
    expect(model.overall).toBeCloseTo(right, 12);
    for (const skill of ["skill-2", "never heard of"]) {
      model.update(state, skill, 1);
      expect(model.success(state, skill)).toBe(model.overall);
      expect(model.mastery(state, skill).status).toBe("undefined");
    }
    expect(state.size).toBe(0);
    expect(model.skills.map(({ skill }) => skill)).toEqual(["skill-0", "skill-1"]);
  });

  test("mastery is reached by a run of right answers, and says how many it rests on", () => {
    const truth = { prior: 0.3, learn: 0.2, forget: 0.01, guess: 0.2, slip: 0.1 };
    const strong = bayesianKnowledgeTracing().fit(logOf(simulate(truth, 500, 8, "mastery"), 1), contextOf(1));
    const state: LearnerState = new Map();
    expect(strong.mastery(state, "skill-0")).toMatchObject({ status: "defined", evidence: 0, mastered: false });
    let responses = 0;
    while (responses < 20) {
      const now = strong.mastery(state, "skill-0");
      if (now.status === "defined" && now.mastered) break;
      strong.update(state, "skill-0", 1);
      responses++;
    }
    expect(responses).toBeGreaterThan(1);
    expect(responses).toBeLessThan(10);
    expect(strong.mastery(state, "skill-0")).toMatchObject({ evidence: responses, mastered: true });
  });

  test("bad responses, states and places to write to are refused by code", () => {
    expect(codeOf(() => model.update(new Map(), "skill-0", Number.NaN))).toBe("NOT_FINITE");
    expect(codeOf(() => model.update(new Map(), "skill-0", 1.5))).toBe("BAD_INPUT");
    expect(codeOf(() => model.predictNext(probe, new Float64Array(1)))).toBe("SHAPE_MISMATCH");
    expect(codeOf(() => restoreState([["skill-0", 1.2, 3]]))).toBe("BAD_INPUT");
  });
});
