import { expect, test } from "vitest";
import { auditRigor } from "../../../src/engine/playlists/audit.ts";
import { random } from "../../../src/numeric/random.ts";

const group = (name: string, learners: number, share: number, seed = name) => {
  const rng = random(seed);
  return Array.from({ length: learners }, () => {
    const minutes = 200 + rng.integer(200);
    return { group: name, minutes, gradeMinutes: minutes * Math.min(1, Math.max(0, share + 0.15 * rng.normal())) };
  });
};

test("a group of whom less is expected is found, one of whom the same is expected is not", () => {
  const found = auditRigor([...group("a", 150, 0.8), ...group("b", 150, 0.6), ...group("c", 150, 0.8)], random(1));
  expect(found.map((one) => [one.group, one.rigor.status === "defined" && one.rigor.lowered])).toEqual([
    ["a", false],
    ["b", true],
    ["c", false],
  ]);
  const [, b] = found;
  if (b!.rigor.status !== "defined") throw new Error("expected a figure");
  expect(b!.rigor.difference).toBeGreaterThan(-0.25);
  expect(b!.rigor.difference).toBeLessThan(-0.15);
  expect(b!.rigor.low).toBeLessThan(b!.rigor.difference);
});

test("where nothing differs an alarm is rare, and a handful of learners is no group", () => {
  let alarms = 0;
  for (let run = 0; run < 40; run++) {
    const even = auditRigor([...group("a", 40, 0.7, `a${run}`), ...group("b", 40, 0.7, `b${run}`)], random(run));
    alarms += even.filter(({ rigor }) => rigor.status === "defined" && rigor.lowered).length;
  }
  expect(alarms).toBeLessThanOrEqual(2);
  const few = auditRigor([...group("a", 9, 0.7), ...group("b", 50, 0.7)], random(1));
  expect(few.map(({ rigor }) => rigor.status)).toEqual(["undefined", "undefined"]);
  expect(auditRigor([], random(1))).toEqual([]);
  expect(() => auditRigor([{ group: "a", minutes: 10, gradeMinutes: 11 }], random(1))).toThrow(/11 of 10/);
});
