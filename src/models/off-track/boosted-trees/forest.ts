import { withKernels } from "../../../numeric/kernels/kernels.ts";
import { addShapleyValues, type ShapleyNode } from "../../../numeric/kernels/shapley.ts";
import { addTrees, placeTrees } from "../../../numeric/kernels/trees.ts";

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

/**
 * Adds every tree's leaf value to each row's log-odds.
 * @param out - shape (rows)
 */
export function addForest(forest: Forest, question: Question, out: Float64Array): void {
  withKernels((kernels) => {
    addTrees(kernels, placeTrees(kernels, forest.roots, nodesOf(forest, question)), question.columns, out);
  });
}

/**
 * Adds exact path-dependent Shapley values of the sum of trees, in log-odds. They say how the model got to its answer, not
 * what would happen if a feature were changed.
 * @param out - shape (rows × (features + 1)), row-major; contributions are added to the first `features` cells of each row
 * @see Lundberg, Erion and Lee (2018), arXiv 1802.03888, for what they are
 */
export function addShapleyOfForest(forest: Forest, question: Question, out: Float64Array): void {
  if (question.columns.length === 0) return;
  withKernels((kernels) => addShapleyValues(kernels, forest.roots, nodesOf(forest, question), question.columns, out));
}

/** The mean of a forest over its training rows: Σ over leaves of value · cover / cover of the root. */
export function meanOfForest({ roots, features, values, covers }: Forest): number {
  let mean = 0;
  for (let tree = 0; tree + 1 < roots.length; tree++) {
    let sum = 0;
    for (let node = roots[tree]!; node < roots[tree + 1]!; node++) {
      if (features[node]! < 0) sum += values[node]! * covers[node]!;
    }
    mean += sum / covers[roots[tree]!]!;
  }
  return mean;
}

function nodesOf(forest: Forest, { isCategorical }: Question): (node: number) => ShapleyNode {
  const { features, thresholds, values, missingLeft, left, covers } = forest;
  return (node) => ({
    feature: features[node]!,
    threshold: thresholds[node]!,
    isCategorical: isCategorical[features[node]!] === 1,
    missingLeft: missingLeft[node] === 1,
    left: left[node]!,
    value: values[node]!,
    cover: covers[node]!,
  });
}
