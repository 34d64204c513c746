import {
  type AdditiveRoom,
  allocateAdditiveRoom,
  logLossOfRows,
  pairStrengths,
  stepBlock,
  stepPair,
} from "../../../numeric/kernels/additive.ts";
import { type TreeRows, writeGradientCells } from "../../../numeric/kernels/histogram.ts";
import type { Kernels } from "../../../numeric/kernels/kernels.ts";
import type { FitContext } from "../../estimator.ts";
import { takeRowsForTree } from "../boosted-trees/sampling.ts";
import { checkCancelled } from "../checks.ts";
import type { AdditiveParameters } from "./options.ts";
import { LEVELS } from "./terms.ts";

const BLOCK = 4;
const FEWEST_HELD_OUT = 30; // fewer rows cannot say when to stop
const ROUNDS_WITHOUT = 100; // for a bag that has no rows to ask
const SURPRISING = 4; // standard deviations: of two thousand pairs that do nothing, one in fifteen models would take one
const MOST_PAIRED = 60; // features whose pairs are tried: the ones that matter most

/** Everything boosting reads. */
export interface Boosting {
  readonly kernels: Kernels;
  readonly treeRows: TreeRows;
  readonly room: AdditiveRoom;
  readonly keys: Uint32Array;
  readonly parameters: AdditiveParameters;
  /** Log-odds of the base rate. */
  readonly start: number;
  readonly context: FitContext;
}

/** Marks the rows a bag learns from; the others tell it when to stop. @returns whether there are enough of those */
function drawBag({ treeRows, keys, parameters, context }: Boosting, bag: number): boolean {
  const { heldOut } = parameters;
  if (heldOut === 0) return false;
  takeRowsForTree(treeRows, keys, 1 - heldOut, context.rng.derive(`rows of bag ${bag}`));
  const kept = treeRows.taken.reduce((sum, isTaken) => sum + isTaken, 0);
  if (treeRows.rows - kept >= FEWEST_HELD_OUT) return true;
  treeRows.taken.fill(1);
  return false;
}

/**
 * Repeats `round` until the rows held out stop to gain, and leaves in `levels` what was best for them.
 * @param levels - what the rounds change
 */
function climb(boosting: Boosting, canAsk: boolean, levels: Float64Array, round: () => void): void {
  const { kernels, treeRows, parameters, context } = boosting;
  const most = canAsk ? parameters.rounds : Math.min(parameters.rounds, ROUNDS_WITHOUT);
  let best = canAsk ? logLossOfRows(kernels, treeRows, 0) : 0;
  let kept = levels.slice();
  let since = 0;
  for (let done = 0; done < most; done++) {
    checkCancelled(context);
    round();
    if (!canAsk) continue;
    const loss = logLossOfRows(kernels, treeRows, 0);
    if (loss < best) {
      best = loss;
      kept = levels.slice();
      since = 0;
    } else if (++since >= parameters.patience) break;
  }
  if (canAsk) levels.set(kept);
}

/** One bag's shapes, shape (features × 256). */
export function boostShapes(boosting: Boosting, bag: number): Float64Array {
  const { kernels, treeRows, room, start } = boosting;
  const canAsk = drawBag(boosting, bag);
  treeRows.scores.fill(start);
  const shapes = new Float64Array(treeRows.quads * BLOCK * LEVELS);
  climb(boosting, canAsk, shapes, () => {
    for (let block = 0; block < treeRows.quads; block++) {
      writeGradientCells(kernels, treeRows);
      const steps = stepBlock(kernels, treeRows, room, block);
      const own = shapes.subarray(block * BLOCK * LEVELS, (block + 1) * BLOCK * LEVELS);
      for (let i = 0; i < steps.length; i++) own[i]! += steps[i]!;
    }
  });
  return shapes.slice(0, treeRows.features * LEVELS);
}

/**
 * The pairs of features that explain most beyond their shapes, strongest first, as far as chance does not explain them.
 * @param shapes - the model so far
 * @see Lou, Caruana, Gehrke and Hooker (2013), KDD, on ranking pairs by what a coarse grid of the residuals explains
 */
export function choosePairs(boosting: Boosting, shapes: Float64Array, bins: readonly Uint8Array[]): Int32Array {
  const { kernels, treeRows, room, parameters } = boosting;
  if (parameters.pairs === 0 || treeRows.features < 2) return new Int32Array(0);
  scoreByShapes(boosting, shapes, bins);
  treeRows.taken.fill(1);
  writeGradientCells(kernels, treeRows);
  const spread = bins.map((column, feature) =>
    spreadOf(shapes.subarray(feature * LEVELS, (feature + 1) * LEVELS), column),
  );
  const candidates = [...spread.keys()]
    .filter((feature) => treeRows.descriptions[feature * 4]! > 0)
    .sort((a, b) => spread[b]! - spread[a]! || a - b)
    .slice(0, MOST_PAIRED)
    .sort((a, b) => a - b);
  const pairs = candidates.flatMap((one, i) => candidates.slice(i + 1).map((other) => [one, other] as const));
  const strengths = pairStrengths(kernels, treeRows, room, pairs);
  const lines = bins.map((column, feature) => linesUsed(room.coarse.subarray(feature * LEVELS), column));
  const chosen = [...pairs.keys()]
    .filter((pair) => {
      const [one, other] = pairs[pair]!;
      return surprise(strengths[pair]!, (lines[one]! - 1) * (lines[other]! - 1)) > SURPRISING;
    })
    .sort((a, b) => strengths[b]! - strengths[a]! || a - b)
    .slice(0, parameters.pairs);
  return Int32Array.from(chosen.flatMap((pair) => [...pairs[pair]!]));
}

function linesUsed(lines: Uint8Array, bins: Uint8Array): number {
  const used = new Set<number>();
  for (const bin of new Set(bins)) used.add(lines[bin]!);
  return used.size;
}

/**
 * How many standard deviations a strength is above what chance gives: without a joint effect it is near χ² with (lines − 1)
 * squared degrees of freedom. Wilson and Hilferty's cube root makes that nearly normal.
 */
function surprise(strength: number, freedom: number): number {
  if (freedom < 1 || strength <= 0) return 0;
  const spread = 2 / (9 * freedom);
  return (Math.cbrt(strength / freedom) - (1 - spread)) / Math.sqrt(spread);
}

/** One bag's grids, shape (pairs × 256), on top of its own shapes. */
export function boostPairs(
  boosting: Boosting,
  bag: number,
  shapes: Float64Array,
  pairs: Int32Array,
  bins: readonly Uint8Array[],
): Float64Array {
  const { kernels, treeRows, room, parameters } = boosting;
  const grids = new Float64Array((pairs.length / 2) * LEVELS);
  if (grids.length === 0) return grids;
  const canAsk = drawBag(boosting, bag);
  scoreByShapes(boosting, shapes, bins);
  const inner: AdditiveRoom = allocateAdditiveRoom(kernels, treeRows, {
    penalty: parameters.pairPenalty,
    minimumRows: parameters.minimumRows,
    learningRate: parameters.learningRate,
  });
  inner.coarse.set(room.coarse);
  climb(boosting, canAsk, grids, () => {
    for (let pair = 0; 2 * pair < pairs.length; pair++) {
      writeGradientCells(kernels, treeRows);
      const step = stepPair(kernels, treeRows, inner, [pairs[2 * pair]!, pairs[2 * pair + 1]!]);
      const own = grids.subarray(pair * LEVELS, (pair + 1) * LEVELS);
      for (let i = 0; i < step.length; i++) own[i]! += step[i]!;
    }
  });
  return grids;
}

function scoreByShapes({ treeRows, start }: Boosting, shapes: Float64Array, bins: readonly Uint8Array[]): void {
  const { scores, rows } = treeRows;
  scores.fill(start);
  for (const [feature, column] of bins.entries()) {
    for (let row = 0; row < rows; row++) scores[row]! += shapes[feature * LEVELS + column[row]!]!;
  }
}

/** The size of a shape, summed over the rows. */
function spreadOf(shape: Float64Array, bins: Uint8Array): number {
  const rows = new Float64Array(LEVELS);
  for (const bin of bins) rows[bin]! += 1;
  let sum = 0;
  for (let bin = 0; bin < LEVELS; bin++) sum += rows[bin]! * Math.abs(shape[bin]!);
  return sum;
}
