import type { Target } from "../core/targets.ts";
import { person } from "../core/targets.ts";

const contributed = { class: "contributed" } as const;

/** The tables Caliper events fill. */
export const caliperTargets = {
  event: {
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
      object: "text",
      score: "double precision",
      completion: "boolean",
      session: "text",
    },
  },
  answer: {
    table: "item_response",
    ...contributed,
    ...person("object.assignee"),
    columns: {
      item: "text",
      standard: "text",
      answered_at: "timestamp",
      correct: "double precision",
      attempts: "integer",
      seconds: "double precision",
    },
  },
  survey: {
    table: "survey_answer",
    ...contributed,
    ...person("actor"),
    columns: { on_date: "date", instrument: "text", scale: "text", item: "text", answer: "double precision" },
  },
} as const satisfies Record<string, Target>;
