import { dateOf } from "./calendar.ts";
import { BIASED_SCHOOL, BIASED_SUSPENSION, CONDUCT_SUSPENSION } from "./conduct.ts";
import { BIASED_POINTS, GRADING_DRIFT } from "./coursework.ts";
import type { ExportRows } from "./export-rows.ts";
import { DRILL_POINTS, TUTORING_POINTS } from "./interventions.ts";
import { schoolId } from "./user-rows.ts";
import { DRIFT_FROM, DRIFTING_SCHOOL, type World } from "./world.ts";

/** The truth about what was planted: biases, drift and effects, each with its place, group, size and day. */
export function writePlanted(out: ExportRows, world: World): void {
  const plant = (kind: string, school: string, group: string, size: number, unit: string, from: string, what: string) =>
    out.truth.planted.row([kind, school, group, size, unit, from, what]);
  const biased = schoolId(BIASED_SCHOOL);
  const more = Math.round(100 * (BIASED_SUSPENSION - CONDUCT_SUSPENSION)) / 100;
  plant("bias", biased, "black", more, "probability", "", "suspension for conduct");
  plant("bias", biased, "male", -BIASED_POINTS, "points", "", "English homework, quizzes and exams");
  if (world.options.drift) {
    const [school, from] = [schoolId(DRIFTING_SCHOOL), dateOf(DRIFT_FROM)];
    plant("drift", school, "", GRADING_DRIFT, "points", from, "homework, quizzes and exams");
    plant("drift", school, "", 1, "share", from, "tardy learners are coded absent");
  }
  if (!world.options.interventions) return;
  plant("effect", "", "ability below 0", TUTORING_POINTS, "points", "", "int-tutoring");
  plant("effect", "", "ability from 0", 0, "points", "", "int-tutoring");
  plant("effect", "", "", 0, "points", "", "int-planner");
  plant("effect", "", "", DRILL_POINTS, "points", "", "int-drill");
}
