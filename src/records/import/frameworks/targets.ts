import type { Target } from "../core/targets.ts";

const certified = { class: "certified" } as const;

/** The tables frameworks and the content library fill. */
export const frameworkTargets = {
  framework: {
    table: "framework",
    ...certified,
    columns: {
      framework: "text",
      title: "text",
      publisher: "text",
      edition: "text",
      subject: "text",
      language: "text",
      adoption_status: "text",
      uri: "text",
      licence: "text",
    },
  },
  standard: {
    table: "standard",
    ...certified,
    columns: {
      standard: "text",
      label: "text",
      subject: "text",
      grade: "text",
      framework: "text",
      code: "text",
      statement: "text",
      kind: "text",
      grades: "text[]",
      uri: "text",
      status_ends_on: "date",
    },
  },
  association: {
    table: "standard_association",
    ...certified,
    columns: { standard: "text", kind: "text", other: "text", framework: "text", position: "integer" },
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
      topics: "text[]",
      language: "text",
      uri: "text",
      mastery_score: "double precision",
      move_on: "text",
    },
  },
  alignment: {
    table: "alignment",
    ...certified,
    columns: { resource: "text", standard: "text", kind: "text", framework: "text" },
  },
} as const satisfies Record<string, Target>;
