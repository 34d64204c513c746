import fc from "fast-check";
import { expect, test } from "vitest";
import { assemblePlaylist } from "../../../src/engine/playlists/assemble.ts";
import type { Curriculum } from "../../../src/engine/playlists/curriculum.ts";
import { wayTo } from "../../../src/engine/playlists/curriculum.ts";
import { atGradeLevel, gateKeeper, gateOf, prerequisitesMet } from "../../../src/engine/playlists/gates.ts";
import type { LearnerState } from "../../../src/engine/playlists/learner.ts";
import { random } from "../../../src/numeric/random.ts";
import type { World } from "./worlds.ts";
import { learnerOf, now, override, strict as policy, worlds } from "./worlds.ts";

const request = { minutes: 30, now };

test("never more minutes than there are, nothing twice, and pins, requirements and bans hold whatever is asked", () => {
  fc.assert(
    fc.property(worlds, fc.nat(), (world, seed) => {
      const { curriculum, learner, request: asked } = world;
      const list = assemblePlaylist(curriculum, learner, asked, world.policy, { rng: random(seed) });
      const minutes = list.items.reduce((sum, { activity }) => sum + curriculum.activities[activity]!.minutes, 0);
      expect(minutes).toBe(list.minutes);
      expect(minutes).toBeLessThanOrEqual(asked.minutes);
      expect(new Set(list.items.map(({ activity }) => activity)).size).toBe(list.items.length);
      // The last decision about an activity counts.
      for (let index = 0; index < curriculum.activities.length; index++) {
        const last = asked.overrides!.filter(
          ({ activity, standard }) => activity === index || standard === curriculum.activities[index]!.standard,
        );
        const decision = last.at(-1);
        const item = list.items.find(({ activity }) => activity === index);
        const waits = list.waiting.some(({ activity }) => activity === index);
        if (decision?.kind === "ban") expect([item, waits]).toEqual([undefined, false]);
        else if (decision !== undefined) expect(item?.override?.key === decision.key || waits).toBe(true);
      }
      // What waits would not fit beside what was pinned before it.
      const pinned = list.items.filter((item) => item.override !== null);
      const used = pinned.reduce((sum, { activity }) => sum + curriculum.activities[activity]!.minutes, 0);
      for (const { activity } of list.waiting) {
        expect(curriculum.activities[activity]!.minutes).toBeGreaterThan(asked.minutes - used);
      }
      expect(list.items.slice(0, pinned.length).every((item) => item.override !== null)).toBe(true);
    }),
    { numRuns: 400 },
  );
});

/** No answer on it, and two grades or more below the learner's. */
const isEarly = ({ curriculum, learner }: World, standard: number): boolean =>
  learner.evidence[standard] === 0 && Number(curriculum.standards[standard]!.grade || "NaN") <= learner.grade - 2;

test("what the engine chooses rests on nothing unmastered, is asked for, and is not known already unless it is a review", () => {
  fc.assert(
    fc.property(worlds, fc.nat(), (world, seed) => {
      const { curriculum, learner, request: asked } = world;
      const list = assemblePlaylist(curriculum, learner, asked, world.policy, { rng: random(seed) });
      const perStandard = new Map<number, number>();
      for (const { activity, override: pinned, role } of list.items) {
        const { standard } = curriculum.activities[activity]!;
        perStandard.set(standard, (perStandard.get(standard) ?? 0) + 1);
        if (pinned !== null) continue;
        for (const required of curriculum.prerequisites[standard]!) {
          expect(learner.mastery[required]! >= 0.95 || isEarly(world, required)).toBe(true);
        }
        expect(perStandard.get(standard)!).toBeLessThanOrEqual(world.policy.perStandard);
        if (asked.goal !== undefined) expect(asked.goal.has(standard)).toBe(true);
        expect(role === "review" || learner.mastery[standard]! < 0.95).toBe(true);
        expect(["new", "again"].includes(role) && (role === "again") !== learner.completed.has(activity)).toBe(false);
      }
      expect(list.items.length === 0).toBe(list.rung === "empty");
      expect(list.empty === null).toBe(list.items.some((item) => item.override === null));
    }),
    { numRuns: 400 },
  );
});

test("the rigor floor: easier work only when enough is at grade level, or nothing there fits any more", () => {
  fc.assert(
    fc.property(worlds, fc.nat(), (world, seed) => {
      const { curriculum, learner, request: asked } = world;
      const plain = { minutes: asked.minutes, now };
      const list = assemblePlaylist(curriculum, learner, plain, world.policy, { rng: random(seed) });
      if (list.rung !== "gated") return;
      const keeper = gateKeeper(curriculum, learner, plain, world.policy);
      const minutesOf = (index: number): number => curriculum.activities[index]!.minutes;
      const demanding = (index: number): boolean =>
        atGradeLevel(curriculum, learner, curriculum.activities[index]!.standard);
      list.items.forEach(({ activity }, place) => {
        if (demanding(activity)) return;
        const before = list.items.slice(0, place).map((item) => item.activity);
        const used = before.reduce((sum, index) => sum + minutesOf(index), 0);
        const atLevel = before.filter(demanding).reduce((sum, index) => sum + minutesOf(index), 0);
        if (atLevel >= world.policy.gradeLevelShare * (used + minutesOf(activity))) return;
        const counts = (standard: number): number =>
          before.filter((index) => curriculum.activities[index]!.standard === standard).length;
        const left = curriculum.activities.flatMap(({ standard, minutes }, index) =>
          ["open", "again"].includes(gateOf(keeper, index)) &&
          demanding(index) &&
          !before.includes(index) &&
          used + minutes <= asked.minutes &&
          counts(standard) < world.policy.perStandard
            ? [index]
            : [],
        );
        expect(left).toEqual([]);
      });
    }),
    { numRuns: 400 },
  );
});

test("the chances that are logged are those by which places are filled", () => {
  const standards = [0, 1, 2, 3].map((at) => ({ standard: `S${at}`, label: `s${at}`, grade: "6" }));
  const curriculum: Curriculum = {
    standards,
    prerequisites: standards.map(() => []),
    activities: [0, 1, 2, 3].map((standard) => ({
      activity: `A${standard}`,
      title: "",
      standard,
      modality: "video",
      minutes: 20,
    })),
  };
  const learner = learnerOf([0.9, 0.7, 0.4, 0.1]);
  const exploring = { ...policy, exploration: { share: 0.6, temperature: 0.7, shortlist: 3 } };
  const rng = random("places");
  const counts = new Map<number, number>();
  let drawn: readonly [readonly number[], readonly number[]] = [[], []];
  const runs = 20_000;
  for (let run = 0; run < runs; run++) {
    const [item] = assemblePlaylist(curriculum, learner, { minutes: 20, now }, exploring, { rng }).items;
    counts.set(item!.activity, (counts.get(item!.activity) ?? 0) + 1);
    drawn = [item!.draw!.candidates, item!.draw!.propensities];
  }
  const [candidates, propensities] = drawn;
  expect(candidates).toHaveLength(3);
  expect(propensities.reduce((sum, chance) => sum + chance, 0)).toBeCloseTo(1, 12);
  candidates.forEach((activity, at) => {
    const chance = propensities[at]!;
    // Four standard errors of a share of 20,000.
    expect(Math.abs(counts.get(activity)! / runs - chance)).toBeLessThan(4 * Math.sqrt((chance * (1 - chance)) / runs));
  });
  expect(counts.size).toBe(3);
});

test("the same state and the same stream give the same list; exploring opens no gate", () => {
  fc.assert(
    fc.property(worlds, fc.nat(), (world, seed) => {
      const { curriculum, learner, request: asked } = world;
      const bold = { ...world.policy, exploration: { share: 1, temperature: 100, shortlist: 12 } };
      const once = assemblePlaylist(curriculum, learner, asked, bold, { rng: random(seed) });
      expect(assemblePlaylist(curriculum, learner, asked, bold, { rng: random(seed) })).toEqual(once);
      for (const { activity, draw } of once.items) {
        if (draw === null) continue;
        expect(draw.candidates[draw.chosen]).toBe(activity);
        expect(draw.propensities.reduce((sum, chance) => sum + chance, 0)).toBeCloseTo(1, 9);
        for (const candidate of draw.candidates) {
          const { standard } = curriculum.activities[candidate]!;
          expect(prerequisitesMet(curriculum, learner, bold, standard)).toBe(true);
        }
      }
    }),
  );
});

const chain: Curriculum = {
  standards: ["count", "add", "multiply"].map((standard) => ({ standard, label: standard, grade: "6" })),
  prerequisites: [[], [0], [1]],
  activities: [0, 1, 2].map((standard) => ({
    activity: `A${standard}`,
    title: `t${standard}`,
    standard,
    modality: "game",
    minutes: 10,
  })),
};
const done = (...activities: number[]): Partial<LearnerState> => ({
  completed: new Map(activities.map((activity) => [activity, now - 864e5])),
});

test("moves on as soon as something is mastered; what was done and not enough comes again; known things are reviewed", () => {
  const list = (mastery: number[], change: Partial<LearnerState> = {}, asked = {}) => {
    const { items, rung, empty } = assemblePlaylist(
      chain,
      learnerOf(mastery, change),
      { ...request, ...asked },
      policy,
    );
    return [items.map(({ activity, role }) => `${role} ${activity}`), rung, empty];
  };
  expect(list([0.5, 0.1, 0.1])).toEqual([["new 0"], "gated", null]);
  expect(list([0.97, 0.5, 0.1])).toEqual([["new 1"], "gated", null]);
  expect(list([0.5, 0.1, 0.1], done(0))).toEqual([["again 0"], "again", null]); // done yesterday: nothing else is left
  const longAgo = { completed: new Map([[0, now - 8 * 864e5]]) };
  const two = { ...chain, activities: [...chain.activities, { ...chain.activities[0]!, activity: "B0" }] };
  const both = assemblePlaylist(two, learnerOf([0.5, 0.1, 0.1], longAgo), request, policy);
  expect(both.items.map(({ activity, role }) => `${role} ${activity}`)).toEqual(["new 3", "again 0"]);
  expect(list([0.99, 0.99, 0.99])[1]).toBe("review");
  const due = { reviewDue: Float64Array.of(now - 1, Number.NaN, Number.NaN) };
  expect(list([0.97, 0.5, 0.1], due, { minutes: 60 })).toEqual([["new 1", "review 0"], "gated", null]);
  expect(list([0.99, 0.99, 0.99], { ...due, ...done(0, 1, 2) }, { minutes: 10 })).toEqual([
    ["review 0"],
    "review",
    null,
  ]);
});

test("a new eighth-grader is not sent back to the fourth grade, and an answer there counts at once", () => {
  const grades = { ...chain, standards: chain.standards.map((one, at) => ({ ...one, grade: String([4, 6, 8][at]) })) };
  const list = (evidence: number[]) =>
    assemblePlaylist(
      grades,
      learnerOf([0.3, 0.3, 0.3], { grade: 8, evidence: Float64Array.from(evidence) }),
      request,
      policy,
    ).items.map(({ activity }) => activity);
  expect(list([0, 0, 0])).toEqual([2]);
  expect(list([1, 0, 0])).toEqual([2, 0]); // what speaks against the fourth grade opens it, after work at grade level
  expect(list([1, 1, 0])).toEqual([0]);
});

test("every empty list says why", () => {
  const why = (asked: object, curriculum = chain) =>
    assemblePlaylist(curriculum, learnerOf([0.1, 0.1, 0.1]), { ...request, ...asked }, policy).empty;
  expect(why({}, { ...chain, activities: [] })).toBe("no-library");
  expect(why({ candidates: [] })).toBe("no-library");
  expect(why({ minutes: 5 })).toBe("too-long");
  expect(why({ goal: new Set<number>() })).toBe("off-goal");
  expect(why({ candidates: [2] })).toBe("prerequisites");
  expect(why({ overrides: [0, 1, 2].map((activity) => override("ban", activity)) })).toBe("banned");
  expect(why({ minutes: 10, overrides: [override("pin", 2)] })).toBe("no-time");
  const alone = { ...chain, activities: chain.activities.map((one) => ({ ...one, setting: "whole-class" })) };
  expect(why({ setting: "home" }, alone)).toBe("setting");
});

test("a goal takes the way to it along; a pin that is done since is done", () => {
  expect([...wayTo(chain, [1])].sort()).toEqual([0, 1]);
  const goal = wayTo(chain, [2]);
  expect(assemblePlaylist(chain, learnerOf([0.1, 0.1, 0.1]), { ...request, goal }, policy).items[0]!.activity).toBe(0);
  const pins = { ...request, overrides: [override("require", 2)] };
  const pinned = assemblePlaylist(chain, learnerOf([0.1, 0.1, 0.1]), pins, policy);
  expect(pinned.items[0]).toMatchObject({ activity: 2, override: { decidedBy: "T8" }, draw: null });
  const since = learnerOf([0.1, 0.1, 0.1], { completed: new Map([[2, now]]) });
  expect(assemblePlaylist(chain, since, pins, policy).items.map(({ activity }) => activity)).toEqual([0]);
});
