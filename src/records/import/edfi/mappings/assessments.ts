import { readDuration } from "../../core/values.ts";
import type { Body } from "../body.ts";
import type { EdFiContext, EdFiRecord, ResourceMapping } from "../mapping.ts";
import { assessmentId, keptRecord, keyOf, record, studentOf } from "../mapping.ts";
import { edFiTargets as targets } from "../targets.ts";
import { readGradeLevel } from "../vocabularies.ts";

/** Screeners of behavior, feelings and personality: kept under extra protection. */
const sensitiveCategories = /psychological|personality|social and emotional|behavior|attitud/i;

/** Tests. */
export const assessments: ResourceMapping = {
  resource: "assessments",
  targets: [targets.assessment],
  map(body, context) {
    const subject = body.items("academicSubjects")[0]?.descriptor("academicSubjectDescriptor");
    const grade = body
      .items("assessedGradeLevels")
      .map((item) => readGradeLevel(item.descriptor("gradeLevelDescriptor")));
    const category = body.descriptor("assessmentCategoryDescriptor")?.code ?? null;
    const values = [
      body.required("assessmentIdentifier"),
      body.text("assessmentTitle"),
      body.text("assessmentFamily"),
      category,
      subject?.code ?? null,
      grade.length === 1 ? (grade[0] ?? null) : null,
      body.either("assessmentVersion", "assessmentForm"),
      sensitiveCategories.test(`${category ?? ""} ${body.text("assessmentTitle") ?? ""}`),
    ];
    return [record(body, context, targets.assessment, assessmentId(body, "", true), values)];
  },
};

/** A part of a test (an objective, an item) and the standard it is about, when it is about one. */
function partOfTest(resource: string): ResourceMapping {
  return {
    resource,
    targets: [targets.kept],
    map(body, context) {
      const id = partId(body, resource, "", "assessmentReference");
      const standards = body
        .items("learningStandards")
        .flatMap((item) => item.text("learningStandardReference.learningStandardId") ?? []);
      const cells = {
        code: body.required("identificationCode"),
        description: body.either("description", "nomenclature", "itemText"),
        standard: standards.length === 1 ? standards[0]! : null,
        standards: standards.join(" "),
        maximum: body.number("maxRawScore"),
      };
      return [keptRecord(body, context, resource, id, cells)];
    },
  };
}

/** Objectives and items. */
export const partsOfTests: readonly ResourceMapping[] = [
  partOfTest("objectiveAssessments"),
  partOfTest("assessmentItems"),
];

function partId(body: Body, resource: string, reference: string, test: string): string | null {
  const at = reference === "" ? "" : `${reference}.`;
  const fields = [`${test}.namespace`, `${test}.assessmentIdentifier`, `${at}identificationCode`];
  return body.key(resource, fields, true);
}

interface Score {
  readonly kind: string;
  readonly text: string;
  readonly value: number | null;
}

function scoresOf(body: Body): Score[] {
  return body.items("scoreResults").map((item) => {
    const text = item.required("result");
    const value = Number(text);
    return {
      kind: item.descriptor("assessmentReportingMethodDescriptor")?.code ?? "score",
      text,
      value: text !== "" && Number.isFinite(value) ? value : null,
    };
  });
}

// The score that compares best across sittings first; a percentile and an error of measurement have columns of their own.
const preferred = [
  /scale score|vertical|rit|theta/i,
  /^(act score|college board)/i,
  /number score|composite/i,
  /raw score/i,
];
const besides = /percentile|standard error/i;

function mainScore(scores: readonly Score[]): Score | undefined {
  for (const method of preferred) {
    const found = scores.find(({ kind }) => method.test(kind));
    if (found !== undefined) return found;
  }
  return scores.find(({ kind }) => !besides.test(kind)) ?? scores[0];
}

function levelOf(body: Body): string | null {
  return body.items("performanceLevels")[0]?.descriptor("performanceLevelDescriptor")?.code ?? null;
}

/** Results of a sitting, of its objectives, and of its items, which are answers to questions about standards. */
export const studentAssessments: ResourceMapping = {
  resource: "studentAssessments",
  targets: [targets.assessmentResult, targets.subResult, targets.itemResponse],
  map(body, context) {
    const student = studentOf(body);
    const test = assessmentId(body, "assessmentReference", true);
    const onDate = body.dayOfSitting("administrationDate") ?? body.dayOfSitting("administrationEndDate");
    if (onDate === null) body.required("administrationDate");
    const scores = scoresOf(body);
    const main = mainScore(scores);
    const untested = body.descriptor("reasonNotTestedDescriptor");
    const circumstance = body.descriptor("eventCircumstanceDescriptor");
    const values = [
      keyOf(context, test),
      onDate,
      readGradeLevel(
        body.descriptor("whenAssessedGradeLevelDescriptor") ?? body.descriptor("assessedGradeLevelDescriptor"),
      ),
      main?.value ?? null,
      main?.text ?? null,
      main?.kind ?? null,
      scores.find(({ kind }) => /standard error/i.test(kind))?.value ?? null,
      scores.find(({ kind }) => /percentile/i.test(kind))?.value ?? null,
      levelOf(body),
      body.number("assessedMinutes", { minimum: 0 }),
      untested === null ? null : "invalid",
      untested?.raw ?? circumstance?.raw ?? null,
      body.items("accommodations").flatMap((item) => item.descriptor("accommodationDescriptor")?.code ?? []),
      JSON.stringify(Object.fromEntries(scores.map(({ kind, text, value }) => [kind, value ?? text]))),
    ];
    const own = "studentAssessmentIdentifier";
    const fields = ["studentReference.studentUniqueId", own];
    const id = body.key(
      "studentAssessments",
      ["assessmentReference.namespace", "assessmentReference.assessmentIdentifier", ...fields],
      true,
    );
    const extra = { person: student, ownDate: onDate, validFrom: onDate };
    return [
      record(body, context, targets.assessmentResult, id, values, extra),
      ...objectiveResults(body, context, id, student, onDate),
      ...itemResponses(body, context, id, student, onDate),
    ];
  },
};

function objectiveResults(
  body: Body,
  context: EdFiContext,
  id: string | null,
  student: string,
  sitting: string | null,
): EdFiRecord[] {
  return body.items("studentObjectiveAssessments").map((item) => {
    const reference = "objectiveAssessmentReference";
    const objective = partId(item, "objectiveAssessments", reference, reference);
    const known = context.kept.get("objectiveAssessments", objective);
    const scores = scoresOf(item);
    const main = mainScore(scores);
    const onDate = item.dayOfSitting("administrationDate") ?? sitting;
    const standard = typeof known?.standard === "string" ? known.standard : null;
    const part = item.text(`${reference}.identificationCode`) ?? "";
    const values = [
      keyOf(context, id),
      part,
      standard === null ? "objective" : "standard",
      standard,
      onDate,
      main?.value ?? null,
      main?.text ?? null,
      main?.kind ?? null,
      levelOf(item),
      mastery(main, known?.maximum),
    ];
    return record(body, context, targets.subResult, `${id}/${part}`, values, { person: student, ownDate: onDate });
  });
}

/** The share of the points of an objective, where it says how many there are and the score counts points. */
function mastery(score: Score | undefined, maximum: unknown): number | null {
  if (score?.value == null || typeof maximum !== "number" || maximum <= 0 || !/raw score/i.test(score.kind))
    return null;
  const share = score.value / maximum;
  return share >= 0 && share <= 1 ? share : null;
}

const answers: Readonly<Record<string, number | null>> = { correct: 1, incorrect: 0 };

function itemResponses(
  body: Body,
  context: EdFiContext,
  id: string | null,
  student: string,
  sitting: string | null,
): EdFiRecord[] {
  return body.items("items").map((item) => {
    const reference = "assessmentItemReference";
    const known = context.kept.get("assessmentItems", partId(item, "assessmentItems", reference, reference));
    const code = item.text(`${reference}.identificationCode`) ?? "";
    const said = item.descriptor("assessmentItemResultDescriptor")?.code.toLowerCase() ?? "";
    const points = item.number("rawScoreResult");
    const worth = typeof known?.maximum === "number" ? known.maximum : null;
    const partial = points !== null && worth !== null && worth > 0 ? Math.min(1, Math.max(0, points / worth)) : null;
    const values = [
      `${item.text(`${reference}.assessmentIdentifier`) ?? ""}/${code}`,
      typeof known?.standard === "string" ? known.standard : null,
      `${sitting ?? ""} 00:00:00.000`,
      answers[said] ?? partial,
      1,
      null,
      readDuration(item.text("timeAssessed") ?? "") ?? null,
    ];
    return record(body, context, targets.itemResponse, `${id}/${code}`, values, { person: student, ownDate: sitting });
  });
}
