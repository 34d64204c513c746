import type { Target } from "./targets.ts";
import { person } from "./targets.ts";

const contributed = { class: "contributed", ...person("student_id") } as const;

/** The tables of the Profile: what learners, families and teachers say, and what nobody certifies. */
export const profileTargets = {
  scaleScore: {
    table: "scale_score",
    ...contributed,
    columns: {
      on_date: "date",
      instrument: "text",
      scale: "text",
      score: "double precision",
      items: "integer",
      reliability: "double precision",
    },
  },
  goal: {
    table: "goal",
    ...contributed,
    columns: {
      goal: "text",
      title: "text",
      subject: "text",
      standard: "text",
      status: "text",
      set_on: "date",
      due_on: "date",
      achieved_on: "date",
    },
  },
  goalStep: {
    table: "goal_step",
    ...contributed,
    columns: {
      goal: "text",
      step: "text",
      title: "text",
      position: "integer",
      status: "text",
      due_on: "date",
      done_on: "date",
    },
  },
  preference: {
    table: "preference",
    ...contributed,
    columns: { kind: "text", value: "text", strength: "double precision", on_date: "date", said_by: "text" },
  },
  narrative: {
    table: "narrative",
    ...contributed,
    columns: { narrative: "text", kind: "text", text: "text", on_date: "date", author_role: "text" },
  },
  milestone: {
    table: "readiness_milestone",
    ...contributed,
    columns: { pathway: "text", milestone: "text", status: "text", on_date: "date", due_on: "date" },
  },
  serviceHours: {
    table: "service_hours",
    ...contributed,
    columns: { on_date: "date", hours: "double precision", description: "text" },
  },
  personalBest: {
    table: "personal_best",
    class: "certified", // part of the Backpack: the school keeps one a subject
    ...person("student_id"),
    columns: { subject: "text", title: "text", on_date: "date", score: "double precision", artifact: "text" },
  },
  achievement: {
    table: "achievement",
    ...contributed,
    columns: { achievement: "text", area: "text", title: "text", level: "text", on_date: "date" },
  },
} as const satisfies Record<string, Target>;
