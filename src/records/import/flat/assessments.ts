import type { Row } from "../core/row.ts";
import { schoolTargets } from "../core/school-targets.ts";
import { readGrade } from "../core/values.ts";
import type { FlatContext, FlatProfile, FlatRecord } from "./profile.ts";
import { recordedOn } from "./profile.ts";

/** What a result and its sub-scores share. */
interface Sitting {
  readonly student: string;
  readonly date: string;
  readonly ownDate: string | null;
  readonly key: readonly string[];
}

/** One row a result, or, with `part` filled, a sub-score of the same student's result of the same test and day. */
export const assessments: FlatProfile = {
  target: schoolTargets.assessmentResult,
  targets: [schoolTargets.assessment, schoolTargets.assessmentResult, schoolTargets.subResult],
  columns: [
    "student_id",
    "assessment_id",
    "title",
    "subject",
    "family",
    "date",
    "score",
    "score_kind",
    "standard_error",
    "percentile",
    "performance_level",
    "validity",
    "part",
    "part_kind",
    "standard",
    "recorded_on",
    // What vendors' files say beyond it.
    "kind",
    "edition",
    "sensitive",
    "sitting",
    "grade_tested",
    "score_text",
    "minutes",
    "validity_raw",
    "mastery",
    "scores",
  ],
  required: ["student_id", "assessment_id", "date"],
  read(row, context) {
    const student = row.required("student_id");
    const test = row.required("assessment_id");
    const date = row.requiredDate("date");
    const sitting = row.text("sitting");
    const key = [student, test, date, ...(sitting === null ? [] : [sitting])];
    const taken: Sitting = { student, date, key, ownDate: recordedOn(row, date) };
    if (row.text("part") !== null) return subResult(row, taken, context);
    return [definition(row, test), result(row, test, taken, context)];
  },
};

function definition(row: Row, test: string): FlatRecord {
  const said = (column: string): string | null => row.text(column);
  return {
    target: schoolTargets.assessment,
    definition: true,
    key: [test],
    ownDate: null,
    values: [
      test,
      said("title"),
      said("family"),
      said("kind"),
      said("subject"),
      null,
      said("edition"),
      row.boolean("sensitive") ?? false,
    ],
  };
}

function result(row: Row, test: string, { student, date, key, ownDate }: Sitting, context: FlatContext): FlatRecord {
  const grade = row.text("grade_tested");
  const validity = row.word("validity", ["valid", "rushed", "invalid"]);
  return {
    target: schoolTargets.assessmentResult,
    key,
    student,
    ownDate,
    validFrom: date,
    validTo: date,
    values: [
      context.recordKey([test]),
      date,
      grade === null ? null : readGrade(grade),
      row.number("score"),
      row.text("score_text"),
      row.text("score_kind"),
      row.number("standard_error", { minimum: 0 }),
      row.number("percentile", { minimum: 0, maximum: 100 }),
      row.text("performance_level"),
      row.number("minutes", { minimum: 0 }),
      validity,
      row.text("validity_raw") ?? row.text("validity"),
      null,
      row.text("scores"),
    ],
  };
}

function subResult(row: Row, { student, date, key, ownDate }: Sitting, context: FlatContext): FlatRecord {
  const part = row.required("part");
  const kind = row.requiredWord("part_kind", ["objective", "skill-area", "standard"]);
  return {
    target: schoolTargets.subResult,
    key: [...key, kind, part],
    student,
    ownDate,
    validFrom: date,
    validTo: date,
    values: [
      context.recordKey(key),
      part,
      kind,
      row.text("standard"),
      date,
      row.number("score"),
      row.text("score_text"),
      row.text("score_kind"),
      row.text("performance_level"),
      row.number("mastery", { minimum: 0, maximum: 1 }),
    ],
  };
}
