import fc from "fast-check";
import type { Curriculum } from "../../../src/engine/playlists/curriculum.ts";
import type { LearnerState } from "../../../src/engine/playlists/learner.ts";
import { preferencesFrom } from "../../../src/engine/playlists/learner.ts";
import type { PlaylistPolicy } from "../../../src/engine/playlists/policy.ts";
import { defaultPlaylistPolicy } from "../../../src/engine/playlists/policy.ts";
import type { Override, PlaylistRequest } from "../../../src/engine/playlists/request.ts";

/** The moment of every request of these tests. */
export const now = Date.UTC(2025, 11, 12, 9);

/** The gates of the handbook, which numbers in these tests are about; the shipped policy's are others. */
export const strict: PlaylistPolicy = {
  ...defaultPlaylistPolicy,
  prerequisiteMastery: 0.95,
  masteredAt: 0.95,
  presumedGradesBelow: 2,
  gradeLevelShare: 0.5,
};

/** A learner of grade 6 of whom only mastery is known; what is not said is unknown. */
export function learnerOf(mastery: readonly number[], change: Partial<LearnerState> = {}): LearnerState {
  const none = (): Float64Array => new Float64Array(mastery.length);
  return {
    mastery: Float64Array.from(mastery),
    success: Float64Array.from(mastery),
    evidence: none().fill(3),
    reviewDue: none().fill(Number.NaN),
    stuck: new Uint8Array(mastery.length),
    collaborative: new Float64Array(64),
    completed: new Map(),
    lastStandard: -1,
    grade: 6,
    modalities: new Map(),
    settings: new Map(),
    interests: new Map(),
    ...change,
  };
}

/** A decision of a teacher about an activity. */
export const override = (kind: Override["kind"], activity: number, change: Partial<Override> = {}): Override => ({
  key: `${kind}-${activity}`,
  kind,
  activity,
  standard: -1,
  position: null,
  reason: "for the exhibition",
  decidedBy: "T8",
  decidedAt: now - 1000,
  until: null,
  ...change,
});

/** One world: a random acyclic curriculum (a standard only needs earlier ones), a learner, a request, a policy. */
export interface World {
  readonly curriculum: Curriculum;
  readonly learner: LearnerState;
  readonly request: PlaylistRequest;
  readonly policy: PlaylistPolicy;
}

const share = fc.double({ min: 0, max: 1, noNaN: true });
const kinds = ["video", "practice", "game"];
const settings = [null, "alone", "small-group", "home"];

/** Worlds of every shape, also empty libraries, unknown grades, clashing decisions. */
export const worlds: fc.Arbitrary<World> = fc.integer({ min: 1, max: 10 }).chain((standards) => {
  const perStandard = <T>(of: fc.Arbitrary<T>): fc.Arbitrary<T[]> =>
    fc.array(of, { minLength: standards, maxLength: standards });
  return fc
    .record({
      prerequisites: fc.tuple(
        ...Array.from({ length: standards }, (_, standard) =>
          standard === 0
            ? fc.constant<number[]>([])
            : fc.uniqueArray(fc.integer({ min: 0, max: standard - 1 }), { maxLength: 3 }),
        ),
      ),
      grades: perStandard(fc.constantFrom("", "3", "4", "5", "6", "7", "8")),
      activities: fc.array(
        fc.record({
          standard: fc.integer({ min: 0, max: standards - 1 }),
          minutes: fc.integer({ min: 1, max: 60 }),
          modality: fc.constantFrom(...kinds),
          setting: fc.constantFrom(...settings),
          topics: fc.subarray(["soccer", "space", "music"]),
        }),
        { maxLength: 30 },
      ),
      mastery: perStandard(fc.oneof(share, fc.constantFrom(0.95, 0.99, 1))),
      success: perStandard(share),
      evidence: perStandard(fc.nat({ max: 3 })),
      due: perStandard(fc.constantFrom(Number.NaN, now - 864e5, now + 864e5)),
      completed: fc.uniqueArray(fc.nat({ max: 29 })),
      grade: fc.constantFrom(Number.NaN, 4, 6, 8),
      collaborative: share,
      minutes: fc.integer({ min: 1, max: 90 }),
      setting: fc.option(fc.constantFrom("alone", "group", "home"), { nil: undefined }),
      goal: fc.option(fc.uniqueArray(fc.integer({ min: 0, max: standards - 1 })), { nil: undefined }),
      decisions: fc.array(
        fc.record({
          kind: fc.constantFrom<Override["kind"]>("pin", "require", "ban"),
          activity: fc.nat({ max: 29 }),
          standard: fc.option(fc.integer({ min: 0, max: standards - 1 }), { nil: -1, freq: 3 }),
          position: fc.option(fc.nat({ max: 3 }), { nil: null }),
        }),
        { maxLength: 6 },
      ),
      floor: share,
      reviews: share,
      exploring: share,
    })
    .map((drawn): World => {
      const { length } = drawn.activities;
      const request: PlaylistRequest = {
        minutes: drawn.minutes,
        now,
        overrides: drawn.decisions
          .filter(({ activity }) => activity < length)
          .map((decision, at) => {
            const aboutStandard = decision.kind === "ban" && decision.standard >= 0;
            return override(decision.kind, aboutStandard ? -1 : decision.activity, {
              key: `o${at}`,
              standard: aboutStandard ? decision.standard : -1,
              position: decision.position,
              decidedAt: now - 1000 + at,
            });
          }),
        ...(drawn.setting === undefined ? {} : { setting: drawn.setting }),
        ...(drawn.goal === undefined ? {} : { goal: new Set(drawn.goal) }),
      };
      return {
        request,
        curriculum: {
          standards: drawn.grades.map((grade, at) => ({ standard: `S${at}`, label: `standard ${at}`, grade })),
          prerequisites: drawn.prerequisites,
          activities: drawn.activities.map((one, at) => ({ ...one, activity: `A${at}`, title: `activity ${at}` })),
        },
        learner: learnerOf(drawn.mastery, {
          success: Float64Array.from(drawn.success),
          evidence: Float64Array.from(drawn.evidence),
          reviewDue: Float64Array.from(drawn.due),
          collaborative: Float64Array.from(drawn.activities, (_, at) => drawn.collaborative * ((at * 7) % 5)),
          completed: new Map(drawn.completed.map((at) => [at, now - 864e5])),
          grade: drawn.grade,
          modalities: preferencesFrom(
            new Map([["video", 9]]),
            new Map(kinds.map((kind) => [kind, 10])),
            new Map([["game", 1]]),
          ),
          interests: new Map([
            ["soccer", 1],
            ["music", -1],
          ]),
        }),
        policy: {
          ...strict,
          gradeLevelShare: drawn.floor,
          reviewShare: drawn.reviews,
          exploration: { ...defaultPlaylistPolicy.exploration, share: drawn.exploring },
        },
      };
    });
});
