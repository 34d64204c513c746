import type { Random } from "../../src/numeric/random.ts";
import { dateOf, type SchoolYear } from "./calendar.ts";
import { BIASED_SCHOOL } from "./conduct.ts";
import type { ExportRows } from "./export-rows.ts";
import type { Learner } from "./learner.ts";
import { clamp, logistic } from "./parameters.ts";
import type { Section, Work } from "./roster.ts";
import type { World } from "./world.ts";
import type { Mastery } from "./year-state.ts";

/** A learner in one course of one year. */
export interface CourseSeat {
  readonly learner: Learner;
  readonly section: Section;
  readonly year: SchoolYear;
  /** General ability in the subject. */
  readonly ability: number;
  /** How this teacher sees this learner, points. */
  readonly teacherView: number;
  /** Added to the logit of handing in homework: how much the course makes of it. */
  readonly habit: number;
}

/** How a learner comes to a week's work. */
export interface WorkWeek {
  readonly engagement: number;
  readonly persistence: number;
  readonly absentDays: number;
  /** Points an intervention adds to marks in mathematics. */
  readonly points: number;
}

/** Hands in, or not, one piece of work and has it marked; returns the mark, NaN for work not handed in. */
export function doWork(
  world: World,
  seat: CourseSeat,
  work: Work,
  state: WorkWeek,
  mastery: Mastery,
  stream: Random,
  out: ExportRows,
): number {
  const { engagement } = state;
  const handsIn = stream.next() < handInChance(seat, work, state);
  const late = work.category === "homework" && stream.next() < logistic(-1.9 - 0.6 * engagement);
  const lag = work.category === "homework" ? 1 + stream.integer(5) : 1 + stream.integer(4);
  const share = work.standard >= 0 ? quizShare(mastery.ability(work.standard), engagement, stream) : Number.NaN;
  const drift = world.drifted(seat.learner.school, work.dueDay) ? GRADING_DRIFT : 0;
  const score = handsIn ? mark(seat, work, state, late, share, drift, stream) : Number.NaN;
  const reported = Math.min(seat.year.lastDay, work.dueDay + lag + (late ? 3 + stream.integer(6) : 0));
  if (handsIn && reported <= out.cutoff) {
    resultRow(seat, work, { score, day: reported, late, missing: false }, out);
    if (work.standard >= 0) {
      const id = `${seat.learner.studentId}-${seat.section.id.slice(4)}-${work.suffix}`;
      out.objectives.row([`rlo-${id}`, "", "", `res-${id}`, "unknown", out.standardCode(work.standard), share, ""]);
    }
  } else if ((!handsIn || late) && work.dueDay + 1 <= out.cutoff) {
    resultRow(seat, work, { score: Number.NaN, day: work.dueDay + 1, late: false, missing: true }, out);
  }
  return score;
}

/** Points that boys lose on English work in the biased school. */
export const BIASED_POINTS = 5;
/** Points by which marks rise in the school that changes its grading. */
export const GRADING_DRIFT = 7;

function handInChance(seat: CourseSeat, work: Work, { engagement, persistence, absentDays }: WorkWeek): number {
  const away = absentDays >= 3 ? 1.5 : 0;
  if (work.category === "homework") return logistic(2.4 + 0.8 * engagement + 0.3 * persistence + seat.habit - away);
  return logistic(3.8 + 0.6 * engagement - away); // quizzes and exams are written in class
}

/** Share of ten quiz questions answered right. */
function quizShare(ability: number, engagement: number, stream: Random): number {
  const chance = 0.15 + 0.8 * logistic(ability + 0.2 * engagement);
  let right = 0;
  for (let question = 0; question < 10; question++) if (stream.next() < chance) right++;
  return right / 10;
}

function mark(
  seat: CourseSeat,
  work: Work,
  { engagement, points }: WorkWeek,
  late: boolean,
  share: number,
  drift: number,
  stream: Random,
): number {
  const english = seat.section.subject === "english";
  const biased = english && seat.learner.school === BIASED_SCHOOL && seat.learner.sex === "male";
  const shift = drift + (english ? (biased ? -BIASED_POINTS : 0) : points);
  const noise = stream.normal();
  let score: number;
  if (work.category === "homework") {
    score = 80 + 5 * seat.ability + 2.5 * engagement + seat.teacherView + 10 * noise - (late ? 8 : 0) + shift;
  } else if (!Number.isNaN(share)) {
    score = 40 + 60 * share + 0.5 * seat.teacherView + shift;
  } else {
    score = 76 + 6.5 * seat.ability + 2 * engagement + 0.6 * seat.teacherView + 9 * noise + shift;
  }
  return Math.round(clamp(score, 0, 100));
}

interface Outcome {
  readonly score: number;
  readonly day: number;
  readonly late: boolean;
  readonly missing: boolean;
}

function resultRow(seat: CourseSeat, work: Work, outcome: Outcome, out: ExportRows): void {
  const { learner, section } = seat;
  out.results.row([
    `res-${learner.studentId}-${section.id.slice(4)}-${work.suffix}`,
    "",
    "",
    `${section.id}-${work.suffix}`,
    learner.sourcedId,
    outcome.missing ? "not submitted" : "fully graded",
    outcome.missing ? "" : outcome.score,
    dateOf(outcome.day),
    "",
    "",
    section.id,
    "false",
    "false",
    String(outcome.late),
    String(outcome.missing),
  ]);
}

/** Reports the final mark of a finished course. */
export function reportFinal(seat: CourseSeat, score: number, out: ExportRows): void {
  const day = seat.year.lastDay;
  if (day > out.cutoff) return;
  const work: Work = {
    suffix: "final",
    title: "",
    category: "final",
    assignDay: day,
    dueDay: day,
    week: 0,
    semester: 2,
    standard: -1,
  };
  resultRow(seat, work, { score, day, late: false, missing: false }, out);
}
