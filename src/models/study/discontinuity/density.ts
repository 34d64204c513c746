import { zeros } from "../../../numeric/linear/dense.ts";
import { leastSquares } from "../../../numeric/linear/least-squares.ts";
import { normalTwoSided } from "../../../numeric/tail-areas.ts";

/** McCrary's test: do scores pile up on one side of the cutoff, as when somebody could choose the side? */
export interface DensityTest {
  readonly binWidth: number;
  /** Estimated density just left and just right of the cutoff. */
  readonly left: number;
  readonly right: number;
  /** ln right − ln left. */
  readonly logDifference: number;
  readonly se: number;
  /** p-value of "the density does not jump": small is bad. */
  readonly p: number;
}

/**
 * Test of a jump of the density of the running variable.
 * @param x - shape (rows), measured from the cutoff
 * @param h - bandwidth of the local linear fit to the histogram
 * @see McCrary (2008), Journal of Econometrics 142(2); handbook 2.12
 */
export function densityTest(x: ArrayLike<number>, h: number): DensityTest {
  const values = Array.from(x);
  const n = values.length;
  const mean = values.reduce((sum, value) => sum + value, 0) / n;
  const deviation = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (n - 1));
  const binWidth = 2 * deviation * n ** -0.5;
  const counts = new Map<number, number>();
  for (const value of values) {
    const bin = Math.floor(value / binWidth);
    counts.set(bin, (counts.get(bin) ?? 0) + 1);
  }
  const bins = [...counts.keys()];
  const [first, last] = [Math.min(...bins), Math.max(...bins)];
  const at = (from: number, to: number): number => {
    const centres: number[] = [];
    const heights: number[] = [];
    for (let bin = from; bin <= to; bin++) {
      centres.push(bin * binWidth + binWidth / 2);
      heights.push((counts.get(bin) ?? 0) / (n * binWidth));
    }
    return localIntercept(centres, heights, h);
  };
  const [left, right] = [at(first, -1), at(0, last)];
  const logDifference = Math.log(right) - Math.log(left);
  const se = Math.sqrt((1 / (n * h)) * (24 / 5) * (1 / right + 1 / left));
  return { binWidth, left, right, logDifference, se, p: normalTwoSided(logDifference / se) };
}

function localIntercept(centres: readonly number[], heights: readonly number[], h: number): number {
  const design = zeros(centres.length, 2);
  const weights = new Float64Array(centres.length);
  centres.forEach((centre, row) => {
    design.data[2 * row] = 1;
    design.data[2 * row + 1] = centre;
    weights[row] = Math.max(0, 1 - Math.abs(centre) / h);
  });
  return leastSquares(design, heights, weights).coefficients[0]!;
}
