import { CairnError } from "../../../errors.ts";
import { type FeatureMatrix, takeRows } from "../../../numeric/matrix.ts";

/** Learners followed week by week while something could still happen to them. One row per learner and week at risk. */
export interface PersonPeriods {
  /** Features as of the start of the row's week. */
  readonly matrix: FeatureMatrix;
  /** Shape (rows): whole weeks from 0. */
  readonly week: Int32Array;
  /** Shape (rows): 1 in the week of the event. A learner who transfers, or whose data end, has no such row: the rows stop. */
  readonly event: Uint8Array;
}

/** How long each learner was followed. */
export interface FollowedLearners {
  /** One row per learner: features that do not change. */
  readonly matrix: FeatureMatrix;
  /** Shape (learners): the first week at risk; 0 for everybody when left out. Who joins late was not at risk before. */
  readonly entry?: Int32Array;
  /** Shape (learners): the last week at risk. */
  readonly exit: Int32Array;
  /** Shape (learners): 1 when the event came in the last week, 0 when the learner transferred or the data end (censoring). */
  readonly event: Uint8Array;
}

/**
 * One row per learner and week at risk, from learners with features that do not change.
 * @throws CairnError `SHAPE_MISMATCH`, `BAD_INPUT` for weeks that are negative or end before they begin
 */
export function personPeriods({ matrix, entry, exit, event }: FollowedLearners): PersonPeriods {
  const learners = matrix.rows;
  if (exit.length !== learners || event.length !== learners || (entry !== undefined && entry.length !== learners)) {
    throw new CairnError(
      "SHAPE_MISMATCH",
      `expected an entry, an exit and an event per learner, got ${learners} learners, ${exit.length} exits and ${event.length} events`,
    );
  }
  const rows: number[] = [];
  const week: number[] = [];
  const events: number[] = [];
  for (let learner = 0; learner < learners; learner++) {
    const [first, last] = [entry?.[learner] ?? 0, exit[learner]!];
    if (first < 0 || last < first)
      throw new CairnError("BAD_INPUT", `expected weeks from 0 that end after they begin, got ${first} to ${last}`);
    for (let at = first; at <= last; at++) {
      rows.push(learner);
      week.push(at);
      events.push(at === last ? event[learner]! : 0);
    }
  }
  return { matrix: takeRows(matrix, rows), week: Int32Array.from(week), event: Uint8Array.from(events) };
}

/** One week of a life table. */
export interface LifeTableWeek {
  readonly week: number;
  readonly atRisk: number;
  readonly events: number;
  /** events/atRisk. */
  readonly hazard: number;
  /** The share still without the event after the week: Π(1 − hazard) up to it. */
  readonly survival: number;
  /** Greenwood's standard error of `survival`. */
  readonly standardError: number;
}

/**
 * The life table of followed learners: what everybody together went through, without any feature; the yardstick of a survival
 * model. Weeks without anybody at risk are left out, and what comes after them is of those who were at risk then.
 * @see Kaplan and Meier (1958), JASA 53; Greenwood (1926)
 */
export function lifeTable({ week, event }: Pick<PersonPeriods, "week" | "event">): LifeTableWeek[] {
  const counts = new Map<number, { atRisk: number; events: number }>();
  for (let row = 0; row < week.length; row++) {
    const own = counts.get(week[row]!) ?? { atRisk: 0, events: 0 };
    own.atRisk += 1;
    own.events += event[row]!;
    counts.set(week[row]!, own);
  }
  let survival = 1;
  let greenwood = 0;
  return [...counts]
    .sort(([a], [b]) => a - b)
    .map(([at, { atRisk, events }]) => {
      const hazard = events / atRisk;
      survival *= 1 - hazard;
      greenwood += atRisk === events ? 0 : events / (atRisk * (atRisk - events));
      return { week: at, atRisk, events, hazard, survival, standardError: survival * Math.sqrt(greenwood) };
    });
}
