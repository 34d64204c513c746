import { sigmoid, softplus } from "../log-odds.ts";
import { tanh } from "./gates.ts";
import type { GradientTask } from "./gradient-task.ts";
import { addRowSlopes, writeRows } from "./lookups.ts";

/**
 * Answers the targets of a window and walks back: adds the slopes of the summed log loss to the head's gradient and to the
 * states.
 * @param states - shape (state rows × hidden)
 * @param slopes - the same shape, added to
 * @returns Σ log loss, in nats
 */
export function answerTargets(
  { shape, weights, data, batch, dropout, products, gradient, onTableRow }: GradientTask,
  states: Float32Array,
  slopes: Float32Array,
): number {
  const { hidden, head } = shape;
  const { targetRow, targetState } = batch;
  const rows = targetRow.length;
  if (rows === 0) return 0;
  const width = weights.skip.length;
  const values = writeRows(shape.target, shape, weights, data.targets, targetRow, hidden);
  const kept = keptUnits(rows * hidden, dropout);
  copyStates(states, targetState, hidden, values, width);
  if (kept !== undefined) scaleStates(kept, hidden, values, width);
  const seen = { rows, cols: width, values };
  const headWeights = { rows: width, cols: head, values: weights.headWeights };
  const layer = products.multiply(seen, headWeights);
  const unitSlope = new Float32Array(rows * head);
  const residuals = new Float32Array(rows);
  let loss = 0;
  for (let row = 0; row < rows; row++) {
    let z = weights.bias[0]!;
    for (let k = 0, at = row * width; k < width; k++) z += weights.skip[k]! * values[at + k]!;
    for (let k = 0, at = row * head; k < head; k++) {
      layer[at + k] = tanh(layer[at + k]! + weights.headBias[k]!);
      z += weights.out[k]! * layer[at + k]!;
    }
    const label = data.labels[targetRow[row]!]!;
    loss += softplus(z) - label * z;
    const residual = sigmoid(z) - label;
    residuals[row] = residual;
    gradient.bias[0]! += residual;
    for (let k = 0, at = row * head; k < head; k++) {
      const slope = residual * weights.out[k]! * (1 - layer[at + k]! ** 2);
      unitSlope[at + k] = slope;
      gradient.out[k]! += residual * layer[at + k]!;
      gradient.headBias[k]! += slope;
    }
    for (let k = 0, at = row * width; k < width; k++) gradient.skip[k]! += residual * values[at + k]!;
  }
  const atUnits = { rows, cols: head, values: unitSlope };
  const toWeights = products.multiply(seen, atUnits, true);
  for (let i = 0; i < toWeights.length; i++) gradient.headWeights[i]! += toWeights[i]!;
  const slope = products.multiply(atUnits, headWeights, false, true);
  for (let row = 0; row < rows; row++) {
    for (let k = 0; k < width; k++) slope[row * width + k]! += residuals[row]! * weights.skip[k]!;
  }
  if (kept !== undefined) scaleStates(kept, hidden, slope, width);
  for (let row = 0; row < rows; row++) {
    for (let unit = 0; unit < hidden; unit++) slopes[targetState[row]! * hidden + unit]! += slope[row * width + unit]!;
  }
  addRowSlopes(
    shape.target,
    shape,
    gradient,
    data.targets,
    targetRow,
    { values: slope, width, first: hidden },
    onTableRow,
  );
  return loss;
}

/** What each unit is multiplied with: 0, or 1/(1 − share) so that the mean stays; nothing without dropout. */
function keptUnits(units: number, dropout: GradientTask["dropout"]): Float32Array | undefined {
  if (dropout === undefined || dropout.share === 0) return undefined;
  const { share, rng } = dropout;
  const kept = new Float32Array(units);
  const scale = 1 / (1 - share);
  for (let unit = 0; unit < units; unit++) kept[unit] = rng.next() < share ? 0 : scale;
  return kept;
}

/** Puts the state that answers each target into the first columns of its row. */
function copyStates(
  states: Float32Array,
  targetState: Int32Array,
  hidden: number,
  values: Float32Array,
  width: number,
): void {
  for (let row = 0; row < targetState.length; row++) {
    const from = targetState[row]! * hidden;
    values.set(states.subarray(from, from + hidden), row * width);
  }
}

/** Multiplies the state's columns of every row. */
function scaleStates(kept: Float32Array, hidden: number, values: Float32Array, width: number): void {
  for (let i = 0; i < kept.length; i++) values[Math.floor(i / hidden) * width + (i % hidden)]! *= kept[i]!;
}
