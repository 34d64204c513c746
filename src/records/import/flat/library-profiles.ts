import { flatTargets } from "../core/flat-targets.ts";
import type { FlatProfile } from "./profile.ts";

/** The names of the profiles of what there is to learn. */
export type LibraryProfileName = "standards" | "prerequisites" | "activities";

/** The profiles of standards, their order and the content library. */
export const libraryProfiles: Readonly<Record<LibraryProfileName, FlatProfile>> = {
  /** The standards of the framework. */
  standards: {
    target: flatTargets.standard,
    columns: ["standard", "label", "subject", "grade"],
    required: ["standard"],
    read(row) {
      const standard = row.required("standard");
      return {
        key: [standard],
        ownDate: null,
        values: [standard, row.text("label"), row.text("subject"), row.text("grade")],
      };
    },
  },
  /** One row an edge: `standard` needs `requires` first. */
  prerequisites: {
    target: flatTargets.prerequisite,
    columns: ["standard", "requires"],
    required: ["standard", "requires"],
    read(row) {
      const standard = row.required("standard");
      const requires = row.required("requires");
      if (standard !== "" && standard === requires)
        row.fail("requires", "BAD_VALUE", "expected another standard, got the same one");
      return { key: [standard, requires], ownDate: null, values: [standard, requires] };
    },
  },
  /** The content library. `difficulty` is in logits, 0 being average. */
  activities: {
    target: flatTargets.activity,
    columns: ["activity", "title", "standard", "modality", "minutes", "difficulty"],
    required: ["activity"],
    read(row) {
      const activity = row.required("activity");
      return {
        key: [activity],
        ownDate: null,
        values: [
          activity,
          row.text("title"),
          row.text("standard"),
          row.text("modality"),
          row.integer("minutes", { minimum: 0 }),
          row.number("difficulty"),
        ],
      };
    },
  },
};
