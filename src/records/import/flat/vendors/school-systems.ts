import type { ColumnProfile, RowRule } from "../column-profile.ts";

const aspen = { escape: "\\", headerQuote: "'", blanks: ["NULL"] } as const;
const yes = ["1", "Y", "true"];
const no = ["", "0", "N", "false"];

interface AttendanceColumns {
  readonly student: string;
  readonly day: string;
  readonly absent: string;
  readonly tardy: string;
  readonly dismissed: string;
  readonly excused: string;
  readonly reason: readonly string[];
}

/** Aspen marks three things that may stand in one row; the one that costs most of the day counts. */
function attendance(columns: AttendanceColumns): RowRule[] {
  const { absent, tardy, dismissed } = columns;
  const rule = (category: string, when: NonNullable<RowRule["when"]>): RowRule => ({
    into: "attendance",
    when,
    cells: {
      student_id: columns.student,
      date: { column: columns.day, date: "YYYY-MM-DD" },
      category: { value: category },
      excused: { column: columns.excused, words: { "1": "true", Y: "true", "0": "false", N: "false" } },
      reason: { column: columns.reason },
    },
  });
  return [
    rule("absent", { [absent]: yes }),
    rule("tardy", { [absent]: no, [tardy]: yes }),
    rule("partial", { [absent]: no, [tardy]: no, [dismissed]: yes }),
  ];
}

const voice = (id: string, kind: string, column: string): RowRule => ({
  into: "narratives",
  needs: [column],
  cells: {
    student_id: "Local ID number",
    narrative_id: { text: `voice-${id}/{Timestamp}` },
    kind: { value: kind },
    text: column,
    date: { column: "Timestamp", date: "MM/DD/YYYY" },
    author_role: { value: "learner" },
  },
});

/** Nightly files of student information systems and of learning management systems. */
export const schoolSystemProfiles: readonly ColumnProfile[] = [
  {
    name: "aspen-attendance",
    version: "1",
    title: "Aspen/X2 attendance, nightly export",
    format: aspen,
    required: ["local_id", "absence", "tardy", "event_date"],
    rows: attendance({
      student: "local_id",
      day: "event_date",
      absent: "absence",
      tardy: "tardy",
      dismissed: "dismissed",
      excused: "excused",
      reason: ["reason"],
    }),
  },
  {
    name: "aspen-attendance-table",
    version: "1",
    title: "Aspen/X2 attendance, the table STUDENT_ATTENDANCE itself",
    format: aspen,
    required: ["ATT_STD_OID", "ATT_DATE", "ATT_ABSENT_IND"],
    rows: attendance({
      student: "ATT_STD_OID",
      day: "ATT_DATE",
      absent: "ATT_ABSENT_IND",
      tardy: "ATT_TARDY_IND",
      dismissed: "ATT_DISMISSED_IND",
      excused: "ATT_EXCUSED_IND",
      reason: ["ATT_REASON_CODE", "ATT_CODE_VIEW"],
    }),
  },
  {
    name: "aspen-behavior",
    version: "1",
    title: "Aspen/X2 conduct, nightly export: the rows name who did it",
    format: aspen,
    required: ["local_id", "incident_code", "event_date"],
    rows: [
      {
        into: "behavior",
        cells: {
          student_id: "local_id",
          incident_id: { text: "{local_id}/{event_date}/{incident_code}" },
          date: { column: "event_date", date: "YYYY-MM-DD" },
          // The codes are each district's own: as long as nobody says which are offenses, none is.
          severity: { value: "minor" },
          severity_raw: "incident_code",
          participation: { value: "perpetrator" },
        },
      },
    ],
  },
  {
    name: "aspen-assessments",
    version: "1",
    title: "Aspen/X2 assessments, nightly export: tests of several vendors",
    format: aspen,
    required: ["local_id", "assessment_date", "assessment_scale_score", "assessment_test"],
    rows: [
      {
        into: "assessments",
        needs: ["assessment_scale_score", "assessment_performance_level"],
        cells: {
          student_id: "local_id",
          assessment_id: { column: ["assessment_name", "assessment_test"] },
          title: { column: ["assessment_name", "assessment_test"] },
          family: "assessment_test",
          subject: "assessment_subject",
          date: { column: "assessment_date", date: "YYYY-MM-DD" },
          score: "assessment_scale_score",
          score_kind: { value: "scale score" },
          performance_level: "assessment_performance_level",
        },
        keeps: ["assessment_growth"],
      },
    ],
  },
  {
    name: "aspen-section-grades",
    version: "1",
    title:
      "Aspen/X2 marks of sections, a file without header: number and letter in one cell, the day said by who brings it",
    format: { ...aspen, columns: ["section", "local_id", "school", "course", "term", "mark"] },
    required: ["section", "local_id", "course", "mark"],
    rows: [
      {
        into: "course-grades",
        cells: {
          student_id: "local_id",
          course_id: "course",
          section_id: "section",
          term: "term",
          kind: { column: "term", words: { FY: "final", S1: "semester", S2: "semester" }, otherwise: "grading-period" },
          numeric: { column: "mark", split: { by: " ", part: 0 } },
          numeric_maximum: { value: "100" },
          letter: { column: "mark", split: { by: " ", part: 1 } },
          date: "@date",
        },
      },
    ],
  },
  {
    name: "student-voice-survey",
    version: "1",
    title: "Student Insights voice survey: what learners say of themselves, in their own words",
    required: ["Timestamp", "Local ID number"],
    rows: [
      voice("proud", "asset", "I am proud that I...."),
      voice("qualities", "asset", "My best qualities are...."),
      voice("nervous", "challenge", "I get nervous or stressed in school when...."),
      voice("learns-best", "comment", "I learn best when my teachers...."),
      {
        into: "preferences",
        needs: ["My activities and interests outside of school are...."],
        cells: {
          student_id: "Local ID number",
          kind: { value: "interest" },
          value: "My activities and interests outside of school are....",
          date: { column: "Timestamp", date: "MM/DD/YYYY" },
          said_by: { value: "learner" },
        },
      },
    ],
  },
  {
    name: "lms-submissions",
    version: "1",
    title: "Ed-Fi LMS unifying data model, submissions",
    required: ["SourceSystemIdentifier", "SubmissionStatus", "SubmissionDateTime", "UserSourceSystemIdentifier"],
    rows: [
      {
        into: "events",
        cells: {
          student_id: "UserSourceSystemIdentifier",
          at: "SubmissionDateTime",
          verb: { column: "SubmissionStatus", words: { Created: "started" }, otherwise: "submitted" },
          kind: "SubmissionStatus",
          activity: "AssignmentSourceSystemIdentifier",
          event_id: "SourceSystemIdentifier",
          source: "SourceSystem",
        },
      },
    ],
  },
  {
    name: "lms-system-activities",
    version: "1",
    title: "Ed-Fi LMS unifying data model, system activities",
    required: ["LMSUserSourceSystemIdentifier", "ActivityDateTime", "ActivityType", "SourceSystemIdentifier"],
    rows: [
      {
        into: "events",
        cells: {
          student_id: "LMSUserSourceSystemIdentifier",
          at: "ActivityDateTime",
          verb: {
            column: "ActivityType",
            words: { "sign-in": "logged-in", "sign-out": "logged-out" },
            otherwise: "used",
          },
          kind: "ActivityType",
          seconds: { column: "ActivityTimeInMinutes", scale: 60 },
          event_id: "SourceSystemIdentifier",
          source: "SourceSystem",
        },
      },
    ],
  },
];
