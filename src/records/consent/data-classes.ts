/**
 * The kinds of data a family decides about, each with the sentence a family reads. Two are no family's to switch:
 * `rights` (what families themselves decided, which is theirs to see and nobody else's) and `internal` (cairn's own
 * bookkeeping, which never leaves).
 */
export const dataClasses = {
  identity: "name, numbers and addresses",
  demographics: "date of birth, sex and race",
  family: "who the guardians are",
  enrolment: "schools, grades and classes attended",
  attendance: "days and hours missed, and why",
  behavior: "incidents and what the school did about them",
  grades: "assignments, marks, credits and what teachers saw on each standard",
  assessments: "tests and their parts",
  screeners: "screeners of feelings and behavior",
  supports: "special education, language and other supports, and interventions",
  practice: "answers to single items and what was done on learning platforms",
  surveys: "what the learner said in surveys",
  goals: "goals, interests and steps towards college or career",
  achievements: "badges, works, service and recognitions",
  narratives: "what teachers, the learner and the family wrote",
  rights: "the family's own decisions, requests and statements",
  internal: "codes and keys of cairn itself",
} as const;

/** One of {@link dataClasses}. */
export type DataClass = keyof typeof dataClasses;

/** The classes a switch can be set for, in the order a family sees them. */
export const choosableClasses: readonly DataClass[] = (Object.keys(dataClasses) as DataClass[]).filter(
  (name) => name !== "rights" && name !== "internal",
);

/**
 * The class of every table of the record that is about a person. A table whose class is not said here cannot be read by
 * anybody; a test compares the list with the schema. `screeners` has no table of its own: see {@link sensitiveTables}.
 */
export const tableClasses = {
  person: "identity",
  identifier: "identity",
  person_role: "identity",
  kept_row: "identity",
  demographics: "demographics",
  guardianship: "family",
  enrolment: "enrolment",
  section_enrolment: "enrolment",
  attendance_event: "attendance",
  behavior_incident: "behavior",
  result: "grades",
  course_grade: "grades",
  academic_summary: "grades",
  observation: "grades",
  assessment_result: "assessments",
  sub_result: "assessments",
  support: "supports",
  intervention_assignment: "supports",
  dose: "supports",
  item_response: "practice",
  activity_event: "practice",
  statement: "practice",
  provider_document: "practice",
  playlist_override: "practice",
  survey_answer: "surveys",
  scale_score: "surveys",
  goal: "goals",
  goal_step: "goals",
  preference: "goals",
  readiness_milestone: "goals",
  credential: "achievements",
  artifact: "achievements",
  personal_best: "achievements",
  service_hours: "achievements",
  achievement: "achievements",
  narrative: "narratives",
  annotation: "rights",
  consent_decision: "rights",
  directory_opt_out: "rights",
  disclosure: "rights",
  amendment_case: "rights",
  access_request: "rights",
  identity_link: "internal",
  pseudonym: "internal",
  api_key: "internal",
  // What an alert says is told at the feed, in the words of its reader and by the kind of data it rests on.
  alert: "internal",
  alert_event: "internal",
  // How playlists were put together and from what: worked out from the record, and told with its reasons when it is asked for.
  playlist_decision: "internal",
  learner_standing: "internal",
  standing_change: "internal",
  // Who was shown the learner: told to the family and the office by a route of its own.
  learner_accessed: "internal",
  // Whom a counselor is there for.
  counselor_caseload: "internal",
} as const satisfies Readonly<Record<string, DataClass>>;

/** A table of the record that is about a person. */
export type PersonTable = keyof typeof tableClasses;

/**
 * Where some rows of a table are more sensitive than the rest: the condition, in SQL over the row `t`, under which a row is
 * of the class `screeners` instead of its table's.
 */
export const sensitiveTables: Readonly<Partial<Record<PersonTable, string>>> = {
  assessment_result: "exists (select 1 from public.assessment s where s.record_key = t.assessment_key and s.sensitive)",
  sub_result: `exists (select 1 from public.assessment_result r join public.assessment s on s.record_key = r.assessment_key
    where r.record_key = t.result_key and s.sensitive)`,
};

/** Whether a text names a class that a switch can be set for. */
export function isChoosableClass(name: string): name is DataClass {
  return choosableClasses.includes(name as DataClass);
}
