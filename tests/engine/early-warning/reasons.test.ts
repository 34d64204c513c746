import { expect, test } from "vitest";
import { riskReasons } from "../../../src/engine/early-warning/reasons.ts";

const features = [
  { name: "attendance_rate", meaning: "Days attended this year", unit: "share", group: "attendance", actionable: true },
  {
    name: "absences_4w",
    meaning: "Absences in the last four weeks",
    unit: "days",
    group: "attendance",
    actionable: true,
  },
  { name: "prior_fails", meaning: "Courses failed last year", unit: "courses", group: "history", actionable: false },
  { name: "mean_score", meaning: "Mean score", unit: "points", group: "course work", actionable: true },
];

test("what can be acted on comes first, groups add up, protective groups are left out", () => {
  const reasons = riskReasons(features, [0.4, 0.3, 1.2, -0.5], [0.81, 5, 2, 88], [0.95, 1, 0, 76]);
  expect(reasons.map((reason) => reason.group)).toEqual(["attendance", "history"]);
  expect(reasons[0]!.contribution).toBeCloseTo(0.7, 12);
  expect(reasons[0]!.words).toBe("Days attended this year: 81 % (typical for peers: 95 %)");
  expect(reasons[1]!.words).toBe("Courses failed last year: 2 courses (typical for peers: 0 courses)");
});

test("a missing value is said, not shown as a number", () => {
  const [reason] = riskReasons(features, [0.4, 0, 0, 0], [Number.NaN, 1, 0, 0], [0.95, 1, 0, 76]);
  expect(reason!.words).toBe("Days attended this year: no data");
});
