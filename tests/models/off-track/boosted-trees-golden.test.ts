import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { boostedTrees } from "../../../src/models/off-track/boosted-trees/boosted-trees.ts";
import type { Forest } from "../../../src/models/off-track/boosted-trees/forest.ts";
import type { FeatureMatrix } from "../../../src/numeric/matrix.ts";
import { probabilitiesOf, reasonsOf } from "../../contracts/classifier-contract.ts";
import { contextOf } from "../../contracts/estimator-contract.ts";

interface Golden {
  readonly trainRows: number;
  readonly columns: readonly (readonly (number | null)[])[];
  readonly labels: readonly number[];
  readonly models: readonly {
    readonly setting: {
      readonly max_leaf_nodes: number;
      readonly max_depth: number;
      readonly l2_regularization: number;
      readonly min_samples_leaf: number;
      readonly learning_rate: number;
    };
    /** Pre-order: [feature, threshold (null: every number against missing), missing left or null, rows] or, a leaf, [value, rows]. */
    readonly trees: readonly (readonly (number | null)[])[][];
    readonly probabilities: readonly number[];
    readonly reasons: readonly (readonly number[])[];
    readonly base: number;
  }[];
}

const golden = JSON.parse(
  readFileSync(new URL("../../golden/boosted-trees/boosted-trees.json", import.meta.url), "utf8"),
) as Golden;

// scikit-learn keeps gradients in single precision (24 bits), which 25 trees of sums carry into the leaves.
const TOLERANCE = 2e-5;

function matrixOf(first: number, last: number): FeatureMatrix {
  const columns = golden.columns.map((cells, index) => ({
    name: `x${index}`,
    kind: "numeric" as const,
    values: Float64Array.from(cells.slice(first, last), (cell) => cell ?? Number.NaN),
  }));
  return { rows: last - first, columns };
}

function preorder(forest: Forest, node: number): (number | null)[][] {
  const feature = forest.features[node]!;
  const cover = forest.covers[node]!;
  if (feature < 0) return [[forest.values[node]!, cover]];
  const left = forest.left[node]!;
  const threshold = forest.thresholds[node]!;
  const own = [feature, Number.isFinite(threshold) ? threshold : null, forest.missingLeft[node]!, cover];
  return [own, ...preorder(forest, left), ...preorder(forest, left + 1)];
}

describe.each(golden.models)("scikit-learn's trees, $setting", ({ setting, trees, probabilities, reasons, base }) => {
  const model = boostedTrees({
    trees: trees.length,
    learningRate: setting.learning_rate,
    maximumLeaves: setting.max_leaf_nodes,
    maximumDepth: setting.max_depth,
    minimumLeafRows: setting.min_samples_leaf,
    penalty: setting.l2_regularization,
  }).fit(
    { matrix: matrixOf(0, golden.trainRows), labels: Uint8Array.from(golden.labels.slice(0, golden.trainRows)) },
    contextOf("golden"),
  );
  const asked = matrixOf(golden.trainRows, golden.labels.length);

  test("every tree has the same splits, missing directions, rows and values", () => {
    expect(model.forest.roots).toHaveLength(trees.length + 1);
    trees.forEach((expected, tree) => {
      const got = preorder(model.forest, model.forest.roots[tree]!);
      expect(got.map((node) => node.length)).toEqual(expected.map((node) => node.length));
      got.forEach((node, index) => {
        if (node.length === 4) {
          const isFree = expected[index]![2] === null; // no missing row: nothing to learn a direction from
          expect(isFree ? node.with(2, null) : node, `tree ${tree}, node ${index}`).toEqual(expected[index]);
        } else {
          expect(node[1]).toBe(expected[index]![1]);
          expect(Math.abs(node[0]! - expected[index]![0]!)).toBeLessThan(TOLERANCE);
        }
      });
    });
  });

  test("the same probabilities", () => {
    probabilitiesOf(model, asked).forEach((p, row) => {
      expect(Math.abs(p - probabilities[row]!)).toBeLessThan(TOLERANCE);
    });
  });

  test("shap's reasons and base", () => {
    const got = reasonsOf(model, asked);
    const width = golden.columns.length + 1;
    reasons.forEach((expected, row) => {
      [...expected, base].forEach((reason, index) => {
        expect(Math.abs(got[row * width + index]! - reason)).toBeLessThan(10 * TOLERANCE);
      });
    });
  });
});
