import { CairnError } from "../../../errors.ts";
import { moveSchedule, retrievabilityAt, reviewDueAt } from "./review.ts";
import type { EstimateColumns, MasteryTracker, Observation, TrackerState } from "./tracker.ts";

/** Opportunities after which a standard that was never mastered counts as wheel-spinning. @see Beck and Gong (2013), AIED */
export const WHEEL_SPINNING_OPPORTUNITIES = 10;

/** Right answers in a row that count as mastery there. @see Beck and Gong (2013): "three correct responses in a row" */
export const WHEEL_SPINNING_RUN = 3;

/**
 * What every tracker keeps per observed standard, before its own numbers. The first three are the schedule of reviews
 * (review.ts).
 */
export const EVIDENCE = 3;
/** Right answers in a row up to now. */
const RUN = 4;
/** 1 once the standard was mastered by the tracker's own measure. */
const EVER_MASTERED = 5;
/** 1 once there was a run of {@link WHEEL_SPINNING_RUN}. */
const EVER_RUN = 6;
/** Where the tracker's own numbers begin. */
export const OWN_NUMBERS = 7;

/**
 * Checks an observation at the door.
 * @throws CairnError `CONFLICT`, `NOT_FINITE`, `BAD_INPUT`
 */
export function checkObservation(tracker: MasteryTracker, state: TrackerState, observation: Observation): void {
  const { standard, outcome, at } = observation;
  if (!Number.isFinite(outcome) || !Number.isFinite(at)) {
    throw new CairnError("NOT_FINITE", `expected an outcome in [0, 1] at a moment, got ${outcome} at ${at}`, {
      hint: "leave out answers without a mark or a time",
    });
  }
  if (outcome < 0 || outcome > 1) {
    throw new CairnError("BAD_INPUT", `expected an outcome in [0, 1], got ${outcome}`, {
      hint: "divide the score by the points of the item",
    });
  }
  if (tracker.standards[standard] === undefined) {
    throw new CairnError("BAD_INPUT", `expected a standard in [0, ${tracker.standards.length}), got ${standard}`, {
      hint: "take the position from the tracker's standards",
    });
  }
  if (at < state.latest) {
    throw new CairnError("CONFLICT", `expected an observation not before ${state.latest}, got one of ${at}`, {
      hint: "replay the learner's log with it: a late answer changes everything after it",
    });
  }
}

/**
 * Counts one observation: evidence, runs of right answers, the schedule of reviews.
 * @param mastered - whether the standard is mastered now, by the tracker's own measure
 */
export function countObservation(numbers: Float64Array, { outcome, at }: Observation, mastered: boolean): void {
  numbers[EVIDENCE]!++;
  numbers[RUN] = outcome === 1 ? numbers[RUN]! + 1 : 0;
  if (numbers[RUN]! >= WHEEL_SPINNING_RUN) numbers[EVER_RUN] = 1;
  if (mastered) numbers[EVER_MASTERED] = 1;
  moveSchedule(numbers, outcome, at);
}

/** Writes what the counts say of a standard; `undefined` is a standard without an observation. */
export function describeProgress(
  numbers: Float64Array | undefined,
  at: number,
  out: EstimateColumns,
  standard: number,
): void {
  const once = numbers !== undefined && numbers[EVER_MASTERED] === 1;
  out.evidence[standard] = numbers?.[EVIDENCE] ?? 0;
  out.reviewDue[standard] = once ? reviewDueAt(numbers) : Number.NaN;
  out.retrievability[standard] = once ? retrievabilityAt(numbers, at) : Number.NaN;
  out.wheelSpinning[standard] =
    numbers !== undefined &&
    numbers[EVIDENCE]! >= WHEEL_SPINNING_OPPORTUNITIES &&
    numbers[EVER_RUN] === 0 &&
    numbers[EVER_MASTERED] === 0
      ? 1
      : 0;
}
