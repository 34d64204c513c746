import type { Body } from "../body.ts";
import { codeOf } from "../body.ts";
import type { EdFiContext, EdFiRecord, ResourceMapping } from "../mapping.ts";
import { gradingPeriodId, keptRecord, keyOf, orgId, record, sectionId, sessionId } from "../mapping.ts";
import { edFiTargets as targets } from "../targets.ts";
import { isInstructional, readGradeLevel, readTermKind } from "../vocabularies.ts";

/** A kind of organisation: its resource, its own id field, what the record calls it, and the fields of what it is part of. */
function organisation(resource: string, id: string, kind: string, parents: readonly string[]): ResourceMapping {
  return {
    resource,
    targets: [targets.org],
    map(body, context) {
      const parent = body.either(...parents);
      const values = [
        body.required("nameOfInstitution"),
        kind,
        identifier(body) ?? body.text(id),
        parent === null ? null : keyOf(context, `educationOrganizations/${parent}`),
      ];
      return [record(body, context, targets.org, orgId(body, id, true), values)];
    },
  };
}

/** The number of the national register, where the source has it: it is the one that other systems know. */
function identifier(body: Body): string | null {
  const codes = body.items("identificationCodes");
  const national = codes.find((code) =>
    codeOf(code.text("educationOrganizationIdentificationSystemDescriptor") ?? "").startsWith("NCES"),
  );
  return national?.text("identificationCode") ?? null;
}

const agency = "localEducationAgencyReference.localEducationAgencyId";

/** Organisations: the agencies above first, then the schools. */
export const organisations: readonly ResourceMapping[] = [
  organisation("stateEducationAgencies", "stateEducationAgencyId", "state", []),
  organisation("educationServiceCenters", "educationServiceCenterId", "local", [
    "stateEducationAgencyReference.stateEducationAgencyId",
  ]),
  organisation("localEducationAgencies", "localEducationAgencyId", "district", [
    "parentLocalEducationAgencyReference.localEducationAgencyId",
    "educationServiceCenterReference.educationServiceCenterId",
    "stateEducationAgencyReference.stateEducationAgencyId",
  ]),
  organisation("organizationDepartments", "organizationDepartmentId", "department", [
    "parentEducationOrganizationReference.educationOrganizationId",
  ]),
  organisation("schools", "schoolId", "school", [agency]),
];

/** Sessions, which say which grading periods they have. */
export const sessions: ResourceMapping = {
  resource: "sessions",
  targets: [targets.term],
  map(body, context) {
    const id = body.key(
      "sessions",
      ["schoolReference.schoolId", "schoolYearTypeReference.schoolYear", "sessionName"],
      true,
    );
    for (const period of body.items("gradingPeriods")) {
      const key = gradingPeriodId(period, "gradingPeriodReference");
      if (key !== null && id !== null) context.kept.set("sessionOfPeriod", key, { session: id });
    }
    const kind = readTermKind(body.descriptor("termDescriptor"));
    return [term(body, context, id, body.text("sessionName"), kind, null)];
  },
};

/** Grading periods, children of the session that names them. */
export const gradingPeriods: ResourceMapping = {
  resource: "gradingPeriods",
  targets: [targets.term],
  map(body, context) {
    const school = ["schoolReference.schoolId", "schoolYearTypeReference.schoolYear"];
    const id =
      body.key("gradingPeriods", [...school, "gradingPeriodName"]) ??
      body.key("gradingPeriods", [...school, "gradingPeriodDescriptor", "periodSequence"], true);
    const title = body.text("gradingPeriodName") ?? body.descriptor("gradingPeriodDescriptor")?.code ?? null;
    const session = context.kept.get("sessionOfPeriod", id)?.session;
    return [term(body, context, id, title, "gradingPeriod", typeof session === "string" ? session : null)];
  },
};

function term(
  body: Body,
  context: EdFiContext,
  id: string | null,
  title: string | null,
  kind: string,
  parent: string | null,
): EdFiRecord {
  const begins = body.requiredDate("beginDate");
  const ends = body.requiredDate("endDate");
  if (begins !== "" && ends !== "" && ends < begins)
    body.fail("endDate", "BAD_VALUE", `expected an end on or after ${begins}, got ${ends}`);
  const year = body.integer("schoolYearTypeReference.schoolYear", { minimum: 1900, maximum: 2200 });
  if (id !== null && body.problem === undefined) context.kept.set("terms", id, { begins, ends, year });
  const values = [title, kind, begins, ends, keyOf(context, parent), year];
  return record(body, context, targets.term, id, values, { ownDate: begins, validFrom: begins, validTo: ends });
}

const calendarFields = (reference: string): string[] => [
  reference === "" ? "schoolReference.schoolId" : `${reference}.schoolId`,
  reference === "" ? "schoolYearTypeReference.schoolYear" : `${reference}.schoolYear`,
  reference === "" ? "calendarCode" : `${reference}.calendarCode`,
];

/** Calendars: whose they are. */
export const calendars: ResourceMapping = {
  resource: "calendars",
  targets: [targets.kept],
  map(body, context) {
    const id = body.key("calendars", calendarFields(""), true);
    const kind = body.descriptor("calendarTypeDescriptor")?.code ?? null;
    return [keptRecord(body, context, "calendars", id, { kind })];
  },
};

/** Days of calendars. A calendar made for single students says nothing about the days of their school. */
export const calendarDates: ResourceMapping = {
  resource: "calendarDates",
  targets: [targets.calendarDay, targets.kept],
  map(body, context) {
    const calendar = body.key("calendars", calendarFields("calendarReference"), true);
    const onDate = body.requiredDate("date");
    const id = calendar === null ? null : `${calendar.replace("calendars/", "calendarDates/")}/${onDate}`;
    const events = body.items("calendarEvents").flatMap((item) => item.descriptor("calendarEventDescriptor") ?? []);
    if (events.length === 0) body.fail("calendarEvents", "MISSING", "expected an event of the day, got none");
    const instructional = events.map((event) => isInstructional(body, event));
    const kind = context.kept.get("calendars", calendar)?.kind;
    if (kind === "Student Specific" || kind === "IEP") {
      body.lenient("a day in a calendar of single students: kept, and no day of the school's calendar");
      return [keptRecord(body, context, "calendarDates", id, { calendar, date: onDate })];
    }
    const values = [
      keyOf(context, orgId(body, "calendarReference.schoolId", true)),
      onDate,
      events.map(({ raw }) => raw).join(" "),
      // A day with school for some of its events is a day with school: attendance is taken.
      instructional.includes(true),
    ];
    return [record(body, context, targets.calendarDay, id, values, { ownDate: onDate })];
  },
};

/** Courses of the catalogue. */
export const courses: ResourceMapping = {
  resource: "courses",
  targets: [targets.course],
  map(body, context) {
    const org = "educationOrganizationReference.educationOrganizationId";
    const subjects = body
      .items("academicSubjects")
      .flatMap((item) => item.descriptor("academicSubjectDescriptor") ?? []);
    // Before Data Standard 5 a course had one subject.
    const single = body.descriptor("academicSubjectDescriptor");
    const all = subjects.length === 0 && single !== null ? [single] : subjects;
    const values = [
      body.required("courseTitle"),
      body.text("courseCode"),
      all.map(({ code }) => code),
      all.map(({ raw }) => raw),
      gradesOf(body, "offeredGradeLevels"),
      keyOf(context, orgId(body, org)),
    ];
    return [record(body, context, targets.course, body.key("courses", [org, "courseCode"], true), values)];
  },
};

function gradesOf(body: Body, list: string): string[] {
  return body.items(list).flatMap((item) => readGradeLevel(item.descriptor("gradeLevelDescriptor")) ?? []);
}

const offeringFields = ["schoolId", "schoolYear", "sessionName"];

/** Offerings tie a section's local course code to the course. */
export const courseOfferings: ResourceMapping = {
  resource: "courseOfferings",
  targets: [targets.kept],
  map(body, context) {
    const fields = [...offeringFields.map((field) => `sessionReference.${field}`), "localCourseCode"];
    const id = body.key("courseOfferings", fields, true);
    const course = body.key("courses", ["courseReference.educationOrganizationId", "courseReference.courseCode"], true);
    return [keptRecord(body, context, "courseOfferings", id, { course, title: body.text("localCourseTitle") })];
  },
};

/** Sections. */
export const sections: ResourceMapping = {
  resource: "sections",
  targets: [targets.section],
  map(body, context) {
    const at = "courseOfferingReference";
    const offering = body.key(
      "courseOfferings",
      [...offeringFields, "localCourseCode"].map((field) => `${at}.${field}`),
    );
    const known = context.kept.get("courseOfferings", offering);
    if (known === undefined) body.lenient("courseOfferingReference: no such offering, so no course");
    const session = sessionId(body, at, true);
    const own = body.key(
      "sections",
      [...offeringFields.map((field) => `${at}.${field}`), `${at}.localCourseCode`, "sectionIdentifier"],
      true,
    );
    const course = known?.course;
    const values = [
      body.text("sectionName") ??
        (typeof known?.title === "string" ? known.title : null) ??
        body.text(`${at}.localCourseCode`),
      body.text("sectionIdentifier"),
      "scheduled",
      keyOf(context, typeof course === "string" ? course : null),
      keyOf(context, orgId(body, `${at}.schoolId`)),
      session === null ? [] : [keyOf(context, session)!],
      gradesOf(body, "offeredGradeLevels"),
      null,
    ];
    return [record(body, context, targets.section, own, values)];
  },
};

/** The key of a section a body refers to. */
export function sectionKey(body: Body, context: EdFiContext, reference: string, required = false): string | null {
  return keyOf(context, sectionId(body, reference, required));
}
