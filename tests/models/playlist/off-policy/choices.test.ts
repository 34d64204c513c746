import { expect, test } from "vitest";
import {
  type LoggedChoice,
  propensityLogOf,
  targetPolicyOf,
} from "../../../../src/models/playlist/off-policy/choices.ts";
import { evaluateOffPolicy } from "../../../../src/models/playlist/off-policy/off-policy.ts";
import { random } from "../../../../src/numeric/random.ts";
import { codeOf } from "../../../contracts/estimator-contract.ts";

/** A thousand draws between a video and a text; texts teach three times as often. */
function choices(): LoggedChoice[] {
  const rng = random("choices");
  return Array.from({ length: 1000 }, (_, i) => {
    const chosen = rng.next() < 0.75 ? 0 : 1;
    return {
      contextId: `request-${i}/0`,
      policyId: "softmax",
      learner: `learner-${i % 100}`,
      candidates: i % 2 === 0 ? ["video", "text"] : ["video", "text", "never"],
      propensities: i % 2 === 0 ? [0.75, 0.25] : [0.75, 0.25, 0],
      chosen,
      reward: rng.next() < (chosen === 1 ? 0.6 : 0.2) ? 1 : 0,
    };
  });
}

test("what would come of texts only is read off a log of mostly videos", () => {
  const log = choices();
  const policy = targetPolicyOf(
    log,
    ({ candidates }) => candidates.map((candidate) => (candidate === "text" ? 1 : 0)),
    ({ candidates }) => candidates.map((candidate) => (candidate === "text" ? 0.6 : 0.2)),
  );
  const evaluation = evaluateOffPolicy(propensityLogOf(log), policy, random(1));
  if (evaluation.status === "undefined") throw new Error(evaluation.reason);
  expect(evaluation).toMatchObject({ decisions: 1000, learners: 100, unsupported: 0, largestWeight: 4 });
  for (const { value, interval } of Object.values(evaluation.estimates)) {
    expect(Math.abs(value - 0.6)).toBeLessThan(0.1);
    expect(interval[0]).toBeLessThanOrEqual(value);
  }
});

test("logs that count twice or answers that do not fit are refused by code", () => {
  const [first, second] = choices() as [LoggedChoice, LoggedChoice];
  expect(codeOf(() => propensityLogOf([first, first]))).toBe("BAD_INPUT");
  expect(codeOf(() => propensityLogOf([{ ...first, candidates: ["text", "text"] }]))).toBe("BAD_INPUT");
  expect(codeOf(() => propensityLogOf([{ ...first, propensities: [1] }]))).toBe("SHAPE_MISMATCH");
  expect(codeOf(() => targetPolicyOf([first, second], () => [0.5, 0.5]))).toBe("SHAPE_MISMATCH");
});
