import fc from "fast-check";
import { expect, test } from "vitest";
import { withKernels } from "../../../src/numeric/kernels/kernels.ts";
import { addTrees, placeTrees, type TreeNode } from "../../../src/numeric/kernels/trees.ts";
import { random } from "../../../src/numeric/random.ts";

const FEATURES = 5;
const leaf = (value: number): TreeNode => ({
  feature: -1,
  threshold: 0,
  isCategorical: false,
  missingLeft: false,
  left: 0,
  value,
});

/** Trees of random questions; the last two features are categories. Node numbers count through all trees. */
function randomTrees(trees: number, depth: number, seed: number): { roots: Int32Array; nodes: TreeNode[] } {
  const rng = random(seed);
  const nodes: TreeNode[] = [];
  const roots = [0];
  const thresholds = [-1.5, -0, 0, 5e-324, 1, Number.POSITIVE_INFINITY];
  for (let tree = 0; tree < trees; tree++) {
    const open = [{ at: nodes.push(leaf(rng.normal())) - 1, depth: 0 }];
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      if (next.depth === depth || rng.next() < 0.2) continue;
      const feature = rng.integer(FEATURES);
      const isCategorical = feature >= FEATURES - 2;
      const threshold = isCategorical ? rng.integer(4) - 1 : thresholds[rng.integer(thresholds.length)]!;
      const left = nodes.length;
      nodes.push(leaf(rng.normal()), leaf(rng.normal()));
      nodes[next.at] = { feature, threshold, isCategorical, missingLeft: rng.next() < 0.5, left, value: 0 };
      open.push({ at: left, depth: next.depth + 1 }, { at: left + 1, depth: next.depth + 1 });
    }
    roots.push(nodes.length);
  }
  return { roots: Int32Array.from(roots), nodes };
}

/** The definition: a missing cell goes where the node says, a number left when value ≤ threshold, a category when equal. */
function walk(nodes: readonly TreeNode[], root: number, cells: readonly number[]): number {
  let node = nodes[root]!;
  while (node.feature >= 0) {
    const cell = cells[node.feature]!;
    const isPresentLeft = node.isCategorical ? cell === node.threshold : cell <= node.threshold;
    const isLeft = Number.isNaN(cell) ? node.missingLeft : isPresentLeft;
    node = nodes[node.left + (isLeft ? 0 : 1)]!;
  }
  return node.value;
}

test("every row reaches the leaf of the definition: signed zeros, tiny numbers, missing cells and categories included", () => {
  const number = fc.constantFrom(-2, -1.5, -5e-324, -0, 0, 5e-324, 0.5, 1, Number.MAX_VALUE, Number.NaN);
  const category = fc.constantFrom(0, 1, 2, Number.NaN);
  const row = fc.tuple(number, number, number, category, category);
  fc.assert(
    fc.property(
      fc.array(row, { minLength: 1, maxLength: 90 }),
      fc.integer({ min: 1, max: 6 }),
      fc.integer({ min: 0, max: 6 }),
      fc.nat(),
      (rows, trees, depth, seed) => {
        const { roots, nodes } = randomTrees(trees, depth, seed);
        const columns = Array.from({ length: FEATURES }, (_, feature) =>
          Float64Array.from(rows, (cells) => cells[feature]!),
        );
        const scores = new Float64Array(rows.length).fill(0.25);
        withKernels((kernels) =>
          addTrees(
            kernels,
            placeTrees(kernels, roots, (node) => nodes[node]!),
            columns,
            scores,
          ),
        );
        for (const [at, cells] of rows.entries()) {
          let expected = 0.25;
          for (let tree = 0; tree < trees; tree++) expected += walk(nodes, roots[tree]!, cells);
          expect(scores[at]).toBe(expected);
        }
      },
    ),
    { numRuns: 300 },
  );
});
