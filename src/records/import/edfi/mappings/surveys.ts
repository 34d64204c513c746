import type { Body } from "../body.ts";
import type { ResourceMapping } from "../mapping.ts";
import { keptRecord, record } from "../mapping.ts";
import { edFiTargets as targets } from "../targets.ts";

const surveyFields = (reference: string): string[] => [`${reference}.namespace`, `${reference}.surveyIdentifier`];

/** Surveys: their titles name the instruments. */
export const surveys: ResourceMapping = {
  resource: "surveys",
  targets: [targets.kept],
  map(body, context) {
    const id = body.key("surveys", ["namespace", "surveyIdentifier"], true);
    return [keptRecord(body, context, "surveys", id, { title: body.text("surveyTitle") })];
  },
};

/** Questions: the section a question stands in is its scale. */
export const surveyQuestions: ResourceMapping = {
  resource: "surveyQuestions",
  targets: [targets.kept],
  map(body, context) {
    const id = body.key("surveyQuestions", [...surveyFields("surveyReference"), "questionCode"], true);
    const scale = body.text("surveySectionReference.surveySectionTitle");
    const values = body.items("responseChoices").flatMap((choice) => choice.number("numericValue") ?? []);
    const cells = {
      scale,
      question: body.text("questionText"),
      highest: values.length === 0 ? null : Math.max(...values),
    };
    return [keptRecord(body, context, "surveyQuestions", id, cells)];
  },
};

/** Who answered when. Names and addresses in a response are not kept: the student's reference is enough. */
export const surveyResponses: ResourceMapping = {
  resource: "surveyResponses",
  targets: [targets.keptOfStudent],
  map(body, context) {
    const id = body.key("surveyResponses", [...surveyFields("surveyReference"), "surveyResponseIdentifier"], true);
    const student = body.key("students", ["studentReference.studentUniqueId"]);
    const cells = { student, date: body.requiredDate("responseDate") };
    if (student !== null) return [keptRecord(body, context, "surveyResponses", id, cells, student)];
    // Its answers, in this delivery, are known to be nobody's.
    if (id !== null) context.kept.set("surveyResponses", id, cells);
    body.lenient("studentReference: a response of no student, not kept");
    return [];
  },
};

/** Answers, where a student gave them. */
export const surveyAnswers: ResourceMapping = {
  resource: "surveyQuestionResponses",
  targets: [targets.surveyAnswer],
  map(body, context) {
    const question = body.key(
      "surveyQuestions",
      [...surveyFields("surveyQuestionReference"), "surveyQuestionReference.questionCode"],
      true,
    );
    const response = body.key(
      "surveyResponses",
      [...surveyFields("surveyResponseReference"), "surveyResponseReference.surveyResponseIdentifier"],
      true,
    );
    const given = context.kept.get("surveyResponses", response);
    if (given === undefined) {
      if (body.problem === undefined)
        body.fail(
          "surveyResponseReference",
          "DANGLING",
          "expected a response in the record, got one that is not there",
        );
      return [];
    }
    if (typeof given.student !== "string") {
      body.lenient("surveyResponseReference: an answer of no student, not kept");
      return [];
    }
    const survey = body.key("surveys", surveyFields("surveyQuestionReference"));
    const title = context.kept.get("surveys", survey)?.title;
    const known = context.kept.get("surveyQuestions", question);
    const onDate = String(given.date);
    const values = [
      onDate,
      typeof title === "string" ? title : body.text("surveyQuestionReference.surveyIdentifier"),
      typeof known?.scale === "string" ? known.scale : "all",
      body.text("surveyQuestionReference.questionCode"),
      answer(body, known?.highest),
    ];
    const id = `surveyQuestionResponses/${response}/${question}`;
    return [record(body, context, targets.surveyAnswer, id, values, { person: given.student, ownDate: onDate })];
  },
};

/** The number of the choice on the record's scale of 1 to 5; other scales are stretched onto it when they say their end. */
function answer(body: Body, highest: unknown): number | null {
  if (body.boolean("noResponse") === true) return null;
  const said = body.items("values")[0]?.number("numericResponse") ?? body.number("numericResponse");
  if (said === null || said === undefined) return null;
  const end = typeof highest === "number" && highest > 1 ? highest : 5;
  if (said < 1 || said > end) {
    body.lenient("numericResponse: outside of the question's choices, no answer");
    return null;
  }
  return 1 + (4 * (said - 1)) / (end - 1);
}
