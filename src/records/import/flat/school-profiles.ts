import { schoolTargets } from "../core/school-targets.ts";
import { assessments } from "./assessments.ts";
import type { FlatProfile } from "./profile.ts";
import { endOf, recordedOn, requiredNumber, toldOn } from "./profile.ts";

/** The names of the profiles of what a school certifies beside its rosters. */
export type SchoolProfileName =
  | "supports"
  | "course-grades"
  | "assessments"
  | "observations"
  | "interventions"
  | "intervention-assignments"
  | "doses";

const supportKinds = ["iep", "504", "english-learner", "meals", "title-i", "homeless", "gifted", "other"] as const;
const gradeKinds = ["grading-period", "semester", "final", "midterm", "progress", "exam", "conduct"] as const;

/** The profiles of supports, marks, tests, observations and interventions. */
export const schoolProfiles: Readonly<Record<SchoolProfileName, FlatProfile>> = {
  /** One row a support and the day it began. */
  supports: {
    target: schoolTargets.support,
    columns: ["student_id", "kind", "detail", "begins_on", "ends_on", "recorded_on"],
    required: ["student_id", "kind", "begins_on"],
    read(row, { receivedOn }) {
      const student = row.required("student_id");
      const kind = row.requiredWord("kind", supportKinds);
      const detail = row.text("detail");
      const begins = row.requiredDate("begins_on");
      const ends = endOf(row, "ends_on", begins);
      return {
        // Of the kind "other" a learner may have several at once, told apart by their details alone.
        key: [student, kind, begins, kind === "other" ? (detail ?? "") : ""],
        student,
        ownDate: toldOn(row, receivedOn, begins, ends),
        validFrom: begins,
        validTo: ends,
        values: [kind, row.text("kind"), detail, null, begins, ends],
      };
    },
  },
  /** One row a student, course and term; a letter, a number or credits, whatever the school gives. */
  "course-grades": {
    target: schoolTargets.courseGrade,
    columns: [
      "student_id",
      "course_id",
      "section_id",
      "term",
      "kind",
      "letter",
      "numeric",
      "numeric_maximum",
      "credits_attempted",
      "credits_earned",
      "date",
      "recorded_on",
    ],
    required: ["student_id", "course_id", "kind", "date"],
    read(row) {
      const student = row.required("student_id");
      const course = row.required("course_id");
      const [section, term] = [row.text("section_id"), row.text("term")];
      const kind = row.requiredWord("kind", gradeKinds);
      const date = row.requiredDate("date");
      const maximum = row.number("numeric_maximum", { minimum: 0 });
      const marks = [
        row.text("letter"),
        row.number("numeric", { minimum: 0 }),
        maximum,
        row.number("credits_attempted", { minimum: 0 }),
        row.number("credits_earned", { minimum: 0 }),
      ];
      if (marks.every((mark) => mark === null)) row.lenient("a mark without letter, number or credits");
      // Progress is told several times a term, and without a term the day alone tells two marks apart.
      const day = kind === "progress" || term === null ? date : "";
      return {
        key: [student, course, section ?? "", term ?? "", kind, day],
        student,
        ownDate: recordedOn(row, date),
        validFrom: date,
        values: [course, section, term, kind, row.text("kind"), ...marks, date],
      };
    },
  },
  assessments,
  /** One row a formative observation on one standard, entered by a teacher or a computer. */
  observations: {
    target: schoolTargets.observation,
    columns: ["student_id", "standard", "date", "score", "level", "entered_by", "kind", "recorded_on"],
    required: ["student_id", "standard", "date", "score"],
    read(row) {
      const student = row.required("student_id");
      const standard = row.required("standard");
      const date = row.requiredDate("date");
      const score = requiredNumber(row, "score", { minimum: 0, maximum: 1 });
      const enteredBy = row.word("entered_by", ["teacher", "computer"]);
      const kind = row.text("kind");
      return {
        key: [student, standard, date, enteredBy ?? "", kind ?? ""],
        student,
        ownDate: recordedOn(row, date),
        validFrom: date,
        validTo: date,
        values: [standard, date, score, row.text("level"), enteredBy, kind],
      };
    },
  },
  /** What a school has to offer. */
  interventions: {
    target: schoolTargets.intervention,
    columns: ["intervention_id", "name", "kind", "description", "minutes_per_dose"],
    required: ["intervention_id", "name"],
    read(row) {
      const id = row.required("intervention_id");
      const minutes = row.number("minutes_per_dose", { minimum: 0 });
      return {
        key: [id],
        ownDate: null,
        values: [id, row.required("name"), row.text("kind"), row.text("description"), minutes],
      };
    },
  },
  /** That a student is to get an intervention, from a day on. */
  "intervention-assignments": {
    target: schoolTargets.interventionAssignment,
    columns: [
      "student_id",
      "intervention_id",
      "begins_on",
      "ends_on",
      "reason",
      "standard",
      "group",
      "assigned_by",
      "recorded_on",
    ],
    required: ["student_id", "intervention_id", "begins_on"],
    read(row, { receivedOn }) {
      const student = row.required("student_id");
      const id = row.required("intervention_id");
      const begins = row.requiredDate("begins_on");
      const ends = endOf(row, "ends_on", begins);
      const why = [row.text("reason"), row.text("standard"), row.text("group"), row.text("assigned_by")];
      return {
        key: [student, id, begins],
        student,
        ownDate: toldOn(row, receivedOn, begins, ends),
        validFrom: begins,
        validTo: ends,
        values: [id, begins, ends, ...why],
      };
    },
  },
  /** One row a time an intervention was given, or missed. */
  doses: {
    target: schoolTargets.dose,
    columns: ["student_id", "intervention_id", "date", "minutes", "attended", "delivered_by", "recorded_on"],
    required: ["student_id", "intervention_id", "date"],
    read(row) {
      const student = row.required("student_id");
      const id = row.required("intervention_id");
      const date = row.requiredDate("date");
      return {
        key: [student, id, date],
        student,
        ownDate: recordedOn(row, date),
        validFrom: date,
        validTo: date,
        values: [id, date, row.number("minutes", { minimum: 0 }), row.boolean("attended"), row.text("delivered_by")],
      };
    },
  },
};
