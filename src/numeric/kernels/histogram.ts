import { CairnError } from "../../errors.ts";
import { threadCount } from "../parallel/threads.ts";
import type { Kernels } from "./kernels.ts";

/** The bin of a missing cell; value bins are 0 … 254. */
export const MISSING_BIN = 255;
/** Features whose histograms are summed together: see assembly/histogram.ts. */
const QUAD = 4;
const CELLS = 256;
const CELL_BYTES = 16;
const COUNT_BITS = 24; // of a cell's second integer; the other 39 hold the hessians (assembly/histogram.ts)
const HESSIAN_BITS = 39;
const NO_MISSING = 2;
const EXACT_BITS = 52; // integers of a double
const SETTINGS = 8; // doubles that describe a search
const FOUND = 10; // doubles that describe what it found
const SUBTRACT = 2; // bits of a search: see assembly/search-quads.ts
const PARTS = 8; // of the work on one node: more than threads, so that none waits long for another
const PART_ROWS = 4_096; // fewer are not worth waking a thread
const PART_CELLS = 32_768; // the same, for rows × features
const ROOM_BYTES = 32_768; // of one part of a search: see assembly/histogram.ts

/** What a node's best split is; see {@link searchNode}. */
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

/** See {@link TreeRows.width}. */
export type BlockWidth = 4 | 16;

/** The rows a boosted tree learns from, and its room for sums: views of one arena. */
export interface TreeRows {
  readonly rows: number;
  readonly features: number;
  /** Features whose bins lie side by side, w: 4 suits passes over all rows, 16 nodes of scattered rows. */
  readonly width: BlockWidth;
  /** Features over four, rounded up. */
  readonly quads: number;
  /** Shape (blocks × rows × w): cell of row i, feature j at (⌊j/w⌋·rows + i)·w + j mod w; see `binning.ts`. */
  readonly bins: Uint8Array;
  /** Shape (features × rows): the same bins feature by feature, for dividing nodes; only with wide blocks, empty with narrow ones. */
  readonly columns: Uint8Array;
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
  /** Shape (parts × 2 × 10): what each part of a search found in a node and in its sibling. */
  readonly found: Float64Array;
  /** Shape (256): 1 for the bins that go left; the caller fills it before `partitionRows`. */
  readonly goesLeft: Uint8Array;
  readonly cells: Float64Array;
  /** Room of each part of a search. */
  readonly room: Uint8Array;
  readonly scratch: Int32Array;
  readonly moreScratch: Int32Array;
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
export function allocateTreeRows(
  kernels: Kernels,
  rows: number,
  features: number,
  limits: SplitLimits,
  width: BlockWidth = 4,
): TreeRows {
  if (rows > MOST_TREE_ROWS) {
    throw new CairnError("BAD_INPUT", `expected at most ${MOST_TREE_ROWS} rows for trees, got ${rows}`, {
      hint: "fit on a sample of the rows",
    });
  }
  const rowBits = Math.ceil(Math.log2(Math.max(rows, 2)));
  const gradientScale = 2 ** Math.min(40, EXACT_BITS - rowBits);
  const hessianScale = 2 ** Math.min(30, HESSIAN_BITS + 2 - rowBits);
  const treeRows: TreeRows = {
    rows,
    features,
    width,
    quads: Math.ceil(features / QUAD),
    bins: kernels.uint8(Math.ceil(features / width) * width * rows),
    columns: kernels.uint8(width === 16 ? features * rows : 0),
    descriptions: kernels.int32(features * 4),
    labels: kernels.uint8(rows),
    taken: kernels.uint8(rows),
    scores: kernels.float64(rows),
    order: kernels.int32(rows),
    settings: kernels.float64(2 * SETTINGS),
    found: kernels.float64(PARTS * 2 * FOUND),
    goesLeft: kernels.uint8(CELLS),
    cells: kernels.float64(rows * 2),
    room: kernels.uint8(PARTS * ROOM_BYTES),
    scratch: kernels.int32(rows),
    moreScratch: kernels.int32(rows),
    gradientScale,
    hessianScale,
  };
  const { penalty, minimumLeafHessian, minimumLeafRows, minimumGain } = limits;
  for (const at of [0, SETTINGS]) {
    treeRows.settings.set([penalty, minimumLeafHessian, minimumLeafRows, minimumGain], at);
    treeRows.settings.set([1 / gradientScale, 1 / hessianScale], at + 4);
  }
  treeRows.taken.fill(1);
  for (let row = 0; row < rows; row++) treeRows.order[row] = row;
  return treeRows;
}

/** Where the first row's bin of a feature lies in {@link TreeRows.bins}; the next row's is `width` further on. */
export function binOffset({ rows, width }: Pick<TreeRows, "rows" | "width">, feature: number): number {
  return Math.floor(feature / width) * rows * width + (feature % width);
}

/** Histograms of every feature for one node: 256 cells each. */
export function allocateHistograms(kernels: Kernels, { quads }: TreeRows): Float64Array {
  return kernels.float64(quads * QUAD * CELLS * 2);
}

/** Writes g = p − y and h = p·(1 − p) of every taken row, at its log-odds so far, as fixed-point cells. */
export function writeGradientCells(kernels: Kernels, treeRows: TreeRows): void {
  const { scores, labels, taken, rows, gradientScale, hessianScale, cells } = treeRows;
  kernels.callAll(
    rowParts(0, rows).map(([first, last]) => [
      "writeGradientCells",
      kernels.address(scores) + first * 8,
      kernels.address(labels) + first,
      kernels.address(taken) + first,
      last - first,
      gradientScale,
      hessianScale,
      kernels.address(cells) + first * CELL_BYTES,
    ]),
  );
}

/** The ranges that rows [first … last) are worked on in. */
export function rowParts(first: number, last: number): [first: number, last: number][] {
  const count = Math.max(1, Math.min(PARTS, Math.floor((last - first) / PART_ROWS)));
  const edge = (part: number): number => first + Math.floor(((last - first) * part) / count);
  return Array.from({ length: count }, (_, part) => [edge(part), edge(part + 1)]);
}

/** A node whose best split is looked for, or whose histograms only are needed. */
export interface SearchedNode {
  readonly histograms: Float64Array;
  readonly isSearched: boolean;
  /** The least and the largest weight its leaves may have (∓∞ when free). */
  readonly lowest: number;
  readonly highest: number;
}

/**
 * Fills the histograms of the node that has the rows order[first … last) and finds its split of largest gain; ties go to
 * the lowest feature, then the lowest bin, then missing to the left. With a `sibling`, whose histograms are still those of
 * the parent, those are turned into its own (the parent's less the node's, exactly) and searched as well.
 * @returns the splits; undefined where none keeps the limits and gains anything, or none was asked for
 */
export function searchNode(
  kernels: Kernels,
  treeRows: TreeRows,
  [first, last]: readonly [first: number, last: number],
  node: SearchedNode,
  sibling?: SearchedNode,
): { readonly own: Split | undefined; readonly rest: Split | undefined } {
  const { rows, settings } = treeRows;
  const isWhole = last - first === rows;
  settings.set([node.lowest, node.highest], 6);
  settings.set([sibling?.lowest ?? 0, sibling?.highest ?? 0], SETTINGS + 6);
  const wanted = (node.isSearched ? 1 : 0) + (sibling === undefined ? 0 : SUBTRACT) + (sibling?.isSearched ? 4 : 0);
  const at = (view: Float64Array | Int32Array | Uint8Array): number => kernels.address(view);
  const portions = quadPortions(treeRows, last - first);
  kernels.callAll(
    portions.map(([firstQuad, lastQuad], portion) => [
      "searchQuads",
      at(treeRows.bins),
      rows,
      treeRows.width,
      isWhole ? 0 : at(treeRows.order) + first * 4,
      last - first,
      at(treeRows.cells),
      firstQuad,
      lastQuad,
      at(node.histograms),
      sibling === undefined ? 0 : at(sibling.histograms),
      at(treeRows.descriptions),
      treeRows.features,
      wanted,
      at(settings),
      at(treeRows.found) + portion * 2 * FOUND * 8,
      at(treeRows.room) + portion * ROOM_BYTES,
    ]),
  );
  return {
    own: node.isSearched ? bestOf(treeRows.found, 0, portions.length) : undefined,
    rest: sibling?.isSearched ? bestOf(treeRows.found, FOUND, portions.length) : undefined,
  };
}

/**
 * The portions of quads that a node's work is done in: whole blocks where there are enough for every thread, because each
 * portion copies its blocks' scattered rows for itself.
 */
function quadPortions({ quads, width }: TreeRows, rows: number): [first: number, last: number][] {
  const perBlock = width / QUAD;
  const blocks = Math.ceil(quads / perBlock);
  const unit = blocks >= 2 * threadCount() ? perBlock : 1;
  const units = Math.ceil(quads / unit);
  const worth = Math.floor((rows * quads * QUAD) / PART_CELLS);
  const count = Math.max(1, Math.min(PARTS, units, worth));
  const edge = (portion: number): number => Math.min(quads, Math.floor((units * portion) / count) * unit);
  return Array.from({ length: count }, (_, portion) => [edge(portion), edge(portion + 1)]);
}

/** The best of what the portions found, as if one search had gone through all features. */
function bestOf(found: Float64Array, offset: number, portions: number): Split | undefined {
  let best = offset;
  for (let portion = 0; portion < portions; portion++) {
    const at = portion * 2 * FOUND + offset;
    if (found[at + 1]! >= 0 && (found[best + 1]! < 0 || found[at]! > found[best]!)) best = at;
  }
  if (found[best + 1]! < 0) return undefined;
  return {
    gain: found[best]!,
    feature: found[best + 1]!,
    bin: found[best + 2]!,
    missingLeft: found[best + 3]! === NO_MISSING ? 2 * found[best + 6]! >= found[best + 9]! : found[best + 3]! === 1,
    leftGradient: found[best + 4]!,
    leftHessian: found[best + 5]!,
    gradient: found[best + 7]!,
    hessian: found[best + 8]!,
  };
}
