import type { Curriculum } from "./curriculum.ts";
import type { LearnerState } from "./learner.ts";
import type { PlaylistPolicy } from "./policy.ts";
import type { PlaylistRequest } from "./request.ts";

/**
 * Where an activity stands before any score: `open` is new work within reach, `review` is practice that is due of what is
 * known, `again` was done some days ago and has not been enough, `recent` a moment ago, `ahead` is within reach beyond the learner's grade. The others are closed.
 */
export type Gate =
  | "open"
  | "review"
  | "again"
  | "recent"
  | "ahead"
  | "known"
  | "not-asked"
  | "off-goal"
  | "setting"
  | "banned"
  | "too-long"
  | "prerequisites";

/** What the gates of one request go by, worked out once for all activities. */
export interface GateKeeper {
  readonly curriculum: Curriculum;
  readonly learner: LearnerState;
  readonly policy: PlaylistPolicy;
  readonly request: PlaylistRequest;
  readonly bannedActivities: ReadonlySet<number>;
  readonly bannedStandards: ReadonlySet<number>;
  readonly candidates: ReadonlySet<number> | undefined;
}

/** Prepares the gates: a later decision about an activity replaces an earlier one, so a ban lifted by a pin is no ban. */
export function gateKeeper(
  curriculum: Curriculum,
  learner: LearnerState,
  request: PlaylistRequest,
  policy: PlaylistPolicy,
): GateKeeper {
  const bannedActivities = new Set<number>();
  const bannedStandards = new Set<number>();
  for (const { kind, activity, standard } of request.overrides ?? []) {
    if (kind === "ban" && activity >= 0) bannedActivities.add(activity);
    else if (kind === "ban") bannedStandards.add(standard);
    else bannedActivities.delete(activity);
  }
  const candidates = request.candidates === undefined ? undefined : new Set(request.candidates);
  return { curriculum, learner, policy, request, bannedActivities, bannedStandards, candidates };
}

/** The gate an activity stands at. Gates come before scores: what they close no score opens. */
export function gateOf(keeper: GateKeeper, index: number): Gate {
  const { curriculum, learner, policy, request } = keeper;
  const { standard, minutes, setting } = curriculum.activities[index]!;
  if (keeper.candidates?.has(index) === false) return "not-asked";
  if (keeper.bannedActivities.has(index) || keeper.bannedStandards.has(standard)) return "banned";
  if (minutes > request.minutes) return "too-long";
  if (!fitsSetting(setting, request.setting)) return "setting";
  if (request.goal?.has(standard) === false) return "off-goal";
  if (!prerequisitesMet(curriculum, learner, policy, standard)) return "prerequisites";
  if (learner.mastery[standard]! >= policy.masteredAt) {
    return learner.reviewDue[standard]! <= request.now ? "review" : "known";
  }
  if (presumedKnown(curriculum, learner, policy, standard)) return "known";
  if (gradeOf(curriculum, standard) > learner.grade + policy.gradesAhead) return "ahead";
  const done = learner.completed.get(index);
  if (done === undefined) return "open";
  return request.now - done >= policy.repeatAfterDays * DAY_MILLISECONDS ? "again" : "recent";
}

const DAY_MILLISECONDS = 86_400_000;

/** Whether every prerequisite of a standard is mastered, or taken as known from earlier grades. */
export function prerequisitesMet(
  curriculum: Curriculum,
  learner: LearnerState,
  policy: PlaylistPolicy,
  standard: number,
): boolean {
  for (const required of curriculum.prerequisites[standard]!) {
    if (learner.mastery[required]! >= policy.prerequisiteMastery) continue;
    if (!presumedKnown(curriculum, learner, policy, required)) return false;
  }
  return true;
}

/** Whether a standard is taken as known because it is of a much earlier grade and no answer speaks against it. */
export function presumedKnown(
  curriculum: Curriculum,
  learner: LearnerState,
  policy: PlaylistPolicy,
  standard: number,
): boolean {
  return (
    learner.evidence[standard] === 0 && gradeOf(curriculum, standard) <= learner.grade - policy.presumedGradesBelow
  );
}

/** The grade of a standard as a number; NaN when it has none. */
export function gradeOf(curriculum: Curriculum, standard: number): number {
  const { grade } = curriculum.standards[standard]!;
  return grade === "" ? Number.NaN : Number(grade);
}

/** Whether a standard is of the learner's grade or above; what has no grade, or whose learner has none, is. */
export function atGradeLevel(curriculum: Curriculum, learner: LearnerState, standard: number): boolean {
  return !(gradeOf(curriculum, standard) < learner.grade);
}

const anywhere = /^(?:any|anywhere|all)$/i;
const alike: Readonly<Record<string, RegExp>> = {
  // What one can do by oneself one can do at home, and the other way round.
  home: /^(?:home|alone|individual)$/i,
  alone: /^(?:home|alone|individual)$/i,
  group: /group|pair/i,
};

function fitsSetting(setting: string | null | undefined, asked: string | undefined): boolean {
  if (asked === undefined || setting === null || setting === undefined || anywhere.test(setting)) return true;
  return setting.toLowerCase() === asked.toLowerCase() || alike[asked.toLowerCase()]?.test(setting) === true;
}
