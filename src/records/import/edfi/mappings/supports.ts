import type { Body } from "../body.ts";
import type { ResourceMapping } from "../mapping.ts";
import { record, studentOf } from "../mapping.ts";
import { edFiTargets as targets } from "../targets.ts";
import { readAttendance, readProgramKind } from "../vocabularies.ts";

const program = "programReference";

/** A kind of association with a programme; what it names no kind for follows from the programme's type. */
function programAssociation(resource: string, kind?: string, services?: string): ResourceMapping {
  return {
    resource,
    targets: [targets.support],
    map(body, context) {
      const student = studentOf(body);
      const type = body.descriptor(`${program}.programTypeDescriptor`);
      const begins = body.requiredDate("beginDate");
      const ends = body.date("endDate");
      const values = [
        kind ?? readProgramKind(type),
        type?.raw ?? null,
        body.required(`${program}.programName`),
        servicesOf(body, services),
        begins,
        ends,
      ];
      const id = body.key(
        resource,
        [
          "studentReference.studentUniqueId",
          `${program}.educationOrganizationId`,
          `${program}.programName`,
          `${program}.programTypeDescriptor`,
          "educationOrganizationReference.educationOrganizationId",
          "beginDate",
        ],
        true,
      );
      const extra = { person: student, ownDate: begins, validFrom: begins, validTo: ends };
      return [record(body, context, targets.support, id, values, extra)];
    },
  };
}

function servicesOf(body: Body, services: string | undefined): string[] {
  if (services === undefined) return [];
  const descriptor = `${services.replace(/s$/, "")}Descriptor`;
  // A list item holds its descriptor; in the bulk schema the field repeats the name of the list's item.
  return body.items(services).flatMap((item) => item.descriptor(descriptor)?.code ?? []);
}

/** Supports a learner is entitled to. What the programmes say about disabilities is left where it is: nothing here needs it. */
export const programAssociations: readonly ResourceMapping[] = [
  programAssociation("studentProgramAssociations"),
  programAssociation("studentSpecialEducationProgramAssociations", "iep", "specialEducationProgramServices"),
  programAssociation("studentSection504ProgramAssociations", "504"),
  programAssociation(
    "studentLanguageInstructionProgramAssociations",
    "english-learner",
    "languageInstructionProgramServices",
  ),
  programAssociation("studentSchoolFoodServiceProgramAssociations", "meals", "schoolFoodServiceProgramServices"),
  programAssociation("studentTitleIPartAProgramAssociations", "title-i", "titleIPartAProgramServices"),
  programAssociation("studentHomelessProgramAssociations", "homeless", "homelessProgramServices"),
  programAssociation("studentCTEProgramAssociations", "other", "cteProgramServices"),
  programAssociation("studentMigrantEducationProgramAssociations", "other", "migrantEducationProgramServices"),
  programAssociation(
    "studentNeglectedOrDelinquentProgramAssociations",
    "other",
    "neglectedOrDelinquentProgramServices",
  ),
];

const org = "educationOrganizationReference.educationOrganizationId";

/** Interventions; the least minutes a week that are meant to work stand as the minutes of a dose only where both bounds agree. */
export const interventions: ResourceMapping = {
  resource: "interventions",
  targets: [targets.intervention],
  map(body, context) {
    const id = body.key("interventions", [org, "interventionIdentificationCode"], true);
    const diagnoses = body.items("diagnoses").flatMap((item) => item.descriptor("diagnosisDescriptor")?.code ?? []);
    const [least, most] = [body.number("minDosage"), body.number("maxDosage")];
    const delivered = body.descriptor("deliveryMethodDescriptor")?.code ?? null;
    const values = [
      id,
      body.text("interventionIdentificationCode"),
      body.descriptor("interventionClassDescriptor")?.code ?? null,
      [...diagnoses, delivered, least === null && most === null ? null : `dosage ${least ?? "?"} to ${most ?? "?"}`]
        .filter((part) => part !== null)
        .join("; "),
      least === most ? least : null,
    ];
    const begins = body.date("beginDate");
    if (id !== null) context.kept.set("interventionBegins", id, { begins });
    const ends = body.date("endDate");
    return [
      record(body, context, targets.intervention, id, values, { ownDate: begins, validFrom: begins, validTo: ends }),
    ];
  },
};

function interventionOf(body: Body): string | null {
  const reference = "interventionReference";
  const fields = [`${reference}.educationOrganizationId`, `${reference}.interventionIdentificationCode`];
  return body.key("interventions", fields, true);
}

/** That a student gets an intervention; the resource gives no day, so it begins with the intervention itself. */
export const studentInterventions: ResourceMapping = {
  resource: "studentInterventionAssociations",
  targets: [targets.interventionAssignment],
  map(body, context) {
    const student = studentOf(body);
    const intervention = interventionOf(body);
    const known = context.kept.get("interventionBegins", intervention)?.begins;
    const begins =
      typeof known === "string" ? known : (body.dateOfMoment("_lastModifiedDate") ?? context.session.receivedOn);
    if (typeof known !== "string")
      body.lenient("interventionReference: no day it began, taken from the day it was known");
    const values = [
      intervention,
      begins,
      null,
      body.text("diagnosticStatement"),
      body.text("cohortReference.cohortIdentifier"),
    ];
    const id = `studentInterventionAssociations/${student}/${intervention}`;
    return [
      record(body, context, targets.interventionAssignment, id, values, {
        person: student,
        ownDate: begins,
        validFrom: begins,
      }),
    ];
  },
};

/** One time a student got, or missed, an intervention. */
export const interventionAttendance: ResourceMapping = {
  resource: "studentInterventionAttendanceEvents",
  targets: [targets.dose],
  map(body, context) {
    const student = studentOf(body);
    const intervention = interventionOf(body);
    const onDate = body.requiredDate("eventDate");
    body.required("attendanceEventCategoryDescriptor");
    const descriptor = body.descriptor("attendanceEventCategoryDescriptor");
    if (descriptor === null) return [];
    const attended = readAttendance(body, descriptor).category !== "absent";
    const minutes = body.number("interventionDuration", { minimum: 0 });
    const id = ["studentInterventionAttendanceEvents", student, intervention, onDate, descriptor.code].join("/");
    return [
      record(body, context, targets.dose, id, [intervention, onDate, minutes, attended], {
        person: student,
        ownDate: onDate,
        validFrom: onDate,
      }),
    ];
  },
};

/** Cohorts: groups that get something together. */
export const cohorts: ResourceMapping = {
  resource: "cohorts",
  targets: [targets.intervention],
  map(body, context) {
    const id = body.key("cohorts", [org, "cohortIdentifier"], true);
    const kind = body.descriptor("cohortTypeDescriptor")?.code ?? null;
    const values = [id, body.text("cohortIdentifier"), kind, body.text("cohortDescription"), null];
    return [record(body, context, targets.intervention, id, values)];
  },
};

/** That a student is in a cohort. */
export const studentCohorts: ResourceMapping = {
  resource: "studentCohortAssociations",
  targets: [targets.interventionAssignment],
  map(body, context) {
    const student = studentOf(body);
    const reference = "cohortReference";
    const cohort = body.key("cohorts", [`${reference}.educationOrganizationId`, `${reference}.cohortIdentifier`], true);
    const begins = body.requiredDate("beginDate");
    const ends = body.date("endDate");
    const values = [cohort, begins, ends, null, body.text(`${reference}.cohortIdentifier`)];
    const extra = { person: student, ownDate: begins, validFrom: begins, validTo: ends };
    const id = `studentCohortAssociations/${student}/${cohort}/${begins}`;
    return [record(body, context, targets.interventionAssignment, id, values, extra)];
  },
};
