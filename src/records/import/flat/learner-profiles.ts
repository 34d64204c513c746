import { profileTargets } from "../core/profile-targets.ts";
import type { FlatProfile } from "./profile.ts";
import { recordedOn, requiredNumber, toldOn } from "./profile.ts";

/** The names of the profiles of what learners, families and teachers say. */
export type LearnerProfileName =
  | "scale-scores"
  | "goals"
  | "goal-steps"
  | "preferences"
  | "narratives"
  | "milestones"
  | "service-hours"
  | "personal-bests"
  | "achievements";

/** The profiles of the wider picture of a learner. */
export const learnerProfiles: Readonly<Record<LearnerProfileName, FlatProfile>> = {
  /** One row a scale of a survey, where the source gives no single answers. */
  "scale-scores": {
    target: profileTargets.scaleScore,
    columns: ["student_id", "date", "instrument", "scale", "score", "items", "reliability", "recorded_on"],
    required: ["student_id", "date", "instrument", "scale", "score"],
    read(row) {
      const student = row.required("student_id");
      const date = row.requiredDate("date");
      const instrument = row.required("instrument");
      const scale = row.required("scale");
      const score = requiredNumber(row, "score");
      const items = row.integer("items", { minimum: 0 });
      return {
        key: [student, date, instrument, scale],
        student,
        ownDate: recordedOn(row, date),
        validFrom: date,
        values: [date, instrument, scale, score, items, row.number("reliability", { minimum: 0, maximum: 1 })],
      };
    },
  },
  /** One row a goal; a later row of the same goal tells how far it has come. */
  goals: {
    target: profileTargets.goal,
    columns: [
      "student_id",
      "goal_id",
      "title",
      "subject",
      "standard",
      "status",
      "set_on",
      "due_on",
      "achieved_on",
      "recorded_on",
    ],
    required: ["student_id", "goal_id", "title", "set_on"],
    read(row, { receivedOn }) {
      const student = row.required("student_id");
      const goal = row.required("goal_id");
      const set = row.requiredDate("set_on");
      const achieved = row.date("achieved_on");
      const words = [row.required("title"), row.text("subject"), row.text("standard")];
      const status = row.word("status", ["open", "achieved", "dropped"]);
      return {
        key: [student, goal],
        student,
        ownDate: toldOn(row, receivedOn, set, achieved),
        validFrom: set,
        validTo: achieved,
        values: [goal, ...words, status, set, row.date("due_on"), achieved],
      };
    },
  },
  /** One row a step towards a goal. */
  "goal-steps": {
    target: profileTargets.goalStep,
    columns: ["student_id", "goal_id", "step_id", "title", "position", "status", "due_on", "done_on", "recorded_on"],
    required: ["student_id", "goal_id", "step_id", "title"],
    read(row, { receivedOn }) {
      const student = row.required("student_id");
      const goal = row.required("goal_id");
      const step = row.required("step_id");
      const title = row.required("title");
      const status = row.word("status", ["open", "done", "dropped"]);
      const done = row.date("done_on");
      return {
        key: [student, goal, step],
        student,
        ownDate: toldOn(row, receivedOn, done),
        validTo: done,
        values: [goal, step, title, row.integer("position"), status, row.date("due_on"), done],
      };
    },
  },
  /** One row an interest or a way of learning that is liked (1) or not (−1). */
  preferences: {
    target: profileTargets.preference,
    columns: ["student_id", "kind", "value", "strength", "date", "said_by", "recorded_on"],
    required: ["student_id", "kind", "value", "date"],
    read(row) {
      const student = row.required("student_id");
      const kind = row.requiredWord("kind", ["interest", "modality", "setting", "time-of-day", "other"]);
      const value = row.required("value");
      const date = row.requiredDate("date");
      const strength = row.number("strength", { minimum: -1, maximum: 1 });
      const saidBy = row.word("said_by", ["learner", "family", "teacher"]);
      return {
        key: [student, kind, value, date, saidBy ?? ""],
        student,
        ownDate: recordedOn(row, date),
        validFrom: date,
        values: [kind, value, strength, date, saidBy],
      };
    },
  },
  /** One row a few sentences about what a learner brings, or what is hard. */
  narratives: {
    target: profileTargets.narrative,
    columns: ["student_id", "narrative_id", "kind", "text", "date", "author_role", "recorded_on"],
    required: ["student_id", "narrative_id", "kind", "text", "date"],
    read(row) {
      const student = row.required("student_id");
      const narrative = row.required("narrative_id");
      const kind = row.requiredWord("kind", ["asset", "challenge", "comment"]);
      const date = row.requiredDate("date");
      return {
        key: [student, narrative],
        student,
        ownDate: recordedOn(row, date),
        validFrom: date,
        values: [narrative, kind, row.required("text"), date, row.text("author_role")],
      };
    },
  },
  /** One row a step of a pathway to college or career. */
  milestones: {
    target: profileTargets.milestone,
    columns: ["student_id", "pathway", "milestone", "status", "date", "due_on", "recorded_on"],
    required: ["student_id", "pathway", "milestone"],
    read(row, { receivedOn }) {
      const student = row.required("student_id");
      const pathway = row.required("pathway");
      const milestone = row.required("milestone");
      const date = row.date("date");
      const status = row.word("status", ["open", "met", "missed"]);
      return {
        key: [student, pathway, milestone],
        student,
        ownDate: toldOn(row, receivedOn, date),
        validFrom: date,
        values: [pathway, milestone, status, date, row.date("due_on")],
      };
    },
  },
  /** One row a day of service. */
  "service-hours": {
    target: profileTargets.serviceHours,
    columns: ["student_id", "date", "hours", "description", "recorded_on"],
    required: ["student_id", "date", "hours", "description"],
    read(row) {
      const student = row.required("student_id");
      const date = row.requiredDate("date");
      const hours = requiredNumber(row, "hours", { minimum: 0, maximum: 24 });
      const description = row.required("description");
      return {
        key: [student, date, description],
        student,
        ownDate: recordedOn(row, date),
        validFrom: date,
        validTo: date,
        values: [date, hours, description],
      };
    },
  },
  /** The best work of a student in a subject, by its day; readers of the record take the latest. */
  "personal-bests": {
    target: profileTargets.personalBest,
    columns: ["student_id", "subject", "title", "date", "score", "artifact_id", "recorded_on"],
    required: ["student_id", "subject", "title", "date"],
    read(row) {
      const student = row.required("student_id");
      const subject = row.required("subject");
      const title = row.required("title");
      const date = row.requiredDate("date");
      return {
        key: [student, subject, date],
        student,
        ownDate: recordedOn(row, date),
        validFrom: date,
        values: [subject, title, date, row.number("score"), row.text("artifact_id")],
      };
    },
  },
  /** One row an achievement in arts, music, sport, projects or languages. */
  achievements: {
    target: profileTargets.achievement,
    columns: ["student_id", "achievement_id", "area", "title", "level", "date", "recorded_on"],
    required: ["student_id", "achievement_id", "area", "title", "date"],
    read(row) {
      const student = row.required("student_id");
      const achievement = row.required("achievement_id");
      const words = [row.required("area"), row.required("title"), row.text("level")];
      const date = row.requiredDate("date");
      return {
        key: [student, achievement],
        student,
        ownDate: recordedOn(row, date),
        validFrom: date,
        values: [achievement, ...words, date],
      };
    },
  },
};
