import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { planThresholds } from "../../../src/models/off-track/boosted-trees/bins.ts";
import { boostedTrees } from "../../../src/models/off-track/boosted-trees/boosted-trees.ts";
import type { Forest } from "../../../src/models/off-track/boosted-trees/forest.ts";
import type { FittedBoostedTrees } from "../../../src/models/off-track/boosted-trees/model.ts";
import type { BoostedTreesOptions } from "../../../src/models/off-track/boosted-trees/options.ts";
import { logit } from "../../../src/numeric/log-odds.ts";
import { type FeatureColumn, type FeatureMatrix, takeRows } from "../../../src/numeric/matrix.ts";
import { logLoss } from "../../../src/numeric/metrics/log-loss.ts";
import { random } from "../../../src/numeric/random.ts";
import { classifierData, probabilitiesOf, reasonsOf } from "../../contracts/classifier-contract.ts";
import { bytesOf, codeOf, contextOf } from "../../contracts/estimator-contract.ts";
import { goesLeft } from "../../reference/tree-shap.ts";

type Data = ReturnType<typeof classifierData>;

const learn = (data: Data, options: BoostedTreesOptions = {}, seed = "trees"): FittedBoostedTrees =>
  boostedTrees({ trees: 25, ...options }).fit(data, contextOf(seed));

const numeric = (name: string, values: Float64Array): FeatureColumn => ({ name, kind: "numeric", values });

/** Numbers in steps of ½ (so that rows coincide), a tenth missing, one categorical column; the outcome needs interactions. */
function tableOf(rows: number, features: number, seed: number | string): Data {
  const rng = random(seed);
  const columns = Array.from({ length: features }, (_, index): FeatureColumn => {
    const values = Float64Array.from({ length: rows }, () =>
      rng.next() < 0.1 ? Number.NaN : index === 1 ? rng.integer(4) : Math.round(2 * rng.normal()) / 2,
    );
    return index === 1
      ? { name: "x1", kind: "categorical", values, categories: ["p", "q", "r", "s"] }
      : numeric(`x${index}`, values);
  });
  const at = (index: number, row: number): number => columns[index % features]!.values[row]! || 0;
  const labels = Uint8Array.from({ length: rows }, (_, row) =>
    at(0, row) * at(2, row) + (at(1, row) === 2 ? 1 : 0) + 0.5 * rng.normal() > 0.2 ? 1 : 0,
  );
  labels.set([0, 1]);
  return { matrix: { rows, columns }, labels };
}

const shuffled = (rows: number, seed: number): number[] => {
  const rng = random(seed);
  const keys = Array.from({ length: rows }, () => rng.next());
  return keys.map((_, row) => row).sort((a, b) => keys[a]! - keys[b]!);
};

const reorder = ({ matrix, labels }: Data, order: number[]): Data => ({
  matrix: takeRows(matrix, order),
  labels: Uint8Array.from(order, (row) => labels[row]!),
});

test.each([
  ["no randomness", {}],
  ["drawn rows and columns", { rowShare: 0.6, columnShare: 0.5 }],
  ["constraints", { increasing: ["x0"], decreasing: ["x2"] }],
] as const)("any order of rows gives the same bytes: %s", (_, options) => {
  fc.assert(
    fc.property(fc.integer({ min: 5, max: 400 }), fc.integer({ min: 3, max: 6 }), fc.nat(), (rows, features, seed) => {
      const data = tableOf(rows, features, seed);
      const settings = { ...options, trees: 5, minimumLeafRows: 3, minimumCategoryRows: 2 };
      const other = learn(reorder(data, shuffled(rows, seed)), settings);
      expect(bytesOf(other)).toEqual(bytesOf(learn(data, settings)));
    }),
    { numRuns: 40 },
  );
});

test("with all rows and columns the seed does not matter; drawn ones depend on it", () => {
  const data = tableOf(300, 4, 1);
  expect(bytesOf(learn(data, {}, "a"))).toEqual(bytesOf(learn(data, {}, "b")));
  for (const options of [{ rowShare: 0.5 }, { columnShare: 0.5 }])
    expect(bytesOf(learn(data, options, "a"))).not.toEqual(bytesOf(learn(data, options, "b")));
});

test("drawn rows are the promised share, also where all rows are alike", () => {
  const rows = 4000;
  const x = Float64Array.from({ length: rows }, (_, row) => row % 2);
  const data = {
    matrix: { rows, columns: [numeric("x", x)] },
    labels: Uint8Array.from({ length: rows }, (_, row) => (row % 10 < 3 ? 1 : row % 2)),
  };
  const whole = learn(data, { trees: 1, rowShare: 1, learningRate: 1 });
  const drawn = learn(data, { trees: 1, rowShare: 0.5, learningRate: 1, minimumLeafRows: 900 });
  expect(drawn.forest.features).toHaveLength(3); // 2000 rows a side, half of them drawn, at least 900 needed
  expect(drawn.forest.covers).toEqual(whole.forest.covers); // reasons are averaged over all rows
});

/** v(S) of the definition: follow the row at features of S, else average over both children by training rows. */
function expectation(forest: Forest, node: number, known: number, row: readonly number[], categorical: number): number {
  const feature = forest.features[node]!;
  if (feature < 0) return forest.values[node]!;
  const left = forest.left[node]!;
  const below = (child: number): number => expectation(forest, child, known, row, categorical);
  if ((known >> feature) & 1)
    return below(goesLeft(forest, node, row[feature]!, feature === categorical) ? left : left + 1);
  return (below(left) * forest.covers[left]! + below(left + 1) * forest.covers[left + 1]!) / forest.covers[node]!;
}

test("reasons are the Shapley values of their definition, by enumeration of all subsets", () => {
  const factorial = (n: number): number => (n < 2 ? 1 : n * factorial(n - 1));
  fc.assert(
    fc.property(fc.integer({ min: 2, max: 5 }), fc.nat(), fc.integer({ min: 2, max: 12 }), (features, seed, leaves) => {
      const data = tableOf(150, features, seed);
      const settings = {
        trees: 3,
        maximumLeaves: leaves,
        minimumLeafRows: 2,
        learningRate: 0.5,
        minimumCategoryRows: 1,
      };
      const model = learn(data, settings);
      const { forest } = model;
      const asked = takeRows(data.matrix, [0, 1, 2, 3, 4, 5]);
      const got = reasonsOf(model, asked);
      for (let row = 0; row < asked.rows; row++) {
        const cells = asked.columns.map(({ values }) => values[row]!); // categories are sorted: their codes are their bins
        const value = (known: number): number =>
          Array.from(forest.roots.subarray(0, -1)).reduce(
            (sum, root) => sum + expectation(forest, root, known, cells, 1),
            0,
          );
        for (let feature = 0; feature < features; feature++) {
          let expected = 0;
          for (let known = 0; known < 1 << features; known++) {
            if ((known >> feature) & 1) continue;
            const size = known.toString(2).replaceAll("0", "").length;
            const weight = (factorial(size) * factorial(features - size - 1)) / factorial(features);
            expected += weight * (value(known | (1 << feature)) - value(known));
          }
          expect(Math.abs(got[row * (features + 1) + feature]! - expected)).toBeLessThan(1e-12);
        }
        expect(Math.abs(got[row * (features + 1) + features]! - model.start - value(0))).toBeLessThan(1e-12);
      }
    }),
    { numRuns: 40 },
  );
});

test("reasons of deep trees still add up", () => {
  const data = tableOf(3000, 6, "deep");
  const model = learn(data, { trees: 40, maximumLeaves: 400, maximumDepth: 40, minimumLeafRows: 1, learningRate: 0.3 });
  const { matrix } = data;
  const reasons = reasonsOf(model, takeRows(matrix, [...Array(50).keys()]));
  probabilitiesOf(model, matrix)
    .subarray(0, 50)
    .forEach((p, row) => {
      if (p < 1e-6 || p > 1 - 1e-6) return;
      const sum = reasons.subarray(row * 7, (row + 1) * 7).reduce((total, reason) => total + reason, 0);
      expect(Math.abs(sum - logit(p))).toBeLessThan(1e-9);
    });
});

test("the base is the mean log-odds of the training rows", () => {
  const data = tableOf(500, 4, 3);
  const model = learn(data, { rowShare: 0.8 });
  const mean = probabilitiesOf(model, data.matrix).reduce((sum, p) => sum + logit(p) / 500, 0);
  expect(reasonsOf(model, data.matrix)[4]).toBeCloseTo(mean, 9);
});

test("constrained columns move the risk one way only, whatever the others hold", () => {
  fc.assert(
    fc.property(fc.nat(), (seed) => {
      const data = tableOf(300, 5, seed);
      const model = learn(data, { increasing: ["x0"], decreasing: ["x2"], minimumLeafRows: 5, learningRate: 0.4 });
      for (const [name, direction] of [["x0", 1] as const, ["x2", -1] as const]) {
        const grid = Float64Array.from({ length: 61 }, (_, step) => -6 + step / 5);
        for (const row of [0, 1, 2, 3, 4, 5, 6, 7]) {
          const asked = takeRows(data.matrix, Array<number>(grid.length).fill(row));
          const columns = asked.columns.map((column) => (column.name === name ? { ...column, values: grid } : column));
          const p = probabilitiesOf(model, { rows: grid.length, columns });
          for (let step = 1; step < p.length; step++)
            expect(direction * (p[step]! - p[step - 1]!)).toBeGreaterThanOrEqual(0);
        }
      }
    }),
    { numRuns: 25 },
  );
});

test("without constraints the same data bends both ways: the property above is not empty", () => {
  const data = tableOf(300, 5, 4);
  const model = learn(data, { minimumLeafRows: 5, learningRate: 0.4 });
  const grid = Float64Array.from({ length: 61 }, (_, step) => -6 + step / 5);
  const changes = [0, 1, 2, 3, 4, 5, 6, 7].flatMap((row) => {
    const asked = takeRows(data.matrix, Array<number>(grid.length).fill(row));
    const columns = asked.columns.map((column) => (column.name === "x0" ? { ...column, values: grid } : column));
    const p = probabilitiesOf(model, { rows: grid.length, columns });
    return Array.from(p, (value, step) => value - (p[step - 1] ?? value));
  });
  expect(Math.min(...changes)).toBeLessThan(0);
  expect(Math.max(...changes)).toBeGreaterThan(0);
});

test.each([1, -1])("a constraint does not forbid missing cells to be the risky or the safe ones: %i", (direction) => {
  const x = Float64Array.from({ length: 200 }, (_, row) => (row % 2 === 0 ? Number.NaN : row));
  const labels = Uint8Array.from(x, (value) => (Number.isNaN(value) === direction > 0 ? 1 : 0));
  const data = { matrix: { rows: 200, columns: [numeric("x", x)] }, labels };
  for (const options of [{ increasing: ["x"] }, { decreasing: ["x"] }])
    expect(bytesOf(learn(data, options))).toEqual(bytesOf(learn(data)));
});

describe("what it learns", () => {
  const rows = 600;
  const rng = random("learns");
  const a = Float64Array.from({ length: rows }, () => rng.normal());
  const b = Float64Array.from({ length: rows }, () => rng.normal());
  const matrix: FeatureMatrix = { rows, columns: [numeric("a", a), numeric("b", b)] };

  test("more trees fit the training rows better, at every number of trees", () => {
    const data = tableOf(400, 5, 9);
    const losses = [1, 2, 3, 5, 10, 20, 40].map((trees) => {
      const loss = logLoss(data.labels, probabilitiesOf(learn(data, { trees, learningRate: 0.2 }), data.matrix));
      return loss as unknown as { value: number } | number;
    });
    const values = losses.map((loss) => (typeof loss === "number" ? loss : loss.value));
    for (let i = 1; i < values.length; i++) expect(values[i]!).toBeLessThan(values[i - 1]!);
  });

  test("an interaction that no sum of single columns can express", () => {
    const labels = Uint8Array.from(a, (value, row) => (value > 0 === b[row]! > 0 ? 1 : 0));
    const p = probabilitiesOf(learn({ matrix, labels }, { trees: 100 }), matrix);
    expect(p.filter((value, row) => value > 0.5 === (labels[row] === 1)).length).toBeGreaterThan(0.95 * rows);
  });

  test("that missing itself speaks, apart from every number", () => {
    const values = a.map((value, row) => (row % 3 === 0 ? Number.NaN : value));
    const labels = Uint8Array.from(values, (value) => (Number.isNaN(value) ? 1 : 0));
    const model = learn({ matrix: { rows, columns: [numeric("a", values)] }, labels }, { trees: 1, learningRate: 1 });
    expect(model.forest.features).toHaveLength(3);
    expect(model.forest.thresholds[0]).toBe(Number.POSITIVE_INFINITY);
    const asked = { rows: 3, columns: [numeric("a", Float64Array.of(Number.NaN, -1e300, 1e300))] };
    const p = probabilitiesOf(model, asked);
    expect(p[0]).toBeGreaterThan(0.8);
    expect(p[1]).toBe(p[2]);
    expect(p[1]).toBeLessThan(0.2);
  });

  test("a category against the rest; a rare and an unseen one count as missing", () => {
    const codes = Float64Array.from({ length: rows }, (_, row) => (row < 5 ? 3 : row % 3));
    const labels = Uint8Array.from(codes, (code) => (code === 1 ? 1 : 0));
    const categories = ["x", "y", "z", "rare", "unseen"];
    const column = { name: "c", kind: "categorical", values: codes, categories } as const;
    const model = learn({ matrix: { rows, columns: [column] }, labels });
    const asked = { ...column, values: Float64Array.of(0, 1, 2, 3, 4, Number.NaN) };
    const p = probabilitiesOf(model, { rows: 6, columns: [asked] });
    expect(p[1]).toBeGreaterThan(0.6);
    expect(Math.max(p[0]!, p[2]!)).toBeLessThan(0.4);
    expect(p[3]).toBe(p[5]);
    expect(p[4]).toBe(p[5]);
    const kind = { rows: 6, columns: [numeric("c", asked.values)] };
    expect(codeOf(() => probabilitiesOf(model, kind))).toBe("BAD_INPUT");
  });

  test("limits of a tree hold in every tree", () => {
    const data = tableOf(500, 5, 12);
    const { forest } = learn(data, { maximumLeaves: 6, maximumDepth: 3, minimumLeafRows: 31 });
    for (let tree = 0; tree + 1 < forest.roots.length; tree++) {
      const depths = new Map([[forest.roots[tree]!, 0]]);
      let leaves = 0;
      for (let node = forest.roots[tree]!; node < forest.roots[tree + 1]!; node++) {
        expect(forest.covers[node]).toBeGreaterThanOrEqual(31);
        if (forest.features[node]! < 0) leaves += 1;
        else for (const child of [0, 1]) depths.set(forest.left[node]! + child, depths.get(node)! + 1);
      }
      expect(leaves).toBeLessThanOrEqual(6);
      expect(Math.max(...depths.values())).toBeLessThanOrEqual(3);
    }
  });
});

describe("bins", () => {
  test("few distinct values: all mid-points", () => {
    expect(planThresholds(Float64Array.of(1, 1, 2, 4, 4, 4, 10), 4)).toEqual(Float64Array.of(1.5, 3, 7));
    expect(planThresholds(new Float64Array(0), 4)).toHaveLength(0);
  });

  test("any number of values: at most the promised bins, upwards, and none far above its share unless one value fills it", () => {
    const value = fc.oneof(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.integer({ min: 0, max: 9 }));
    fc.assert(
      fc.property(
        fc.array(value, { minLength: 1, maxLength: 200 }),
        fc.integer({ min: 2, max: 20 }),
        (values, most) => {
          const sorted = Float64Array.from(values).sort();
          const thresholds = planThresholds(sorted, most);
          expect(thresholds.length).toBeLessThan(most);
          const bins: number[][] = Array.from({ length: thresholds.length + 1 }, () => []);
          for (const v of sorted) bins[thresholds.filter((threshold) => v > threshold).length]!.push(v);
          expect(thresholds).toEqual(thresholds.slice().sort());
          for (const bin of bins) {
            expect(bin.length).toBeGreaterThan(0);
            const last = bin.filter((v) => v === bin.at(-1)).length; // the value that closed the bin
            expect(bin.length - last).toBeLessThan(Math.max(1, sorted.length / most));
          }
        },
      ),
    );
  });

  test("thresholds of neighbouring and of enormous numbers stay between them", () => {
    const next = 1 + Number.EPSILON;
    expect(planThresholds(Float64Array.of(1, next), 5)).toEqual(Float64Array.of(1));
    expect(planThresholds(Float64Array.of(1.7e308, 1.79e308), 5)[0]).toBeLessThan(1.79e308);
  });
});

test("a caller who gives up is heard after the tree that grows", () => {
  const controller = new AbortController();
  const seen: number[] = [];
  const onProgress = (fraction: number): void => {
    seen.push(fraction);
    if (seen.length === 3) controller.abort();
  };
  const context = contextOf(1, { signal: controller.signal, onProgress });
  expect(codeOf(() => boostedTrees({ trees: 10 }).fit(tableOf(300, 4, 1), context))).toBe("CANCELLED");
  expect(seen).toEqual([0.1, 0.2, 0.3]);
});

test.each<BoostedTreesOptions>([
  { trees: 0 },
  { trees: 1.5 },
  { learningRate: 0 },
  { learningRate: 1.1 },
  { maximumLeaves: 1 },
  { maximumDepth: 65 },
  { minimumLeafRows: 0 },
  { minimumLeafHessian: 0 },
  { penalty: -1 },
  { penalty: Number.NaN },
  { minimumGain: -1 },
  { maximumBins: 256 },
  { minimumCategoryRows: 0 },
  { rowShare: 0 },
  { columnShare: 1.01 },
  { increasing: ["x"], decreasing: ["x"] },
])("%j is refused", (options) => {
  expect(codeOf(() => boostedTrees(options))).toBe("BAD_INPUT");
});

test("a constraint on a column that is not there, or on categories, is refused", () => {
  expect(codeOf(() => learn(classifierData(), { increasing: ["frist"] }))).toBe("UNKNOWN_FEATURE");
  expect(codeOf(() => learn(classifierData(), { decreasing: ["third"] }))).toBe("BAD_INPUT");
});

describe("a damaged artifact is refused", () => {
  const { metadata, arrays } = learn(classifierData()).encode();
  const damage: Record<string, (array: Int32Array) => void> = {
    "left: a child before its parent": (left) => left.fill(0, 0, 1),
    "left: a child beyond the tree": (left) => left.fill(1_000_000, 0, 1),
    "left: one child of two parents": (left) => left.fill(left[0]!, 1, 2),
    "splitFeatures: a feature that is not there": (features) => features.fill(4, 0, 1),
    "roots: a tree that starts late": (roots) => roots.fill(1, 0, 1),
    "covers: rows that appear from nowhere": (covers) => covers.fill(999, 0, 1),
    "covers: a node without rows": (covers) => covers.fill(0),
  };
  test.each(Object.keys(damage))("%s", (what) => {
    const name = what.split(":")[0]!;
    const changed = (arrays[name] as Int32Array).slice();
    damage[what]!(changed);
    const tensors = { metadata, arrays: { ...arrays, [name]: changed } };
    expect(codeOf(() => boostedTrees().decode(tensors))).toBe("ARTIFACT_CORRUPT");
  });

  test.each(["thresholds", "values", "start"])("%s: not a number", (name) => {
    const changed = (arrays[name] as Float64Array).slice().fill(Number.NaN, 0, 1);
    const tensors = { metadata, arrays: { ...arrays, [name]: changed } };
    expect(codeOf(() => boostedTrees().decode(tensors))).toBe("ARTIFACT_CORRUPT");
  });
});
