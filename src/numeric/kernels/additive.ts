import type { KernelCall } from "../parallel/pool.ts";
import type { TreeRows } from "./histogram.ts";
import { allocateHistograms, rowParts } from "./histogram.ts";
import type { Kernels } from "./kernels.ts";

/** Levels of one shape or one grid: 256 doubles. */
export const LEVELS = 256;
const BLOCK = 4;
const GRID_CELLS = 256;
const CELL_BYTES = 16;

/** What every step must keep to. */
export interface StepLimits {
  /** λ, above 0: what is added to a level's hessian. */
  readonly penalty: number;
  /** Rows a level of a number must have. */
  readonly minimumRows: number;
  /** The share of each step that is taken. */
  readonly learningRate: number;
}

/** Room for the steps of an additive model: views of one arena. */
export interface AdditiveRoom {
  readonly histograms: Float64Array;
  /** Shape (4 × 256): the steps of one block's features. */
  readonly steps: Float64Array;
  /** Shape (features × 256), below 16: the line of a grid that each bin belongs to; the caller fills it. */
  readonly coarse: Uint8Array;
  readonly grid: Float64Array;
  readonly levels: Float64Array;
  readonly settings: Float64Array;
}

/** Allocates the room. */
export function allocateAdditiveRoom(kernels: Kernels, treeRows: TreeRows, limits: StepLimits): AdditiveRoom {
  const room: AdditiveRoom = {
    histograms: allocateHistograms(kernels, treeRows),
    steps: kernels.float64(BLOCK * LEVELS),
    coarse: kernels.uint8(treeRows.features * LEVELS),
    grid: kernels.float64(GRID_CELLS * 2),
    levels: kernels.float64(LEVELS),
    settings: kernels.float64(5),
  };
  const { penalty, minimumRows, learningRate } = limits;
  room.settings.set([penalty, minimumRows, learningRate, 1 / treeRows.gradientScale, 1 / treeRows.hessianScale]);
  return room;
}

/**
 * Takes one step with the shapes of a block of four features, at the gradients as they stand: computes their steps and adds
 * them to the rows' log-odds.
 * @returns the steps, shape (4 × 256): a view that the next step overwrites
 */
export function stepBlock(kernels: Kernels, treeRows: TreeRows, room: AdditiveRoom, block: number): Float64Array {
  const { rows, bins, cells, descriptions, features, scores } = treeRows;
  const at = (view: Float64Array | Int32Array | Uint8Array): number => kernels.address(view);
  const { histograms, steps, settings } = room;
  kernels.call(
    "searchQuads",
    bins,
    rows,
    BLOCK,
    0,
    rows,
    cells,
    block,
    block + 1,
    histograms,
    0,
    0,
    features,
    0,
    0,
    0,
    0,
  );
  steps.fill(0);
  for (let lane = 0; lane < BLOCK; lane++) {
    const feature = block * BLOCK + lane;
    const valueBins = descriptions[feature * 4] ?? 0;
    if (valueBins === 0) continue;
    kernels.callAll([
      [
        "stepShape",
        at(histograms) + feature * GRID_CELLS * CELL_BYTES,
        valueBins,
        descriptions[feature * 4 + 1]!,
        at(settings),
        at(steps) + lane * LEVELS * 8,
      ],
    ]);
  }
  kernels.callAll(
    rowParts(0, rows).map(
      ([first, last]): KernelCall => ["addShapes", at(bins), rows, block, first, last, at(steps), at(scores)],
    ),
  );
  return steps;
}

/**
 * How strongly pairs of features act together beyond what each explains, at the gradients as they stand.
 * @param pairs - two features each
 * @returns shape (pairs)
 */
export function pairStrengths(
  kernels: Kernels,
  { bins, rows, cells }: TreeRows,
  { coarse, settings }: AdditiveRoom,
  pairs: readonly (readonly [number, number])[],
): Float64Array {
  const mark = kernels.mark();
  const batch = 64;
  const grids = kernels.float64(batch * GRID_CELLS * 2);
  const at = (view: Float64Array | Uint8Array): number => kernels.address(view);
  const gridAt = (i: number): number => at(grids) + i * GRID_CELLS * CELL_BYTES;
  const strengths = new Float64Array(pairs.length);
  for (let first = 0; first < pairs.length; first += batch) {
    const here = pairs.slice(first, first + batch);
    kernels.callAll(
      here.map(([one, other], i) => ["sumGrid", at(bins), rows, one, other, at(coarse), at(cells), gridAt(i)]),
    );
    kernels.callAll(
      here.map((_, i) => ["strengthOfGrid", gridAt(i), at(settings)]),
      strengths.subarray(first, first + here.length),
    );
  }
  kernels.release(mark);
  return strengths;
}

/**
 * Takes one step with the grid of two features.
 * @returns the step, shape (256): a view that the next step overwrites
 */
export function stepPair(
  kernels: Kernels,
  treeRows: TreeRows,
  room: AdditiveRoom,
  [one, other]: readonly [number, number],
): Float64Array {
  const { bins, rows, cells } = treeRows;
  kernels.call("sumGrid", bins, rows, one, other, room.coarse, cells, room.grid);
  kernels.call("stepGrid", room.grid, room.settings, room.levels);
  addPair(kernels, treeRows, room, [one, other], room.levels);
  return room.levels;
}

/** Adds levels of a pair's grid (a view of the arena) to the rows' log-odds. */
export function addPair(
  kernels: Kernels,
  { bins, rows, scores }: TreeRows,
  { coarse }: AdditiveRoom,
  [one, other]: readonly [number, number],
  levels: Float64Array,
): void {
  const at = (view: Float64Array | Uint8Array): number => kernels.address(view);
  kernels.callAll(
    rowParts(0, rows).map(
      ([first, last]): KernelCall => [
        "addGrid",
        at(bins),
        rows,
        one,
        other,
        at(coarse),
        first,
        last,
        at(levels),
        at(scores),
      ],
    ),
  );
}

/** Mean log loss at the log-odds so far of the rows that count (`taken` = 1) or of those held out (0). */
export function logLossOfRows(kernels: Kernels, { scores, labels, taken, rows }: TreeRows, counted: 0 | 1): number {
  let of = 0;
  for (let row = 0; row < rows; row++) if (taken[row] === counted) of += 1;
  return kernels.call("logLossOf", scores, labels, taken, rows, counted) / of;
}
