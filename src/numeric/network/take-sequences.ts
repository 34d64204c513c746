import type { LabelledSequences, NetworkRows } from "./sequences.ts";

/** Some of the sequences, in the given order, as data of their own. */
export function takeSequences(data: LabelledSequences, chosen: Int32Array): LabelledSequences {
  const steps = rowsOf(data.stepStart, chosen);
  const targets = rowsOf(data.targetStart, chosen);
  return {
    steps: takeRows(data.steps, steps.rows),
    stepStart: steps.start,
    targets: takeRows(data.targets, targets.rows),
    targetStart: targets.start,
    after: targets.rows.map((row) => data.after[row]!),
    labels: Uint8Array.from(targets.rows, (row) => data.labels[row]!),
  };
}

function rowsOf(start: Int32Array, chosen: Int32Array): { rows: Int32Array; start: Int32Array } {
  const starts = new Int32Array(chosen.length + 1);
  for (let i = 0; i < chosen.length; i++) starts[i + 1] = starts[i]! + start[chosen[i]! + 1]! - start[chosen[i]!]!;
  const rows = new Int32Array(starts[chosen.length]!);
  for (let i = 0; i < chosen.length; i++) {
    for (let at = starts[i]!; at < starts[i + 1]!; at++) rows[at] = start[chosen[i]!]! + at - starts[i]!;
  }
  return { rows, start: starts };
}

function takeRows(data: NetworkRows, rows: Int32Array): NetworkRows {
  const numbers = data.rows === 0 ? 0 : data.values.length / data.rows;
  const lookups = data.rows === 0 ? 0 : data.indexes.length / data.rows;
  const values = new Float32Array(rows.length * numbers);
  const indexes = new Int32Array(rows.length * lookups);
  for (let i = 0; i < rows.length; i++) {
    values.set(data.values.subarray(rows[i]! * numbers, (rows[i]! + 1) * numbers), i * numbers);
    indexes.set(data.indexes.subarray(rows[i]! * lookups, (rows[i]! + 1) * lookups), i * lookups);
  }
  return { rows: rows.length, values, indexes };
}
