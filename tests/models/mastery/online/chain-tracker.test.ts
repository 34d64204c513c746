import { describe, expect, test } from "vitest";
import { bayesianKnowledgeTracing } from "../../../../src/models/mastery/bayesian-knowledge-tracing.ts";
import type { LearnerState } from "../../../../src/models/mastery/learner-state.ts";
import { chainTracker } from "../../../../src/models/mastery/online/chain-tracker.ts";
import { replay } from "../../../../src/models/mastery/online/replay.ts";
import { random } from "../../../../src/numeric/random.ts";
import { contextOf } from "../../../contracts/estimator-contract.ts";
import { DAY, describeTrackerContract, observed } from "../../../contracts/tracker-contract.ts";
import { logOf } from "../sequences-of.ts";

/** Learners who know neither, one or both of two standards, and never see a third. */
function answers() {
  const rng = random("chain tracker");
  return Array.from({ length: 200 }, () => {
    const known = [rng.next() < 0.5, rng.next() < 0.3];
    return Array.from({ length: 12 }, () => {
      const skill = rng.integer(2);
      const right = rng.next() < (known[skill] ? 0.9 : 0.2);
      if (rng.next() < 0.1) known[skill] = true;
      return [skill, right ? 1 : 0] as const;
    });
  });
}

const model = bayesianKnowledgeTracing().fit(logOf(answers()), contextOf(1));
const standards = ["skill-0", "skill-1", "skill-never-trained"];

// skill-1 rests on skill-0
describeTrackerContract("the tracker of chains", () => chainTracker(model, standards.slice(0, 2), [[], [0]]));

describe("the tracker of chains", () => {
  test("is knowledge tracing: the same probabilities as the model's own update", () => {
    const tracker = chainTracker(model, standards);
    const state = tracker.start();
    const known: LearnerState = new Map();
    for (const [i, outcome] of [1, 1, 0, 1, 0.5, 1].entries()) {
      tracker.observe(state, observed(0, outcome, { at: i * DAY }));
      model.update(known, "skill-0", outcome);
      const { mastery, correctNext, evidence } = tracker.estimate(state, 0, i * DAY);
      expect(model.mastery(known, "skill-0")).toMatchObject({ known: mastery, evidence });
      expect(correctNext).toBe(model.success(known, "skill-0"));
    }
  });

  test("who masters a standard is taken to master what it rests on, unless there are answers on that", () => {
    const tracker = chainTracker(model, standards, [[], [0], []]);
    const right = Array.from({ length: 12 }, (_, i) => observed(1, 1, { at: i * DAY }));
    const { mastery, basis } = tracker.estimate(replay(tracker, right), 0, 12 * DAY);
    expect(mastery).toBe(tracker.estimate(replay(tracker, right), 1, 12 * DAY).mastery);
    expect(basis).toBe("graph");
    const wrong = [...right, observed(0, 0), observed(0, 0)];
    expect(tracker.estimate(replay(tracker, wrong), 0, 12 * DAY)).toMatchObject({ basis: "own", evidence: 2 });
  });

  test("prerequisites in a circle end", () => {
    const tracker = chainTracker(model, standards, [[1], [0], [2]]);
    expect(tracker.estimate(tracker.start(), 0, 0).mastery).toBeGreaterThan(0);
  });

  test("a standard the model was trained without predicts the overall share and is never mastered", () => {
    const tracker = chainTracker(model, standards);
    const state = replay(tracker, [observed(2, 1), observed(2, 1)]);
    const { mastery, correctNext } = tracker.estimate(state, 2, 0);
    expect(mastery).toBe(0);
    expect(correctNext).toBeCloseTo(model.overall, 12);
  });
});
