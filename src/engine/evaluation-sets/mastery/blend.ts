import {
  crossProduct,
  type Dense,
  fromColumns,
  timesVector,
  transposeTimesVector,
} from "../../../numeric/linear/dense.ts";
import { solvePositive } from "../../../numeric/linear/symmetric.ts";
import { logit, sigmoid } from "../../../numeric/log-odds.ts";

const PENALTY = 10; // of ½·(w − 1/models)²: two models that say the same share their weight
const NEWTON_STEPS = 30; // 5 to 8 are usual
const ENOUGH = 1e-8; // largest move of a weight that ends the iteration
const NEAR_CERTAIN = 1e-9; // probabilities are kept this far from 0 and 1 before their log-odds are taken

/** A weighted sum of the log-odds of several models: how far each is listened to can be read off. */
export interface Blend {
  /** One per model, 0 or more. */
  readonly weights: Readonly<Record<string, number>>;
  readonly intercept: number;
}

/**
 * The blend with the lowest log loss on the given rows, by Newton's method; a model whose weight would be negative is left
 * out. The rows must be ones none of the models was fitted on.
 * @param predicted - by model, shape (rows): probabilities
 * @param outcome - shape (rows), each 0 or 1
 */
export function fitBlend(predicted: Readonly<Record<string, Float64Array>>, outcome: Uint8Array): Blend {
  const all = Object.keys(predicted);
  let kept = all;
  for (;;) {
    const columns = kept.map((name) => logOdds(predicted[name]!));
    const { weights, intercept } = climb(fromColumns([...columns, new Float64Array(outcome.length).fill(1)]), outcome);
    const least = weights.indexOf(Math.min(...weights));
    if (kept.length === 1 || weights[least]! >= 0) {
      const own = new Map(kept.map((name, index) => [name, Math.max(0, weights[index]!)]));
      return { weights: Object.fromEntries(all.map((name) => [name, own.get(name) ?? 0])), intercept };
    }
    kept = kept.filter((_, index) => index !== least);
  }
}

/** The blend's probabilities. @returns shape (rows) */
export function applyBlend(blend: Blend, predicted: Readonly<Record<string, Float64Array>>): Float64Array {
  const rows = Object.values(predicted)[0]!.length;
  const z = new Float64Array(rows).fill(blend.intercept);
  for (const [name, weight] of Object.entries(blend.weights)) {
    const own = logOdds(predicted[name]!);
    for (let row = 0; row < rows; row++) z[row]! += weight * own[row]!;
  }
  return z.map(sigmoid);
}

function logOdds(probabilities: Float64Array): Float64Array {
  return probabilities.map((p) => logit(Math.min(1 - NEAR_CERTAIN, Math.max(NEAR_CERTAIN, p))));
}

/** Newton's method from equal weights; the last column of x is the intercept, which is free. */
function climb(x: Dense, outcome: Uint8Array): { weights: readonly number[]; intercept: number } {
  const models = x.cols - 1;
  const start = 1 / models;
  const w = new Float64Array(x.cols).fill(start, 0, models);
  for (let step = 0; step < NEWTON_STEPS; step++) {
    const p = timesVector(x, w).map(sigmoid);
    const gradient = transposeTimesVector(
      x,
      p.map((value, row) => value - outcome[row]!),
    );
    const hessian = crossProduct(
      x,
      x,
      p.map((value) => value * (1 - value)),
    );
    for (let model = 0; model < models; model++) {
      gradient[model]! += PENALTY * (w[model]! - start);
      hessian.data[model * x.cols + model]! += PENALTY;
    }
    hessian.data[x.cols * x.cols - 1]! += ENOUGH; // rows that are all certain leave the intercept without a slope
    const move = solvePositive(hessian, gradient);
    for (let column = 0; column < x.cols; column++) w[column]! -= move[column]!;
    if (move.every((value) => Math.abs(value) < ENOUGH)) break;
  }
  return { weights: [...w.subarray(0, models)], intercept: w[models]! };
}
