import type { SnapshotTableName } from "./tables.ts";

/** What a snapshot may be taken for. */
export type SnapshotPurpose = "early-warning" | "playlist";

/** What a purpose may see, and why it may. */
export interface PurposeRule {
  /** The legal basis, as the manifest states it. */
  readonly legalBasis: string;
  /** The least that the purpose needs: other tables are not written. */
  readonly tables: readonly SnapshotTableName[];
}

const schoolOfficial = "school official with legitimate educational interest, 34 CFR 99.31(a)(1)(i)(B)";

/**
 * Each purpose with its basis and its data classes. A family's "deny" for a purpose is honoured although the basis does not
 * ask for consent: cairn would rather leave a learner out than argue.
 */
export const purposes: Readonly<Record<SnapshotPurpose, PurposeRule>> = {
  "early-warning": {
    legalBasis: schoolOfficial,
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
    ],
  },
  playlist: {
    legalBasis: schoolOfficial,
    tables: ["enrolment", "background", "response", "activity_event", "standard", "prerequisite", "activity"],
  },
};
