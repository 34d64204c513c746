import type { Forest, Question } from "../../src/models/off-track/boosted-trees/forest.ts";

/** Whether a value goes left at a node. */
export function goesLeft(forest: Forest, node: number, value: number, isCategorical: boolean): boolean {
  if (Number.isNaN(value)) return forest.missingLeft[node] === 1;
  return isCategorical ? value === forest.thresholds[node]! : value <= forest.thresholds[node]!;
}

/**
 * One feature of the path from a root, for Shapley values: the share of subsets' weight that flows on when the feature is
 * unknown (`zeros`) or known (`ones`, 0 or 1), and the weight of subsets by size (`weights`). Each depth has a stretch of its
 * own, so that returning from a branch costs nothing.
 */
interface Path {
  readonly features: Int32Array;
  readonly zeros: Float64Array;
  readonly ones: Float64Array;
  readonly weights: Float64Array;
}

interface Walk {
  readonly forest: Forest;
  readonly path: Path;
  readonly question: Question;
  row: number;
  /** Where the row's contributions are written. */
  readonly out: Float64Array;
  offset: number;
}

/**
 * The reference of the kernel: exact path-dependent Shapley values of a sum of trees, in log-odds: a feature outside the known set is averaged over both
 * children by training rows. They say how the model got to its answer, not what would happen if a feature were changed.
 * O(trees · leaves · depth²) per row.
 * @param question - the rows, feature by feature
 * @param out - shape (rows × (features + 1)), row-major; contributions are added to the first `features` cells of each row
 * @see Lundberg, Erion and Lee (2018), arXiv 1802.03888, algorithm 2
 */
export function addShapleyValues(forest: Forest, question: Question, out: Float64Array): void {
  const depth = depthOf(forest) + 2;
  const cells = (depth * (depth + 1)) / 2;
  const path: Path = {
    features: new Int32Array(cells),
    zeros: new Float64Array(cells),
    ones: new Float64Array(cells),
    weights: new Float64Array(cells),
  };
  const walk: Walk = { forest, path, question, row: 0, out, offset: 0 };
  const width = question.columns.length + 1;
  for (; walk.row < question.rows; walk.row++, walk.offset += width) {
    for (let tree = 0; tree + 1 < forest.roots.length; tree++) descend(walk, forest.roots[tree]!, 0, 0, 1, 1, -1);
  }
}

function depthOf({ features, left }: Forest): number {
  const depths = new Int32Array(features.length);
  let deepest = 0;
  for (let node = 0; node < features.length; node++) {
    if (features[node]! < 0) continue;
    const depth = depths[node]! + 1;
    depths[left[node]!] = depth;
    depths[left[node]! + 1] = depth;
    if (depth > deepest) deepest = depth;
  }
  return deepest;
}

/**
 * RECURSE of the paper.
 * @param parent - where the path above this node starts
 * @param length - its entries, which are copied and extended by one
 * @param zero - of the new entry
 * @param one - of the new entry
 * @param feature - of the new entry; −1 at the root
 */
function descend(walk: Walk, node: number, parent: number, length: number, zero: number, one: number, feature: number) {
  const { forest, path, question } = walk;
  const start = parent + length;
  copyEntries(path, parent, start, length);
  extend(path, start, length, zero, one, feature);
  const split = forest.features[node]!;
  if (split < 0) {
    addLeaf(walk, start, length, forest.values[node]!);
    return;
  }
  const left = forest.left[node]!;
  const value = question.columns[split]![walk.row]!;
  const hot = goesLeft(forest, node, value, question.isCategorical[split] === 1) ? left : left + 1;
  const cold = 2 * left + 1 - hot;
  let last = length;
  let incomingZero = 1;
  let incomingOne = 1;
  let earlier = 1;
  while (earlier <= last && path.features[start + earlier] !== split) earlier++;
  if (earlier <= last) {
    incomingZero = path.zeros[start + earlier]!;
    incomingOne = path.ones[start + earlier]!;
    unwind(path, start, last, earlier);
    last -= 1;
  }
  const cover = forest.covers[node]!;
  const hotShare = (incomingZero * forest.covers[hot]!) / cover;
  const coldShare = (incomingZero * forest.covers[cold]!) / cover;
  descend(walk, hot, start, last + 1, hotShare, incomingOne, split);
  descend(walk, cold, start, last + 1, coldShare, 0, split);
}

function copyEntries({ features, zeros, ones, weights }: Path, from: number, to: number, count: number): void {
  for (let i = 0; i < count; i++) {
    features[to + i] = features[from + i]!;
    zeros[to + i] = zeros[from + i]!;
    ones[to + i] = ones[from + i]!;
    weights[to + i] = weights[from + i]!;
  }
}

/** EXTEND of the paper: appends entry number `length`. */
function extend(path: Path, start: number, length: number, zero: number, one: number, feature: number): void {
  const { weights } = path;
  path.features[start + length] = feature;
  path.zeros[start + length] = zero;
  path.ones[start + length] = one;
  weights[start + length] = length === 0 ? 1 : 0;
  for (let i = length - 1; i >= 0; i--) {
    const weight = weights[start + i]!;
    weights[start + i + 1]! += (one * weight * (i + 1)) / (length + 1);
    weights[start + i] = (zero * weight * (length - i)) / (length + 1);
  }
}

/** UNWIND of the paper: takes entry `at` out of a path whose last entry is number `last`. */
function unwind({ features, zeros, ones, weights }: Path, start: number, last: number, at: number): void {
  const zero = zeros[start + at]!;
  const one = ones[start + at]!;
  let next = weights[start + last]!;
  for (let j = last - 1; j >= 0; j--) {
    const weight = weights[start + j]!;
    if (one !== 0) {
      weights[start + j] = (next * (last + 1)) / ((j + 1) * one);
      next = weight - (weights[start + j]! * zero * (last - j)) / (last + 1);
    } else weights[start + j] = (weight * (last + 1)) / (zero * (last - j));
  }
  for (let j = at; j < last; j++) {
    features[start + j] = features[start + j + 1]!;
    zeros[start + j] = zeros[start + j + 1]!;
    ones[start + j] = ones[start + j + 1]!;
  }
}

/** A leaf's share in every feature on its path. */
function addLeaf({ path, out, offset }: Walk, start: number, last: number, value: number): void {
  const { features, zeros, ones } = path;
  for (let i = 1; i <= last; i++) {
    const weight = unwoundSum(path, start, last, i);
    out[offset + features[start + i]!]! += weight * (ones[start + i]! - zeros[start + i]!) * value;
  }
}

/** The sum of weights that unwinding entry `at` would leave, without doing it. */
function unwoundSum({ zeros, ones, weights }: Path, start: number, last: number, at: number): number {
  const zero = zeros[start + at]!;
  const one = ones[start + at]!;
  let sum = 0;
  if (one === 0) {
    for (let j = last - 1; j >= 0; j--) sum += weights[start + j]! / (zero * (last - j));
    return sum * (last + 1);
  }
  let next = weights[start + last]!;
  for (let j = last - 1; j >= 0; j--) {
    const unwound = next / ((j + 1) * one);
    sum += unwound;
    next = weights[start + j]! - unwound * zero * (last - j);
  }
  return sum * (last + 1);
}
