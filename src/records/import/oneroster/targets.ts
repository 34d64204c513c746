import { rosterTargets } from "../core/roster-targets.ts";
import type { Target } from "../core/targets.ts";
import { person, points } from "../core/targets.ts";

const certified = { class: "certified" } as const;
const keptColumns = { entity: "text", cells: "jsonb" } as const;

/** The tables a OneRoster package fills, the gradebook's scales and ties among them. */
export const packageTargets = {
  ...rosterTargets,
  result: { ...rosterTargets.result, columns: { ...rosterTargets.result.columns, comment: "text" } },
  guardianship: {
    table: "guardianship",
    ...certified,
    ...person("agentSourcedIds"),
    columns: { guardian_id: "text", relation: "text" },
  },
  assignmentStandard: {
    table: "assignment_standard",
    ...certified,
    columns: { assignment_key: "text", source: "text", standard: "text" },
    references: [points("assignment_key", "assignment", "lineItemSourcedId", true)],
  },
  scoreScale: {
    table: "score_scale",
    ...certified,
    columns: {
      title: "text",
      kind: "text",
      org_key: "text",
      course_key: "text",
      section_key: "text",
      values: "text",
    },
    references: [
      points("org_key", "org", "orgSourcedId", false),
      points("course_key", "course", "courseSourcedId", false),
      points("section_key", "section", "classSourcedId", false),
    ],
  },
  scoreScaleUse: {
    table: "score_scale_use",
    ...certified,
    columns: { assignment_key: "text", result_key: "text", score_scale_key: "text" },
    references: [
      points("assignment_key", "assignment", "lineItemSourcedId", false),
      points("result_key", "result", "resultSourcedId", false),
      points("score_scale_key", "score_scale", "scoreScaleSourcedId", true),
    ],
  },
  kept: { table: "kept_row", ...certified, columns: keptColumns },
  keptOfUser: { table: "kept_row", ...certified, ...person("userSourcedId"), columns: keptColumns },
} as const satisfies Record<string, Target>;
