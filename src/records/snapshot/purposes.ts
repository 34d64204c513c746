import type { DataClass } from "../consent/data-classes.ts";
import { legalBases } from "../consent/uses.ts";
import type { SnapshotTableName } from "./tables.ts";

/**
 * What a snapshot may be taken for. `study` and `sharing` leave the school: they need an agreement in force or consent, name
 * who gets them, and write a line into every pupil's record of disclosures.
 */
export type SnapshotPurpose = "early-warning" | "playlist" | "study" | "sharing";

/** What a purpose may see, and why it may. */
export interface PurposeRule {
  /** The legal basis, as the manifest states it. */
  readonly legalBasis: string;
  /** Whether it goes to somebody outside the school. */
  readonly leaves: boolean;
  /** The least that the purpose needs: other tables are not written. */
  readonly tables: readonly SnapshotTableName[];
}

/** What somebody outside may ask for, as far as an agreement or a family allows. */
const outside: readonly SnapshotTableName[] = [
  "enrolment",
  "section",
  "background",
  "protected_attribute",
  "calendar",
  "attendance",
  "behavior",
  "survey",
  "assignment",
  "result",
  "standard_result",
  "response",
  "activity_event",
  "standard",
  "prerequisite",
  "activity",
];

/**
 * Each purpose with its basis and its data classes. A family's "deny" for a purpose is honoured although the basis does not
 * ask for consent: cairn would rather leave a learner out than argue.
 */
export const purposes: Readonly<Record<SnapshotPurpose, PurposeRule>> = {
  "early-warning": {
    legalBasis: legalBases["school-official"],
    leaves: false,
    tables: [
      "enrolment",
      "section",
      "background",
      "protected_attribute",
      "calendar",
      "attendance",
      "behavior",
      "survey",
      "assignment",
      "result",
      "standard_result",
      "response",
      "activity_event",
      "prerequisite",
      "activity",
      "activity_setting",
      "term",
      "observation",
      "scale_score",
      "goal",
      "goal_step",
      "preference",
      "intervention_assignment",
      "dose",
      "course_grade",
      "academic_summary",
      "assessment_result",
      "withheld",
    ],
  },
  playlist: {
    legalBasis: legalBases["school-official"],
    leaves: false,
    tables: [
      "enrolment",
      "background",
      "standard_result",
      "response",
      "activity_event",
      "observation",
      "standard",
      "prerequisite",
      "activity",
    ],
  },
  study: { legalBasis: legalBases["study-or-audit"], leaves: true, tables: outside },
  sharing: { legalBasis: legalBases.consent, leaves: true, tables: outside },
};

/**
 * The kind of data each table of a snapshot holds, where it is about learners: what a family's decision about a kind of data
 * takes away. A test compares it with the tables there are.
 */
export const snapshotClasses: Readonly<Record<string, DataClass>> = {
  enrolment: "enrolment",
  section: "enrolment",
  background: "enrolment",
  outcome: "enrolment",
  protected_attribute: "demographics",
  attendance: "attendance",
  behavior: "behavior",
  survey: "surveys",
  scale_score: "surveys",
  result: "grades",
  standard_result: "grades",
  observation: "grades",
  course_grade: "grades",
  academic_summary: "grades",
  assessment_result: "assessments",
  response: "practice",
  activity_event: "practice",
  goal: "goals",
  goal_step: "goals",
  preference: "goals",
  intervention_assignment: "supports",
  dose: "supports",
};
