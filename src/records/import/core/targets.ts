/** How a staged column is typed in PostgreSQL. */
export type StageType = "text" | "text[]" | "double precision" | "integer" | "boolean" | "date" | "timestamp";

/** A column that points at another record. */
export interface Reference {
  /** The staged column that holds the key; it keeps the key when the reference is lenient and dangles. */
  readonly column: string;
  /** The table it points into. */
  readonly table: string;
  /** By record key, or by the id the source gave (for flat files, which know no keys of other systems). */
  readonly by: "record_key" | "source_record_id";
  /** A row whose required reference dangles is refused; an optional one is kept and reported. */
  readonly required: boolean;
  /** The column of the source file, for messages. */
  readonly cell: string;
}

/** A record table as an import fills it. */
export interface Target {
  readonly table: string;
  readonly class: "certified" | "contributed" | "derived";
  /** The payload columns that are staged, by name. */
  readonly columns: Readonly<Record<string, StageType>>;
  /** The file's column that names the person; the person's id then goes to `person_id`. Absent: no person in the row. */
  readonly person?: { readonly cell: string };
  readonly references?: readonly Reference[];
  /** Dates of knowledge inside the payload that move to the receipt when a changed row does not say when it was changed. */
  readonly lateColumns?: readonly string[];
}

const person = (cell: string) => ({ person: { cell } });
const certified = { class: "certified" } as const;
const contributed = { class: "contributed" } as const;
const points = (
  column: string,
  table: string,
  cell: string,
  required: boolean,
  by: Reference["by"] = "record_key",
): Reference => ({ column, table, by, required, cell });

/** The tables a OneRoster package fills. */
export const rosterTargets = {
  org: {
    table: "org",
    ...certified,
    columns: { name: "text", kind: "text", identifier: "text", parent_key: "text" },
    references: [points("parent_key", "org", "parentSourcedId", false)],
  },
  term: {
    table: "term",
    ...certified,
    columns: {
      title: "text",
      kind: "text",
      starts_on: "date",
      ends_on: "date",
      parent_key: "text",
      school_year: "integer",
    },
    references: [points("parent_key", "term", "parentSourcedId", false)],
  },
  course: {
    table: "course",
    ...certified,
    columns: {
      title: "text",
      code: "text",
      subjects: "text[]",
      subject_codes: "text[]",
      grades: "text[]",
      org_key: "text",
    },
    references: [points("org_key", "org", "orgSourcedId", false)],
  },
  section: {
    table: "section",
    ...certified,
    columns: {
      title: "text",
      code: "text",
      kind: "text",
      course_key: "text",
      org_key: "text",
      term_keys: "text[]",
      grades: "text[]",
      subjects: "text[]",
    },
    references: [
      points("course_key", "course", "courseSourcedId", false),
      points("org_key", "org", "schoolSourcedId", false),
    ],
  },
  person: {
    table: "person",
    ...certified,
    ...person("sourcedId"),
    columns: {
      given_name: "text",
      family_name: "text",
      preferred_given_name: "text",
      preferred_family_name: "text",
      username: "text",
      email: "text",
      grade: "text",
      grade_raw: "text",
      enabled: "boolean",
    },
  },
  identifier: { table: "identifier", ...certified, ...person("sourcedId"), columns: { system: "text", value: "text" } },
  personRole: {
    table: "person_role",
    ...certified,
    ...person("userSourcedId"),
    columns: {
      org_key: "text",
      role: "text",
      role_raw: "text",
      primary_role: "boolean",
      begins_on: "date",
      ends_on: "date",
    },
    references: [points("org_key", "org", "orgSourcedId", false)],
  },
  demographics: {
    table: "demographics",
    ...certified,
    ...person("sourcedId"),
    columns: {
      birth_date: "date",
      sex: "text",
      american_indian_or_alaska_native: "boolean",
      asian: "boolean",
      black_or_african_american: "boolean",
      native_hawaiian_or_other_pacific_islander: "boolean",
      white: "boolean",
      two_or_more_races: "boolean",
      hispanic_or_latino: "boolean",
    },
  },
  sectionEnrolment: {
    table: "section_enrolment",
    ...certified,
    ...person("userSourcedId"),
    columns: {
      section_key: "text",
      org_key: "text",
      role: "text",
      entered_on: "date",
      exited_on: "date",
      exit_kind: "text",
      entry_known_on: "date",
      exit_known_on: "date",
    },
    references: [
      points("section_key", "section", "classSourcedId", true),
      points("org_key", "org", "schoolSourcedId", false),
    ],
    lateColumns: ["exit_known_on"],
  },
  assignment: {
    table: "assignment",
    ...certified,
    columns: {
      title: "text",
      kind: "text",
      category: "text",
      category_id: "text",
      section_key: "text",
      term_key: "text",
      assigned_on: "date",
      due_on: "date",
      weight: "double precision",
      score_minimum: "double precision",
      score_maximum: "double precision",
    },
    references: [
      points("section_key", "section", "classSourcedId", true),
      points("term_key", "term", "academicSessionSourcedId", false),
    ],
  },
  result: {
    table: "result",
    ...certified,
    ...person("studentSourcedId"),
    columns: {
      assignment_key: "text",
      status: "text",
      status_raw: "text",
      score: "double precision",
      text_score: "text",
      scored_on: "date",
      late: "boolean",
      missing: "boolean",
      incomplete: "boolean",
    },
    references: [points("assignment_key", "assignment", "lineItemSourcedId", true)],
  },
  standardResult: {
    table: "standard_result",
    ...certified,
    columns: { result_key: "text", source: "text", standard: "text", score: "double precision", text_score: "text" },
    references: [points("result_key", "result", "resultSourcedId", true)],
  },
} as const satisfies Record<string, Target>;

/** The tables flat files fill. */
export const flatTargets = {
  enrolment: {
    table: "enrolment",
    ...certified,
    ...person("student_id"),
    columns: {
      org_key: "text",
      period: "text",
      starts_on: "date",
      ends_on: "date",
      grade: "text",
      entered_on: "date",
      exited_on: "date",
      exit_kind: "text",
      entry_known_on: "date",
      exit_known_on: "date",
    },
    references: [points("org_key", "org", "school_id", true, "source_record_id")],
    lateColumns: ["exit_known_on"],
  },
  calendarDay: {
    table: "calendar_day",
    ...certified,
    columns: { org_key: "text", on_date: "date", event: "text", instructional: "boolean" },
    references: [points("org_key", "org", "school_id", true, "source_record_id")],
  },
  attendanceEvent: {
    table: "attendance_event",
    ...certified,
    ...person("student_id"),
    columns: { on_date: "date", category: "text", category_raw: "text", excused: "boolean", reason_raw: "text" },
  },
  behaviorIncident: {
    table: "behavior_incident",
    ...certified,
    ...person("student_id"),
    columns: {
      incident: "text",
      on_date: "date",
      severity: "text",
      severity_raw: "text",
      participation: "text",
      action: "text",
    },
  },
  surveyAnswer: {
    table: "survey_answer",
    ...contributed,
    ...person("student_id"),
    columns: { on_date: "date", instrument: "text", scale: "text", item: "text", answer: "double precision" },
  },
  itemResponse: {
    table: "item_response",
    ...contributed,
    ...person("student_id"),
    columns: {
      item: "text",
      standard: "text",
      answered_at: "timestamp",
      correct: "double precision",
      attempts: "integer",
      hints: "integer",
      seconds: "double precision",
    },
  },
  consentDecision: {
    table: "consent_decision",
    ...certified,
    ...person("student_id"),
    columns: { purpose: "text", decision: "text", decided_on: "date", decided_by: "text" },
  },
  standard: {
    table: "standard",
    ...certified,
    columns: { standard: "text", label: "text", subject: "text", grade: "text" },
  },
  prerequisite: { table: "prerequisite", ...certified, columns: { standard: "text", requires: "text" } },
  activity: {
    table: "activity",
    ...certified,
    columns: {
      activity: "text",
      title: "text",
      standard: "text",
      modality: "text",
      minutes: "integer",
      difficulty: "double precision",
    },
  },
  activityEvent: {
    table: "activity_event",
    ...contributed,
    ...person("actor"),
    columns: {
      activity: "text",
      verb: "text",
      kind: "text",
      at: "timestamp",
      seconds: "double precision",
      clicks: "integer",
      sensor: "text",
    },
  },
} as const satisfies Record<string, Target>;

/** The enrolment of a school year as cairn derives it from section enrolments; the person is resolved already. */
export const derivedEnrolment: Target = {
  table: "enrolment",
  class: "derived",
  columns: { person_id: "text", ...flatTargets.enrolment.columns },
};
