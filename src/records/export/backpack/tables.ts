/**
 * A table of the record as a Backpack takes rows from it. Which rows: those about the person (`person`), those that rows
 * already taken name in one of their columns (`named`: a mark names its assignment), or those that name one already taken
 * (`naming`: a score on a standard names the mark it is part of).
 */
export interface BackpackTable {
  readonly name: string;
  /** What a family reads above the rows. */
  readonly title: string;
  readonly rows:
    | { readonly by: "person" }
    | {
        readonly by: "named";
        readonly column: string;
        readonly in: readonly (readonly [table: string, column: string])[];
      }
    | { readonly by: "naming"; readonly column: string; readonly table: string };
  /** Absent: the rows go with the learner to another district. Else why they stay, and are in the family's copy only. */
  readonly stays?: string;
}

const person = { by: "person" } as const;
const named = (...sources: [table: string, column: string][]) =>
  ({ by: "named", column: "record_key", in: sources }) as const;

/**
 * Every table a learner's record is in, in reading order: what is named comes after what names it, so one pass finds all. A
 * test compares the list with the schema, so that no table about a person is forgotten.
 */
export const backpackTables: readonly BackpackTable[] = [
  { name: "person", title: "Name and grade", rows: person },
  { name: "identifier", title: "Numbers by which schools know the learner", rows: person },
  { name: "demographics", title: "Date of birth, sex and race", rows: person },
  { name: "person_role", title: "Roles in schools", rows: person },
  { name: "enrolment", title: "School years", rows: person },
  { name: "section_enrolment", title: "Classes", rows: person },
  { name: "attendance_event", title: "Absences and late arrivals", rows: person },
  { name: "behavior_incident", title: "Incidents", rows: person },
  { name: "course_grade", title: "Course marks and credits", rows: person },
  { name: "academic_summary", title: "Transcript summaries", rows: person },
  { name: "result", title: "Marks for pieces of work", rows: person },
  {
    name: "standard_result",
    title: "Scores on single standards",
    rows: { by: "naming", column: "result_key", table: "result" },
  },
  { name: "observation", title: "What was seen on single standards", rows: person },
  { name: "assessment_result", title: "Tests", rows: person },
  { name: "sub_result", title: "Parts of tests", rows: person },
  { name: "support", title: "Supports", rows: person },
  { name: "intervention_assignment", title: "Help that was planned", rows: person },
  { name: "dose", title: "Help that was given", rows: person },
  { name: "item_response", title: "Answers to single questions", rows: person },
  { name: "activity_event", title: "Work on learning platforms", rows: person },
  { name: "statement", title: "Statements of learning platforms", rows: person },
  { name: "survey_answer", title: "Answers in surveys", rows: person },
  { name: "scale_score", title: "Scores of surveys", rows: person },
  { name: "goal", title: "Goals", rows: person },
  { name: "goal_step", title: "Steps towards goals", rows: person },
  { name: "preference", title: "Interests and preferences", rows: person },
  { name: "readiness_milestone", title: "Steps towards college and career", rows: person },
  { name: "credential", title: "Badges and recognitions", rows: person },
  { name: "artifact", title: "Works in the portfolio", rows: person },
  { name: "personal_best", title: "Best works", rows: person },
  { name: "service_hours", title: "Service to the community", rows: person },
  { name: "achievement", title: "Achievements beside the gradebook", rows: person },
  { name: "narrative", title: "What teachers, the learner and the family wrote", rows: person },
  { name: "annotation", title: "Disputes and statements beside the record", rows: person },
  { name: "kept_row", title: "Rows kept as they came", rows: person },
  {
    name: "guardianship",
    title: "Guardians",
    rows: person,
    stays: "the receiving school takes down custody from the family itself",
  },
  {
    name: "consent_decision",
    title: "What the family decided",
    rows: person,
    stays: "consent was given to this district and ends with it: the next one asks anew",
  },
  {
    name: "directory_opt_out",
    title: "Refusals of directory information",
    rows: person,
    stays: "it was said to this district: the next one asks anew",
  },
  { name: "disclosure", title: "Who has seen the record", rows: person, stays: "it is this district's own account" },
  {
    name: "amendment_case",
    title: "Requests to change the record",
    rows: person,
    stays: "it is a case before this district",
  },
  {
    name: "access_request",
    title: "Requests to see the record",
    rows: person,
    stays: "it is a case before this district",
  },
  {
    name: "case_event",
    title: "What happened with requests",
    rows: {
      by: "named",
      column: "case_id",
      in: [
        ["amendment_case", "case_id"],
        ["access_request", "case_id"],
      ],
    },
    stays: "it is a case before this district",
  },
  {
    name: "provider_document",
    title: "Bookmarks of learning platforms",
    rows: person,
    stays: "a platform keeps it with this district",
  },
  { name: "assignment", title: "Pieces of work", rows: named(["result", "assignment_key"]) },
  {
    name: "assignment_standard",
    title: "Standards of pieces of work",
    rows: { by: "naming", column: "assignment_key", table: "assignment" },
  },
  {
    name: "score_scale_use",
    title: "Which scale a mark is told in",
    rows: { by: "naming", column: "assignment_key", table: "assignment" },
  },
  { name: "score_scale", title: "Scales of marks", rows: named(["score_scale_use", "score_scale_key"]) },
  {
    name: "section",
    title: "Sections of courses",
    rows: named(
      ["section_enrolment", "section_key"],
      ["assignment", "section_key"],
      ["attendance_event", "section_key"],
      ["course_grade", "section_key"],
      ["score_scale", "section_key"],
    ),
  },
  {
    name: "course",
    title: "Courses",
    rows: named(["section", "course_key"], ["course_grade", "course_key"], ["score_scale", "course_key"]),
  },
  {
    name: "term",
    title: "Terms",
    rows: named(
      ["assignment", "term_key"],
      ["course_grade", "term_key"],
      ["academic_summary", "term_key"],
      ["section", "term_keys"],
      ["term", "parent_key"],
    ),
  },
  { name: "assessment", title: "Kinds of tests", rows: named(["assessment_result", "assessment_key"]) },
  {
    name: "org",
    title: "Schools and districts",
    rows: named(
      ["person_role", "org_key"],
      ["enrolment", "org_key"],
      ["section_enrolment", "org_key"],
      ["section", "org_key"],
      ["course", "org_key"],
      ["score_scale", "org_key"],
      ["org", "parent_key"],
    ),
  },
  {
    name: "intervention",
    title: "Kinds of help",
    rows: {
      by: "named",
      column: "intervention",
      in: [
        ["intervention_assignment", "intervention"],
        ["dose", "intervention"],
      ],
    },
  },
  {
    name: "activity",
    title: "Learning activities",
    rows: { by: "named", column: "activity", in: [["activity_event", "activity"]] },
  },
  {
    name: "standard",
    title: "Standards",
    rows: {
      by: "named",
      column: "standard",
      in: [
        ["standard_result", "standard"],
        ["observation", "standard"],
        ["sub_result", "standard"],
        ["item_response", "standard"],
        ["goal", "standard"],
        ["intervention_assignment", "standard"],
        ["assignment_standard", "standard"],
        ["activity", "standard"],
        ["credential", "standards"],
        ["artifact", "standards"],
      ],
    },
  },
  {
    name: "framework",
    title: "Sets of standards",
    rows: { by: "named", column: "framework", in: [["standard", "framework"]] },
  },
];

/** The tables about a person that no Backpack holds, and why. */
export const leftOut: Readonly<Record<string, string>> = {
  pseudonym: "the codes keep the learner apart from her name: with both in one place they would keep nothing apart",
  api_key: "whoever holds a key holds it, it is no part of the record",
  alert: "it is computed from rows of the Backpack, and the next school's rules are its own",
  alert_event: "what the school did about an alert goes with the dose it led to",
  learner_accessed:
    "who of this district was shown the learner is the district's own log, and the family asks it there",
  counselor_caseload: "who of this school looks after the learner is the school's own arrangement",
  playlist_override: "a teacher's decision about lists of this school's library, which the next school does not have",
  playlist_decision: "how lists of this school's library came to be; what the learner did with them is in the Backpack",
  learner_standing: "it is computed from rows of the Backpack",
  standing_change: "it says which computations are old, and nothing about the learner",
  identity_link: "it says which rows are the learner's, and all of them are in the Backpack",
};

/** Tables that a district has for itself: of theirs another district takes only what it does not name already. */
export const catalogs: Readonly<Record<string, string>> = {
  standard: "standard",
  framework: "framework",
  activity: "activity",
  intervention: "intervention",
};

/** The tables whose rows go to another district. */
export const travellingTables: readonly BackpackTable[] = backpackTables.filter(({ stays }) => stays === undefined);
