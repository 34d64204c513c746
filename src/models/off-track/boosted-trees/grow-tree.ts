import {
  allocateHistograms,
  MISSING_BIN,
  type SearchedNode,
  type Split,
  searchNode,
  type TreeRows,
} from "../../../numeric/kernels/histogram.ts";
import type { Kernels } from "../../../numeric/kernels/kernels.ts";
import { addLeafValues, partitionRows, restoreOrder } from "../../../numeric/kernels/partition.ts";
import { type FeatureBins, MISSING_ONLY } from "./bins.ts";
import { addChildren, addRoot, type ForestBuilder, setLeaf, setSplit } from "./forest-builder.ts";

/** How large a tree may become. */
export interface GrowthLimits {
  readonly learningRate: number;
  readonly penalty: number;
  readonly maximumLeaves: number;
  readonly maximumDepth: number;
  readonly minimumLeafRows: number;
}

/** Everything growing a tree reads; the same for every tree of a forest. */
export interface Growth {
  readonly kernels: Kernels;
  readonly treeRows: TreeRows;
  readonly bins: readonly FeatureBins[];
  /** Shape (features): monotone direction, −1, 0 or 1. */
  readonly directions: Int32Array;
  readonly limits: GrowthLimits;
  /** Histograms that no open leaf uses; new ones are allocated when it is empty. */
  readonly spare: Float64Array[];
}

/** A leaf that may still be split: the rows order[first … last). */
interface OpenLeaf {
  readonly node: number;
  readonly first: number;
  readonly last: number;
  readonly depth: number;
  /** Bounds of its weight, from monotone splits above it. */
  readonly lowest: number;
  readonly highest: number;
  readonly gradient: number;
  readonly hessian: number;
  /** Its best split and its histograms; absent when it stays a leaf. */
  readonly split?: Split;
  readonly histograms?: Float64Array;
}

/**
 * Grows one tree leaf by leaf, always the open leaf of largest gain (the older node when equal), and adds its leaves' values
 * to the rows' log-odds. The gradient cells must be written before.
 * @returns false when not even the root gains from a split: nothing is added then
 */
export function growTree(growth: Growth, builder: ForestBuilder): boolean {
  const { kernels, treeRows, limits } = growth;
  restoreOrder(treeRows);
  const histograms = takeHistograms(growth);
  const free = { lowest: Number.NEGATIVE_INFINITY, highest: Number.POSITIVE_INFINITY };
  const { own: split } = searchNode(kernels, treeRows, [0, treeRows.rows], { histograms, isSearched: true, ...free });
  if (split === undefined) {
    growth.spare.push(histograms);
    return false;
  }
  const root: OpenLeaf = {
    node: addRoot(builder, treeRows.rows),
    first: 0,
    last: treeRows.rows,
    depth: 0,
    ...free,
    gradient: split.gradient,
    hessian: split.hessian,
    split,
    histograms,
  };
  const leaves = [root];
  while (leaves.length < limits.maximumLeaves) {
    const at = largestGain(leaves);
    if (at < 0) break;
    const parent = leaves[at]!;
    const children = divide(growth, builder, parent);
    const isLast = leaves.length + 1 === limits.maximumLeaves;
    leaves.splice(at, 1, ...(isLast ? children : searchChildren(growth, parent, children)));
  }
  const leafValue = (leaf: OpenLeaf): number => limits.learningRate * weightOf(leaf, limits.penalty);
  addLeafValues(
    kernels,
    treeRows,
    leaves.map((leaf) => ({ first: leaf.first, last: leaf.last, value: leafValue(leaf) })),
  );
  for (const leaf of leaves) {
    setLeaf(builder, leaf.node, leafValue(leaf));
    if (leaf.histograms !== undefined) growth.spare.push(leaf.histograms);
  }
  return true;
}

function takeHistograms({ spare, kernels, treeRows }: Growth): Float64Array {
  return spare.pop() ?? allocateHistograms(kernels, treeRows);
}

/** The position of the leaf to split next; −1 when none can be. */
function largestGain(leaves: readonly OpenLeaf[]): number {
  let best = -1;
  for (let at = 0; at < leaves.length; at++) {
    const gain = leaves[at]!.split?.gain;
    if (gain === undefined) continue;
    const bestGain = best < 0 ? Number.NEGATIVE_INFINITY : leaves[best]!.split!.gain;
    if (gain > bestGain || (gain === bestGain && leaves[at]!.node < leaves[best]!.node)) best = at;
  }
  return best;
}

function weightOf({ gradient, hessian, lowest, highest }: Omit<OpenLeaf, "node">, penalty: number): number {
  return Math.min(Math.max(-gradient / (hessian + penalty), lowest), highest);
}

/** Applies a leaf's split: its rows are divided and its node gets two children. */
function divide(growth: Growth, builder: ForestBuilder, parent: OpenLeaf): [OpenLeaf, OpenLeaf] {
  const { kernels, treeRows, bins, limits } = growth;
  const split = parent.split!;
  const { feature, missingLeft } = split;
  const plan = bins[feature]!;
  markBinsToTheLeft(treeRows.goesLeft, plan, split);
  const middle = partitionRows(kernels, treeRows, feature, parent.first, parent.last);
  const node = addChildren(builder, middle - parent.first, parent.last - middle);
  setSplit(builder, parent.node, { feature, threshold: thresholdOf(plan, split), missingLeft, left: node });
  const { depth, lowest, highest } = parent;
  const shared = { depth: depth + 1, lowest, highest };
  const left = {
    ...shared,
    first: parent.first,
    last: middle,
    gradient: split.leftGradient,
    hessian: split.leftHessian,
  };
  const right = {
    ...shared,
    first: middle,
    last: parent.last,
    gradient: parent.gradient - split.leftGradient,
    hessian: parent.hessian - split.leftHessian,
  };
  const direction = partsNumbers(plan, split) ? growth.directions[feature]! : 0;
  if (direction === 0)
    return [
      { ...left, node },
      { ...right, node: node + 1 },
    ];
  // Without the bound at the middle a deeper split could break what this one keeps (handbook 3.4).
  const bound = (weightOf(left, limits.penalty) + weightOf(right, limits.penalty)) / 2;
  const below = { highest: bound };
  const above = { lowest: bound };
  return [
    { ...left, ...(direction > 0 ? below : above), node },
    { ...right, ...(direction > 0 ? above : below), node: node + 1 },
  ];
}

function markBinsToTheLeft(goesLeft: Uint8Array, plan: FeatureBins, { bin, missingLeft }: Split): void {
  goesLeft.fill(0);
  if (plan.kind === "numeric") goesLeft.fill(1, 0, bin + 1);
  else goesLeft[bin] = 1;
  goesLeft[MISSING_BIN] = missingLeft ? 1 : 0;
}

/** Whether some numbers go left and some right: every number against missing has no order to keep. */
function partsNumbers(plan: FeatureBins, { bin }: Split): boolean {
  return plan.kind === "numeric" && bin < plan.thresholds.length;
}

function thresholdOf(plan: FeatureBins, { bin }: Split): number {
  if (plan.kind === "categorical") return bin === MISSING_BIN ? MISSING_ONLY : bin;
  return plan.thresholds[bin] ?? Number.POSITIVE_INFINITY; // the last bin: every number against missing
}

/** Finds the children's best splits; only the smaller child's histograms are summed, the other's are what is left. */
function searchChildren(growth: Growth, parent: OpenLeaf, children: [OpenLeaf, OpenLeaf]): OpenLeaf[] {
  const { kernels, treeRows, limits } = growth;
  const rowsOf = ({ first, last }: OpenLeaf): number => last - first;
  const [left, right] = children;
  const [smaller, larger] = rowsOf(left) <= rowsOf(right) ? [left, right] : [right, left];
  const canSplit = (leaf: OpenLeaf): boolean =>
    leaf.depth < limits.maximumDepth && rowsOf(leaf) >= 2 * limits.minimumLeafRows;
  const rest = parent.histograms!;
  if (!canSplit(larger)) {
    growth.spare.push(rest);
    return children;
  }
  const own = takeHistograms(growth);
  const searched = (leaf: OpenLeaf, histograms: Float64Array): SearchedNode => {
    const { lowest, highest } = leaf;
    return { histograms, isSearched: canSplit(leaf), lowest, highest };
  };
  const splits = searchNode(
    kernels,
    treeRows,
    [smaller.first, smaller.last],
    searched(smaller, own),
    searched(larger, rest),
  );
  return children.map((leaf) => {
    const histograms = leaf === smaller ? own : rest;
    const split = leaf === smaller ? splits.own : splits.rest;
    if (split !== undefined) return { ...leaf, split, histograms };
    growth.spare.push(histograms);
    return leaf;
  });
}
