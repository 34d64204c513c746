import type { Body } from "../body.ts";
import type { EdFiContext, ResourceMapping } from "../mapping.ts";
import { gradingPeriodId, keyOf, record, studentOf } from "../mapping.ts";
import { edFiTargets as targets } from "../targets.ts";
import { sectionKey } from "./school.ts";

/** The id of a piece of work; before Data Standard 4 it had no identifier of its own and is not read. */
function workId(body: Body, reference: string): string | null {
  const at = reference === "" ? "" : `${reference}.`;
  return body.key("gradebookEntries", [`${at}namespace`, `${at}gradebookEntryIdentifier`], true);
}

/** Pieces of work, with the standards they are about. */
export const gradebookEntries: ResourceMapping = {
  resource: "gradebookEntries",
  targets: [targets.assignment, targets.assignmentStandard],
  map(body, context) {
    const id = workId(body, "");
    const assigned = body.date("dateAssigned");
    const maximum = body.number("maxPoints", { minimum: 0 });
    const type = body.descriptor("gradebookEntryTypeDescriptor");
    const due = body.date("dueDate");
    if (id !== null) context.kept.set("worth", id, { maximum, due: due ?? assigned });
    const values = [
      body.text("title"),
      /\b(exam|test)\b/i.test(type?.code ?? "") ? "exam" : "assignment",
      type?.code ?? null,
      type?.raw ?? null,
      sectionKey(body, context, "sectionReference", true),
      keyOf(context, gradingPeriodId(body, "gradingPeriodReference")),
      assigned,
      due,
      null,
      maximum === null ? null : 0,
      maximum,
    ];
    const records = [record(body, context, targets.assignment, id, values, { ownDate: assigned })];
    for (const item of body.items("learningStandards")) {
      const standard = item.required("learningStandardReference.learningStandardId");
      const tie = [keyOf(context, id), "unknown", standard];
      records.push(record(body, context, targets.assignmentStandard, `${id}/${standard}`, tie, { ownDate: assigned }));
    }
    return records;
  },
};

const statuses: Readonly<Record<string, string>> = {
  exempt: "exempt",
  graded: "fully graded",
  returned: "fully graded",
  "not submitted": "not submitted",
  missing: "not submitted",
  submitted: "submitted",
};

/**
 * What a student handed in. The score is the points earned where the work is worth points, else the numeric grade; a numeric
 * grade on work worth points is on another scale, so it stays a text.
 */
export const studentGradebookEntries: ResourceMapping = {
  resource: "studentGradebookEntries",
  targets: [targets.result],
  map(body, context) {
    const student = studentOf(body);
    const work = workId(body, "gradebookEntryReference");
    const submission = body.descriptor("submissionStatusDescriptor");
    const status = statuses[submission?.code.toLowerCase() ?? ""] ?? submission?.code.toLowerCase() ?? null;
    if (submission !== null && statuses[submission.code.toLowerCase()] === undefined)
      body.lenient("submissionStatusDescriptor: descriptor of the site's own, kept as it stands");
    const late = body.descriptor("assignmentLateStatusDescriptor");
    const handedIn = body.date("dateFulfilled") ?? presumedDay(body, context, work, status);
    const { score, text } = earned(body, context, work);
    const values = [
      keyOf(context, work),
      status,
      submission?.raw ?? null,
      score,
      body.text("letterGradeEarned") ?? text,
      handedIn,
      late === null ? null : late.code.toLowerCase() === "late",
      submission === null ? null : status === "not submitted",
      null,
      body.text("diagnosticStatement"),
    ];
    const id = work === null ? null : `studentGradebookEntries/${student}/${work}`;
    return [record(body, context, targets.result, id, values, { person: student, ownDate: handedIn })];
  },
};

/** Work that was marked was handed in: without a day of its own by the last change, else on the day it was due. */
function presumedDay(body: Body, context: EdFiContext, work: string | null, status: string | null): string | null {
  if (status !== "fully graded" && status !== "submitted") return null;
  body.lenient("dateFulfilled: none, taken from the last change or the day the work was due");
  const due = context.kept.get("worth", work)?.due;
  return body.dateOfMoment("_lastModifiedDate") ?? (typeof due === "string" ? due : null);
}

function earned(body: Body, context: EdFiContext, work: string | null): { score: number | null; text: string | null } {
  const points = body.number("pointsEarned");
  const grade = body.number("numericGradeEarned");
  const maximum = context.kept.get("worth", work)?.maximum ?? null;
  if (points !== null && maximum !== null) return { score: points, text: null };
  if (grade === null) return { score: points, text: null };
  if (maximum === null || maximum === 100) return { score: grade, text: null };
  body.lenient("numericGradeEarned: a grade on work that is worth points, kept as a text");
  return { score: null, text: String(grade) };
}
