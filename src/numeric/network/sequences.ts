import { CairnError } from "../../errors.ts";
import type { NetworkShape, RowShape, TableShape } from "./shape.ts";

/** Input rows as the network reads them. */
export interface NetworkRows {
  readonly rows: number;
  /** Shape (rows × numbers), row-major, finite; keep them within about ±5 (standardise, or take logarithms). */
  readonly values: Float32Array;
  /** Shape (rows × lookups), row-major: a row of the lookup's table, or −1 for none (then zeros are read). */
  readonly indexes: Int32Array;
}

/**
 * Sequences and the questions asked of them. A target sees the steps before it only: `after` of them. One target per step
 * with `after` = 0, 1, 2 … is next-response prediction; one target per sequence with `after` = its length is a label per
 * sequence, whose static columns are the target's row.
 */
export interface NetworkSequences {
  readonly steps: NetworkRows;
  /** Shape (sequences + 1): first step of each sequence. */
  readonly stepStart: Int32Array;
  readonly targets: NetworkRows;
  /** Shape (sequences + 1): first target of each sequence. */
  readonly targetStart: Int32Array;
  /** Shape (targets): steps seen before the target, in [0, length of its sequence], ascending within a sequence. */
  readonly after: Int32Array;
}

/** Sequences whose targets have an answer. */
export interface LabelledSequences extends NetworkSequences {
  /** Shape (targets), each 0 or 1. */
  readonly labels: Uint8Array;
}

/**
 * Checks sequences at the door.
 * @returns the same sequences
 * @throws CairnError `SHAPE_MISMATCH`, `BAD_INPUT`, `NOT_FINITE`
 */
export function checkSequences<Sequences extends NetworkSequences>(
  sequences: Sequences,
  { step, target, tables }: NetworkShape,
): Sequences {
  const { steps, stepStart, targets, targetStart, after } = sequences;
  checkRows("steps", steps, step, tables);
  checkRows("targets", targets, target, tables);
  checkStarts("step starts", stepStart, steps.rows);
  checkStarts("target starts", targetStart, targets.rows);
  if (stepStart.length !== targetStart.length || after.length !== targets.rows) {
    throw new CairnError(
      "SHAPE_MISMATCH",
      `expected starts of the same sequences and one "after" per target, got ${stepStart.length} and ${targetStart.length} starts and ${after.length} for ${targets.rows} targets`,
      { hint: "give a sequence without targets an empty run" },
    );
  }
  for (let sequence = 0; sequence + 1 < stepStart.length; sequence++) {
    const length = stepStart[sequence + 1]! - stepStart[sequence]!;
    let earliest = 0;
    for (let at = targetStart[sequence]!; at < targetStart[sequence + 1]!; at++) {
      if (!(after[at]! >= earliest && after[at]! <= length)) {
        throw new CairnError(
          "BAD_INPUT",
          `expected ascending positions in [0, ${length}] in sequence ${sequence}, got ${after[at]}`,
          { hint: "order the targets of a sequence by the steps before them" },
        );
      }
      earliest = after[at]!;
    }
  }
  return sequences;
}

function checkRows(
  what: string,
  { rows, values, indexes }: NetworkRows,
  shape: RowShape,
  tables: readonly TableShape[],
): void {
  const { numbers, lookups } = shape;
  if (values.length !== rows * numbers || indexes.length !== rows * lookups.length) {
    throw new CairnError(
      "SHAPE_MISMATCH",
      `expected ${rows} ${what} of ${numbers} numbers and ${lookups.length} lookups, got ${values.length} and ${indexes.length}`,
    );
  }
  if (!values.every((value) => Number.isFinite(value))) {
    throw new CairnError("NOT_FINITE", `expected finite numbers in ${what}, got others`, {
      hint: "fill what is missing, and say so in a column of its own",
    });
  }
  for (let i = 0; i < indexes.length; i++) {
    const count = tables[lookups[i % lookups.length]!]!.rows;
    if (!(indexes[i]! >= -1 && indexes[i]! < count)) {
      throw new CairnError("BAD_INPUT", `expected an index in [-1, ${count}) in ${what}, got ${indexes[i]}`, {
        hint: "use -1 for what the table does not have",
      });
    }
  }
}

function checkStarts(what: string, starts: Int32Array, rows: number): void {
  const ascending = starts.every((start, i) => i === 0 || start >= starts[i - 1]!);
  if (starts.length === 0 || starts[0] !== 0 || starts.at(-1) !== rows || !ascending) {
    throw new CairnError("SHAPE_MISMATCH", `expected ascending ${what} from 0 to ${rows}, got others`, {
      hint: "end them with the number of rows",
    });
  }
}
