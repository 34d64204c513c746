import { expect, test } from "vitest";
import { groupStandards, teacherGates } from "../../../src/engine/mastery/standing-groups.ts";
import type { StandardEstimate } from "../../../src/models/mastery/online/tracker.ts";

const estimate = (mastery: number, rest: Partial<StandardEstimate> = {}): StandardEstimate => ({
  correctNext: 0.5,
  mastery,
  low: 0.2,
  high: 0.8,
  evidence: 3,
  reviewDue: null,
  retrievability: null,
  wheelSpinning: false,
  basis: "own",
  ...rest,
});

test("what to do first comes first: a review that is due, then mastered or not, stuck, in reach or later", () => {
  const now = Date.UTC(2026, 0, 5);
  const estimates = [
    estimate(0.9, { reviewDue: now }), // due today, although still likely known
    estimate(0.9, { reviewDue: now + 1 }),
    estimate(0.3, { wheelSpinning: true }),
    estimate(0.9, { wheelSpinning: true }), // mastered after all
    estimate(0.3), // rests on nothing
    estimate(0.3), // rests on 4, which is not met
    estimate(0.3), // rests on 1 and 3, which are
  ];
  const groups = groupStandards(estimates, [[], [], [], [], [], [4], [1, 3]], teacherGates, now);
  expect(groups).toEqual(["review-due", "mastered", "stuck", "mastered", "in-reach", "later", "in-reach"]);
});
