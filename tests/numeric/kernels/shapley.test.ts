import fc from "fast-check";
import { expect, test } from "vitest";
import { addShapleyOfForest, type Forest, meanOfForest } from "../../../src/models/off-track/boosted-trees/forest.ts";
import { random } from "../../../src/numeric/random.ts";
import { addShapleyValues as addByReference } from "../../reference/tree-shap.ts";

/** Trees of random splits, features asked again and again on one path, covers that add up. */
function randomForest(trees: number, splits: number, width: number, seed: number): Forest {
  const rng = random(seed);
  const nodes: { feature: number; threshold: number; missing: number; left: number; value: number; cover: number }[] =
    [];
  const roots = [0];
  for (let tree = 0; tree < trees; tree++) {
    const leaf = (cover: number) => ({ feature: -1, threshold: 0, missing: 0, left: 0, value: rng.normal(), cover });
    const open = [nodes.push(leaf(5_000)) - 1];
    for (let split = 0; split < splits && open.length > 0; split++) {
      const at = open.splice(rng.integer(open.length), 1)[0]!;
      const { cover } = nodes[at]!;
      if (cover < 2) continue;
      const share = 1 + rng.integer(cover - 1);
      const left = nodes.push(leaf(share)) - 1;
      nodes.push(leaf(cover - share));
      nodes[at] = {
        ...nodes[at]!,
        feature: rng.integer(width),
        threshold: rng.normal(),
        missing: rng.integer(2),
        left,
        value: 0,
      };
      open.push(left, left + 1);
    }
    roots.push(nodes.length);
  }
  return {
    roots: Int32Array.from(roots),
    features: Int32Array.from(nodes, ({ feature }) => feature),
    thresholds: Float64Array.from(nodes, ({ threshold }) => threshold),
    missingLeft: Uint8Array.from(nodes, ({ missing }) => missing),
    left: Int32Array.from(nodes, ({ left }) => left),
    values: Float64Array.from(nodes, ({ value }) => value),
    covers: Int32Array.from(nodes, ({ cover }) => cover),
  };
}

function randomColumns(rows: number, width: number, seed: number): Float64Array[] {
  const rng = random(seed);
  return Array.from({ length: width }, () =>
    Float64Array.from({ length: rows }, () => (rng.next() < 0.15 ? Number.NaN : rng.normal())),
  );
}

test("quadrature gives the values of the published recursion, on trees of every shape", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 4 }),
      fc.integer({ min: 0, max: 40 }),
      fc.integer({ min: 1, max: 12 }),
      fc.integer({ min: 1, max: 70 }),
      fc.nat(),
      (trees, splits, width, rows, seed) => {
        const forest = randomForest(trees, splits, width, seed);
        const question = { rows, columns: randomColumns(rows, width, seed + 1), isCategorical: new Uint8Array(width) };
        const found = new Float64Array(rows * (width + 1));
        const expected = new Float64Array(rows * (width + 1));
        addShapleyOfForest(forest, question, found);
        addByReference(forest, question, expected);
        for (let i = 0; i < found.length; i++) expect(Math.abs(found[i]! - expected[i]!)).toBeLessThan(1e-9);
      },
    ),
    { numRuns: 60 },
  );
});

test("contributions and the mean add up to the leaf, also on a path of forty different features", () => {
  const width = 40;
  const rng = random("deep");
  const features: number[] = [];
  const left: number[] = [];
  const values: number[] = [];
  const covers: number[] = [];
  for (let depth = 0; depth < width; depth++) {
    // Inner nodes are the right children, so each level has one leaf on the left.
    const at = features.length;
    if (depth === 0) {
      features.push(0);
      covers.push(1_000_000_000);
      values.push(0);
      left.push(1);
    } else {
      features[at - 1] = depth;
      left[at - 1] = at;
      values[at - 1] = 0;
    }
    const cover = covers[depth === 0 ? 0 : at - 1]!;
    features.push(-1, -1);
    left.push(0, 0);
    values.push(rng.normal(), rng.normal());
    covers.push(Math.ceil(cover * 0.2), cover - Math.ceil(cover * 0.2));
  }
  const forest: Forest = {
    roots: Int32Array.of(0, features.length),
    features: Int32Array.from(features),
    thresholds: new Float64Array(features.length),
    missingLeft: new Uint8Array(features.length),
    left: Int32Array.from(left),
    values: Float64Array.from(values),
    covers: Int32Array.from(covers),
  };
  const columns = Array.from({ length: width }, () => Float64Array.of(1)); // every question is answered to the right
  const out = new Float64Array(width + 1);
  addShapleyOfForest(forest, { rows: 1, columns, isCategorical: new Uint8Array(width) }, out);
  const sum = out.reduce((total, value) => total + value, 0);
  expect(sum + meanOfForest(forest)).toBeCloseTo(values.at(-1)!, 11);
});
