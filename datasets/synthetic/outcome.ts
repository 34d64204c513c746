import type { Random } from "../../src/numeric/random.ts";
import type { SchoolWeek, SchoolYear } from "./calendar.ts";
import type { Curriculum } from "./curriculum.ts";
import type { Learner } from "./learner.ts";
import type { YearPlan } from "./learner-path.ts";
import { clamp, logistic, normalBelow, parameters } from "./parameters.ts";
import { type Engagement, type Mastery, stepEngagement, type YearTotals } from "./year-state.ts";

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

/** A final mark, a whole number from 0 to 100: what is expected and this learner's luck. */
export function finalMark(expected: number, luck: number): number {
  return Math.round(clamp(expected + parameters.finalSpread * luck, 0, 100));
}

/** Mean learned amount at the year's end, if class goes on as the learner's engagement trait lets expect. */
export function mathematicsAtYearEnd(
  curriculum: Curriculum,
  mastery: Mastery,
  plan: YearPlan,
  year: SchoolYear,
  index: number,
): number {
  const own = curriculum.byGrade.get(plan.grade)!;
  const share = parameters.classTeaching * 0.95 * logistic(0.5 + 0.7 * plan.engagement) + 0.06; // 0.06: the platform
  const kept = (1 - parameters.forgetting) ** (year.weeks.length - index - 1);
  let sum = 0;
  for (const [position, k] of own.entries()) {
    let lessons = 0;
    for (const week of year.weeks.slice(index + 1)) {
      if (week.lesson >= 0 && Math.floor((week.lesson * own.length) / year.lessons) === position) lessons++;
    }
    const now = mastery.learned[k]!;
    const taught = parameters.learned - (parameters.learned - now) * (1 - share * mastery.gate(k)) ** lessons;
    const floor = parameters.forgettingFloor;
    sum += lessons === 0 && taught > floor ? floor + (taught - floor) * kept : taught;
  }
  return sum / own.length;
}

/** Everything an oracle knows at the end of a week: all latent state, no future draw. */
export interface OracleView {
  readonly learner: Learner;
  readonly plan: YearPlan;
  readonly engagement: Engagement;
  readonly totals: YearTotals;
  /** Mean learned amount over the year's standards that is expected at the end of the year. */
  readonly expectedLearned: number;
  /** Points that interventions are expected to have added to the mark in mathematics by then. */
  readonly expectedPoints: number;
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
  const standing = mathematicsStanding(plan.mathematics, view.expectedLearned);
  const mathematics = expectedFinal(standing, plan.unseen, mean, absent) + view.expectedPoints;
  const english = expectedFinal(plan.english, plan.unseen, mean, absent);
  const passes =
    normalBelow((mathematics - threshold) / parameters.finalSpread) *
    normalBelow((english - threshold) / parameters.finalSpread);
  return 1 - staying * passes;
}
