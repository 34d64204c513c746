import type { LabelledSequences } from "./sequences.ts";

/**
 * A window of steps of several sequences, packed without padding: the sequences that still have a step at time t are the
 * first `active[t]` ones, so that every step is one dense matrix and nothing needs a mask.
 *
 * State rows: the states before the window first (one per sequence), then those after each step.
 */
export interface PackedBatch {
  /** Sequences that are in the window, the longest first; a prefix of the batch's members. */
  readonly sequences: number;
  /** Shape (steps of the window), descending: how many sequences have that step. */
  readonly active: Int32Array;
  /** Shape (Σ active): row in the data of every packed step, step by step. */
  readonly stepRow: Int32Array;
  /** Shape (targets of the window): row in the data, and the state that answers it. */
  readonly targetRow: Int32Array;
  readonly targetState: Int32Array;
}

/** How many steps of a sequence are seen by a target: the rest need not be walked. */
export function neededSteps({ targetStart, after }: LabelledSequences, sequence: number): number {
  const end = targetStart[sequence + 1]!;
  return end === targetStart[sequence]! ? 0 : after[end - 1]!;
}

/**
 * Packs the steps `from` … `to` − 1 of the members, and the targets answered by a state after one of them (with `from` = 0
 * also those that have seen nothing).
 * @param members - sequences, those with the most needed steps first
 */
export function packWindow(data: LabelledSequences, members: Int32Array, from: number, to: number): PackedBatch {
  const needed = Array.from(members, (sequence) => neededSteps(data, sequence));
  const sequences = from === 0 ? members.length : needed.filter((steps) => steps > from).length;
  const active = activeSequences(needed, sequences, from, to);
  const stepStart = new Int32Array(active.length + 1);
  for (let t = 0; t < active.length; t++) stepStart[t + 1] = stepStart[t]! + active[t]!;
  const stepRow = new Int32Array(stepStart[active.length]!);
  for (let t = 0; t < active.length; t++) {
    for (let member = 0; member < active[t]!; member++)
      stepRow[stepStart[t]! + member] = data.stepStart[members[member]!]! + from + t;
  }
  return { sequences, active, stepRow, ...packTargets(data, members.subarray(0, sequences), stepStart, from, to) };
}

/** How many of the members have each step of the window; the longest come first, so the count only falls. */
function activeSequences(needed: readonly number[], sequences: number, from: number, to: number): Int32Array {
  const active = new Int32Array(Math.max(0, Math.min(to, needed[0] ?? 0) - from));
  let count = sequences;
  for (let t = 0; t < active.length; t++) {
    while (count > 0 && needed[count - 1]! <= from + t) count--;
    active[t] = count;
  }
  return active;
}

function packTargets(
  { targetStart, after }: LabelledSequences,
  members: Int32Array,
  stepStart: Int32Array,
  from: number,
  to: number,
): Pick<PackedBatch, "targetRow" | "targetState"> {
  const rows: number[] = [];
  const states: number[] = [];
  for (const [member, sequence] of members.entries()) {
    for (let target = targetStart[sequence]!; target < targetStart[sequence + 1]!; target++) {
      const seen = after[target]! - from;
      if (seen > to - from) break;
      if (seen < 0 || (seen === 0 && from > 0)) continue; // the window before answers it
      rows.push(target);
      states.push(seen === 0 ? member : members.length + stepStart[seen - 1]! + member);
    }
  }
  return { targetRow: Int32Array.from(rows), targetState: Int32Array.from(states) };
}
