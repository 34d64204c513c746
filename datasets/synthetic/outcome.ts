import type { Random } from "../../src/numeric/random.ts";
import type { SchoolWeek } from "./calendar.ts";
import type { Learner, YearPlan } from "./learner.ts";
import { clamp, logistic, normalBelow, parameters } from "./parameters.ts";
import { type Engagement, stepEngagement, type YearTotals } from "./year-state.ts";

/** Chance of withdrawing in a week. */
export function withdrawalHazard(engagement: number, absentInFourWeeks: number, grade: number): number {
  const { withdrawalBase, withdrawalEngagement, withdrawalAbsence, withdrawalNinth } = parameters;
  const ninth = grade === 9 ? withdrawalNinth : 0;
  return logistic(withdrawalBase - withdrawalEngagement * engagement + withdrawalAbsence * absentInFourWeeks + ninth);
}

/** Chance of being absent on one day. */
export function absenceChance(engagement: number, illness: number): number {
  return logistic(parameters.absenceBase - parameters.absenceEngagement * engagement + illness);
}

/** The final mark expected in a subject, before the last noise. */
export function expectedFinal(ability: number, unseen: number, meanEngagement: number, absentDays: number): number {
  const { finalBase, finalAbility, finalUnseen, finalEngagement, finalAbsence } = parameters;
  const seen = finalAbility * ability + finalEngagement * meanEngagement - finalAbsence * (absentDays - 10);
  return finalBase + seen + finalUnseen * unseen;
}

/** Ability as the final mark in mathematics sees it: the general factor and what was learned in the year's standards. */
export function mathematicsStanding(general: number, meanLearned: number): number {
  return general + parameters.finalLearned * (meanLearned - parameters.learnedReference);
}

/** Draws a final mark, a whole number from 0 to 100. */
export function drawFinal(expected: number, stream: Random): number {
  return Math.round(clamp(expected + parameters.finalSpread * stream.normal(), 0, 100));
}

/** Everything an oracle knows at the end of a week: all latent state, no future draw. */
export interface OracleView {
  readonly learner: Learner;
  readonly plan: YearPlan;
  readonly engagement: Engagement;
  readonly totals: YearTotals;
  /** Mean learned amount over the year's standards that is expected at the end of the year. */
  readonly expectedLearned: number;
  /** The weeks that are still to come. */
  readonly rest: readonly SchoolWeek[];
}

/**
 * The chance that the learner ends the year off track, given not transferred: final mark below 60 in mathematics or
 * English, or withdrawn. An average over replayed paths of engagement of the exact chance given the path; the standard
 * error of one probability is at most 0.07 and usually below 0.03.
 */
export function probabilityOffTrack(view: OracleView, stream: Random): number {
  let sum = 0;
  for (let path = 0; path < parameters.oraclePaths; path++) sum += offTrackOnPath(view, stream);
  return sum / parameters.oraclePaths;
}

function offTrackOnPath(view: OracleView, stream: Random): number {
  const { learner, plan, totals } = view;
  const engagement = { ...view.engagement };
  let engagementSum = totals.engagementSum;
  let weeks = totals.weeks;
  let absences = 0;
  let absenceVariance = 0;
  let staying = 1;
  for (const week of view.rest) {
    const level = stepEngagement(engagement, plan.engagement, stream);
    if (week.days.length === 0) continue;
    const chance = absenceChance(level, learner.illness);
    absences += week.days.length * chance;
    absenceVariance += week.days.length * chance * (1 - chance);
    staying *= 1 - withdrawalHazard(level, 4 * week.days.length * chance, plan.grade);
    engagementSum += level;
    weeks++;
  }
  const absent = totals.absentDays + Math.max(0, absences + Math.sqrt(absenceVariance) * stream.normal());
  const mean = engagementSum / weeks;
  const threshold = parameters.pass - 0.5; // marks are whole numbers
  const mathematics = expectedFinal(
    mathematicsStanding(plan.mathematics, view.expectedLearned),
    plan.unseen,
    mean,
    absent,
  );
  const english = expectedFinal(plan.english, plan.unseen, mean, absent);
  const passes =
    normalBelow((mathematics - threshold) / parameters.finalSpread) *
    normalBelow((english - threshold) / parameters.finalSpread);
  return 1 - staying * passes;
}
