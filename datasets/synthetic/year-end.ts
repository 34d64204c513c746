import type { Random } from "../../src/numeric/random.ts";
import { dateOf, type SchoolYear } from "./calendar.ts";
import { reportFinal } from "./coursework.ts";
import { modalities } from "./curriculum.ts";
import type { YearPlan } from "./learner-path.ts";
import type { Exit } from "./learner-rows.ts";
import { expectedFinal, finalMark, mathematicsStanding } from "./outcome.ts";
import { parameters } from "./parameters.ts";
import type { Place } from "./place.ts";
import { schoolId } from "./user-rows.ts";
import type { Mastery, YearTotals } from "./year-state.ts";
import type { YearStudy } from "./year-study.ts";

/** How a year ended. */
export interface YearEnd {
  /** How the learner left before the end, if so. */
  readonly exit: Exit | undefined;
  /** Final marks in mathematics and English; undefined for who left. */
  readonly marks: readonly [mathematics: number, english: number] | undefined;
  /** The learner does the grade again. */
  readonly repeats: boolean;
}

/** A year that is over, from the inside. */
export interface LivedYear {
  readonly plan: YearPlan;
  readonly year: SchoolYear;
  readonly mastery: Mastery;
  readonly totals: YearTotals;
  readonly place: Place;
  /** Of ending off track, at the reference week; NaN when the learner was not there. */
  readonly probability: number;
  readonly study: YearStudy | undefined;
  readonly exit: Exit | undefined;
  readonly streams: Readonly<Record<"outcome" | "promotion", Random>>;
}

/** Draws the final marks and what follows from them, reports the marks, and writes the truth about the year. */
export function finishYear(lived: LivedYear): YearEnd {
  const { plan, mastery, totals, place, study, exit, streams } = lived;
  const standing = mathematicsStanding(plan.mathematics, mastery.meanLearned(plan.grade));
  const mean = totals.engagementSum / Math.max(1, totals.weeks);
  const luck = [streams.outcome.normal(), streams.outcome.normal()] as const;
  const expected = expectedFinal(standing, plan.unseen, mean, totals.absentDays);
  const mathematics = (points: number): number => finalMark(expected + points, luck[0]);
  const english = finalMark(expectedFinal(plan.english, plan.unseen, mean, totals.absentDays), luck[1]);
  study?.tell(exit === undefined ? mathematics : null);
  const chance = plan.grade === 9 ? parameters.repeatNinth : parameters.repeatChance;
  const u = streams.promotion.next();
  const marks = [mathematics(study?.points() ?? 0), english] as const;
  const failed = marks.filter((mark) => mark < parameters.pass).length;
  const repeats = exit === undefined && failed === 2 && u < chance;
  if (exit === undefined)
    for (const [course, seat] of place.seats.entries()) reportFinal(seat, marks[course]!, place.out);
  learnerTruth(lived, marks, failed);
  outcomeTruth(lived, marks, repeats);
  return { exit, marks: exit === undefined ? marks : undefined, repeats };
}

function learnerTruth({ plan, year, place, probability, exit }: LivedYear, marks: readonly number[], failed: number) {
  const { learner, out } = place;
  const offTrack = exit === undefined ? Number(failed > 0) : exit.kind === "withdrawal" ? 1 : "";
  out.truth.learners.row([
    learner.studentId,
    year.title,
    rounded(plan.mathematics),
    rounded(plan.engagement),
    rounded(plan.persistence),
    Number.isNaN(probability) ? "" : rounded(probability),
    offTrack,
    exit?.kind ?? "",
    exit === undefined ? "" : dateOf(exit.day),
    modalities[learner.modality]!,
    ...(exit === undefined ? marks : ["", ""]),
  ]);
}

function outcomeTruth(
  { plan, year, place, totals, exit }: LivedYear,
  marks: readonly number[],
  repeats: boolean,
): void {
  const { learner, out } = place;
  const { daysHere, absentHere } = totals;
  const stayed = exit === undefined;
  const failed = marks.map((mark) => (stayed ? Number(mark < parameters.pass) : ""));
  const dropped = stayed ? 0 : exit.kind === "withdrawal" ? 1 : "";
  const chronic = daysHere === 0 ? "" : Number(absentHere / daysHere >= parameters.chronicAbsence);
  out.truth.outcomes.row([
    learner.studentId,
    year.title,
    plan.grade,
    schoolId(learner.school),
    daysHere,
    absentHere,
    dropped,
    ...failed,
    chronic,
    stayed ? marks.length : 0,
    stayed ? marks.filter((mark) => mark >= parameters.pass).length : 0,
    Number(repeats),
    Number(stayed && !repeats && plan.grade === 9),
  ]);
}

const rounded = (value: number): number => Math.round(value * 10_000) / 10_000;
