import type { Random } from "../../src/numeric/random.ts";
import { dateOf, type SchoolWeek } from "./calendar.ts";
import type { ExportRows } from "./export-rows.ts";
import type { Learner } from "./learner.ts";
import { absenceChance } from "./outcome.ts";
import { clamp, logistic } from "./parameters.ts";
import type { World } from "./world.ts";

/** The school (its position) with the two planted biases: suspensions and marks in English. */
export const BIASED_SCHOOL = 1;

/** Attendance of one week: exceptions go to the export; returns the days the learner was truly absent. */
export function attendWeek(
  world: World,
  learner: Learner,
  week: SchoolWeek,
  engagement: number,
  stream: Random,
  out: ExportRows,
): number {
  const chance = absenceChance(engagement, learner.illness);
  const tardy = logistic(-3.9 - 0.6 * engagement);
  const partial = logistic(-4.8 - 0.3 * engagement);
  let absent = 0;
  for (const day of week.days) {
    const u = stream.next();
    if (u >= chance + tardy + partial) continue;
    const category = u < chance ? "absent" : u < chance + tardy ? "tardy" : "partial";
    if (category === "absent") absent++;
    writeAbsence(world, learner, { day, category, engagement }, stream, out);
  }
  return absent;
}

interface Absence {
  readonly day: number;
  readonly category: "absent" | "tardy" | "partial";
  readonly engagement: number;
}

function writeAbsence(world: World, learner: Learner, absence: Absence, stream: Random, out: ExportRows): void {
  const { day, category, engagement } = absence;
  const excused = stream.next() < logistic(0.9 + 0.7 * engagement);
  const reason = excused ? excuse(stream.next()) : stream.next() < 0.7 ? "" : "unknown";
  const lag = stream.next() < 0.08 ? 1 + stream.integer(5) : 0;
  if (day + lag > out.cutoff) return;
  const coded = category === "tardy" && world.drifted(learner.school, day) ? "absent" : category;
  out.attendance.row([learner.studentId, dateOf(day), coded, String(excused), reason, dateOf(day + lag)]);
}

function excuse(u: number): string {
  if (u < 0.65) return "illness";
  return u < 0.85 ? "appointment" : "family";
}

/** Someone whom an incident can name as victim or witness: a learner of the same school generated shortly before. */
export interface Bystander {
  readonly studentId: string;
  /** First and last day at the school, in either year. */
  readonly stays: readonly { readonly from: number; readonly to: number }[];
}

/** Incidents of one week in which the learner is the one who did it, with victims and witnesses. */
export function misbehave(
  learner: Learner,
  week: SchoolWeek,
  engagement: number,
  stream: Random,
  out: ExportRows,
  bystanders: readonly Bystander[],
): void {
  const rate = Math.exp(-4.1 - 0.75 * engagement + learner.temper);
  if (stream.next() >= 1 - Math.exp(-rate)) return;
  const day = week.days[stream.integer(week.days.length)]!;
  const u = stream.next();
  const severity = u < 0.05 ? "state-offense" : u < 0.55 ? "conduct" : "minor";
  const action = sanction(severity, learner, stream);
  const known = day + (stream.next() < 0.2 ? 1 + stream.integer(6) : 0);
  const other = stream.next();
  const pick = stream.next();
  const participation = other < 0.35 ? "victim" : other < 0.55 ? "witness" : other < 0.62 ? "reporter" : undefined;
  if (known > out.cutoff) return;
  const incident = `inc-${learner.studentId}-${day}`;
  const row = (student: string, part: string, what: string): void =>
    out.behavior.row([incident, student, dateOf(day), severity, part, what, dateOf(known)]);
  row(learner.studentId, "perpetrator", action);
  if (participation === undefined) return;
  const present = bystanders.filter((one) => one.stays.some(({ from, to }) => from <= day && day <= to));
  const chosen = present[Math.floor(pick * present.length)];
  if (chosen !== undefined) row(chosen.studentId, participation, "");
}

/** Chance of suspension for conduct: of everybody, and of black learners in the biased school. */
export const CONDUCT_SUSPENSION = 0.2;
/** See {@link CONDUCT_SUSPENSION}. */
export const BIASED_SUSPENSION = 0.5;

/** What follows an incident. In the biased school black learners are suspended more often for the same conduct. */
function sanction(severity: string, learner: Learner, stream: Random): string {
  const u = stream.next();
  const biased = learner.school === BIASED_SCHOOL && learner.race === 1;
  const suspended =
    severity === "state-offense"
      ? 0.85
      : severity === "conduct"
        ? biased
          ? BIASED_SUSPENSION
          : CONDUCT_SUSPENSION
        : biased
          ? 0.15
          : 0.02;
  if (u < suspended) return "out-of-school-suspension";
  return u < suspended + 0.1 ? "in-school-suspension" : u < 0.75 ? "detention" : "conference";
}

const scales = ["persistence", "self-management", "belonging"] as const;
const ITEMS_PER_SCALE = 4;
/** Weeks of the year in which the survey is taken. */
export const surveyWeeks: readonly number[] = [6, 29];

/** One administration of the survey. */
export function answerSurvey(
  learner: Learner,
  week: SchoolWeek,
  levels: { readonly trait: number; readonly engagement: number; readonly persistence: number },
  stream: Random,
  out: ExportRows,
): void {
  const day = week.days[Math.min(2, week.days.length - 1)]! + (stream.next() < 0.3 ? -1 : 0);
  const known = day + stream.integer(10);
  const present = stream.next() < logistic(2 + 0.5 * levels.engagement);
  const means = [levels.persistence, levels.trait, 0.7 * levels.engagement + 0.7 * stream.normal()];
  for (const [index, scale] of scales.entries()) {
    const common = 0.5 * stream.normal(); // this day's mood
    for (let item = 1; item <= ITEMS_PER_SCALE; item++) {
      const latent = 3.3 + 0.7 * means[index]! + 0.5 * common + 0.8 * stream.normal();
      const answered = stream.next() < 0.97;
      if (!present || !answered || known > out.cutoff) continue;
      const answer = Math.round(clamp(latent, 1, 5));
      out.survey.row([
        learner.studentId,
        dateOf(day),
        "school-climate",
        scale,
        `${scale}-${item}`,
        answer,
        dateOf(known),
      ]);
    }
  }
}
