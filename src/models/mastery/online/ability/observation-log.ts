import { CairnError } from "../../../../errors.ts";
import { type ObservationSource, observationSources } from "../tracker.ts";

/**
 * What was seen of many learners, sorted by learner and then by time (for equal times by `compareObservations`): answers, tests
 * and teachers' words in one stream. One row per observation.
 */
export interface ObservationLog {
  /** Shape (learners + 1): first row of each learner, ascending from 0 to the number of rows. */
  readonly learnerStart: Int32Array;
  /** Shape (rows): index into `standards`. */
  readonly standard: Int32Array;
  /** Shape (rows): index into `items`, −1 where the item is not known. */
  readonly item: Int32Array;
  /** Shape (rows): 1 right, 0 wrong, between them partial credit. */
  readonly outcome: Float64Array;
  /** Shape (rows): milliseconds of the district's wall clock, ascending within a learner; all equal where only the order is known. */
  readonly at: Float64Array;
  /** Shape (rows): positions in `observationSources`. */
  readonly source: Uint8Array;
  /** The name of each standard, unique. */
  readonly standards: readonly string[];
  /** The name of each item, unique. */
  readonly items: readonly string[];
  /** Per standard the positions of those that come before it; no standard has any when left out. */
  readonly prerequisites?: readonly (readonly number[])[];
}

/**
 * Checks a log at the door: equal lengths, ranges, unique names, time that never goes back within a learner.
 * @returns the same log
 * @throws CairnError `SHAPE_MISMATCH`, `NOT_FINITE`, `BAD_INPUT`
 */
export function checkObservationLog(log: ObservationLog): ObservationLog {
  const rows = log.outcome.length;
  for (const column of [log.standard, log.item, log.at, log.source]) {
    if (column.length !== rows) {
      throw new CairnError("SHAPE_MISMATCH", `expected ${rows} values in every column, got ${column.length}`, {
        hint: "pass one standard, item, time and source per outcome",
      });
    }
  }
  const { learnerStart, prerequisites } = log;
  if (learnerStart.length === 0 || learnerStart[0] !== 0 || learnerStart.at(-1) !== rows) {
    throw new CairnError("SHAPE_MISMATCH", `expected learner starts from 0 to ${rows}, got others`, {
      hint: "end learnerStart with the number of rows",
    });
  }
  if (prerequisites !== undefined && prerequisites.length !== log.standards.length) {
    throw new CairnError(
      "SHAPE_MISMATCH",
      `expected prerequisites of ${log.standards.length} standards, got ${prerequisites.length}`,
    );
  }
  requireUnique("standard", log.standards);
  requireUnique("item", log.items);
  for (let learner = 0; learner + 1 < learnerStart.length; learner++) {
    if (learnerStart[learner + 1]! < learnerStart[learner]!)
      throw new CairnError("BAD_INPUT", "expected ascending learner starts, got descending ones");
    for (let row = learnerStart[learner]!; row < learnerStart[learner + 1]!; row++) {
      checkRow(log, row);
      if (row > learnerStart[learner]! && log.at[row]! < log.at[row - 1]!) {
        throw new CairnError(
          "BAD_INPUT",
          `expected a learner's rows in the order of time, got row ${row} before the one above`,
          {
            hint: "sort the log by learner, then by time",
          },
        );
      }
    }
  }
  return log;
}

function requireUnique(what: string, names: readonly string[]): void {
  if (new Set(names).size !== names.length)
    throw new CairnError("BAD_INPUT", `expected every ${what} once, got a name twice`, {
      hint: `merge the two ${what}s`,
    });
}

function checkRow(log: ObservationLog, row: number): void {
  const outcome = log.outcome[row]!;
  if (!Number.isFinite(outcome) || !Number.isFinite(log.at[row]!)) {
    throw new CairnError("NOT_FINITE", `expected an outcome in [0, 1] at a moment, got another in row ${row}`, {
      hint: "leave out answers without a mark or a time",
    });
  }
  if (outcome < 0 || outcome > 1) {
    throw new CairnError("BAD_INPUT", `expected an outcome in [0, 1], got ${outcome} in row ${row}`, {
      hint: "divide the score by the points of the item",
    });
  }
  const inRange = (value: number, least: number, count: number): boolean => value >= least && value < count;
  if (
    !inRange(log.standard[row]!, 0, log.standards.length) ||
    !inRange(log.item[row]!, -1, log.items.length) ||
    !inRange(log.source[row]!, 0, observationSources.length)
  ) {
    throw new CairnError(
      "BAD_INPUT",
      `expected a standard, an item and a source that have names, got others in row ${row}`,
      {
        hint: "name every standard in `standards` and every item in `items`",
      },
    );
  }
}

/** The position of a source in {@link observationSources}. */
export function sourceNumber(source: ObservationSource): number {
  return observationSources.indexOf(source);
}

/**
 * The learners in an order that their rows alone decide, so that sums over them round alike however the log was put together.
 * Learners whose rows are equal may stand in any order: they add the same.
 */
export function canonicalLearners(log: ObservationLog): Int32Array {
  const { learnerStart, at, outcome, standard, item, source } = log;
  const learners = Int32Array.from({ length: learnerStart.length - 1 }, (_, learner) => learner);
  const compareRows = (a: number, b: number): number =>
    at[a]! - at[b]! ||
    outcome[a]! - outcome[b]! ||
    standard[a]! - standard[b]! ||
    item[a]! - item[b]! ||
    source[a]! - source[b]!;
  return learners.sort((a, b) => {
    const rows = learnerStart[a + 1]! - learnerStart[a]!;
    const difference = rows - (learnerStart[b + 1]! - learnerStart[b]!);
    if (difference !== 0) return difference;
    for (let i = 0; i < rows; i++) {
      const order = compareRows(learnerStart[a]! + i, learnerStart[b]! + i);
      if (order !== 0) return order;
    }
    return 0;
  });
}
