import { expect, test } from "vitest";
import { describeStandards, describeStory } from "../../src/cli/mastery-lines.ts";
import type { StandardStanding } from "../../src/engine/mastery/standards-of.ts";

const standing = (change: Partial<StandardStanding>): StandardStanding => ({
  standard: "7.NS.A.1",
  label: "Add numbers",
  grade: "07",
  group: "in-reach",
  mastery: 0.4,
  correctNext: 0.5,
  low: 0.25,
  high: 0.8,
  evidence: 6,
  basis: "own",
  reviewDue: null,
  retrievability: null,
  wheelSpinning: false,
  ...change,
});

test("standards are told by group, what to do first comes first, each with its bar and what it rests on", () => {
  const lines = describeStandards({
    learner: "1001",
    asOf: "2026-01-05T10:00:00Z",
    standards: [
      standing({}),
      standing({ standard: "7.NS.A.2", evidence: 0, basis: "graph", mastery: 0.6 }),
      standing({ standard: "6.NS.A.1", group: "review-due", reviewDue: "2026-01-04", retrievability: 0.89 }),
    ],
    gates: { masteredAt: 0.8, prerequisiteMastery: 0.5 },
    provenance: { runId: null, masteryModelId: "cairn:start-values" },
  });
  expect(lines).toEqual([
    "Learner 1001, 3 standards, by cairn's start values (no run yet)",
    "Bar: chance of a right answer, 0 to 100 %, with its 90 % interval. Mastered from 80 % sure.",
    "",
    "Review due: mastered once, and by now one in ten would have forgotten (1)",
    "  ·····├────●─────┤····  50 %  mastered  40 %  6.NS.A.1 Add numbers (6 seen, recall  89 %, review 2026-01-04)",
    "",
    "In reach: not mastered, and what it rests on is (2)",
    "  ·····├────●─────┤····  50 %  mastered  60 %  7.NS.A.2 Add numbers (from other standards)",
    "  ·····├────●─────┤····  50 %  mastered  40 %  7.NS.A.1 Add numbers (6 seen)",
  ]);
});

test("a story tells what was expected, what came and what it moved", () => {
  const name = { standard: "7.NS.A.1", label: "Add numbers" };
  const step = { ...name, at: "2026-01-05T10:00:00", expected: 0.4, correctNext: 0.5, low: 0.25, high: 0.8 };
  const mastery = { before: 0.1, after: 0.25 };
  const others = [{ standard: "6.NS.A.1", label: "Divide", before: 0.3, after: 0.42 }];
  const lines = describeStory({
    learner: "1001",
    observations: 9,
    steps: [
      { ...step, source: "response", outcome: 1, mastery, others },
      { ...step, source: "teacher", outcome: 0.75, mastery, others: [] },
    ],
  });
  expect(lines).toEqual([
    "Learner 1001: the last 2 of 9 observations",
    "2026-01-05 10:00  answer right (expected 40 %)      ·····├────●─────┤····  40 % →  50 %, mastered  10 % →  25 %  7.NS.A.1 Add numbers",
    `${" ".repeat(90)}also      30 % →  42 %  6.NS.A.1 Divide`,
    "2026-01-05 10:00  teacher 75 % right (expected 40 %)·····├────●─────┤····  40 % →  50 %, mastered  10 % →  25 %  7.NS.A.1 Add numbers",
  ]);
});
