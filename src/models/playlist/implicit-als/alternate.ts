import { CairnError } from "../../../errors.ts";
import {
  allocateFactorWorkspace,
  type FactorRows,
  type FactorSolver,
  type FactorWorkspace,
  type PlacedFactors,
  paddedWidth,
  placeFactors,
  solveFactorRows,
  sumGram,
} from "../../../numeric/kernels/implicit-als.ts";
import { type Kernels, withKernels } from "../../../numeric/kernels/kernels.ts";
import type { FitContext } from "../../estimator.ts";
import { type Interactions, stopIfCancelled } from "../recommender.ts";
import { penaltyOf, type Settings } from "./model.ts";

const START_SPREAD = 0.1; // of an embedding's length at the start (Rendle et al. 2022, 3.2)
const ROWS_PER_STEP = 2048; // between two looks at the signal

interface Training extends Settings {
  readonly epochs: number;
  readonly solver: FactorSolver;
  readonly steps: number;
}

/**
 * Alternates between the learners' and the activities' ridge regressions. Learners come first, from random activities, so the
 * order of the learners carries no meaning.
 * @returns shape (activities × dimensions), row-major
 * @throws CairnError `SINGULAR`, `CANCELLED`, `UNAVAILABLE`
 */
export function alternate(interactions: Interactions, training: Training, context: FitContext): Float32Array {
  const { epochs, solver, unobservedWeight } = training;
  const { learnerPtr, activityIdx, weight, activities } = interactions;
  const width = paddedWidth(training.dimensions);
  const learners = learnerPtr.length - 1;
  const byLearner = factorRows(learnerPtr, activityIdx, weight, activities.length, training);
  const turned = transpose(interactions);
  const byActivity = factorRows(turned.learnerPtr, turned.activityIdx, turned.weight, learners, training);
  return withKernels((kernels) => {
    const learnerSide = placeFactors(kernels, byLearner, width, solver);
    const activitySide = placeFactors(kernels, byActivity, width, solver);
    const longest = Math.max(longestRow(byLearner.ptr), longestRow(byActivity.ptr));
    const workspace = allocateFactorWorkspace(kernels, width, longest, solver);
    startAtRandom(activitySide.factors, training.dimensions, width, context);
    for (let halfStep = 0; halfStep < 2 * epochs; halfStep++) {
      const isLearners = halfStep % 2 === 0;
      const solved = isLearners ? learnerSide : activitySide;
      const fixed = isLearners ? activitySide : learnerSide;
      sumGram(kernels, fixed, unobservedWeight, workspace);
      solveSide(kernels, solved, fixed, training.steps, workspace, context);
      context.onProgress?.((halfStep + 1) / (2 * epochs));
    }
    return compact(activitySide.factors, training.dimensions, width);
  });
}

function solveSide(
  kernels: Kernels,
  solved: PlacedFactors,
  fixed: PlacedFactors,
  steps: number,
  workspace: FactorWorkspace,
  context: FitContext,
): void {
  for (let first = 0; first < solved.rows; first += ROWS_PER_STEP) {
    stopIfCancelled(context);
    const last = Math.min(solved.rows, first + ROWS_PER_STEP);
    const failed = solveFactorRows(kernels, solved, fixed, first, last, steps, workspace);
    if (failed >= 0 || !areFinite(solved.factors, first * workspace.width, last * workspace.width)) {
      throw new CairnError("SINGULAR", "expected positive definite systems, got one that is not within rounding", {
        hint: "raise the regularization",
      });
    }
  }
}

function areFinite(values: Float32Array, from: number, to: number): boolean {
  for (let i = from; i < to; i++) if (!Number.isFinite(values[i]!)) return false;
  return true;
}

function factorRows(
  ptr: Int32Array,
  columns: Int32Array,
  weight: Float64Array | undefined,
  others: number,
  settings: Settings,
): FactorRows {
  const penalties = new Float64Array(ptr.length - 1);
  for (let row = 0; row < penalties.length; row++) {
    let observed = 0;
    for (let i = ptr[row]!; i < ptr[row + 1]!; i++) observed += weight === undefined ? 1 : weight[i]!;
    penalties[row] = penaltyOf(observed, others, settings);
  }
  return { ptr, columns, penalties, ...(weight === undefined ? {} : { weight }) };
}

/** The same interactions with a row per activity; learners ascend within it. */
function transpose({ learnerPtr, activityIdx, weight, activities }: Interactions): Omit<Interactions, "activities"> {
  const ptr = new Int32Array(activities.length + 1);
  for (let i = 0; i < activityIdx.length; i++) ptr[activityIdx[i]! + 1]!++;
  for (let row = 0; row < activities.length; row++) ptr[row + 1]! += ptr[row]!;
  const next = ptr.slice();
  const columns = new Int32Array(activityIdx.length);
  const turned = weight === undefined ? undefined : new Float64Array(weight.length);
  for (let learner = 0; learner + 1 < learnerPtr.length; learner++) {
    for (let i = learnerPtr[learner]!; i < learnerPtr[learner + 1]!; i++) {
      const to = next[activityIdx[i]!]!++;
      columns[to] = learner;
      if (turned !== undefined) turned[to] = weight![i]!;
    }
  }
  return { learnerPtr: ptr, activityIdx: columns, ...(turned === undefined ? {} : { weight: turned }) };
}

function longestRow(ptr: Int32Array): number {
  let longest = 0;
  for (let row = 0; row + 1 < ptr.length; row++) longest = Math.max(longest, ptr[row + 1]! - ptr[row]!);
  return longest;
}

function startAtRandom(factors: Float32Array, dimensions: number, width: number, { rng }: FitContext): void {
  const spread = START_SPREAD / Math.sqrt(dimensions);
  for (let offset = 0; offset < factors.length; offset += width) {
    for (let k = 0; k < dimensions; k++) factors[offset + k] = spread * rng.normal();
  }
}

/** A copy without the padding, outside the arena. */
function compact(factors: Float32Array, dimensions: number, width: number): Float32Array {
  const rows = factors.length / width;
  const values = new Float32Array(rows * dimensions);
  for (let row = 0; row < rows; row++) {
    for (let k = 0; k < dimensions; k++) values[row * dimensions + k] = factors[row * width + k]!;
  }
  return values;
}
