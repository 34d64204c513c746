import { ABILITY_MASTERED_FROM } from "../../models/mastery/online/ability/ability-tracker.ts";
import type { StandardEstimate } from "../../models/mastery/online/tracker.ts";

/** The groups a teacher reads standards in, in the order of what to do first. */
export const standingGroups = ["review-due", "stuck", "in-reach", "mastered", "later"] as const;

/** One of {@link standingGroups}. */
export type StandingGroup = (typeof standingGroups)[number];

/** From which probability a teacher is told that a standard is mastered, or that what it rests on is met. */
export interface MasteryGates {
  /** From here a standard counts as mastered. */
  readonly masteredAt: number;
  /** From here a prerequisite counts as met. */
  readonly prerequisiteMastery: number;
}

/** Mastered where it is as good as sure; what it rests on is met where it is likelier known than not. */
export const teacherGates: MasteryGates = { masteredAt: ABILITY_MASTERED_FROM, prerequisiteMastery: 0.5 };

/**
 * The group of each standard: `review-due` was mastered once and nine in ten could recall it until today; `stuck` had many
 * opportunities without getting anywhere; `mastered` reaches the school's gate; `in-reach` is neither, and what it rests on is
 * met; `later` waits for a prerequisite.
 * @param estimates - by position
 * @param prerequisites - per standard the positions of those that come before it
 * @param at - ms of the wall clock
 */
export function groupStandards(
  estimates: readonly StandardEstimate[],
  prerequisites: readonly (readonly number[])[],
  { masteredAt, prerequisiteMastery }: MasteryGates,
  at: number,
): StandingGroup[] {
  return estimates.map(({ reviewDue, wheelSpinning, mastery }, standard) => {
    if (reviewDue !== null && reviewDue <= at) return "review-due";
    if (mastery >= masteredAt) return "mastered";
    if (wheelSpinning) return "stuck";
    const met = prerequisites[standard]!.every((required) => estimates[required]!.mastery >= prerequisiteMastery);
    return met ? "in-reach" : "later";
  });
}
