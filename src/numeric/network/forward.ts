import { sigmoid } from "../log-odds.ts";
import { tanh } from "./gates.ts";
import type { NetworkRows, NetworkSequences } from "./sequences.ts";
import { type NetworkShape, type NetworkWeights, type RowShape, widthOf } from "./shape.ts";

/**
 * A network that answers, in plain TypeScript and double precision: the same on every machine, whatever was trained where.
 * One step costs microseconds; the state is `hidden` numbers per sequence.
 */
export interface NetworkRunner {
  /** A sequence nobody has seen a step of: zeros, shape (hidden). */
  newState(): Float64Array;
  /** Takes in one step: `state` moves on. The row must fit the shape (see `checkSequences`). */
  observe(state: Float64Array, steps: NetworkRows, row: number): void;
  /** Log-odds of a 1 for one target, from the state. */
  answer(state: Float64Array, targets: NetworkRows, row: number): number;
}

/** Puts shape and weights to work; scratch arrays are shared, so a runner belongs to one thread. */
export function networkRunner(shape: NetworkShape, weights: NetworkWeights): NetworkRunner {
  const { hidden, head, tables } = shape;
  const step = new Float64Array(widthOf(shape.step, tables));
  const seen = new Float64Array(hidden + widthOf(shape.target, tables));
  const input = new Float64Array(3 * hidden);
  const recurrent = new Float64Array(3 * hidden);
  const layer = new Float64Array(head);
  return {
    newState: () => new Float64Array(hidden),
    observe(state, steps, row) {
      writeRow(step, 0, shape.step, shape, weights, steps, row);
      addProduct(step, weights.inputWeights, start(input, weights.inputBias));
      addProduct(state, weights.recurrentWeights, start(recurrent, weights.recurrentBias));
      for (let unit = 0; unit < hidden; unit++) {
        const r = sigmoid(input[unit]! + recurrent[unit]!);
        const z = sigmoid(input[hidden + unit]! + recurrent[hidden + unit]!);
        const n = tanh(input[2 * hidden + unit]! + r * recurrent[2 * hidden + unit]!);
        state[unit] = (1 - z) * n + z * state[unit]!;
      }
    },
    answer(state, targets, row) {
      seen.set(state);
      writeRow(seen, hidden, shape.target, shape, weights, targets, row);
      addProduct(seen, weights.headWeights, start(layer, weights.headBias));
      let z = weights.bias[0]!;
      for (let k = 0; k < seen.length; k++) z += weights.skip[k]! * seen[k]!;
      for (let k = 0; k < head; k++) z += weights.out[k]! * tanh(layer[k]!);
      return z;
    },
  };
}

/**
 * Probabilities of a 1 for every target, each from the steps before it.
 * @param out - shape (targets), overwritten; each in [0, 1]
 */
export function predictSequences(runner: NetworkRunner, sequences: NetworkSequences, out: Float64Array): void {
  const { steps, stepStart, targets, targetStart, after } = sequences;
  for (let sequence = 0; sequence + 1 < stepStart.length; sequence++) {
    const state = runner.newState();
    let seen = 0;
    for (let target = targetStart[sequence]!; target < targetStart[sequence + 1]!; target++) {
      for (; seen < after[target]!; seen++) runner.observe(state, steps, stepStart[sequence]! + seen);
      out[target] = sigmoid(runner.answer(state, targets, target));
    }
  }
}

function start(to: Float64Array, bias: Float32Array): Float64Array {
  to.set(bias);
  return to;
}

/** to += x·matrix, row by row so that memory is read in order; zeros cost nothing. */
function addProduct(x: Float64Array, matrix: Float32Array, to: Float64Array): void {
  const cols = to.length;
  for (let i = 0, at = 0; i < x.length; i++, at += cols) {
    const value = x[i]!;
    if (value === 0) continue;
    for (let j = 0; j < cols; j++) to[j]! += value * matrix[at + j]!;
  }
}

function writeRow(
  out: Float64Array,
  first: number,
  shape: RowShape,
  { tables }: NetworkShape,
  weights: NetworkWeights,
  { values, indexes }: NetworkRows,
  row: number,
): void {
  let at = first;
  for (let k = 0; k < shape.numbers; k++) out[at++] = values[row * shape.numbers + k]!;
  for (let k = 0; k < shape.lookups.length; k++) {
    const size = tables[shape.lookups[k]!]!.width;
    const index = indexes[row * shape.lookups.length + k]!;
    const table = weights.tables[shape.lookups[k]!]!;
    for (let j = 0; j < size; j++) out[at++] = index < 0 ? 0 : table[index * size + j]!;
  }
}
