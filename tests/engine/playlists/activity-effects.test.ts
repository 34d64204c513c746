import { expect, test } from "vitest";
import type { EffectSums } from "../../../src/engine/playlists/activity-effects.ts";
import { activityEffects, readEffectSums } from "../../../src/engine/playlists/activity-effects.ts";
import type { Curriculum } from "../../../src/engine/playlists/curriculum.ts";
import { preferencesFrom } from "../../../src/engine/playlists/learner.ts";
import { random } from "../../../src/numeric/random.ts";
import { attachRows } from "../../features/snapshot-in-memory.ts";

const ACTIVITIES = 40;
const curriculum: Curriculum = {
  standards: Array.from({ length: 8 }, (_, at) => ({ standard: `S${at}`, label: "", grade: "6" })),
  prerequisites: Array.from({ length: 8 }, () => []),
  activities: Array.from({ length: ACTIVITIES }, (_, at) => ({
    activity: `A${String(at).padStart(2, "0")}`,
    title: "",
    standard: at % 8,
    modality: "video",
    minutes: 10,
  })),
};

/** Completions with a known effect of each activity; some standards are easier, and weaker learners answer worse before and after. */
function simulate(seed: string, effectOf: (activity: number) => number, completions: number): EffectSums[] {
  const rng = random(seed);
  const share = (chance: number): number => {
    let right = 0;
    for (let answer = 0; answer < 4; answer++) right += rng.next() < chance ? 0.25 : 0;
    return right;
  };
  return curriculum.activities.map(({ standard }, activity) => {
    const sums = { activity, completions, before: 0, after: 0, beforeSquared: 0, afterSquared: 0, product: 0 };
    for (let learner = 0; learner < completions; learner++) {
      const ability = 0.35 + 0.02 * standard + 0.15 * (rng.next() - 0.5);
      const before = share(ability);
      const after = share(Math.min(1, Math.max(0, ability + 0.1 + effectOf(activity))));
      sums.before += before;
      sums.after += after;
      sums.beforeSquared += before * before;
      sums.afterSquared += after * after;
      sums.product += before * after;
    }
    return sums;
  });
}

test("planted effects are found, in their order and size; a standard's own ease is not one", () => {
  const planted = (activity: number): number => 0.15 * (((activity * 11) % 5) / 4 - 0.5);
  const { effect, spread } = activityEffects(curriculum, simulate("planted", planted, 400));
  expect(spread).toBeGreaterThan(0.04);
  expect(spread).toBeLessThan(0.07); // planted: .053
  const centred = curriculum.activities.map((one, at) => {
    const same = curriculum.activities.flatMap(({ standard }, other) =>
      standard === one.standard ? planted(other) : [],
    );
    return planted(at) - same.reduce((sum, value) => sum + value, 0) / same.length;
  });
  const worst = Math.max(...centred.map((value, at) => Math.abs(value - effect[at]! * spread)));
  expect(worst).toBeLessThan(0.05);
});

test("where nothing is planted, chance is not taken for a difference; where little is known, it is shrunk", () => {
  let seen = 0;
  for (let run = 0; run < 20; run++)
    seen += activityEffects(
      curriculum,
      simulate(`null ${run}`, () => 0, 100),
    ).spread;
  expect(seen / 20).toBeLessThan(0.01);
  const few = simulate("few", (activity) => (activity < 8 ? 0.2 : 0), 60);
  const mixed = few.map((sums) => (sums.activity === 0 ? simulate("one", () => 0.5, 1)[0]! : sums));
  const { effect, completions } = activityEffects(curriculum, mixed);
  expect([completions[0], completions[1]]).toEqual([1, 60]);
  expect(Math.abs(effect[0]!)).toBeLessThan(Math.abs(effect[1]!));
});

test("no completions, or a standard with one activity: nothing is known, and that is 0", () => {
  expect([...activityEffects(curriculum, []).effect]).toEqual(new Array(ACTIVITIES).fill(0));
  const lonely = simulate("lonely", () => 0, 50).slice(0, 1);
  expect(activityEffects(curriculum, lonely)).toMatchObject({ spread: 0 });
});

test("the sums of a snapshot: answers of four weeks before and after on the activity's standard, of the same person", async () => {
  const enrolment = ["a@2024-25", "a@2025-26", "b@2025-26"].map((learner) => ({
    learner,
    person: learner[0]!,
    period: learner.slice(2),
    school: "s",
    starts_on: "2025-08-18",
    known_on: "2025-08-18",
  }));
  const answer = (learner: string, standard: string, at: string, correct: number) => ({
    learner,
    item: "i",
    standard,
    at: `${at} 09:00:00`,
    correct,
    known_on: at,
  });
  const connection = await attachRows({
    enrolment,
    standard: [{ standard: "S0", label: null, subject: "math", grade: "6" }],
    activity: [{ activity: "A00", title: null, standard: "S0", modality: "video", minutes: 5 }],
    response: [
      answer("a@2025-26", "S0", "2025-09-01", 1), // too long ago
      answer("a@2025-26", "S0", "2025-10-01", 0),
      answer("a@2025-26", "S0", "2025-10-02", 1),
      answer("a@2025-26", "S1", "2025-10-11", 0), // another standard
      answer("a@2025-26", "S0", "2025-10-12", 1),
      answer("b@2025-26", "S0", "2025-10-12", 1), // nothing before
    ],
    activity_event: ["a@2025-26", "b@2025-26"].map((learner) => ({
      learner,
      activity: "A00",
      verb: "completed",
      at: "2025-10-10 09:00:00",
      known_on: "2025-10-10",
    })),
  });
  expect(await readEffectSums(connection, curriculum)).toEqual([
    { activity: 0, completions: 1, before: 0.5, after: 1, beforeSquared: 0.25, afterSquared: 1, product: 0.5 },
  ]);
});

test("preferences: what is offered more is not preferred, little evidence is uncertain, what was said counts", () => {
  const offered = new Map([
    ["video", 30],
    ["game", 10],
  ]);
  const like = (video: number, game: number, stated: [string, number][] = []) =>
    preferencesFrom(
      new Map([
        ["video", video],
        ["game", game],
      ]),
      offered,
      new Map(stated),
    );
  const none = like(0, 0);
  expect(none.get("video")!.value).toBeCloseTo(0, 12);
  expect(none.get("game")!.low).toBeLessThan(0);
  expect(like(30, 10).get("game")!.value).toBeCloseTo(0, 12); // as offered
  const gamer = like(10, 30).get("game")!;
  expect(gamer.low).toBeGreaterThan(0);
  expect(like(1, 3).get("game")!.low).toBeLessThan(0); // four activities make no type of a child
  expect(like(1, 3).get("game")!.value).toBeLessThan(gamer.value);
  expect(like(0, 0, [["game", 1]]).get("game")!.value).toBeGreaterThan(0);
  expect(like(0, 0, [["game", -1]]).get("game")!.value).toBeLessThan(-0.5);
});
