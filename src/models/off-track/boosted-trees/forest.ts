/** The feature of a node that is a leaf. */
export const LEAF = -1;

/**
 * Trees as flat arrays, one entry per node, tree after tree; a node's two children lie side by side, after it.
 * Of a node with a feature: a missing cell goes left where `missingLeft` is 1; a number goes left when value ≤ threshold;
 * a category goes left when its bin equals the threshold.
 */
export interface Forest {
  /** Shape (trees + 1): where each tree's root is, and the number of nodes. */
  readonly roots: Int32Array;
  /** Shape (nodes): index of a feature, or {@link LEAF}. */
  readonly features: Int32Array;
  readonly thresholds: Float64Array;
  readonly missingLeft: Uint8Array;
  /** Shape (nodes): the left child's node number, the right child's is one more; 0 at a leaf. */
  readonly left: Int32Array;
  /** Shape (nodes): log-odds a leaf adds, learning rate included; 0 elsewhere. */
  readonly values: Float64Array;
  /** Shape (nodes): training rows that came through, at least 1. */
  readonly covers: Int32Array;
}

/** The rows of one question, read feature by feature: a category as its bin, NaN when missing or without one. */
export interface Question {
  readonly rows: number;
  /** One array of shape (rows) per feature. */
  readonly columns: readonly Float64Array[];
  /** Shape (features): 1 for a categorical one. */
  readonly isCategorical: Uint8Array;
}

/** Whether a value goes left at a node. */
export function goesLeft(forest: Forest, node: number, value: number, isCategorical: boolean): boolean {
  if (Number.isNaN(value)) return forest.missingLeft[node] === 1;
  return isCategorical ? value === forest.thresholds[node]! : value <= forest.thresholds[node]!;
}

const BLOCK_ROWS = 256; // a block of rows meets one tree after the other, so that both stay in the cache

/**
 * Adds every tree's leaf value to each row's log-odds.
 * @param out - shape (rows)
 */
export function addForest(forest: Forest, question: Question, out: Float64Array): void {
  const { roots, values } = forest;
  const { rows, columns, isCategorical } = question;
  const width = columns.length;
  const block = new Float64Array(Math.min(BLOCK_ROWS, rows) * width);
  for (let first = 0; first < rows; first += BLOCK_ROWS) {
    const last = Math.min(first + BLOCK_ROWS, rows);
    fillBlock(block, columns, first, last);
    for (let tree = 0; tree + 1 < roots.length; tree++) {
      for (let row = first, offset = 0; row < last; row++, offset += width) {
        out[row]! += values[leafOf(forest, roots[tree]!, block, offset, isCategorical)]!;
      }
    }
  }
}

/** Writes rows first … last − 1 row by row. */
function fillBlock(block: Float64Array, columns: readonly Float64Array[], first: number, last: number): void {
  for (let feature = 0; feature < columns.length; feature++) {
    const column = columns[feature]!;
    for (let row = first, at = feature; row < last; row++, at += columns.length) block[at] = column[row]!;
  }
}

/** The leaf a row reaches: {@link goesLeft} in a tight loop. */
function leafOf(
  { features, thresholds, missingLeft, left }: Forest,
  root: number,
  block: Float64Array,
  offset: number,
  isCategorical: Uint8Array,
): number {
  let node = root;
  for (let feature = features[node]!; feature >= 0; feature = features[node]!) {
    const value = block[offset + feature]!;
    const isLeft =
      value <= thresholds[node]! // NaN is never below
        ? isCategorical[feature] === 0 || value === thresholds[node]!
        : missingLeft[node] === 1 && Number.isNaN(value);
    node = isLeft ? left[node]! : left[node]! + 1;
  }
  return node;
}
