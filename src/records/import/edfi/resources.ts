import type { ResourceMapping } from "./mapping.ts";
import { assessments, partsOfTests, studentAssessments } from "./mappings/assessments.ts";
import { attendanceEvents } from "./mappings/attendance.ts";
import { actions, behaviors, formerAssociations, incidents, nonOffenders } from "./mappings/discipline.ts";
import { schoolEnrolments, sectionEnrolments } from "./mappings/enrolment.ts";
import { gradebookEntries, studentGradebookEntries } from "./mappings/gradebook.ts";
import {
  associationCodes,
  contacts,
  demographics,
  guardianships,
  identificationCodes,
  staffAssignments,
  staffs,
  students,
} from "./mappings/people.ts";
import {
  calendarDates,
  calendars,
  courseOfferings,
  courses,
  gradingPeriods,
  organisations,
  sections,
  sessions,
} from "./mappings/school.ts";
import { learningStandardEquivalences, learningStandards } from "./mappings/standards.ts";
import {
  cohorts,
  interventionAttendance,
  interventions,
  programAssociations,
  studentCohorts,
  studentInterventions,
} from "./mappings/supports.ts";
import { surveyAnswers, surveyQuestions, surveyResponses, surveys } from "./mappings/surveys.ts";
import { academicRecords, courseTranscripts, grades, postSecondaryEvents } from "./mappings/transcript.ts";

/** Schools and what they teach. */
export const school: readonly ResourceMapping[] = [
  ...organisations,
  sessions,
  gradingPeriods,
  calendars,
  calendarDates,
  learningStandards,
  learningStandardEquivalences,
  courses,
  courseOfferings,
  sections,
];

/** People, resolved together: whoever one of a person's identifiers stands for is that person. */
export const people: readonly ResourceMapping[] = [students, contacts, staffs];

/** What other systems call the students: needed to resolve people, and read before them. */
export const names: readonly ResourceMapping[] = [associationCodes, identificationCodes];

/** What is said of people, each after what it points at. */
export const evidence: readonly ResourceMapping[] = [
  ...demographics,
  guardianships,
  staffAssignments,
  schoolEnrolments,
  ...sectionEnrolments,
  ...attendanceEvents,
  incidents,
  actions,
  behaviors,
  nonOffenders,
  formerAssociations,
  gradebookEntries,
  studentGradebookEntries,
  grades,
  courseTranscripts,
  academicRecords,
  postSecondaryEvents,
  assessments,
  ...partsOfTests,
  studentAssessments,
  ...programAssociations,
  interventions,
  cohorts,
  studentInterventions,
  interventionAttendance,
  studentCohorts,
  surveys,
  surveyQuestions,
  surveyResponses,
  surveyAnswers,
];

/** The name in Data Standard 5 of a resource by any of its names, in any case; undefined when none is read. */
export const readResources: ReadonlyMap<string, string> = new Map(
  [...school, ...people, ...names, ...evidence].flatMap((mapping) =>
    [mapping.resource, ...(mapping.formerly ?? [])].map((name) => [name.toLowerCase(), mapping.resource] as const),
  ),
);

const reasons: readonly (readonly [RegExp, string])[] = [
  [/descriptors?$|descriptormappings/, "descriptors: every value carries its own words"],
  [/health|immunization/, "health: not part of what a school needs here, left where it is"],
  [
    /accountability|^(community|postsecondaryinst|location|classperiod|bellschedule|educationorganization|feeder)/,
    "organisations and rooms without learners of their own",
  ],
  [
    /^programs?$|programevaluation|evaluationrubric|educationcontent|interventionprescription|interventionstud/,
    "programmes and materials, named where they are used",
  ],
  [
    /account|dimension|budget|payroll|actuals|encumbrance|contractedstaff/,
    "accounts of the district, no record of a learner",
  ],
  [/transportation/, "transport, which nothing here uses"],
  [/^people$/, "numbers of people by themselves: the students, contacts and staff are read"],
  [
    /^(staff|openstaff|credential|candidate|certification|evaluation|performance|educator|fieldwork|goals|recruitment|financialaid|professional|quantitative|rubric)/,
    "staff and their employment, no record of a learner",
  ],
  [/registration|administration|batterypart|accommodation/, "plans for tests; what was tested comes with the results"],
  [/directories|contactidentification|address/, "addresses and telephone numbers, which nothing here uses"],
  [/references$/, "a reference by itself, which says nothing"],
  [/scorerange/, "score ranges of tests, told with each result's level"],
  [/^survey/, "ties of surveys to others than who answered"],
];

/** Why a resource is not read; undefined when Ed-Fi has no such resource as far as cairn knows. */
export function reasonUnread(resource: string): string | undefined {
  return reasons.find(([name]) => name.test(resource.toLowerCase()))?.[1];
}
