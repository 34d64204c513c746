import { CairnError } from "../../errors.ts";
import type { Tensors } from "../artifact.ts";
import type { FitContext, FittedModel } from "../estimator.ts";

/** Who did which activity, one compressed row per learner. */
export interface Interactions {
  /** Shape (learners + 1): where each learner's row starts, ascending from 0. */
  readonly learnerPtr: Int32Array;
  /** Shape (learnerPtr's last): index into `activities`, ascending and unique within a row. */
  readonly activityIdx: Int32Array;
  /** The same shape, above 0: how strongly each counts; 1 when absent. */
  readonly weight?: Float64Array;
  /** The same shape: when each happened, in any one unit; only models of what comes next read it. */
  readonly time?: Float64Array;
  /** The id of each activity, unique. */
  readonly activities: readonly string[];
}

/** What one learner did: activities by index into the fitted model's `activities`, each at most once. */
export interface History {
  readonly activityIdx: Int32Array;
  /** The same shape, above 0; 1 when absent. */
  readonly weight?: Float64Array;
  /** The same shape, in the unit of the interactions; all at one moment when absent. */
  readonly time?: Float64Array;
}

/** A fitted recommender: scores every activity for any learner, also one it never saw. */
export interface FittedRecommender extends FittedModel {
  /** The id of each activity, in the order of the scores. */
  readonly activities: readonly string[];
  /** The index of an activity id; undefined for one the model never saw. */
  indexOf(activity: string): number | undefined;
  /**
   * Scores all activities for a learner; higher is better, the scale is the model's own. Activities already done are
   * scored too: the caller masks them.
   * @param out - shape (activities), overwritten
   * @throws CairnError `SHAPE_MISMATCH`, `NOT_FINITE`, `BAD_INPUT`
   */
  score(history: History, out: Float64Array): void;
}

/**
 * Checks interactions at the door: rows that fit, activities in range, ascending and unique per learner, weights above 0.
 * @returns the same interactions
 * @throws CairnError `SHAPE_MISMATCH`, `NOT_FINITE`, `BAD_INPUT`
 */
export function checkInteractions(interactions: Interactions): Interactions {
  const { learnerPtr, activityIdx, weight, time, activities } = interactions;
  if (learnerPtr.length === 0 || learnerPtr[0] !== 0 || learnerPtr.at(-1) !== activityIdx.length) {
    throw new CairnError("SHAPE_MISMATCH", `expected learner rows from 0 to ${activityIdx.length}, got others`, {
      hint: "end learnerPtr with the number of interactions",
    });
  }
  if (new Set(activities).size !== activities.length) {
    throw new CairnError("BAD_INPUT", "expected every activity once, got an id twice", { hint: "merge the two" });
  }
  checkEntries(activityIdx, weight, activities.length);
  checkTimes(activityIdx, time);
  for (let learner = 0; learner + 1 < learnerPtr.length; learner++) {
    const to = learnerPtr[learner + 1]!;
    if (to < learnerPtr[learner]!) {
      throw new CairnError("BAD_INPUT", `expected ascending learner rows, got ${to} after ${learnerPtr[learner]}`);
    }
    for (let i = learnerPtr[learner]! + 1; i < to; i++) {
      if (activityIdx[i]! > activityIdx[i - 1]!) continue;
      throw new CairnError("BAD_INPUT", `expected ascending activities in a row, got ${activityIdx[i]} at ${i}`, {
        hint: "sort each learner's activities and add up repeats",
      });
    }
  }
  return interactions;
}

/**
 * Checks one learner's history against a fitted model's activities, and the place for the answer.
 * @param places - how long `out` must be; the number of activities by default
 * @throws CairnError `SHAPE_MISMATCH`, `NOT_FINITE`, `BAD_INPUT`
 */
export function checkHistory(
  history: History,
  activities: number,
  out: Float64Array,
  places: number = activities,
): void {
  if (out.length !== places) {
    throw new CairnError("SHAPE_MISMATCH", `expected ${places} places to write to, got ${out.length}`);
  }
  checkEntries(history.activityIdx, history.weight, activities);
  checkTimes(history.activityIdx, history.time);
}

function checkTimes(activityIdx: Int32Array, time: Float64Array | undefined): void {
  if (time === undefined) return;
  if (time.length !== activityIdx.length) {
    throw new CairnError(
      "SHAPE_MISMATCH",
      `expected one time per activity, got ${time.length} of ${activityIdx.length}`,
    );
  }
  const wrong = time.findIndex((moment) => !Number.isFinite(moment));
  if (wrong >= 0) throw new CairnError("NOT_FINITE", `expected a time, got ${time[wrong]} at ${wrong}`);
}

function checkEntries(activityIdx: Int32Array, weight: Float64Array | undefined, activities: number): void {
  if (weight !== undefined && weight.length !== activityIdx.length) {
    throw new CairnError(
      "SHAPE_MISMATCH",
      `expected one weight per activity, got ${weight.length} of ${activityIdx.length}`,
    );
  }
  for (let i = 0; i < activityIdx.length; i++) {
    const activity = activityIdx[i]!;
    if (activity < 0 || activity >= activities) {
      throw new CairnError("BAD_INPUT", `expected an activity in [0, ${activities}), got ${activity} at ${i}`, {
        hint: "leave out activities the model was not trained with",
      });
    }
    const value = weight === undefined ? 1 : weight[i]!;
    if (!Number.isFinite(value)) throw new CairnError("NOT_FINITE", `expected a weight above 0, got ${value} at ${i}`);
    if (value <= 0) {
      throw new CairnError("BAD_INPUT", `expected a weight above 0, got ${value} at ${i}`, {
        hint: "leave out activities that do not count",
      });
    }
  }
}

/**
 * Stops a fit whose caller asked to.
 * @throws CairnError `CANCELLED`
 */
export function stopIfCancelled({ signal }: FitContext): void {
  if (signal?.aborted) throw new CairnError("CANCELLED", "expected to fit the recommender, got a request to stop");
}

/** Activity ids as bytes of an artifact. */
export function encodeActivities(activities: readonly string[]): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(activities));
}

/**
 * The activity ids and the one Float64Array of a recommender's artifact.
 * @param length - what the array's length must be, given the number of activities
 * @throws CairnError `ARTIFACT_CORRUPT` when the artifact is of another kind or does not fit together
 */
export function readRecommender(
  kind: string,
  { metadata, arrays }: Tensors,
  name: string,
  length: (activities: number) => number,
): { activities: readonly string[]; values: Float64Array } {
  const values = arrays[name];
  const bytes = arrays.activities;
  const activities = metadata.kind === kind && bytes instanceof Uint8Array ? readActivities(bytes) : undefined;
  if (activities === undefined || !(values instanceof Float64Array) || values.length !== length(activities.length)) {
    throw new CairnError(
      "ARTIFACT_CORRUPT",
      `expected an artifact of ${kind}, got one of ${metadata.kind} that does not fit`,
      {
        hint: "train the model again",
      },
    );
  }
  return { activities, values };
}

function readActivities(bytes: Uint8Array): readonly string[] | undefined {
  try {
    const ids: unknown = JSON.parse(new TextDecoder().decode(bytes));
    return Array.isArray(ids) && ids.every((id) => typeof id === "string") ? ids : undefined;
  } catch {
    return undefined;
  }
}

/** A lookup from activity id to index. */
export function indexActivities(activities: readonly string[]): (activity: string) => number | undefined {
  const index = new Map(activities.map((activity, i) => [activity, i]));
  return (activity) => index.get(activity);
}
