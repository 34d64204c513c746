import fc from "fast-check";
import { expect, test } from "vitest";
import { allocateBinningRooms, sortColumns, writeBinColumns } from "../../../src/numeric/kernels/binning.ts";
import {
  allocateHistograms,
  allocateTreeRows,
  type BlockWidth,
  binOffset,
  MISSING_BIN,
  MOST_TREE_ROWS,
  type Split,
  searchNode,
  type TreeRows,
  writeGradientCells,
} from "../../../src/numeric/kernels/histogram.ts";
import { type Kernels, withKernels } from "../../../src/numeric/kernels/kernels.ts";
import { addLeafValues, interleaveColumns, partitionRows } from "../../../src/numeric/kernels/partition.ts";
import { random } from "../../../src/numeric/random.ts";
import { codeOf } from "../../contracts/estimator-contract.ts";

const VALUE_BINS = 9;
const limits = { penalty: 1.5, minimumLeafHessian: 0.01, minimumLeafRows: 3, minimumGain: 0 };

/** Random bins (a tenth missing), labels and log-odds; the second feature is categorical, the third rises, the fourth falls. */
function randomRows(
  kernels: Kernels,
  rows: number,
  features: number,
  seed: number,
  width: BlockWidth = seed % 2 === 0 ? 4 : 16,
): TreeRows {
  const treeRows = allocateTreeRows(kernels, rows, features, limits, width);
  const rng = random(seed);
  for (let feature = 0; feature < features; feature++) {
    treeRows.descriptions.set([VALUE_BINS, feature === 1 ? 1 : 0, [0, 0, 1, -1][feature] ?? 0, 0], feature * 4);
    for (let row = 0, at = binOffset(treeRows, feature); row < rows; row++, at += width) {
      const bin = rng.next() < 0.1 ? MISSING_BIN : rng.integer(VALUE_BINS);
      if (width === 4) treeRows.bins[at] = bin;
      else treeRows.columns[feature * rows + row] = bin;
    }
  }
  if (width === 16) interleaveColumns(kernels, treeRows);
  for (let row = 0; row < rows; row++) {
    treeRows.labels[row] = rng.integer(2);
    treeRows.taken[row] = rng.next() < 0.9 ? 1 : 0;
    treeRows.scores[row] = rng.normal();
  }
  writeGradientCells(kernels, treeRows);
  return treeRows;
}

function buildHistograms(
  kernels: Kernels,
  treeRows: TreeRows,
  first: number,
  last: number,
  histograms: Float64Array,
): void {
  searchNode(kernels, treeRows, [first, last], { histograms, isSearched: false, lowest: 0, highest: 0 });
}

/** The best split of the node that has every row. */
function splitOfAll(
  kernels: Kernels,
  treeRows: TreeRows,
  [lowest, highest]: readonly [number, number],
): Split | undefined {
  const histograms = allocateHistograms(kernels, treeRows);
  return searchNode(kernels, treeRows, [0, treeRows.rows], { histograms, isSearched: true, lowest, highest }).own;
}

/** A cell's two integers: Σ gradient and (Σ hessian)·2^24 + rows. */
const integers = (histograms: Float64Array): BigInt64Array =>
  new BigInt64Array(histograms.buffer, histograms.byteOffset, histograms.length);

const binOf = (treeRows: TreeRows, row: number, feature: number): number =>
  treeRows.bins[binOffset(treeRows, feature) + treeRows.width * row]!;

test("gradient cells are p − y and p·(1 − p) to the last place of their scale; rows left out are zero", () => {
  withKernels((kernels) => {
    const treeRows = randomRows(kernels, 500, 1, 3);
    const cells = integers(treeRows.cells);
    for (let row = 0; row < treeRows.rows; row++) {
      const p = 1 / (1 + Math.exp(-treeRows.scores[row]!));
      const second = cells[2 * row + 1]!;
      if (treeRows.taken[row] === 0) {
        expect([cells[2 * row], second]).toEqual([0n, 0n]);
        continue;
      }
      const gradient = Number(cells[2 * row]) / treeRows.gradientScale;
      expect(Math.abs(gradient - (p - treeRows.labels[row]!))).toBeLessThan(1 / treeRows.gradientScale);
      expect(second & 0xffffffn).toBe(1n);
      const hessian = Number(second >> 24n) / treeRows.hessianScale;
      expect(Math.abs(hessian - p * (1 - p))).toBeLessThan(1 / treeRows.hessianScale);
    }
  });
});

test("histograms hold exact sums of any range of rows, and parent − child is the other child, exactly", () => {
  fc.assert(
    fc.property(
      fc.oneof(fc.integer({ min: 1, max: 300 }), fc.integer({ min: 1_000, max: 2_200 })), // over 1,024: several chunks
      fc.integer({ min: 1, max: 20 }),
      fc.nat(),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (rows, features, seed, part) => {
        withKernels((kernels) => {
          const treeRows = randomRows(kernels, rows, features, seed);
          const middle = Math.floor(part * rows);
          const [whole, left, right] = [0, 1, 2].map(() => allocateHistograms(kernels, treeRows)) as [
            Float64Array,
            Float64Array,
            Float64Array,
          ];
          treeRows.order.reverse();
          buildHistograms(kernels, treeRows, 0, rows, whole);
          buildHistograms(kernels, treeRows, middle, rows, right);
          const limited = { isSearched: false, lowest: 0, highest: 0 };
          const child = { histograms: left, ...limited };
          searchNode(kernels, treeRows, [0, middle], child, { histograms: whole, ...limited });
          const expected = new BigInt64Array(left.length);
          const cells = integers(treeRows.cells);
          for (const row of treeRows.order.subarray(0, middle)) {
            for (let feature = 0; feature < features; feature++) {
              const at = 2 * (256 * feature + binOf(treeRows, row, feature));
              expected[at]! += cells[2 * row]!;
              expected[at + 1]! += cells[2 * row + 1]!;
            }
          }
          const used = 512 * features; // beyond that, cells of a block's unused features
          expect(integers(left).subarray(0, used)).toEqual(expected.subarray(0, used));
          expect(integers(whole)).toEqual(integers(right));
        });
      },
    ),
    { numRuns: 60 },
  );
});

interface Sums {
  gradient: number;
  hessian: number;
  rows: number;
}

/** The definition (handbook 3.3, 3.4), by trying every split of every feature on the rows themselves. */
function bestGain(treeRows: TreeRows, lowest: number, highest: number): number {
  const { penalty, minimumLeafHessian, minimumLeafRows } = limits;
  const cells = integers(treeRows.cells);
  const sumOf = (isIn: (row: number) => boolean): Sums => {
    const sums = { gradient: 0, hessian: 0, rows: 0 };
    for (let row = 0; row < treeRows.rows; row++) {
      if (!isIn(row)) continue;
      sums.gradient += Number(cells[2 * row]) / treeRows.gradientScale;
      sums.hessian += Number(cells[2 * row + 1]! >> 24n) / treeRows.hessianScale;
      sums.rows += treeRows.taken[row]!;
    }
    return sums;
  };
  const weight = ({ gradient, hessian }: Sums): number =>
    Math.min(Math.max(-gradient / (hessian + penalty), lowest), highest);
  const loss = (sums: Sums): number =>
    sums.gradient * weight(sums) + 0.5 * (sums.hessian + penalty) * weight(sums) ** 2;
  const whole = loss(sumOf(() => true));
  let best = 0;
  for (let feature = 0; feature < treeRows.features; feature++) {
    const [, isCategorical, direction] = treeRows.descriptions.subarray(4 * feature, 4 * feature + 3);
    for (const bin of [...Array(VALUE_BINS).keys(), MISSING_BIN]) {
      for (const missingLeft of [true, false]) {
        const goesLeft = (row: number): boolean => {
          const own = binOf(treeRows, row, feature);
          if (own === MISSING_BIN) return missingLeft;
          return isCategorical === 1 ? own === bin : bin !== MISSING_BIN && own <= bin;
        };
        const left = sumOf(goesLeft);
        const right = sumOf((row) => !goesLeft(row));
        if (Math.min(left.rows, right.rows) < minimumLeafRows) continue;
        if (Math.min(left.hessian, right.hessian) < minimumLeafHessian) continue;
        if (direction! * (weight(right) - weight(left)) < 0) continue;
        best = Math.max(best, whole - loss(left) - loss(right));
      }
    }
  }
  return best;
}

const free = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY] as const;

test.each([
  ["free", free],
  ["bounded above", [Number.NEGATIVE_INFINITY, 0.02]],
  ["bounded on both sides", [-0.1, 0.05]],
] as const)("the best split gains what trying them all gains: %s", (_, [lowest, highest]) => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 1, max: 6 }), fc.nat(), (rows, features, seed) => {
      withKernels((kernels) => {
        const treeRows = randomRows(kernels, rows, features, seed);
        const split = splitOfAll(kernels, treeRows, [lowest, highest]);
        expect(split?.gain ?? 0).toBeCloseTo(bestGain(treeRows, lowest, highest), 10);
      });
    }),
    { numRuns: 60 },
  );
});

test("equal gains: the lowest feature, the lowest bin, missing to the left", () => {
  withKernels((kernels) => {
    const treeRows = allocateTreeRows(kernels, 20, 3, limits);
    for (let feature = 0; feature < 3; feature++) {
      treeRows.descriptions.set([VALUE_BINS, 0, 0, 0], feature * 4);
      for (let row = 0, at = binOffset(treeRows, feature); row < 20; row++, at += 4)
        treeRows.bins[at] = feature === 0 ? 0 : row < 10 ? 2 : 6; // bins 2, 3, 4 and 5 part the rows alike
    }
    treeRows.labels.fill(1, 10);
    writeGradientCells(kernels, treeRows);
    const split = splitOfAll(kernels, treeRows, free) as Split;
    expect(split).toMatchObject({ feature: 1, bin: 2, missingLeft: true, leftGradient: 5, gradient: 0, hessian: 5 });
    expect(split.gain).toBeCloseTo((0.5 * 2 * 25) / (2.5 + limits.penalty), 12);
  });
});

test("rows that are all alike are not split", () => {
  withKernels((kernels) => {
    const treeRows = randomRows(kernels, 200, 4, 1);
    treeRows.settings[0] = 0; // without a penalty nothing but rounding could be gained
    treeRows.labels.fill(1);
    treeRows.scores.fill(0.3);
    writeGradientCells(kernels, treeRows);
    expect(splitOfAll(kernels, treeRows, free)).toBeUndefined();
  });
});

test("rows are divided by their bins and keep their order; a leaf's value reaches its rows only", () => {
  withKernels((kernels) => {
    const treeRows = randomRows(kernels, 101, 22, 5, 16);
    for (const bin of [0, 3, 4, MISSING_BIN]) treeRows.goesLeft[bin] = 1;
    const inside = Array.from(treeRows.order.subarray(7, 90));
    const isLeft = (row: number): boolean => treeRows.goesLeft[binOf(treeRows, row, 17)] === 1;
    const middle = partitionRows(kernels, treeRows, 17, 7, 90);
    const expected = [...inside.filter(isLeft), ...inside.filter((row) => !isLeft(row))];
    expect(Array.from(treeRows.order.subarray(7, 90))).toEqual(expected);
    expect(middle).toBe(7 + inside.filter(isLeft).length);
    const before = treeRows.scores.slice();
    addLeafValues(kernels, treeRows, [{ first: 7, last: middle, value: 0.25 }]);
    const reached = new Set(expected.slice(0, middle - 7));
    treeRows.scores.forEach((score, row) => {
      expect(score).toBe(before[row]! + (reached.has(row) ? 0.25 : 0));
    });
  });
});

test("sorting and binning agree with their definitions, signs, zeros and tiny numbers included", () => {
  const cell = fc.oneof(
    fc.double({ noDefaultInfinity: true }),
    fc.integer({ min: -3, max: 3 }),
    fc.constantFrom(0, -0, 5e-324, -5e-324, Number.NaN),
  );
  fc.assert(
    fc.property(fc.array(cell, { maxLength: 300 }), fc.array(fc.integer({ min: -4, max: 4 })), (cells, cuts) => {
      withKernels((kernels) => {
        const column = Float64Array.from(cells);
        const rooms = allocateBinningRooms(kernels, column.length, 1);
        const present = column.filter((value) => !Number.isNaN(value));
        sortColumns(kernels, rooms, [column], (_, sorted) => expect(sorted).toEqual(present.slice().sort()));
        const thresholds = [...new Set(cuts)].sort((a, b) => a - b);
        const bins = kernels.uint8(column.length);
        writeBinColumns(kernels, rooms, [{ column, thresholds, bins }]);
        column.forEach((value, row) => {
          const below = thresholds.filter((threshold) => value > threshold).length;
          expect(bins[row]).toBe(Number.isNaN(value) ? MISSING_BIN : below);
        });
      });
    }),
  );
});

test("254 thresholds make 255 bins", () => {
  withKernels((kernels) => {
    const column = Float64Array.from({ length: 255 }, (_, row) => row);
    const bins = kernels.uint8(255);
    const thresholds = Array.from({ length: 254 }, (_, i) => i + 0.5);
    writeBinColumns(kernels, allocateBinningRooms(kernels, 255, 1), [{ column, thresholds, bins }]);
    expect(bins).toEqual(Uint8Array.from(column));
  });
});

test("more rows than cells can count are refused", () => {
  withKernels((kernels) => {
    expect(codeOf(() => allocateTreeRows(kernels, MOST_TREE_ROWS + 1, 0, limits))).toBe("BAD_INPUT");
  });
});
