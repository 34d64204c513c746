import { expect, test } from "vitest";
import { riskReasons } from "../../../src/engine/early-warning/reasons.ts";

const features = [
  { name: "attendance_rate", unit: "share", group: "attendance", actionable: true },
  {
    name: "absences_4w",

    unit: "days",
    group: "attendance",
    actionable: true,
  },
  { name: "prior_fails", unit: "courses", group: "history", actionable: false },
  { name: "mean_score", unit: "points", group: "course work", actionable: true },
];

test("what can be acted on comes first, groups add up, protective groups are left out", () => {
  const reasons = riskReasons(features, [0.4, 0.3, 1.2, -0.5], [0.81, 5, 2, 88], [0.95, 1, 0, 76]);
  expect(reasons.map((reason) => reason.group)).toEqual(["attendance", "history"]);
  expect(reasons[0]!.contribution).toBeCloseTo(0.7, 12);
  expect(reasons[0]!.words).toBe("Attendance rate: 81 % (typical for peers: 95 %)");
  expect(reasons[1]!.words).toBe("Prior fails: 2 courses (typical for peers: 0 courses)");
});

test("one of a thing is one, and a share is a percentage", () => {
  const rank = { name: "score_mean_rank", unit: "share of peers", group: "course work", actionable: true };
  const words = riskReasons([features[1]!, rank], [0.4, 0.3], [1, 0.2], [3, 0.5]).map((reason) => reason.words);
  expect(words).toEqual([
    "Absences 4w: 1 day (typical for peers: 3 days)",
    "Score mean rank: 20 % (typical for peers: 50 %)",
  ]);
});

test("a missing value is said, not shown as a number", () => {
  const [reason] = riskReasons(features, [0.4, 0, 0, 0], [Number.NaN, 1, 0, 0], [0.95, 1, 0, 76]);
  expect(reason!.words).toBe("Attendance rate: no data");
});
