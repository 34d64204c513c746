import type { Random } from "../../src/numeric/random.ts";
import { dateOf, type SchoolWeek } from "./calendar.ts";
import type { ExportFiles } from "./export-files.ts";
import type { Learner } from "./learner.ts";
import { absenceChance } from "./outcome.ts";
import { clamp, logistic } from "./parameters.ts";

/** The school (its position) with the two planted biases: suspensions and marks in English. */
export const BIASED_SCHOOL = 1;

/** Attendance of one week: exceptions go to the export; returns the absent days. */
export function attendWeek(
  learner: Learner,
  week: SchoolWeek,
  engagement: number,
  stream: Random,
  out: ExportFiles,
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
    const excused = stream.next() < logistic(0.9 + 0.7 * engagement);
    const reason = excused ? excuse(stream.next()) : stream.next() < 0.7 ? "" : "unknown";
    const lag = stream.next() < 0.08 ? 1 + stream.integer(5) : 0;
    const cells = [learner.studentId, dateOf(day), category, String(excused), reason, dateOf(day + lag)];
    if (day + lag <= out.cutoff) out.attendance.row(cells);
  }
  return absent;
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
  out: ExportFiles,
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

/** What follows an incident. In the biased school black learners are suspended more often for the same conduct. */
function sanction(severity: string, learner: Learner, stream: Random): string {
  const u = stream.next();
  const biased = learner.school === BIASED_SCHOOL && learner.race === 1;
  const suspended =
    severity === "state-offense" ? 0.85 : severity === "conduct" ? (biased ? 0.5 : 0.2) : biased ? 0.15 : 0.02;
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
  levels: { readonly trait: number; readonly engagement: number },
  stream: Random,
  out: ExportFiles,
): void {
  const day = week.days[Math.min(2, week.days.length - 1)]! + (stream.next() < 0.3 ? -1 : 0);
  const known = day + stream.integer(10);
  const present = stream.next() < logistic(2 + 0.5 * levels.engagement);
  const means = [learner.persistence, levels.trait, 0.7 * levels.engagement + 0.7 * stream.normal()];
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
