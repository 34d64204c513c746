import type { Body } from "../body.ts";
import type { EdFiContext, EdFiRecord, ResourceMapping } from "../mapping.ts";
import { gradingPeriodId, keyOf, record, sectionId, studentOf } from "../mapping.ts";
import { edFiTargets as targets } from "../targets.ts";
import { readGradeKind } from "../vocabularies.ts";

const enrolment = "studentSectionAssociationReference";

/** Marks of courses, and per-standard marks as observations of the teacher. */
export const grades: ResourceMapping = {
  resource: "grades",
  targets: [targets.courseGrade, targets.observation],
  map(body, context) {
    const student = body.key("students", [`${enrolment}.studentUniqueId`], true) ?? "";
    const section = sectionId(body, enrolment, true);
    const period = gradingPeriodId(body, "gradingPeriodReference", true);
    const type = body.descriptor("gradeTypeDescriptor");
    body.required("gradeTypeDescriptor");
    const onDate = markedOn(body, body.date("currentGradeAsOfDate"), context.kept.get("terms", period)?.ends ?? null);
    const values = [
      null,
      keyOf(context, section),
      keyOf(context, period),
      readGradeKind(body, type),
      type?.raw ?? null,
      body.text("letterGradeEarned"),
      body.number("numericGradeEarned"),
      null,
      null,
      onDate,
    ];
    const id = ["grades", student, section, period, type?.code ?? "", body.text(`${enrolment}.beginDate`) ?? ""].join(
      "/",
    );
    const extra = { person: student, ownDate: onDate, validFrom: onDate };
    return [
      record(body, context, targets.courseGrade, id, values, extra),
      ...standardGrades(body, context, id, student, onDate),
    ];
  },
};

/** The day of a mark: what the body says, else the end of its term. */
function markedOn(body: Body, said: string | null, termEnds: string | number | boolean | null): string {
  if (said !== null) return said;
  if (typeof termEnds === "string") return termEnds;
  body.fail(
    "gradingPeriodReference",
    "DANGLING",
    "expected a term in the record that dates the mark, got one that is not there",
  );
  return "";
}

function standardGrades(body: Body, context: EdFiContext, id: string, student: string, onDate: string): EdFiRecord[] {
  return body.items("learningStandardGrades").flatMap((item) => {
    const standard = item.required("learningStandardReference.learningStandardId");
    const numeric = item.number("numericGradeEarned");
    if (numeric === null || numeric < 0 || numeric > 100) {
      body.lenient("learningStandardGrades: a mark without a number from 0 to 100, no evidence of a standard");
      return [];
    }
    const level =
      item.text("letterGradeEarned") ?? item.descriptor("performanceBaseConversionDescriptor")?.code ?? null;
    const values = [standard, onDate, numeric / 100, level, "teacher", "learning standard grade"];
    return record(body, context, targets.observation, `${id}/${standard}`, values, {
      person: student,
      ownDate: onDate,
    });
  });
}

const academicRecord = "studentAcademicRecordReference";

/** The last day of a transcript's term: the end of the organisation's session of that term, else the end of June. */
function endOfTerm(
  body: Body,
  context: EdFiContext,
  org: string,
  yearPath: string,
): { termKey: string | null; day: string } {
  const year = body.required(yearPath);
  const term = body.descriptor(
    yearPath.startsWith(academicRecord) ? `${academicRecord}.termDescriptor` : "termDescriptor",
  );
  const prefix = `sessions/${org}/${year}/`;
  for (const [id, days] of context.kept.all("terms")) {
    if (id.startsWith(prefix) && term !== null && id.endsWith(term.code))
      return { termKey: id, day: String(days.ends) };
  }
  body.lenient("termDescriptor: no session of that name in the record, dated at the end of June");
  return { termKey: null, day: `${year}-06-30` };
}

/** Courses of the transcript, with their credits. */
export const courseTranscripts: ResourceMapping = {
  resource: "courseTranscripts",
  targets: [targets.courseGrade],
  map(body, context) {
    const student = body.key("students", [`${academicRecord}.studentUniqueId`], true) ?? "";
    const org = body.required(`${academicRecord}.educationOrganizationId`);
    const { termKey, day } = endOfTerm(body, context, org, `${academicRecord}.schoolYear`);
    const courseFields = ["courseReference.educationOrganizationId", "courseReference.courseCode"];
    const course = body.key("courses", courseFields, true);
    const values = [
      keyOf(context, course),
      null,
      keyOf(context, termKey),
      "final",
      body.text("courseAttemptResultDescriptor"),
      body.text("finalLetterGradeEarned"),
      body.number("finalNumericGradeEarned"),
      body.number("attemptedCredits"),
      body.number("earnedCredits"),
      day,
    ];
    const id = body.key(
      "courseTranscripts",
      [
        `${academicRecord}.studentUniqueId`,
        `${academicRecord}.educationOrganizationId`,
        `${academicRecord}.schoolYear`,
        `${academicRecord}.termDescriptor`,
        ...courseFields,
        "courseAttemptResultDescriptor",
      ],
      true,
    );
    return [record(body, context, targets.courseGrade, id, values, { person: student, ownDate: day, validFrom: day })];
  },
};

/** What a transcript says of a term or of all so far, with the recognitions and diplomas it lists. */
export const academicRecords: ResourceMapping = {
  resource: "studentAcademicRecords",
  targets: [targets.academicSummary, targets.achievement, targets.credential],
  map(body, context) {
    const student = studentOf(body);
    const orgPath = "educationOrganizationReference.educationOrganizationId";
    const org = body.required(orgPath);
    const yearPath = "schoolYearTypeReference.schoolYear";
    const { termKey, day } = endOfTerm(body, context, org, yearPath);
    const [own, cumulative] = averages(body);
    const values = [
      body.integer(yearPath),
      keyOf(context, termKey),
      own,
      cumulative,
      body.number("sessionEarnedCredits"),
      body.number("cumulativeEarnedCredits"),
      day,
    ];
    const id = body.key(
      "studentAcademicRecords",
      ["studentReference.studentUniqueId", orgPath, yearPath, "termDescriptor"],
      true,
    );
    const extra = { person: student, ownDate: day };
    return [
      record(body, context, targets.academicSummary, id, values, { ...extra, validFrom: day }),
      ...recognitions(body, context, id, student, day),
      ...diplomas(body, context, id, student, org),
    ];
  },
};

/** The average of the term and of all terms; before Data Standard 4 two fields of their own. */
function averages(body: Body): [number | null, number | null] {
  const listed = body.items("gradePointAverages");
  if (listed.length === 0) return [body.number("sessionGradePointAverage"), body.number("cumulativeGradePointAverage")];
  const value = (cumulative: boolean): number | null =>
    listed.find((item) => (item.boolean("isCumulative") ?? false) === cumulative)?.number("gradePointAverageValue") ??
    null;
  return [value(false), value(true)];
}

function recognitions(body: Body, context: EdFiContext, id: string | null, student: string, day: string): EdFiRecord[] {
  const listed = [
    ...body
      .items("recognitions")
      .map((item) => ({ item, type: "recognitionTypeDescriptor", date: "recognitionAwardDate" })),
    ...body
      .items("academicHonors")
      .map((item) => ({ item, type: "academicHonorCategoryDescriptor", date: "honorAwardDate" })),
  ];
  return listed.map(({ item, type, date }, i) => {
    const kind = item.descriptor(type)?.code ?? "recognition";
    const title = item.either("achievementTitle", "recognitionDescription", "honorDescription") ?? kind;
    const given = item.date(date) ?? day;
    const values = [
      `${id}/${kind}/${i}`,
      item.descriptor("achievementCategoryDescriptor")?.code ?? kind,
      title,
      null,
      given,
    ];
    return record(body, context, targets.achievement, `${id}/${kind}/${i}`, values, {
      person: student,
      ownDate: given,
    });
  });
}

function diplomas(body: Body, context: EdFiContext, id: string | null, student: string, org: string): EdFiRecord[] {
  return body.items("diplomas").map((item) => {
    const type = item.descriptor("diplomaTypeDescriptor")?.code ?? "diploma";
    const given = item.requiredDate("diplomaAwardDate");
    const values = [
      `${id}/${type}/${given}`,
      "certificate",
      item.text("achievementTitle") ?? type,
      item.text("diplomaDescription"),
      item.descriptor("diplomaLevelDescriptor")?.code ?? type,
      keyOf(context, `educationOrganizations/${org}`),
      item.text("issuerName"),
      given,
      item.date("diplomaAwardExpiresDate"),
    ];
    return record(body, context, targets.credential, `${id}/${type}/${given}`, values, {
      person: student,
      ownDate: given,
    });
  });
}

/** Steps towards college: an application, an acceptance, an enrolment. */
export const postSecondaryEvents: ResourceMapping = {
  resource: "postSecondaryEvents",
  targets: [targets.readinessMilestone],
  map(body, context) {
    const student = studentOf(body);
    const onDate = body.requiredDate("eventDate");
    const milestone = body.descriptor("postSecondaryEventCategoryDescriptor")?.code ?? "post-secondary event";
    const id = body.key(
      "postSecondaryEvents",
      ["studentReference.studentUniqueId", "postSecondaryEventCategoryDescriptor", "eventDate"],
      true,
    );
    const values = ["college", milestone, "met", onDate];
    return [record(body, context, targets.readinessMilestone, id, values, { person: student, ownDate: onDate })];
  },
};
