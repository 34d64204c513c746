import { namingSystem, sourcedIdSystem } from "../../core/people.ts";
import type { Body } from "../body.ts";
import type { EdFiContext, EdFiRecord, ResourceMapping } from "../mapping.ts";
import { keyOf, orgId, record, staffOf, studentOf } from "../mapping.ts";
import { edFiTargets as targets } from "../targets.ts";
import { readRaces, readSex, readStaffRole } from "../vocabularies.ts";

/** A person with what systems call her. `strong` are the systems whose value tells people apart across sources. */
function personRecords(
  body: Body,
  context: EdFiContext,
  id: string | null,
  identifiers: readonly { system: string; value: string }[],
): EdFiRecord[] {
  const ref = id ?? "";
  const values = [
    body.required("firstName"),
    body.required("lastSurname"),
    body.text("preferredFirstName"),
    body.text("preferredLastSurname"),
    body.text("loginId"),
    body.items("electronicMails")[0]?.text("electronicMailAddress") ?? null,
    null,
    null,
    null,
  ];
  const own = { system: sourcedIdSystem(context.session.source), value: ref };
  const seen = new Set<string>();
  const records = [record(body, context, targets.person, id, values, { person: ref })];
  for (const { system, value } of [own, ...identifiers]) {
    if (seen.has(`${system}/${value}`)) continue;
    seen.add(`${system}/${value}`);
    records.push(identifierRecord(body, context, ref, system, value));
  }
  return records;
}

function identifierRecord(body: Body, context: EdFiContext, ref: string, system: string, value: string): EdFiRecord {
  return record(body, context, targets.identifier, `${ref}/${system}/${value}`, [system, value], { person: ref });
}

/**
 * Students. Their unique id is the one the state gives, so it tells people apart across sources; the number of a social
 * security card never enters the record.
 */
export const students: ResourceMapping = {
  resource: "students",
  targets: [targets.person, targets.identifier, targets.demographics],
  map(body, context) {
    const id = body.key("students", ["studentUniqueId"], true);
    const unique = body.text("studentUniqueId");
    const records = personRecords(body, context, id, unique === null ? [] : [{ system: "state", value: unique }]);
    const born = body.date("birthDate");
    if (id !== null && born !== null) {
      const values = [born, null, null, null, null, null, null, null, null];
      records.push(record(body, context, targets.demographics, `${id}/birth`, values, { person: id }));
    }
    return records;
  },
};

/** Contacts, who were parents before Data Standard 5. */
export const contacts: ResourceMapping = {
  resource: "contacts",
  formerly: ["parents"],
  targets: [targets.person, targets.identifier],
  map(body, context) {
    const unique = body.either("contactUniqueId", "parentUniqueId");
    if (unique === null) body.required("contactUniqueId");
    return personRecords(body, context, unique === null ? null : contactRef(unique), []);
  },
};

/** Staff: their ids are of another register than the students', so they never make a teacher a student. */
export const staffs: ResourceMapping = {
  resource: "staffs",
  targets: [targets.person, targets.identifier],
  map(body, context) {
    const id = body.key("staffs", ["staffUniqueId"], true);
    const codes = body.items("identificationCodes").flatMap((code) => {
      const system = code.descriptor("staffIdentificationSystemDescriptor");
      const value = code.text("identificationCode");
      return system === null || value === null || isSecret(system.code)
        ? []
        : [{ system: `other:staff ${system.code}`, value }];
    });
    return personRecords(body, context, id, codes);
  },
};

function contactRef(unique: string): string {
  return `contacts/${unique.replaceAll("/", "%2F")}`;
}

function isSecret(system: string): boolean {
  return /social security|\bssn\b|medicaid/i.test(system);
}

/** What a student is called by other systems: up to Data Standard 5 inside the association with the district. */
function identification(body: Body, context: EdFiContext, student: string, codes: readonly Body[]): EdFiRecord[] {
  return codes.flatMap((code) => {
    const system = code.descriptor("studentIdentificationSystemDescriptor");
    const value = code.text("identificationCode");
    if (system === null || value === null) return [];
    if (isSecret(system.code)) {
      body.lenient("studentIdentificationSystemDescriptor: numbers of social security are left where they are");
      return [];
    }
    const word = system.code === "School" ? "local" : system.code;
    return [identifierRecord(body, context, student, namingSystem(word), value)];
  });
}

/** The names other systems give the students, up to Data Standard 5. */
export const associationCodes: ResourceMapping = {
  resource: "studentEducationOrganizationAssociations",
  targets: [targets.identifier],
  map: (body, context) => identification(body, context, studentOf(body), body.items("studentIdentificationCodes")),
};

/** The names other systems give the students, from Data Standard 6 on. */
export const identificationCodes: ResourceMapping = {
  resource: "studentIdentificationCodes",
  targets: [targets.identifier],
  map: (body, context) => identification(body, context, studentOf(body), [body]),
};

/** Protected attributes as an organisation has them; those of several organisations stand side by side. */
function demographicsOf(resource: string): ResourceMapping {
  const org = "educationOrganizationReference.educationOrganizationId";
  return {
    resource,
    targets: [targets.demographics, targets.support],
    map(body, context) {
      const student = studentOf(body);
      const races = readRaces(
        body,
        body.items("races").flatMap((item) => item.descriptor("raceDescriptor") ?? []),
      );
      const sex = readSex(body, body.descriptor("sexDescriptor"));
      const several = races[0] === null ? null : races.filter((said) => said === true).length > 1;
      const values = [null, sex, ...races, several, body.boolean("hispanicLatinoEthnicity")];
      const id = body.key(resource, ["studentReference.studentUniqueId", org], true);
      const records: EdFiRecord[] = [];
      // An association of Data Standard 6 says nothing of the person: no empty record comes of it.
      if (values.some((value) => value !== null))
        records.push(record(body, context, targets.demographics, id, values, { person: student }));
      return [...records, ...needs(body, context, id, student)];
    },
  };
}

const learningEnglish: ReadonlySet<string> = new Set(["limited", "limited monitored 1", "limited monitored 2"]);

/** What follows from limited English and homelessness: supports the law gives. */
function needs(body: Body, context: EdFiContext, id: string | null, student: string): EdFiRecord[] {
  const found: { kind: string; raw: string; begins: string | null; ends: string | null }[] = [];
  const english = body.descriptor("limitedEnglishProficiencyDescriptor");
  if (english !== null && learningEnglish.has(english.code.toLowerCase()))
    found.push({ kind: "english-learner", raw: english.raw, begins: null, ends: null });
  for (const characteristic of body.items("studentCharacteristics")) {
    const said = characteristic.descriptor("studentCharacteristicDescriptor");
    if (said?.code.toLowerCase() !== "homeless") continue;
    const period = characteristic.items("periods")[0];
    found.push({
      kind: "homeless",
      raw: said.raw,
      begins: period?.date("beginDate") ?? null,
      ends: period?.date("endDate") ?? null,
    });
  }
  return found.map(({ kind, raw, begins, ends }) => {
    const since = begins ?? body.dateOfMoment("_lastModifiedDate") ?? context.session.receivedOn;
    if (begins === null) body.lenient(`${kind}: no day it began, taken from the day it was known`);
    const values = [kind, raw, null, null, since, ends];
    return record(body, context, targets.support, `${id}/${kind}`, values, {
      person: student,
      ownDate: since,
      validFrom: since,
      validTo: ends,
    });
  });
}

/** Up to Data Standard 5, and the resource of its own from 6 on. */
export const demographics: readonly ResourceMapping[] = [
  demographicsOf("studentEducationOrganizationAssociations"),
  demographicsOf("studentDemographics"),
];

/** Who may decide for a student. A contact who is no legal guardian holds no rights to the record. */
export const guardianships: ResourceMapping = {
  resource: "studentContactAssociations",
  formerly: ["studentParentAssociations"],
  targets: [targets.guardianship],
  map(body, context) {
    const student = studentOf(body);
    const unique = body.either("contactReference.contactUniqueId", "parentReference.parentUniqueId");
    const contact = unique ?? body.required("contactReference.contactUniqueId");
    const relation = body.descriptor("relationDescriptor")?.code ?? null;
    const values = [contactRef(contact), relation, body.boolean("legalGuardian")];
    const id = `studentContactAssociations/${student}/${contactRef(contact)}`;
    return [record(body, context, targets.guardianship, id, values, { person: student })];
  },
};

/** What somebody works as. */
export const staffAssignments: ResourceMapping = {
  resource: "staffEducationOrganizationAssignmentAssociations",
  targets: [targets.personRole],
  map(body, context) {
    const staff = staffOf(body);
    const org = "educationOrganizationReference.educationOrganizationId";
    const classification = body.descriptor("staffClassificationDescriptor");
    const begins = body.requiredDate("beginDate");
    const ends = body.date("endDate");
    const id = body.key(
      "staffEducationOrganizationAssignmentAssociations",
      ["staffReference.staffUniqueId", org, "staffClassificationDescriptor", "beginDate"],
      true,
    );
    const role = readStaffRole(classification);
    if (role === null) {
      body.lenient("staffClassificationDescriptor: work without a role towards learners, not kept");
      return [];
    }
    const values = [keyOf(context, orgId(body, org)), role, classification?.raw ?? null, null, begins, ends];
    return [
      record(body, context, targets.personRole, id, values, {
        person: staff,
        ownDate: begins,
        validFrom: begins,
        validTo: ends,
      }),
    ];
  },
};
