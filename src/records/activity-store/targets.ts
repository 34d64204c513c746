import type { Target } from "../import/core/targets.ts";

const contributed = { class: "contributed" } as const;

/** The evidence a statement leaves; whose it is, is known before it is staged. */
export const evidenceTargets = {
  activity_event: {
    table: "activity_event",
    ...contributed,
    columns: {
      person_id: "text",
      activity: "text",
      verb: "text",
      kind: "text",
      at: "timestamp",
      seconds: "double precision",
      clicks: "integer",
      sensor: "text",
      object: "text",
      score: "double precision",
      success: "boolean",
      completion: "boolean",
      session: "text",
    },
  },
  item_response: {
    table: "item_response",
    ...contributed,
    columns: {
      person_id: "text",
      item: "text",
      standard: "text",
      answered_at: "timestamp",
      correct: "double precision",
      attempts: "integer",
      hints: "integer",
      seconds: "double precision",
    },
  },
} as const satisfies Record<string, Target>;
