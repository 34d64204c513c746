import { withKernels } from "../../../numeric/kernels/kernels.ts";
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

/** Whether a value goes left at a node. */
export function goesLeft(forest: Forest, node: number, value: number, isCategorical: boolean): boolean {
  if (Number.isNaN(value)) return forest.missingLeft[node] === 1;
  return isCategorical ? value === forest.thresholds[node]! : value <= forest.thresholds[node]!;
}

/**
 * Adds every tree's leaf value to each row's log-odds.
 * @param out - shape (rows)
 */
export function addForest(forest: Forest, { columns, isCategorical }: Question, out: Float64Array): void {
  const { roots, features, thresholds, values, missingLeft, left } = forest;
  withKernels((kernels) => {
    const trees = placeTrees(kernels, columns.length, roots.subarray(0, -1), features.length, (node) => ({
      feature: features[node]!,
      threshold: features[node]! < 0 ? values[node]! : thresholds[node]!,
      isCategorical: isCategorical[features[node]!] === 1,
      missingLeft: missingLeft[node] === 1,
      left: left[node]!,
    }));
    addTrees(kernels, trees, columns, out);
  });
}
