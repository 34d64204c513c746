import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { OffPolicyMethod } from "../../../../src/models/playlist/off-policy/estimators.ts";
import type { PropensityLog, TargetPolicy } from "../../../../src/models/playlist/off-policy/log.ts";
import {
  evaluateOffPolicy,
  type OffPolicyEstimate,
  type OffPolicyEvaluation,
  type OffPolicyOptions,
} from "../../../../src/models/playlist/off-policy/off-policy.ts";
import { effectiveSampleSize } from "../../../../src/models/playlist/off-policy/weights.ts";
import { random } from "../../../../src/numeric/random.ts";
import { codeOf } from "../../../contracts/estimator-contract.ts";
import { type ExploredSchool, exploredSchool } from "./explored-school.ts";

type Golden = Readonly<Record<"learner" | "counts" | "logged" | "target" | "expectedReward" | "chosen", number[]>> & {
  readonly reward: number[];
  readonly clip: number;
  readonly effectiveSampleSize: number;
  readonly meanWeight: number;
  readonly values: Readonly<Record<OffPolicyMethod, number>>;
  readonly snipsStandardError: number;
};
const golden: Golden = JSON.parse(
  readFileSync(new URL("../../../golden/off-policy/off-policy.json", import.meta.url), "utf8"),
);

const goldenLog = (): PropensityLog => {
  const candidatePtr = Int32Array.from([0, ...golden.counts]);
  for (let i = 1; i < candidatePtr.length; i++) candidatePtr[i]! += candidatePtr[i - 1]!;
  return {
    learner: Int32Array.from(golden.learner),
    candidatePtr,
    logged: Float64Array.from(golden.logged),
    chosen: Int32Array.from(golden.chosen),
    reward: Float64Array.from(golden.reward),
  };
};
const goldenPolicy = (): Required<TargetPolicy> => ({
  target: Float64Array.from(golden.target),
  expectedReward: Float64Array.from(golden.expectedReward),
});

const evaluate = (log: PropensityLog, policy: TargetPolicy, options: OffPolicyOptions = {}): OffPolicyEvaluation =>
  evaluateOffPolicy(log, policy, random("off-policy"), { draws: 200, ...options });

const estimatesOf = (
  evaluation: OffPolicyEvaluation,
): Readonly<Partial<Record<OffPolicyMethod, OffPolicyEstimate>>> => {
  if (evaluation.status === "undefined") throw new Error(evaluation.reason);
  return evaluation.estimates;
};

test("golden: every estimate, the effective sample size and the cluster error, from exact fractions", () => {
  const evaluation = evaluate(goldenLog(), goldenPolicy(), { leastEffectiveSampleSize: 1, clip: golden.clip });
  const estimates = estimatesOf(evaluation);
  expect(Object.keys(estimates).sort()).toEqual(Object.keys(golden.values).sort());
  for (const [method, value] of Object.entries(golden.values))
    expect(estimates[method as OffPolicyMethod]!.value).toBeCloseTo(value, 12);
  expect(evaluation.effectiveSampleSize).toBeCloseTo(golden.effectiveSampleSize, 12);
  expect(evaluation.meanWeight).toBeCloseTo(golden.meanWeight, 12);
  expect(estimates.snips!.standardError).toBeCloseTo(golden.snipsStandardError, 12);
});

test("the logging policy on itself: IPS and SNIPS are the mean reward, to the last digit", () => {
  const { log } = exploredSchool("itself", 60);
  const { ips, snips } = estimatesOf(evaluate(log, { target: log.logged }));
  const mean = log.reward.reduce((sum, reward) => sum + reward, 0) / log.reward.length;
  expect(ips!.value).toBeCloseTo(mean, 14);
  expect(snips!.value).toBeCloseTo(mean, 14);
});

describe("refusals", () => {
  const { log, policy } = exploredSchool("refused", 60);

  test("below the floor of the effective sample size, with the size in words", () => {
    const few = exploredSchool("few", 20);
    const evaluation = evaluate(few.log, few.policy);
    expect(evaluation.effectiveSampleSize).toBeLessThan(100);
    expect(evaluation).toMatchObject({ status: "undefined", reason: expect.stringContaining("below 100") });
    expect(evaluate(log, policy, { leastEffectiveSampleSize: 1e6 }).status).toBe("undefined");
  });

  test("what was never possible, one learner, no decisions", () => {
    const logged = log.logged.slice();
    const target = policy.target.slice();
    const [from, to] = [log.candidatePtr[0]!, log.candidatePtr[1]!];
    logged.fill(0, from, to);
    logged[from + log.chosen[0]!] = 1;
    target.fill(1 / (to - from), from, to);
    expect(evaluate({ ...log, logged }, { target })).toMatchObject({ status: "undefined", unsupported: 1 });
    expect(evaluate({ ...log, learner: log.learner.map(() => 4) }, policy).status).toBe("undefined");
    const none = new Int32Array(0);
    const empty = { learner: none, candidatePtr: Int32Array.of(0), chosen: none };
    const nothing = new Float64Array(0);
    const evaluation = evaluate({ ...empty, logged: nothing, reward: nothing }, { target: nothing });
    expect(evaluation).toMatchObject({ status: "undefined", decisions: 0, meanWeight: undefined });
  });

  test("logs and policies that are none, by code", () => {
    const refused = (change: Partial<PropensityLog>, other: Partial<TargetPolicy> = {}): string =>
      codeOf(() => evaluate({ ...log, ...change }, { ...policy, ...other }));
    expect(refused({ reward: log.reward.slice(1) })).toBe("SHAPE_MISMATCH");
    expect(refused({}, { target: policy.target.slice(1) })).toBe("SHAPE_MISMATCH");
    expect(refused({ logged: log.logged.map((p) => p / 2) })).toBe("BAD_INPUT");
    expect(refused({ logged: log.logged.map((p) => -p) })).toBe("BAD_INPUT");
    expect(refused({ chosen: log.chosen.map(() => 99) })).toBe("BAD_INPUT");
    expect(refused({ reward: log.reward.map(() => Number.NaN) })).toBe("NOT_FINITE");
    expect(refused({}, { target: policy.target.map(() => Number.NaN) })).toBe("BAD_INPUT");
    expect(refused({}, { expectedReward: policy.target.map(() => Number.POSITIVE_INFINITY) })).toBe("NOT_FINITE");
    const first = log.candidatePtr[0]! + log.chosen[0]!;
    const logged = log.logged.slice();
    logged.fill(0, log.candidatePtr[0], log.candidatePtr[1]);
    logged[first === 0 ? 1 : 0] = 1;
    expect(refused({ logged })).toBe("BAD_INPUT"); // chance 0 of what was chosen
    expect(codeOf(() => evaluate(log, policy, { clip: 0 }))).toBe("BAD_INPUT");
    expect(codeOf(() => evaluate(log, policy, { draws: 10 }))).toBe("BAD_INPUT");
  });
});

test("the effective sample size lies between 1 and the number of weights, and is that of equal ones", () => {
  fc.assert(
    fc.property(fc.array(fc.double({ min: 1e-3, max: 1e3, noNaN: true }), { minLength: 1 }), (weights) => {
      const size = effectiveSampleSize(Float64Array.from(weights));
      expect(size).toBeGreaterThanOrEqual(1 - 1e-9);
      expect(size).toBeLessThanOrEqual(weights.length * (1 + 1e-9));
      expect(effectiveSampleSize(new Float64Array(weights.length).fill(weights[0]!))).toBeCloseTo(weights.length, 6);
    }),
  );
  expect(effectiveSampleSize(new Float64Array(3))).toBe(0);
});

/** Errors of the estimates over many schools, in standard errors of their mean. */
function bias(
  replications: number,
  method: OffPolicyMethod,
  change: (school: ExploredSchool) => { log: PropensityLog; policy: TargetPolicy },
): number {
  const errors = Array.from({ length: replications }, (_, seed) => {
    const school = exploredSchool(`bias ${seed}`, 50);
    const { log, policy } = change(school);
    return (
      estimatesOf(evaluate(log, policy, { draws: 100, leastEffectiveSampleSize: 1 }))[method]!.value - school.truth
    );
  });
  const mean = errors.reduce((sum, error) => sum + error, 0) / replications;
  const variance = errors.reduce((sum, error) => sum + (error - mean) ** 2, 0) / (replications - 1);
  return mean / Math.sqrt(variance / replications);
}

/** Within what chance allows once in ten thousand. */
const LIKELY = 3.9;

describe("over 300 simulated schools", () => {
  const wrongModel = ({ log, policy }: ExploredSchool) => ({
    log,
    policy: { target: policy.target, expectedReward: policy.target.map((_, i) => (i % 2 === 0 ? 0.9 : 0.05)) },
  });
  // Chances as a careless log has them: flattened, so that they still add up to one.
  const wrongChances = ({ log, policy }: ExploredSchool) => {
    const logged = log.logged.slice();
    for (let decision = 0; decision < log.chosen.length; decision++) {
      const [from, to] = [log.candidatePtr[decision]!, log.candidatePtr[decision + 1]!];
      for (let at = from; at < to; at++) logged[at] = 0.5 * logged[at]! + 0.5 / (to - from);
    }
    return { log: { ...log, logged }, policy };
  };

  test("IPS is unbiased; the logged mean reward is not the policy's", () => {
    expect(Math.abs(bias(300, "ips", (school) => school))).toBeLessThan(LIKELY);
    expect(bias(300, "ips", ({ log }) => ({ log, policy: { target: log.logged } }))).toBeLessThan(-10);
  });

  test("doubly robust: right with a wrong reward model, right with wrong chances, wrong with both", () => {
    expect(Math.abs(bias(300, "doublyRobust", wrongModel))).toBeLessThan(LIKELY);
    expect(Math.abs(bias(300, "doublyRobust", wrongChances))).toBeLessThan(LIKELY);
    expect(Math.abs(bias(300, "direct", wrongModel))).toBeGreaterThan(10);
    expect(Math.abs(bias(300, "ips", wrongChances))).toBeGreaterThan(10);
    const both = (school: ExploredSchool) => wrongModel({ ...school, ...wrongChances(school) });
    expect(Math.abs(bias(300, "doublyRobust", both))).toBeGreaterThan(10);
  });
});

test("of 400 intervals 93 to 97 % hold the truth, with several decisions a learner", () => {
  const replications = 400;
  const held = { ips: 0, snips: 0, doublyRobust: 0 };
  for (let seed = 0; seed < replications; seed++) {
    const { log, policy, truth } = exploredSchool(`coverage ${seed}`, 120);
    const estimates = estimatesOf(
      evaluateOffPolicy(log, policy, random(seed), { draws: 400, leastEffectiveSampleSize: 1 }),
    );
    for (const method of Object.keys(held) as (keyof typeof held)[]) {
      const [low, high] = estimates[method]!.interval;
      if (low <= truth && truth <= high) held[method]++;
    }
  }
  // 400 intervals tell the coverage within ±2.1 points: 93 to 97 % must not be missed by more.
  for (const count of Object.values(held)) {
    expect(count / replications).toBeGreaterThanOrEqual(0.925);
    expect(count / replications).toBeLessThanOrEqual(0.98);
  }
});

test("rewards moved by a constant move SNIPS by it and IPS by the mean weight's share", () => {
  const { log, policy } = exploredSchool("moved", 80);
  const moved = { ...log, reward: log.reward.map((reward) => reward + 10) };
  const [before, after] = [evaluate(log, policy), evaluate(moved, policy)];
  expect(estimatesOf(after).snips!.value - estimatesOf(before).snips!.value).toBeCloseTo(10, 9);
  expect(estimatesOf(after).ips!.value - estimatesOf(before).ips!.value).toBeCloseTo(10 * before.meanWeight!, 9);
});
