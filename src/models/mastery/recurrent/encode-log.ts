import type { NetworkSequences } from "../../../numeric/network/sequences.ts";
import type { NetworkShape } from "../../../numeric/network/shape.ts";
import { HISTORY_WIDTH } from "../history/history-columns.ts";
import type { ItemResponseLog } from "../item-log.ts";
import { type RecurrentVocabulary, setRowsOf } from "./vocabulary.ts";

/** How wide the layers and tables of a recurrent model are. */
export interface RecurrentWidths {
  readonly hidden: number;
  readonly head: number;
  /** Of the vectors of sets of skills. */
  readonly setWidth: number;
}

/**
 * The network of a recurrent model. A step reads the set of skills with the outcome, and the item's easiness; a target reads
 * the set and the history columns. Items have no vectors of their own: with a dozen answers each they were learned by heart
 * (log loss on held-out learners .5216 with, .5180 without), and their easiness is in the columns.
 */
export function shapeOf({ sets }: RecurrentVocabulary, { hidden, head, setWidth }: RecurrentWidths): NetworkShape {
  return {
    tables: [
      { rows: 2 * sets.length, width: setWidth },
      { rows: sets.length, width: setWidth },
    ],
    step: { numbers: STEP_NUMBERS, lookups: [0] },
    target: { numbers: HISTORY_WIDTH, lookups: [1] },
    hidden,
    head,
  };
}

const STEP_NUMBERS = 4;

/**
 * A log as sequences: one per learner, one step and one target per response, each target before its step.
 * @param columns - shape (rows × HISTORY_WIDTH): the history columns of the log, read as the model's training log was
 */
export function encodeLog(
  log: ItemResponseLog,
  vocabulary: RecurrentVocabulary,
  columns: Float32Array,
): NetworkSequences {
  const rows = log.outcome.length;
  const set = setRowsOf(log, vocabulary);
  const stepValues = new Float32Array(rows * STEP_NUMBERS);
  const stepIndexes = new Int32Array(rows);
  const after = new Int32Array(rows);
  for (let learner = 0; learner + 1 < log.learnerStart.length; learner++) {
    for (let row = log.learnerStart[learner]!; row < log.learnerStart[learner + 1]!; row++) {
      after[row] = row - log.learnerStart[learner]!;
      const outcome = log.outcome[row]!;
      const at = row * STEP_NUMBERS;
      const sign = 2 * outcome - 1;
      stepValues[at] = sign;
      stepValues[at + 1] = columns[row * HISTORY_WIDTH]!; // easiness
      stepValues[at + 2] = sign * columns[row * HISTORY_WIDTH]!;
      stepValues[at + 3] = columns[row * HISTORY_WIDTH + HISTORY_WIDTH - 2]!; // same skills as before
      stepIndexes[row] = set[row]! < 0 ? -1 : 2 * set[row]! + outcome;
    }
  }
  return {
    steps: { rows, values: stepValues, indexes: stepIndexes },
    stepStart: log.learnerStart,
    targets: { rows, values: columns, indexes: set },
    targetStart: log.learnerStart,
    after,
  };
}
