import fc from "fast-check";
import { expect, test } from "vitest";
import { chooseFollowUp } from "../../../src/engine/groups/follow-up.ts";
import { formGroups, standingOf } from "../../../src/engine/groups/form.ts";

const learners = fc.uniqueArray(
  fc.record({
    personId: fc.string({ minLength: 1, maxLength: 6 }),
    wrong: fc.integer({ min: 2, max: 5 }),
    of: fc.constant(5),
  }),
  { selector: ({ personId }) => personId, maxLength: 30 },
);

test("everybody is in exactly one group, sizes keep to the limits and differ by one, and the order of the list is nothing", () => {
  const sizes = fc.tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 0, max: 4 }));
  fc.assert(
    fc.property(learners, sizes, (stuck, [smallest, more]) => {
      const size = { smallest, largest: smallest + more };
      const groups = formGroups(stuck, size);
      expect(formGroups([...stuck].reverse(), size)).toEqual(groups);
      if (groups.length === 0) {
        // No number of groups keeps to both sizes.
        for (let n = 1; n <= stuck.length; n++)
          expect(n * size.smallest <= stuck.length && n * size.largest >= stuck.length).toBe(false);
        return;
      }
      expect(
        groups
          .flat()
          .map(({ personId }) => personId)
          .sort(),
      ).toEqual(stuck.map(({ personId }) => personId).sort());
      const counts = groups.map((group) => group.length);
      expect(Math.min(...counts)).toBeGreaterThanOrEqual(size.smallest);
      expect(Math.max(...counts)).toBeLessThanOrEqual(size.largest);
      expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
    }),
  );
});

test("groups are balanced: not all who are furthest behind in one", () => {
  const stuck = [5, 5, 5, 3, 3, 3].map((wrong, index) => ({ personId: `p${index}`, wrong, of: 5 }));
  const sums = formGroups(stuck, { smallest: 2, largest: 3 }).map((group) =>
    group.reduce((sum, one) => sum + one.wrong, 0),
  );
  expect(Math.abs(sums[0]! - sums[1]!)).toBeLessThanOrEqual(2);
  expect(sums).toHaveLength(2);
});

test("stuck is more than half wrong of the latest answers, of three at least, and not of last spring", () => {
  const at = (pattern: string, month = "11") =>
    [...pattern].map((mark, index) => ({ happenedAt: `2025-${month}-0${index + 1}T10:00:00`, correct: Number(mark) }));
  const how = { of: 5, since: "2025-10-20" };
  expect(standingOf(at("010"), how)).toEqual({ wrong: 2, of: 3 });
  expect(standingOf(at("00"), how)).toBeUndefined();
  expect(standingOf(at("0101"), how)).toBeUndefined();
  expect(standingOf(at("0000111"), how)).toBeUndefined(); // it was hard, and is no more
  expect(standingOf(at("00000", "04"), how)).toBeUndefined();
});

test("a follow-up suits what she likes, is about nothing she dislikes, is for home and new; else it says what is missing", () => {
  const activity = (id: string, more: object) => ({
    activity: id,
    title: id.toUpperCase(),
    setting: null,
    minutes: 10,
    difficulty: null,
    topics: [] as string[],
    uri: null,
    ...more,
  });
  const library = [
    activity("a", { difficulty: 0.9 }),
    activity("b", { difficulty: 0.1 }),
    activity("c", { topics: ["Soccer"], difficulty: 0.8 }),
    activity("d", { topics: ["soccer", "war"] }),
    activity("e", { topics: ["soccer"], setting: "classroom" }),
  ];
  const tyler = {
    givenName: "Tyler",
    label: "Comparing fractions",
    interests: [
      { value: "soccer", strength: 1 },
      { value: "War", strength: -1 },
    ],
    completed: new Set<string>(),
  };
  expect(chooseFollowUp(library, tyler)).toMatchObject({
    activity: { activity: "c" },
    reason: "It practices “Comparing fractions” with soccer, which Tyler likes.",
  });
  const next = chooseFollowUp(library, { ...tyler, completed: new Set(["c"]) });
  expect(next).toMatchObject({
    activity: { activity: "b" },
    reason: expect.stringContaining("Nothing about what Tyler likes"),
  });
  const none = chooseFollowUp([], tyler);
  expect(none.activity).toBeNull();
  expect(none.reason).toContain("The library has nothing about “Comparing fractions”");
});
