import type { SchoolWeek, SchoolYear } from "../calendar.ts";
import type { ExportRows } from "../export-rows.ts";
import type { Learner } from "../learner.ts";
import type { YearPlan } from "../learner-path.ts";
import type { World } from "../world.ts";
import type { Mastery } from "../year-state.ts";

/** A learner's year, as those see it who write about it; none of them changes the learner. */
export interface YearContext {
  readonly world: World;
  readonly learner: Learner;
  readonly plan: YearPlan;
  readonly year: SchoolYear;
  readonly mastery: Mastery;
  readonly out: ExportRows;
}

/** A week the learner has lived. */
export interface WeekView {
  readonly index: number;
  readonly week: SchoolWeek;
  /** The standard class was about. */
  readonly topic: number;
  readonly levels: { readonly trait: number; readonly engagement: number; readonly persistence: number };
  readonly absent: number;
  /** Points that interventions add to marks in mathematics by now. */
  readonly points: number;
}
