import { takeColumns, takeRows } from "../../numeric/matrix.ts";
import { areaUnderRocScore } from "../../numeric/metrics/area-under-roc.ts";
import { random } from "../../numeric/random.ts";
import { type Figure, figureOf } from "../evaluation/evaluation.ts";
import { ouladBlend } from "./oulad-blend.ts";
import type { OuladRows } from "./oulad-rows.ts";

/** How the blend does on a course it has never seen. */
export interface UnseenCourse {
  readonly rows: number;
  readonly baseRate: number;
  /** Far from the base rate of the other courses, it is the alarm that a course is unlike them (handbook 2.2.8). */
  readonly meanProbability: number;
  readonly auc: Figure;
}

/**
 * Leaves out one course at a time: all presentations of the others train, all of its own are judged, and no column names the
 * course. What ranks learners of an unseen course is how they stand among each other.
 * @param rows - with the default columns
 * @see handbook early-warning 2.2.8
 */
export function evaluateUnseenCourses(rows: OuladRows, seed: string | number): Record<string, UnseenCourse> {
  const names = rows.features.filter((name) => name !== "course");
  const matrix = takeColumns(rows.matrix, names);
  const courseOf = rows.table.peerGroup.map((group) => group.slice(0, group.indexOf("/")));
  const take = (keep: (course: string) => boolean) => {
    const numbers = courseOf.flatMap((course, row) => (keep(course) ? [row] : []));
    return { matrix: takeRows(matrix, numbers), labels: Uint8Array.from(numbers, (row) => rows.labels[row]!) };
  };
  const results: Record<string, UnseenCourse> = {};
  for (const course of [...new Set(courseOf)].sort()) {
    const own = take((other) => other === course);
    const fitted = ouladBlend().fit(
      take((other) => other !== course),
      { rng: random(seed).derive(course) },
    );
    const probability = new Float64Array(own.labels.length);
    fitted.predict(own.matrix, probability);
    results[course] = {
      rows: own.labels.length,
      baseRate: mean(Float64Array.from(own.labels)),
      meanProbability: mean(probability),
      auc: figureOf(areaUnderRocScore(own.labels, probability)),
    };
  }
  return results;
}

const mean = (values: Float64Array): number => values.reduce((sum, value) => sum + value, 0) / values.length;
