import { assemblePlaylist } from "../../../src/engine/playlists/assemble.ts";
import { habitsOf } from "../../../src/engine/playlists/habits.ts";
import type { LearnerState } from "../../../src/engine/playlists/learner.ts";
import type { PlaylistPolicy } from "../../../src/engine/playlists/policy.ts";
import { recommenderRecipe } from "../../../src/engine/playlists/recipes.ts";
import type { Override } from "../../../src/engine/playlists/request.ts";
import type { EstimateColumns } from "../../../src/models/mastery/online/tracker.ts";
import { implicitAls } from "../../../src/models/playlist/implicit-als/implicit-als.ts";
import { itemNeighbors } from "../../../src/models/playlist/item-neighbors.ts";
import { popularity } from "../../../src/models/playlist/popularity.ts";
import type { FittedRecommender } from "../../../src/models/playlist/recommender.ts";
import type { Random } from "../../../src/numeric/random.ts";
import { random } from "../../../src/numeric/random.ts";
import type { PastLearners } from "./district.ts";

/** What is known of a simulated learner when a session begins. */
export interface Session {
  readonly columns: EstimateColumns;
  readonly completed: ReadonlyMap<number, number>;
  readonly lastStandard: number;
  readonly grade: number;
  readonly at: number;
  readonly minutes: number;
  readonly overrides: readonly Override[];
  readonly rng: Random;
}

/** Chooses the activities of a session, in order, by index. */
export type Policy = (session: Session) => readonly number[];

/** Cairn's list, and each single model by itself: what it scores highest, not done yet, as far as the minutes go. */
export function policiesOf(past: PastLearners, policy: PlaylistPolicy): Readonly<Record<string, Policy>> {
  const { data } = past;
  const { activities } = data.curriculum;
  const context = { rng: random("models") };
  const ease = recommenderRecipe().fit(data.interactions, context);
  const ranked = (model: FittedRecommender): Policy => {
    const scores = new Float64Array(activities.length);
    return (session) => {
      model.score({ activityIdx: historyOf(session) }, scores);
      return fill(past, session, (index) => scores[index]!);
    };
  };
  return {
    cairn: (session) => {
      const state = stateOf(past, session, ease);
      const request = { minutes: session.minutes, now: session.at, overrides: session.overrides };
      const chosen = assemblePlaylist(data.curriculum, state, request, policy, {
        knowledge: past.effects,
        rng: session.rng,
      });
      return chosen.items.map(({ activity }) => activity);
    },
    "mastery only": (session) =>
      fill(past, session, (index) => {
        const { standard } = activities[index]!;
        const { grade } = data.curriculum.standards[standard]!;
        // As OATutor does: the lowest mastery first, among standards up to the learner's grade.
        return Number(grade) > session.grade ? Number.NEGATIVE_INFINITY : -session.columns.mastery[standard]!;
      }),
    EASE: ranked(ease),
    iALS: ranked(implicitAls({ dimensions: 32 }).fit(data.interactions, context)),
    "item-kNN": ranked(itemNeighbors().fit(data.interactions, context)),
    popularity: ranked(popularity().fit(data.interactions, context)),
    random: (session) => fill(past, session, () => session.rng.next()),
  };
}

function historyOf({ completed }: Session): Int32Array {
  return Int32Array.from(completed.keys()).sort();
}

function fill({ data }: PastLearners, session: Session, score: (index: number) => number): number[] {
  const { activities } = data.curriculum;
  const open = activities.flatMap((_, index) => (session.completed.has(index) ? [] : [{ index, score: score(index) }]));
  open.sort((a, b) => b.score - a.score || a.index - b.index);
  const chosen: number[] = [];
  let minutes = 0;
  for (const { index, score: value } of open) {
    const needed = activities[index]!.minutes;
    if (value === Number.NEGATIVE_INFINITY || minutes + needed > session.minutes) continue;
    minutes += needed;
    chosen.push(index);
  }
  return chosen;
}

function stateOf({ data }: PastLearners, session: Session, ease: FittedRecommender): LearnerState {
  const { columns, completed, lastStandard, grade } = session;
  const collaborative = new Float64Array(data.curriculum.activities.length);
  ease.score({ activityIdx: historyOf(session) }, collaborative);
  return {
    mastery: columns.mastery,
    success: columns.correctNext,
    evidence: columns.evidence,
    reviewDue: columns.reviewDue,
    stuck: columns.wheelSpinning,
    collaborative,
    completed,
    lastStandard,
    grade,
    ...habitsOf(data.curriculum, completed.keys()),
    interests: new Map(),
  };
}
