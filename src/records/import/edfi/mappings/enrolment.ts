import type { Body } from "../body.ts";
import type { EdFiContext, ResourceMapping } from "../mapping.ts";
import { keyOf, orgId, periodName, record, staffOf, studentOf } from "../mapping.ts";
import { edFiTargets as targets } from "../targets.ts";
import { readExit, readGradeLevel } from "../vocabularies.ts";
import { sectionKey } from "./school.ts";

/**
 * Enrolments in schools. The school year's days are those of the school's sessions of that year, else July to June; when the
 * body names no year, it is the one the entry falls into, a year beginning in July.
 */
export const schoolEnrolments: ResourceMapping = {
  resource: "studentSchoolAssociations",
  targets: [targets.enrolment, targets.studentRole],
  map(body, context) {
    const student = studentOf(body);
    const entered = body.requiredDate("entryDate");
    const exited = body.date("exitWithdrawDate");
    const year = schoolYear(body, entered);
    const days = daysOfYear(body, context, year);
    const modified = body.dateOfMoment("_lastModifiedDate");
    const org = keyOf(context, orgId(body, "schoolReference.schoolId", true));
    const values = [
      org,
      periodName(year),
      days.begins,
      days.ends,
      readGradeLevel(body.descriptor("entryGradeLevelDescriptor")),
      entered,
      exited,
      readExit(body, body.descriptor("exitWithdrawTypeDescriptor")),
      exited === null ? (modified ?? entered) : entered,
      exited === null ? null : (modified ?? exited),
    ];
    const id = body.key(
      "studentSchoolAssociations",
      ["studentReference.studentUniqueId", "schoolReference.schoolId", "entryDate"],
      true,
    );
    const extra = { person: student, ownDate: entered, validFrom: entered, validTo: exited };
    const role = [org, "student", null, body.boolean("primarySchool"), entered, exited];
    return [
      record(body, context, targets.enrolment, id, values, extra),
      record(body, context, targets.studentRole, id, role, extra),
    ];
  },
};

function schoolYear(body: Body, entered: string): number {
  const said = body.either("schoolYearTypeReference.schoolYear", "calendarReference.schoolYear");
  if (said !== null) return Number(said);
  body.lenient("schoolYearTypeReference: no school year, taken from the day of entry");
  return Number(entered.slice(0, 4)) + (entered.slice(5, 7) >= "07" ? 1 : 0);
}

function daysOfYear(body: Body, context: EdFiContext, year: number): { begins: string; ends: string } {
  const prefix = `sessions/${body.text("schoolReference.schoolId")}/${year}/`;
  let begins: string | undefined;
  let ends: string | undefined;
  for (const [id, days] of context.kept.all("terms")) {
    if (!id.startsWith(prefix)) continue;
    const [from, to] = [String(days.begins), String(days.ends)];
    if (begins === undefined || from < begins) begins = from;
    if (ends === undefined || to > ends) ends = to;
  }
  if (begins !== undefined && ends !== undefined) return { begins, ends };
  body.lenient("schoolReference: no session of that year in the record, its days taken as July to June");
  return { begins: `${year - 1}-07-01`, ends: `${year}-06-30` };
}

/** Someone in a section, as student or teacher. */
function sectionEnrolment(
  resource: string,
  person: "students" | "staffs",
  roleOf: (body: Body) => string,
): ResourceMapping {
  const target = person === "students" ? targets.studentSection : targets.staffSection;
  const reference = person === "students" ? "studentReference.studentUniqueId" : "staffReference.staffUniqueId";
  return {
    resource,
    targets: [target],
    map(body, context) {
      const ref = person === "students" ? studentOf(body) : staffOf(body);
      const begins = person === "students" ? body.requiredDate("beginDate") : body.date("beginDate");
      const ends = body.date("endDate");
      const modified = body.dateOfMoment("_lastModifiedDate");
      const section = sectionKey(body, context, "sectionReference", true);
      const values = [
        section,
        keyOf(context, orgId(body, "sectionReference.schoolId")),
        roleOf(body),
        begins,
        ends,
        null,
        ends === null ? (modified ?? begins) : (begins ?? modified),
        ends === null ? null : (modified ?? ends),
      ];
      body.required(reference);
      const id =
        section === null
          ? null
          : [resource, ref, section.slice(context.session.source.length + 1), begins ?? ""].join("/");
      const extra = { person: ref, ownDate: begins, validFrom: begins, validTo: ends };
      return [record(body, context, target, id, values, extra)];
    },
  };
}

/** Students and staff in sections. */
export const sectionEnrolments: readonly ResourceMapping[] = [
  sectionEnrolment("studentSectionAssociations", "students", () => "student"),
  sectionEnrolment("staffSectionAssociations", "staffs", (body) =>
    // Only the teacher of record, and those who stand in or support, teach; nobody else appears in this resource.
    body.descriptor("classroomPositionDescriptor")?.code === "Assistant Teacher" ? "aide" : "teacher",
  ),
];
