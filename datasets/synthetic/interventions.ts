import type { YearPlan } from "./learner-path.ts";
import { logistic } from "./parameters.ts";

/**
 * How learners come to take part: by a lot of their own, by a lot of their homeroom, or because the school sees that
 * they need it, which depends on what also decides the outcome (confounding).
 */
export type AssignmentRule = "learner-lottery" | "homeroom-lottery" | "need";

/** An intervention that the district runs, and what it truly does. */
export interface Intervention {
  readonly id: string;
  readonly name: string;
  readonly kind: string;
  readonly description: string;
  readonly minutesPerDose: number;
  readonly dosesPerWeek: number;
  /** How learners are assigned in schools of even and of odd position. */
  readonly rules: readonly [AssignmentRule, AssignmentRule];
  /** Chance of taking part in a lottery. */
  readonly share: number;
  /** Points of the final mark in mathematics that all planned doses give this learner. Part of the truth. */
  effect(plan: YearPlan): number;
}

/** Points that tutoring gives a learner below the middle in mathematics; the others gain nothing. */
export const TUTORING_POINTS = 7;
/** Points that pull-out drill costs everybody. */
export const DRILL_POINTS = -5;

/** The three interventions: one works for some, one for nobody, one harms. */
export const interventions: readonly Intervention[] = [
  {
    id: "int-tutoring",
    name: "Small-group tutoring",
    kind: "tutoring",
    description: "Groups of four practise what the next lesson needs",
    minutesPerDose: 30,
    dosesPerWeek: 2,
    rules: ["learner-lottery", "need"],
    share: 0.35,
    effect: ({ mathematics }) => (mathematics < 0 ? TUTORING_POINTS : 0),
  },
  {
    id: "int-planner",
    name: "Study planner",
    kind: "study skills",
    description: "Learners write down when they will do what",
    minutesPerDose: 15,
    dosesPerWeek: 1,
    rules: ["homeroom-lottery", "learner-lottery"],
    share: 0.4,
    effect: () => 0,
  },
  {
    id: "int-drill",
    name: "Pull-out drill",
    kind: "remediation",
    description: "Worksheets in another room while class goes on",
    minutesPerDose: 40,
    dosesPerWeek: 2,
    rules: ["need", "homeroom-lottery"],
    share: 0.3,
    effect: () => DRILL_POINTS,
  },
];

/** Week of the school year in which places are given, and the first and last week with doses. */
export const ASSIGNMENT_WEEK = 8;
const FIRST_DOSE_WEEK = 9;
const LAST_DOSE_WEEK = 27;

/** Whether doses are given in a week of the year. */
export function givesDoses(week: number): boolean {
  return week >= FIRST_DOSE_WEEK && week <= LAST_DOSE_WEEK;
}

/** The weeks of a year in which doses are given. */
export function doseWeeks<Week extends { readonly days: readonly number[] }>(weeks: readonly Week[]): Week[] {
  return weeks.slice(FIRST_DOSE_WEEK, LAST_DOSE_WEEK + 1).filter(({ days }) => days.length > 0);
}

/**
 * The chance that a learner takes part. Where need decides, who is weak in mathematics and disengaged by then takes part
 * more often: the same two things that lower the final mark.
 */
export function propensity(
  intervention: Intervention,
  rule: AssignmentRule,
  plan: YearPlan,
  engagement: number,
): number {
  return rule === "need" ? logistic(-1.4 - 1.1 * plan.mathematics - 0.6 * engagement) : intervention.share;
}
