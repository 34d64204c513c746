import type { Bystander } from "./conduct.ts";
import type { CourseSeat } from "./coursework.ts";
import type { ExportRows } from "./export-rows.ts";
import type { Learner } from "./learner.ts";
import type { Platform } from "./platform.ts";
import type { Work } from "./roster.ts";
import type { World } from "./world.ts";
import type { Engagement } from "./year-state.ts";

/** Where a learner spends a part of a year: the district with its files, the learner as it knows them, the classes. */
export interface Place {
  readonly world: World;
  readonly out: ExportRows;
  readonly platform: Platform;
  readonly learner: Learner;
  readonly seats: readonly CourseSeat[];
  /** Course → week → pieces of work. */
  readonly work: readonly (readonly Work[][])[];
  readonly bystanders: readonly Bystander[];
  /** The id of the homeroom. */
  readonly homeroom: string;
}

/** A part of a year at one place. */
export interface Stay {
  readonly place: Place;
  /** The first week that is not spent there. */
  readonly until: number;
}

/** The state that goes with a learner from one district to another. */
export interface Passage {
  readonly place: Place;
  readonly role: "origin" | "destination";
  readonly week: number;
  readonly engagement: Engagement;
  readonly momentum: number;
  readonly persistence: number;
}
