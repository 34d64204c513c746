import type { XmlElement } from "./xml-elements.ts";

/** A body as the Ed-Fi API has it. */
export type EdFiBody = { readonly [name: string]: unknown };

/** What stands for an element that others point at by `ref`: the fields of its natural key. */
export type Identities = ReadonlyMap<string, EdFiBody>;

/**
 * Elements whose content stands directly in the body of the API: the bulk schema groups what the API keeps flat.
 */
const inlined: ReadonlySet<string> = new Set(["AttendanceEvent", "Name", "BirthData"]);

/** Children of a top-level element that are lists in the API: the list's name and what each item is called inside. */
interface Collection {
  readonly list: string;
  /** The name of the value inside an item; absent when the item is the element itself. */
  readonly item?: string;
}

const descriptors = (list: string, item: string): Collection => ({ list, item: `${item}Descriptor` });

/** By child element, whatever holds it. */
const collections: Readonly<Record<string, Collection>> = {
  AcademicSubject: descriptors("academicSubjects", "academicSubject"),
  GradeLevel: descriptors("gradeLevels", "gradeLevel"),
  AssessedGradeLevel: descriptors("assessedGradeLevels", "gradeLevel"),
  OfferedGradeLevel: descriptors("offeredGradeLevels", "gradeLevel"),
  CalendarEvent: descriptors("calendarEvents", "calendarEvent"),
  Discipline: descriptors("disciplines", "discipline"),
  DisciplineIncidentParticipationCode: descriptors(
    "disciplineIncidentParticipationCodes",
    "disciplineIncidentParticipationCode",
  ),
  Race: descriptors("races", "race"),
  Accommodation: descriptors("accommodations", "accommodation"),
  Diagnosis: descriptors("diagnoses", "diagnosis"),
  LearningStandardReference: { list: "learningStandards", item: "learningStandardReference" },
  GradingPeriodReference: { list: "gradingPeriods", item: "gradingPeriodReference" },
  StudentDisciplineIncidentBehaviorAssociationReference: {
    list: "studentDisciplineIncidentBehaviorAssociations",
    item: "studentDisciplineIncidentBehaviorAssociationReference",
  },
  CourseIdentificationCode: { list: "identificationCodes" },
  StaffIdentificationCode: { list: "identificationCodes" },
  AssessmentIdentificationCode: { list: "identificationCodes" },
  IdentificationCode: { list: "identificationCodes" },
  EducationOrganizationIdentificationCode: { list: "identificationCodes" },
  StudentIdentificationCode: { list: "studentIdentificationCodes" },
  StudentCharacteristic: { list: "studentCharacteristics" },
  ElectronicMail: { list: "electronicMails" },
  Period: { list: "periods" },
  ScoreResult: { list: "scoreResults" },
  PerformanceLevel: { list: "performanceLevels" },
  StudentObjectiveAssessment: { list: "studentObjectiveAssessments" },
  StudentAssessmentItem: { list: "items" },
  LearningStandardGrade: { list: "learningStandardGrades" },
  GradePointAverage: { list: "gradePointAverages" },
  AcademicHonor: { list: "academicHonors" },
  Recognition: { list: "recognitions" },
  Diploma: { list: "diplomas" },
  SurveyQuestionResponseValue: { list: "values" },
  ResponseChoice: { list: "responseChoices" },
};

/** Where a name that is a list elsewhere is a single value. */
const singular: Readonly<Record<string, readonly string[]>> = {
  Grade: ["GradingPeriodReference"],
  GradebookEntry: ["GradingPeriodReference"],
  ObjectiveAssessment: ["AcademicSubject"],
  LearningStandardGrade: ["LearningStandardReference"],
};

/** The body of a top-level element of the bulk XML, in the form of the API. */
export function bodyOf(element: XmlElement, identities: Identities): EdFiBody {
  const body: Record<string, unknown> = {};
  for (const child of element.children) addTo(body, child, element.name, identities);
  const year = body.schoolYear;
  // The API refers to the type of the year; in references the year stands by itself.
  if (year !== undefined) body.schoolYearTypeReference = { schoolYear: year };
  return body;
}

function addTo(body: Record<string, unknown>, child: XmlElement, parent: string, identities: Identities): void {
  if (inlined.has(child.name)) {
    for (const inner of child.children) addTo(body, inner, parent, identities);
    return;
  }
  const list = collectionOf(child, parent);
  if (list === undefined) {
    body[fieldName(child)] = contentOf(child, identities);
    return;
  }
  body[list.list] ??= [];
  const items = body[list.list] as unknown[];
  const value = contentOf(child, identities);
  items.push(list.item === undefined ? value : { [list.item]: value });
}

function collectionOf(child: XmlElement, parent: string): Collection | undefined {
  if (singular[parent]?.includes(child.name)) return undefined;
  // An incident lists behaviors; a student's part in it has one.
  if (child.name === "Behavior") return child.children.length > 0 ? { list: "behaviors" } : undefined;
  if (/ProgramService$/.test(child.name) && child.children.length > 0) return { list: `${lowerFirst(child.name)}s` };
  const found = collections[child.name];
  if (found === undefined) return undefined;
  // Inside an item of its own name (a performance level has a performance level) the leaf is the value.
  const isLeaf = child.children.length === 0 && child.attributes.ref === undefined;
  return isLeaf && found.item === undefined ? undefined : found;
}

function contentOf(element: XmlElement, identities: Identities): unknown {
  if (element.name.endsWith("Reference")) {
    const { ref } = element.attributes;
    return ref === undefined ? keyFields(element, identities) : (identities.get(ref) ?? {});
  }
  if (element.children.length === 0) return leafValue(element);
  if (element.children.length === 1 && element.children[0]!.name === "Credits") return leafValue(element.children[0]!);
  const inner: Record<string, unknown> = {};
  for (const child of element.children) addTo(inner, child, element.name, identities);
  return inner;
}

/** The fields of a natural key, flat as in the references of the API; the outer of two equal names stays. */
export function keyFields(element: XmlElement, identities: Identities): EdFiBody {
  const fields: Record<string, unknown> = {};
  for (const child of element.children) {
    if (child.children.length === 0 && child.attributes.ref === undefined)
      fields[fieldName(child)] ??= leafValue(child);
  }
  for (const child of element.children) {
    if (child.children.length === 0 && child.attributes.ref === undefined) continue;
    const { ref } = child.attributes;
    const inner = ref === undefined ? keyFields(child, identities) : (identities.get(ref) ?? {});
    for (const [name, value] of Object.entries(inner)) fields[name] ??= value;
  }
  return fields;
}

/** The fields of the natural keys of elements that the sample and the schema point at by `ref`. */
const keys: Readonly<Record<string, readonly string[]>> = {
  Student: ["studentUniqueId"],
  Staff: ["staffUniqueId"],
  Contact: ["contactUniqueId"],
  Parent: ["parentUniqueId"],
  School: ["schoolId"],
  LocalEducationAgency: ["localEducationAgencyId"],
  EducationServiceCenter: ["educationServiceCenterId"],
  StateEducationAgency: ["stateEducationAgencyId"],
  DisciplineIncident: ["incidentIdentifier", "schoolId"],
  GradingPeriod: ["gradingPeriodDescriptor", "gradingPeriodName", "periodSequence", "schoolYear", "schoolId"],
  Session: ["sessionName", "schoolYear", "schoolId"],
  Program: ["programName", "programTypeDescriptor", "educationOrganizationId"],
  Course: ["courseCode", "educationOrganizationId"],
};

/** What stands for an element with an `id`: its key fields, and nothing else of it. */
export function identityOf(element: XmlElement, identities: Identities): EdFiBody {
  const wanted = keys[element.name] ?? [];
  const fields = keyFields(element, identities);
  return Object.fromEntries(Object.entries(fields).filter(([name]) => wanted.includes(name)));
}

/** Whether others may point at such an element. */
export function mayBeReferred(name: string): boolean {
  return Object.hasOwn(keys, name);
}

function fieldName(element: XmlElement): string {
  const name = lowerFirst(element.name);
  return element.children.length === 0 && isDescriptor(element.text) ? `${name}Descriptor` : name;
}

function isDescriptor(text: string): boolean {
  return /^\S+:\/\/[^#]*Descriptor#/.test(text);
}

function leafValue(element: XmlElement): unknown {
  // "2021-2022" in the bulk schema is 2022 in the API: the year it ends in.
  const year = element.name.endsWith("SchoolYear") ? /^\d{4}-(\d{4})$/.exec(element.text) : null;
  return year === null ? element.text : Number(year[1]);
}

/** `IEPBeginDate` becomes `iepBeginDate`, `SchoolId` becomes `schoolId`. */
function lowerFirst(name: string): string {
  return name.replace(/^[A-Z]+(?=[A-Z][a-z])|^[A-Z]+$|^[A-Z]/, (head) => head.toLowerCase());
}

const irregular: Readonly<Record<string, string>> = {
  Person: "people",
  Path: "paths",
};

/** The name of the API's resource for an element: `StudentHealth` is `studentHealths`. */
export function resourceName(element: string): string {
  const known = irregular[element];
  if (known !== undefined) return known;
  const name = lowerFirst(element);
  return /[^aeiou]y$/.test(name) ? `${name.slice(0, -1)}ies` : `${name}s`;
}
