import type { Target } from "./targets.ts";
import { person, points } from "./targets.ts";

const certified = { class: "certified" } as const;
const contributed = { class: "contributed" } as const;

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
    columns: {
      on_date: "date",
      category: "text",
      category_raw: "text",
      excused: "boolean",
      reason_raw: "text",
      scope: "text",
      section_key: "text",
      minutes: "double precision",
    },
    references: [points("section_key", "section", "section_id", false, "source_record_id")],
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
