import { type GateStep, gateRecord, stepBackward, stepForward } from "./gates.ts";
import type { GradientTask } from "./gradient-task.ts";
import { answerTargets } from "./head.ts";
import { addRowSlopes, writeRows } from "./lookups.ts";
import type { PackedBatch } from "./packed-batch.ts";
import type { DenseMatrix } from "./products.ts";
import { widthOf } from "./shape.ts";

/** What a window came to. */
export interface WindowResult {
  /** Σ over the targets of the log loss, in nats. */
  readonly loss: number;
  /** Shape (sequences that have the window's last step × hidden): their states after it. */
  readonly states: Float32Array;
}

/**
 * The summed log loss of a window's targets and its slope at every weight: back-propagation through time, exact within the
 * window. All large products run on `products`; gates and sums are walked here.
 */
export function addGradient(task: GradientTask): WindowResult {
  const { shape, weights, data, batch, products, gradient, onTableRow } = task;
  const { hidden, tables } = shape;
  const width = widthOf(shape.step, tables);
  const rows = batch.stepRow.length;
  const x = { rows, cols: width, values: writeRows(shape.step, shape, weights, data.steps, batch.stepRow) };
  const inputWeights = { rows: width, cols: 3 * hidden, values: weights.inputWeights };
  const recurrentWeights = { rows: hidden, cols: 3 * hidden, values: weights.recurrentWeights };
  const input = rows === 0 ? new Float32Array(0) : products.multiply(x, inputWeights);
  const states = new Float32Array((batch.sequences + rows) * hidden);
  states.set(task.states);
  const walked = gateSteps(batch, hidden, states);
  for (const step of walked) {
    const recurrent = products.multiply(rowsOf(states, step.before, step.count, hidden), recurrentWeights);
    stepForward(step, input, weights.inputBias, recurrent, weights.recurrentBias);
  }
  const slopes = new Float32Array(states.length);
  const loss = answerTargets(task, states, slopes);
  const inputSlope = new Float32Array(rows * 3 * hidden);
  const recurrentSlope = new Float32Array(rows * 3 * hidden);
  for (const step of walked.toReversed()) {
    stepBackward(step, slopes, inputSlope, recurrentSlope);
    const own = rowsOf(recurrentSlope, step.first, step.count, 3 * hidden);
    addAt(slopes, step.before * hidden, products.multiply(own, recurrentWeights, false, true));
  }
  if (rows > 0) {
    const atInput = { rows, cols: 3 * hidden, values: inputSlope };
    const atRecurrent = { rows, cols: 3 * hidden, values: recurrentSlope };
    const before = { rows, cols: hidden, values: statesBefore(walked, states, hidden) };
    addAt(gradient.inputWeights, 0, products.multiply(x, atInput, true));
    addAt(gradient.recurrentWeights, 0, products.multiply(before, atRecurrent, true));
    addColumnSums(atInput, gradient.inputBias);
    addColumnSums(atRecurrent, gradient.recurrentBias);
    if (shape.step.lookups.length > 0) {
      const slope = products.multiply(atInput, inputWeights, false, true);
      addRowSlopes(
        shape.step,
        shape,
        gradient,
        data.steps,
        batch.stepRow,
        { values: slope, width, first: 0 },
        onTableRow,
      );
    }
  }
  const last = walked.at(-1);
  return {
    loss,
    states:
      last === undefined ? new Float32Array(0) : states.slice(last.after * hidden, (last.after + last.count) * hidden),
  };
}

function gateSteps({ active, sequences, stepRow }: PackedBatch, hidden: number, states: Float32Array): GateStep[] {
  const gates = gateRecord(stepRow.length, hidden);
  let first = 0;
  let before = 0;
  return Array.from(active, (count) => {
    const step = { hidden, count, first, before, after: sequences + first, states, gates };
    before = step.after;
    first += count;
    return step;
  });
}

function rowsOf(values: Float32Array, first: number, rows: number, cols: number): DenseMatrix {
  return { rows, cols, values: values.subarray(first * cols, (first + rows) * cols) };
}

/** The state before each packed step, in the order of the steps. */
function statesBefore(walked: readonly GateStep[], states: Float32Array, hidden: number): Float32Array {
  const last = walked.at(-1)!;
  const before = new Float32Array((last.first + last.count) * hidden);
  for (const step of walked)
    before.set(states.subarray(step.before * hidden, (step.before + step.count) * hidden), step.first * hidden);
  return before;
}

function addAt(to: Float32Array, offset: number, values: Float32Array): void {
  for (let i = 0; i < values.length; i++) to[offset + i]! += values[i]!;
}

function addColumnSums({ rows, cols, values }: DenseMatrix, to: Float32Array): void {
  const sums = new Float64Array(cols);
  for (let row = 0, at = 0; row < rows; row++) for (let col = 0; col < cols; col++) sums[col]! += values[at++]!;
  for (let col = 0; col < cols; col++) to[col]! += sums[col]!;
}
