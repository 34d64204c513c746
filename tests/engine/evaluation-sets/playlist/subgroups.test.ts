import { expect, test } from "vitest";
import type { RankedLists } from "../../../../src/engine/evaluation-sets/playlist/measure.ts";
import { type PlaylistSplit, usersToRank } from "../../../../src/engine/evaluation-sets/playlist/split.ts";
import { auditSubgroups } from "../../../../src/engine/evaluation-sets/playlist/subgroups.ts";
import { random } from "../../../../src/numeric/random.ts";

const USERS = 63;

/** Users of group a get their test item first, those of b second and after a video; three of c get nothing. */
function scene(): { split: PlaylistSplit; ranked: RankedLists; groups: string[] } {
  const groups = Array.from({ length: USERS }, (_, user) => (user >= 60 ? "c" : user % 2 === 0 ? "a" : "b"));
  const rows = (item: number): Int32Array[] => groups.map(() => Int32Array.of(item));
  return {
    groups,
    split: { items: ["had", "validated", "wanted", "video"], train: rows(0), valid: rows(1), test: rows(2) },
    ranked: {
      users: Int32Array.from(groups, (_, user) => user),
      lists: groups.map((group) => (group === "a" ? Int32Array.of(2, -1) : Int32Array.of(3, group === "b" ? 2 : -1))),
    },
  };
}

test("quality, exposure and popularity of a group against all others, by hand", () => {
  const { split, ranked, groups } = scene();
  const ofItem = ["text", "text", "text", "video"];
  const audit = auditSubgroups(split, ranked, { ofUser: groups, ofItem }, 2, random(1));
  const { a, b } = audit.groups;
  const second = 1 / Math.log2(3);
  expect(a).toMatchObject({ users: 30, ndcg: 1, interval: [1, 1], popularityLift: -1 });
  expect(b!.ndcg).toBeCloseTo(second, 12);
  expect(a!.difference).toBeCloseTo(1 - (30 * second) / 33, 12);
  expect(a!.exposure!.video!.share).toBe(0);
  expect(b!.exposure!.video!.share).toBeCloseTo(1 / (1 + second), 12);
  expect(b!.exposure!.video!.ofOthers).toBeCloseTo(3 / 33, 12);
  const [low, high] = b!.exposure!.video!.differenceInterval as [number, number];
  expect(low).toBeGreaterThan(0.3);
  expect(high).toBeLessThan(0.65);
  expect(audit.withheld).toEqual(["c"]);
});

test("users whose group nobody told are counted and compared with nobody", () => {
  const { split, ranked, groups } = scene();
  const ofUser = groups.map((group) => (group === "c" ? undefined : group));
  const audit = auditSubgroups(split, ranked, { ofUser }, 2, random(1));
  expect(audit.usersWithoutGroup).toBe(3);
  expect(audit.groups.b).not.toHaveProperty("exposure");
  expect(audit.groups.a!.difference).toBeCloseTo(-audit.groups.b!.difference, 12);
});

test("too many users are drawn from those with something held out, each at most once, the same by the same seed", () => {
  const { split } = scene();
  const test_ = split.test.map((row, user) => (user % 3 === 0 ? row : new Int32Array(0)));
  const few = usersToRank(split, test_, random(1), 40);
  expect(few.length).toBe(10);
  expect(new Set(few).size).toBe(10);
  expect([...few].every((user) => user % 3 === 0)).toBe(true);
  expect(usersToRank(split, test_, random(1), 40)).toEqual(few);
  expect(usersToRank(split, test_, random(2), 40)).not.toEqual(few);
  expect(usersToRank(split, test_, random(1)).length).toBe(USERS);
});
