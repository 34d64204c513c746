import { MISSING_BIN } from "../../../numeric/kernels/histogram.ts";
import type { FeatureColumn, FeatureMatrix } from "../../../numeric/matrix.ts";
import { binsByCode, type FeatureBins } from "../boosted-trees/bins.ts";

/** Levels per shape and per grid. */
export const LEVELS = 256;
const LINES = 8;
const MISSING_LINE = 8;
const LINE_SHIFT = 4; // a grid has room for sixteen lines

/** What an additive model adds up. Log-odds = base + Σ shape + Σ pair. */
export interface Terms {
  readonly base: number;
  /** Shape (features × 256): a level per bin, the last for missing cells. */
  readonly shapes: Float64Array;
  /** Shape (pairs × 2): features. */
  readonly pairs: Int32Array;
  /** Shape (pairs × 256): a level per cell of the grid, line of the first feature × 16 + line of the second. */
  readonly grids: Float64Array;
  /** Shape (features × 256): the line of a grid that each bin belongs to. */
  readonly lines: Uint8Array;
}

/** Each row's bin of a column; rows that are missing, and categories without a bin, get 255. */
export function binsOfColumn(plan: FeatureBins, column: FeatureColumn): Uint8Array {
  if (plan.kind === "categorical") {
    const byCode = binsByCode(plan.categories, column);
    return Uint8Array.from(column.values, (code) => {
      const bin = Number.isNaN(code) ? -1 : byCode[code]!;
      return bin < 0 ? MISSING_BIN : bin;
    });
  }
  const { thresholds } = plan;
  return Uint8Array.from(column.values, (value) => (Number.isNaN(value) ? MISSING_BIN : below(thresholds, value)));
}

/** How many thresholds are below a value. */
function below(thresholds: Float64Array, value: number): number {
  let from = 0;
  let to = thresholds.length;
  while (from < to) {
    const middle = (from + to) >> 1;
    if (value > thresholds[middle]!) from = middle + 1;
    else to = middle;
  }
  return from;
}

/**
 * Divides each feature's bins into at most eight lines of about as many rows; missing cells are a line of their own. The most
 * frequent categories have a line each, the rest shares the last.
 * @param rowsByBin - shape (features × 256)
 */
export function linesOfBins(plans: readonly FeatureBins[], rowsByBin: Float64Array): Uint8Array {
  const lines = new Uint8Array(plans.length * LEVELS);
  for (const [feature, plan] of plans.entries()) {
    const own = rowsByBin.subarray(feature * LEVELS, feature * LEVELS + MISSING_BIN);
    const target = lines.subarray(feature * LEVELS, (feature + 1) * LEVELS);
    if (plan.kind === "numeric") fillByRows(own, target);
    else {
      const order = [...own.keys()].sort((a, b) => own[b]! - own[a]! || a - b);
      for (const [rank, bin] of order.entries()) target[bin] = Math.min(rank, LINES - 1);
    }
    target[MISSING_BIN] = MISSING_LINE;
  }
  return lines;
}

function fillByRows(rows: Float64Array, lines: Uint8Array): void {
  const all = rows.reduce((sum, count) => sum + count, 0);
  let before = 0;
  for (let bin = 0; bin < rows.length; bin++) {
    // The line of the bin's middle row: a bin that holds many rows keeps one line.
    lines[bin] = all === 0 ? 0 : Math.min(LINES - 1, Math.floor((LINES * (before + rows[bin]! / 2)) / all));
    before += rows[bin]!;
  }
}

/** The cell of a pair's grid that two bins fall into. */
export function gridCell(lines: Uint8Array, [one, other]: readonly [number, number], a: number, b: number): number {
  return (lines[one * LEVELS + a]! << LINE_SHIFT) + lines[other * LEVELS + b]!;
}

/**
 * Each row's contributions: a feature's own shape and half of every pair it is in; last the base.
 * @param bins - shape (rows) per feature
 * @param out - shape (rows × (features + 1)), row-major, overwritten
 */
export function addUp(terms: Terms, bins: readonly Uint8Array[], rows: number, out: Float64Array): void {
  const width = bins.length + 1;
  for (let row = 0; row < rows; row++) {
    for (let feature = 0; feature < bins.length; feature++) {
      out[row * width + feature] = terms.shapes[feature * LEVELS + bins[feature]![row]!]!;
    }
    out[row * width + bins.length] = terms.base;
  }
  for (let pair = 0; 2 * pair < terms.pairs.length; pair++) {
    const one = terms.pairs[2 * pair]!;
    const other = terms.pairs[2 * pair + 1]!;
    for (let row = 0; row < rows; row++) {
      const cell = gridCell(terms.lines, [one, other], bins[one]![row]!, bins[other]![row]!);
      const half = terms.grids[pair * LEVELS + cell]! / 2;
      out[row * width + one]! += half;
      out[row * width + other]! += half;
    }
  }
}

/** The bins of a question's columns, in the order of the plans. */
export function binsOfMatrix(plans: readonly FeatureBins[], { columns }: FeatureMatrix): Uint8Array[] {
  return plans.map((plan, feature) => binsOfColumn(plan, columns[feature]!));
}
