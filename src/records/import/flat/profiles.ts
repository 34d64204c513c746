import { flatTargets } from "../core/flat-targets.ts";
import type { Row } from "../core/row.ts";
import { shown } from "../core/row.ts";
import { readGrade } from "../core/values.ts";
import type { LearnerProfileName } from "./learner-profiles.ts";
import { learnerProfiles } from "./learner-profiles.ts";
import type { LibraryProfileName } from "./library-profiles.ts";
import { libraryProfiles } from "./library-profiles.ts";
import type { FlatProfile } from "./profile.ts";
import { recordedOn } from "./profile.ts";
import type { SchoolProfileName } from "./school-profiles.ts";
import { schoolProfiles } from "./school-profiles.ts";

type CoreProfileName =
  | "calendar"
  | "attendance"
  | "behavior"
  | "survey"
  | "responses"
  | "events"
  | "consent"
  | "enrolment";

/** The names of cairn's own flat files; a district's delivery calls each file by its profile. */
export type FlatProfileName = CoreProfileName | LibraryProfileName | SchoolProfileName | LearnerProfileName;

const instructionalEvents = ["instructional day", "make-up day", "student late arrival/early dismissal"];

const coreProfiles: Readonly<Record<CoreProfileName | LibraryProfileName, FlatProfile>> = {
  /** One row a school and day; instructional days are the denominator of attendance. */
  calendar: {
    target: flatTargets.calendarDay,
    columns: ["school_id", "date", "event"],
    required: ["school_id", "date", "event"],
    read(row) {
      const school = row.required("school_id");
      const date = row.requiredDate("date");
      const event = row.required("event");
      return {
        key: [school, date],
        ownDate: date,
        validFrom: date,
        validTo: date,
        values: [school, date, event, instructionalEvents.includes(event.toLowerCase())],
      };
    },
  },
  /** Exceptions only, one a student and day (and section, where the source takes attendance by class). */
  attendance: {
    target: flatTargets.attendanceEvent,
    columns: ["student_id", "date", "category", "excused", "reason", "scope", "section_id", "minutes", "recorded_on"],
    required: ["student_id", "date", "category"],
    read(row) {
      const student = row.required("student_id");
      const date = row.requiredDate("date");
      const category = row.requiredWord("category", ["absent", "tardy", "partial"]);
      const section = row.text("section_id");
      const scope = row.word("scope", ["school", "section"]) ?? (section === null ? null : "section");
      const minutes = row.number("minutes", { minimum: 0, maximum: 1440 });
      return {
        key: section === null ? [student, date] : [student, date, section],
        student,
        ownDate: recordedOn(row, date),
        validFrom: date,
        validTo: date,
        values: [
          date,
          category,
          row.text("category"),
          row.boolean("excused"),
          row.text("reason"),
          scope,
          section,
          minutes,
        ],
      };
    },
  },
  /** One row a person and incident. Victims, witnesses and reporters are kept as what they are. */
  behavior: {
    target: flatTargets.behaviorIncident,
    columns: [
      "incident_id",
      "student_id",
      "date",
      "severity",
      "severity_raw",
      "participation",
      "action",
      "recorded_on",
    ],
    required: ["incident_id", "student_id", "date", "severity", "participation"],
    read(row) {
      const incident = row.required("incident_id");
      const student = row.required("student_id");
      const date = row.requiredDate("date");
      const severity = row.requiredWord("severity", ["state-offense", "conduct", "minor"]);
      const participation = row.requiredWord("participation", ["perpetrator", "victim", "witness", "reporter"]);
      return {
        key: [incident, student],
        student,
        ownDate: recordedOn(row, date),
        validFrom: date,
        validTo: date,
        values: [
          incident,
          date,
          severity,
          row.text("severity_raw") ?? row.text("severity"),
          participation,
          row.text("action"),
        ],
      };
    },
  },
  /** One row an answer, 1 to 5; an empty answer is a skipped item. */
  survey: {
    target: flatTargets.surveyAnswer,
    columns: ["student_id", "date", "instrument", "scale", "item", "answer", "recorded_on"],
    required: ["student_id", "date", "instrument", "scale", "item", "answer"],
    read(row) {
      const student = row.required("student_id");
      const date = row.requiredDate("date");
      const instrument = row.required("instrument");
      const item = row.required("item");
      return {
        key: [student, date, instrument, item],
        student,
        ownDate: recordedOn(row, date),
        validFrom: date,
        values: [date, instrument, row.required("scale"), item, row.number("answer", { minimum: 1, maximum: 5 })],
      };
    },
  },
  /** One row an answer to a practice item. */
  responses: {
    target: flatTargets.itemResponse,
    columns: ["student_id", "item_id", "standard", "answered_at", "correct", "attempts", "hints", "seconds"],
    required: ["student_id", "item_id", "answered_at", "correct"],
    read(row) {
      const student = row.required("student_id");
      const item = row.required("item_id");
      const at = row.requiredMoment("answered_at");
      return {
        key: [student, item, at],
        student,
        ownDate: at.slice(0, 10) || null,
        validFrom: at.slice(0, 10) || null,
        values: [
          item,
          row.text("standard"),
          at,
          correctness(row),
          row.integer("attempts", { minimum: 0 }),
          row.integer("hints", { minimum: 0 }),
          row.number("seconds", { minimum: 0 }),
        ],
      };
    },
  },
  /** One row a thing a student did on a platform. */
  events: {
    target: flatTargets.activityEvent,
    columns: ["student_id", "at", "verb", "activity", "kind", "seconds", "event_id", "source"],
    required: ["student_id", "at", "verb"],
    read(row) {
      const student = row.required("student_id");
      const at = row.requiredMoment("at");
      const verb = row.required("verb");
      const activity = row.text("activity");
      const event = row.text("event_id");
      const seconds = row.number("seconds", { minimum: 0 });
      return {
        key: event === null ? [student, at, verb, activity ?? ""] : [event],
        student,
        ownDate: at.slice(0, 10) || null,
        validFrom: at.slice(0, 10) || null,
        values: [activity, verb, row.text("kind"), at, seconds, 1, row.text("source")],
      };
    },
  },
  ...libraryProfiles,
  /** What a family decided about a purpose. The latest decision counts; the same day's row comes again as a correction. */
  consent: {
    target: flatTargets.consentDecision,
    columns: ["student_id", "purpose", "decision", "decided_on", "decided_by"],
    required: ["student_id", "purpose", "decision", "decided_on"],
    read(row) {
      const student = row.required("student_id");
      const purpose = row.required("purpose");
      const decided = row.requiredDate("decided_on");
      const decision = row.requiredWord("decision", ["permit", "deny"]);
      return {
        key: [student, purpose, decided],
        student,
        ownDate: decided,
        validFrom: decided,
        values: [purpose, decision, decided, row.text("decided_by")],
      };
    },
  },
  /** School-year enrolments from a system that does not speak OneRoster. */
  enrolment: {
    target: flatTargets.enrolment,
    columns: [
      "student_id",
      "school_id",
      "period",
      "starts_on",
      "ends_on",
      "grade",
      "entered_on",
      "exited_on",
      "exit_kind",
      "recorded_on",
    ],
    required: ["student_id", "school_id", "period", "starts_on"],
    read(row) {
      const student = row.required("student_id");
      const school = row.required("school_id");
      const period = row.required("period");
      const starts = row.requiredDate("starts_on");
      const entered = row.date("entered_on");
      const exited = row.date("exited_on");
      const recorded = row.date("recorded_on");
      const grade = row.text("grade");
      return {
        key: [student, school, period],
        student,
        ownDate: exited === null ? (recorded ?? entered ?? starts) : (entered ?? starts),
        validFrom: entered,
        validTo: exited,
        values: [
          school,
          period,
          starts,
          row.date("ends_on"),
          grade === null ? null : readGrade(grade),
          entered,
          exited,
          row.word("exit_kind", ["transfer", "withdrawal"] as const),
          exited === null ? (recorded ?? entered ?? starts) : (entered ?? starts),
          exited === null ? null : (recorded ?? exited),
        ],
      };
    },
  },
};

/** The profiles of cairn's own flat files. Every column is read by its name; the order does not matter. */
export const flatProfiles: Readonly<Record<FlatProfileName, FlatProfile>> = {
  ...coreProfiles,
  ...schoolProfiles,
  ...learnerProfiles,
};

/** 0 to 1; true and false count as 1 and 0. */
function correctness(row: Row): number | null {
  const cell = row.text("correct");
  if (cell === null) return null;
  if (/^(true|false)$/i.test(cell)) return cell.toLowerCase() === "true" ? 1 : 0;
  const value = row.number("correct", { minimum: 0, maximum: 1 });
  if (value === null) row.fail("correct", "BAD_VALUE", `expected a number between 0 and 1, got ${shown(cell)}`);
  return value;
}
