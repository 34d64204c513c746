import { CairnError } from "../../errors.ts";
import type { Kernels } from "./kernels.ts";

/** The bin of a missing cell; value bins are 0 … 254. */
export const MISSING_BIN = 255;
/** Features per block: the bins of a block's features lie side by side in one 32-bit word per row. */
const BLOCK = 4;
const CELLS = 256;
const COUNT_BITS = 24; // of a cell's second integer; the other 39 hold the hessians (assembly/histogram.ts)
const HESSIAN_BITS = 39;
const NO_MISSING = 2;
const EXACT_BITS = 52; // integers of a double

/** What a node's best split is; see {@link findBestSplit}. */
export interface Split {
  /** Loss taken away: ½·(G_L²/(H_L + λ) + G_R²/(H_R + λ) − G²/(H + λ)) where nothing is clipped. */
  readonly gain: number;
  readonly feature: number;
  /** Numeric: bins up to this one go left. Categorical: this bin goes left; {@link MISSING_BIN} for none. */
  readonly bin: number;
  /** Where missing cells go; a node without any sends them to where more of its taken rows go (left when equal). */
  readonly missingLeft: boolean;
  /** Σ gradient, Σ hessian of the rows that go left and of the whole node. */
  readonly leftGradient: number;
  readonly leftHessian: number;
  readonly gradient: number;
  readonly hessian: number;
}

/** The rows a boosted tree learns from, and its room for sums: views of one arena. */
export interface TreeRows {
  readonly rows: number;
  readonly features: number;
  readonly blocks: number;
  /** Shape (blocks × rows × 4): cell of row i, feature j at (⌊j/4⌋·rows + i)·4 + j mod 4; see `binning.ts`. */
  readonly bins: Uint8Array;
  /** Shape (features × 4): value bins (0 leaves the feature out), 1 if categorical, monotone direction (−1, 0, 1), 0. */
  readonly descriptions: Int32Array;
  /** Shape (rows), 0 or 1; the caller fills it. */
  readonly labels: Uint8Array;
  /** Shape (rows), 1 for the rows that count in this tree; the caller fills it. */
  readonly taken: Uint8Array;
  /** Shape (rows): log-odds so far; the caller sets the start. */
  readonly scores: Float64Array;
  /** Shape (rows): row numbers, every node a range of it. */
  readonly order: Int32Array;
  /** λ, minimum hessian, minimum rows, minimum gain, two units, lowest and highest weight: see assembly/best-split.ts. */
  readonly settings: Float64Array;
  readonly found: Float64Array;
  /** Shape (256): 1 for the bins that go left; the caller fills it before {@link partitionRows}. */
  readonly goesLeft: Uint8Array;
  readonly cells: Float64Array;
  readonly gathered: Float64Array;
  readonly scratch: Int32Array;
  readonly gradientScale: number;
  readonly hessianScale: number;
}

/** What every split of a tree must satisfy. */
export interface SplitLimits {
  /** λ of Σ loss + (λ/2)·Σ leaf². */
  readonly penalty: number;
  readonly minimumLeafHessian: number;
  readonly minimumLeafRows: number;
  readonly minimumGain: number;
}

/** More rows than this would overflow the row counts inside a histogram's cells. */
export const MOST_TREE_ROWS: number = 2 ** COUNT_BITS - 1;

/**
 * Allocates the rows of a boosting run in the arena: order 0 … rows − 1, every row taken, all else zero. Scales are powers
 * of two, as fine as sums over all rows allow: gradients to 52 bits, hessians (at most ¼ each) to 39.
 * @param rows - from 1 to {@link MOST_TREE_ROWS}
 * @throws CairnError `BAD_INPUT` for more rows, `UNAVAILABLE` when the arena cannot hold them
 */
export function allocateTreeRows(kernels: Kernels, rows: number, features: number, limits: SplitLimits): TreeRows {
  if (rows > MOST_TREE_ROWS) {
    throw new CairnError("BAD_INPUT", `expected at most ${MOST_TREE_ROWS} rows for trees, got ${rows}`, {
      hint: "fit on a sample of the rows",
    });
  }
  const rowBits = Math.ceil(Math.log2(Math.max(rows, 2)));
  const gradientScale = 2 ** Math.min(40, EXACT_BITS - rowBits);
  const hessianScale = 2 ** Math.min(30, HESSIAN_BITS + 2 - rowBits);
  const blocks = Math.ceil(features / BLOCK);
  const treeRows: TreeRows = {
    rows,
    features,
    blocks,
    bins: kernels.uint8(blocks * BLOCK * rows),
    descriptions: kernels.int32(features * 4),
    labels: kernels.uint8(rows),
    taken: kernels.uint8(rows),
    scores: kernels.float64(rows),
    order: kernels.int32(rows),
    settings: kernels.float64(8),
    found: kernels.float64(10),
    goesLeft: kernels.uint8(CELLS),
    cells: kernels.float64(rows * 2),
    gathered: kernels.float64(rows * 2),
    scratch: kernels.int32(rows),
    gradientScale,
    hessianScale,
  };
  const { penalty, minimumLeafHessian, minimumLeafRows, minimumGain } = limits;
  treeRows.settings.set([penalty, minimumLeafHessian, minimumLeafRows, minimumGain]);
  treeRows.settings.set([1 / gradientScale, 1 / hessianScale], 4);
  treeRows.taken.fill(1);
  for (let row = 0; row < rows; row++) treeRows.order[row] = row;
  return treeRows;
}

/** Where a row's bin of a feature lies in {@link TreeRows.bins}; the next row's is four further on. */
export function binOffset({ rows }: Pick<TreeRows, "rows">, feature: number): number {
  return Math.floor(feature / BLOCK) * rows * BLOCK + (feature % BLOCK);
}

/** Histograms of every feature for one node: 256 cells each. */
export function allocateHistograms(kernels: Kernels, { blocks }: TreeRows): Float64Array {
  return kernels.float64(blocks * BLOCK * CELLS * 2);
}

/** Writes g = p − y and h = p·(1 − p) of every taken row, at its log-odds so far, as fixed-point cells. */
export function writeGradientCells(kernels: Kernels, treeRows: TreeRows): void {
  const { scores, labels, taken, rows, gradientScale, hessianScale, cells } = treeRows;
  kernels.call("writeGradientCells", scores, labels, taken, rows, gradientScale, hessianScale, cells);
}

/** Fills a node's histograms from its rows order[first … last). */
export function buildHistograms(
  kernels: Kernels,
  { bins, rows, order, cells, gathered, blocks }: TreeRows,
  first: number,
  last: number,
  histograms: Float64Array,
): void {
  kernels.call("buildHistograms", bins, rows, order, first, last, cells, gathered, blocks, histograms);
}

/** Turns a parent's histograms into those of the other child, exactly. */
export function subtractHistograms(
  kernels: Kernels,
  { blocks }: TreeRows,
  parent: Float64Array,
  child: Float64Array,
): void {
  kernels.call("subtractHistograms", parent, child, blocks);
}

/**
 * The split of largest gain; ties go to the lowest feature, then the lowest bin, then missing to the left.
 * @param lowest - of the weights the node's leaves may have (−∞ when free)
 * @param highest - of the same
 * @returns undefined when no split keeps the limits and gains anything
 */
export function findBestSplit(
  kernels: Kernels,
  treeRows: TreeRows,
  histograms: Float64Array,
  lowest: number,
  highest: number,
): Split | undefined {
  const { descriptions, features, settings, found } = treeRows;
  settings[6] = lowest;
  settings[7] = highest;
  kernels.call("findBestSplit", histograms, descriptions, features, settings, found);
  if (found[1]! < 0) return undefined;
  return {
    gain: found[0]!,
    feature: found[1]!,
    bin: found[2]!,
    missingLeft: found[3]! === NO_MISSING ? 2 * found[6]! >= found[9]! : found[3]! === 1,
    leftGradient: found[4]!,
    leftHessian: found[5]!,
    gradient: found[7]!,
    hessian: found[8]!,
  };
}

/**
 * Divides the rows order[first … last) by `goesLeft`, both parts in their old order.
 * @returns the position of the first row that goes right
 */
export function partitionRows(
  kernels: Kernels,
  treeRows: TreeRows,
  feature: number,
  first: number,
  last: number,
): number {
  const { bins, rows, goesLeft, order, scratch } = treeRows;
  return kernels.call("partitionRows", bins, rows, feature, goesLeft, order, first, last, scratch);
}

/** Adds a leaf's value to the log-odds of its rows order[first … last). */
export function addLeafValue(
  kernels: Kernels,
  { order, scores }: TreeRows,
  first: number,
  last: number,
  value: number,
): void {
  kernels.call("addLeafValue", order, first, last, value, scores);
}
