import fc from "fast-check";
import { expect, test } from "vitest";
import type { Curriculum, LearnerState } from "../../../src/engine/playlists/assemble.ts";
import { assemblePlaylist, defaultPlaylistPolicy, inferPrerequisites } from "../../../src/engine/playlists/assemble.ts";

/** A random acyclic curriculum (a standard only needs earlier ones) and a learner in it. */
const world = fc.integer({ min: 1, max: 12 }).chain((standards) =>
  fc.record({
    prerequisites: fc.tuple(
      ...Array.from({ length: standards }, (_, standard) =>
        standard === 0 ? fc.constant([]) : fc.uniqueArray(fc.integer({ min: 0, max: standard - 1 }), { maxLength: 3 }),
      ),
    ),
    activities: fc.array(
      fc.record({ standard: fc.integer({ min: 0, max: standards - 1 }), minutes: fc.integer({ min: 1, max: 60 }) }),
      { maxLength: 30 },
    ),
    mastery: fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: standards, maxLength: standards }),
    success: fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: standards, maxLength: standards }),
    completed: fc.uniqueArray(fc.integer({ min: 0, max: 29 })),
    minutes: fc.integer({ min: 5, max: 90 }),
    collaborative: fc.double({ min: -5, max: 5, noNaN: true }),
  }),
);

function build(sample: typeof world extends fc.Arbitrary<infer T> ? T : never): {
  curriculum: Curriculum;
  learner: LearnerState;
} {
  return {
    curriculum: {
      standards: sample.mastery.map((_, index) => ({ standard: `S${index}`, label: `standard ${index}`, grade: "6" })),
      prerequisites: sample.prerequisites as number[][],
      activities: sample.activities.map((activity, index) => ({
        ...activity,
        activity: `A${index}`,
        title: `activity ${index}`,
        modality: "video",
      })),
    },
    learner: {
      mastery: Float64Array.from(sample.mastery),
      success: Float64Array.from(sample.success),
      collaborative: Float64Array.from(sample.activities, (_, index) => sample.collaborative * ((index * 7) % 5)),
      completed: new Set(sample.completed),
      grade: 6,
    },
  };
}

test("never offers what rests on something not mastered, never exceeds the minutes, never repeats", () => {
  fc.assert(
    fc.property(world, (sample) => {
      const { curriculum, learner } = build(sample);
      const policy = { ...defaultPlaylistPolicy, minutes: sample.minutes };
      const playlist = assemblePlaylist(curriculum, learner, policy);
      let minutes = 0;
      const seen = new Set<number>();
      const perStandard = new Map<number, number>();
      for (const { activity } of playlist.items) {
        const { standard, minutes: needed } = curriculum.activities[activity]!;
        minutes += needed;
        expect(seen.has(activity)).toBe(false);
        seen.add(activity);
        perStandard.set(standard, (perStandard.get(standard) ?? 0) + 1);
        for (const required of curriculum.prerequisites[standard]!) {
          expect(learner.mastery[required]!).toBeGreaterThanOrEqual(policy.prerequisiteMastery);
        }
        if (playlist.rung === "gated") {
          expect(learner.completed.has(activity)).toBe(false);
          expect(learner.mastery[standard]!).toBeLessThan(policy.masteredAt);
        }
      }
      expect(minutes).toBe(playlist.minutes);
      expect(minutes).toBeLessThanOrEqual(policy.minutes);
      for (const count of perStandard.values()) expect(count).toBeLessThanOrEqual(policy.perStandard);
      expect(playlist.items.length > 0).toBe(playlist.rung !== "empty");
    }),
  );
});

const chain: Curriculum = {
  standards: ["count", "add", "multiply"].map((standard) => ({ standard, label: standard, grade: "3" })),
  prerequisites: [[], [0], [1]],
  activities: [0, 1, 2].map((standard) => ({
    activity: `A${standard}`,
    title: `t${standard}`,
    standard,
    modality: "game",
    minutes: 10,
  })),
};
const learnerOf = (mastery: number[], completed: number[] = []): LearnerState => ({
  mastery: Float64Array.from(mastery),
  success: Float64Array.from(mastery),
  collaborative: new Float64Array(3),
  completed: new Set(completed),
  grade: 3,
});

test("moves on as soon as something is mastered, and reviews when everything is", () => {
  const chosen = (learner: LearnerState) =>
    assemblePlaylist(chain, learner, defaultPlaylistPolicy).items.map((item) => item.activity);
  expect(chosen(learnerOf([0.5, 0.1, 0.1]))).toEqual([0]);
  expect(chosen(learnerOf([0.97, 0.5, 0.1]))).toEqual([1]);
  expect(assemblePlaylist(chain, learnerOf([0.99, 0.99, 0.99]), defaultPlaylistPolicy).rung).toBe("review");
  expect(assemblePlaylist(chain, learnerOf([0.1, 0.1, 0.1], [0]), defaultPlaylistPolicy)).toEqual({
    items: [],
    minutes: 0,
    rung: "empty",
  });
});

test("mastery of a standard vouches for what it rests on, but never against evidence", () => {
  const mastery = Float64Array.of(0.3, 0.4, 0.96);
  inferPrerequisites(chain, mastery, Int32Array.of(0, 0, 5));
  expect([...mastery]).toEqual([0.96, 0.96, 0.96]);
  const contradicted = Float64Array.of(0.3, 0.4, 0.96);
  inferPrerequisites(chain, contradicted, Int32Array.of(0, 7, 5));
  expect([...contradicted]).toEqual([0.4, 0.4, 0.96]);
});
