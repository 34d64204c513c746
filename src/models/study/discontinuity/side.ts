import { CairnError } from "../../../errors.ts";
import { zeros } from "../../../numeric/linear/dense.ts";
import { type LeastSquares, leastSquares, leverages } from "../../../numeric/linear/least-squares.ts";

/** How rows count by their distance from the cutoff. */
export type Kernel = "triangular" | "uniform" | "epanechnikov";

/** How the residual of a row is found: nearest neighbours on the same side, or the fit's own with HC corrections. */
export type Residual = "NN" | "HC0" | "HC1" | "HC2" | "HC3";

/** One side of the cutoff, sorted by distance to it or not: the running variable is measured from the cutoff. */
export interface Side {
  /** Shape (rows), ascending: running variable minus cutoff. */
  readonly x: Float64Array;
  /** Shape (rows). */
  readonly y: Float64Array;
  /** Shape (rows): the treatment received, for a fuzzy design. */
  readonly received?: Float64Array;
  /** Shape (rows), ids. */
  readonly cluster?: Int32Array;
}

/** The values of both sides in one array, left first. */
export function joined(left: Float64Array, right: Float64Array): Float64Array {
  const both = new Float64Array(left.length + right.length);
  both.set(left);
  both.set(right, left.length);
  return both;
}

/** A weight of the kernel at u = x/h; the scale is free, as weights are only compared. */
export function kernelWeight(u: number, kernel: Kernel): number {
  const size = Math.abs(u);
  if (kernel === "uniform") return size <= 1 ? 1 : 0;
  if (size >= 1) return 0;
  return kernel === "triangular" ? 1 - size : 1 - size * size;
}

/** A local polynomial on one side: coefficients in powers of u = x/h, and what linear functionals of it need. */
export interface LocalFit {
  readonly h: number;
  readonly order: number;
  /** First row and one past the last row with weight. */
  readonly from: number;
  readonly to: number;
  readonly fit: LeastSquares;
}

/**
 * Weighted polynomial of the given order in x around 0, computed in u = x/h so that high powers stay near one.
 * @param outcome - shape (rows of the side)
 * @throws CairnError `BAD_INPUT` when fewer distinct values than coefficients lie within the bandwidth
 */
export function localFit({ x }: Side, outcome: Float64Array, order: number, h: number, kernel: Kernel): LocalFit {
  let from = 0;
  while (from < x.length && kernelWeight(x[from]! / h, kernel) === 0) from++;
  let to = x.length;
  while (to > from && kernelWeight(x[to - 1]! / h, kernel) === 0) to--;
  const rows = to - from;
  if (new Set(x.subarray(from, to)).size < order + 2) {
    throw new CairnError(
      "BAD_INPUT",
      `expected at least ${order + 2} distinct scores within ${h} of the cutoff, got fewer`,
      {
        hint: "widen the bandwidth, or use the honest interval for discrete scores",
      },
    );
  }
  const design = zeros(rows, order + 1);
  const weights = new Float64Array(rows);
  for (let row = 0; row < rows; row++) {
    const u = x[from + row]! / h;
    weights[row] = kernelWeight(u, kernel);
    for (let k = 0; k <= order; k++) design.data[row * (order + 1) + k] = u ** k;
  }
  return { h, order, from, to, fit: leastSquares(design, outcome.subarray(from, to), weights) };
}

/** The coefficient of x^power. */
export function coefficient({ fit, h }: LocalFit, power: number): number {
  return fit.coefficients[power]! / h ** power;
}

/** Shape (to − from): weights l with Σ lᵢyᵢ = coefficient of x^power. */
export function functional({ fit, h }: LocalFit, power: number): Float64Array {
  const { rotated, inverseFactor, weights } = fit;
  const p = rotated.cols;
  const result = new Float64Array(rotated.rows);
  for (let row = 0; row < rotated.rows; row++) {
    let sum = 0;
    for (let k = power; k < p; k++) sum += inverseFactor.data[power * p + k]! * rotated.data[row * p + k]!;
    result[row] = (sum * weights![row]!) / h ** power;
  }
  return result;
}

/** [Γ Σ w R (x/h)^power]_at in powers of x: the leading bias of the coefficient of x^at, before the derivative. */
export function biasConstant(local: LocalFit, { x }: Side, power: number, at: number): number {
  const weights = functional(local, at);
  let sum = 0;
  for (let row = 0; row < weights.length; row++) sum += weights[row]! * (x[local.from + row]! / local.h) ** power;
  return sum;
}

/**
 * Nearest-neighbour residuals of rows from … to, searched among these rows only: √(k/(k + 1))(y − mean of the k nearest), the three nearest
 * and everything tied with the third.
 * @see Calonico, Cattaneo and Titiunik (2014), Econometrica 82(6), section 5
 */
export function neighbourResiduals(
  x: Float64Array,
  y: Float64Array,
  from: number,
  to: number,
  matches = 3,
): Float64Array {
  const residuals = new Float64Array(to - from);
  for (let row = from; row < to; row++) {
    const { low, high } = neighbours(x, row, from, to, matches);
    const count = high - low - 1;
    let sum = 0;
    for (let other = low; other < high; other++) sum += other === row ? 0 : y[other]!;
    residuals[row - from] = count === 0 ? 0 : Math.sqrt(count / (count + 1)) * (y[row]! - sum / count);
  }
  return residuals;
}

/** The run low … high of rows around one that holds its nearest neighbours and every tie of the last of them. */
function neighbours(
  x: Float64Array,
  row: number,
  from: number,
  to: number,
  matches: number,
): { low: number; high: number } {
  let low = row;
  let high = row + 1;
  const wanted = Math.min(matches, to - from - 1);
  for (;;) {
    while (low > from && x[low - 1] === x[low]) low--;
    while (high < to && x[high] === x[high - 1]) high++;
    if (high - low - 1 >= wanted) return { low, high };
    const down = low > from ? x[row]! - x[low - 1]! : Number.POSITIVE_INFINITY;
    const up = high < to ? x[high]! - x[row]! : Number.POSITIVE_INFINITY;
    if (down <= up) low--;
    if (up <= down) high++;
  }
}

/** Residuals of a local fit with an HC correction, for rows from … to (rows without weight are predicted, not learned from). */
export function fitResiduals(
  side: Side,
  outcome: Float64Array,
  local: LocalFit,
  kind: Residual,
  from: number,
  to: number,
): Float64Array {
  const own = leverages(local.fit);
  const rows = local.to - local.from;
  return Float64Array.from({ length: to - from }, (_, i) => {
    const row = from + i;
    const u = side.x[row]! / local.h;
    let fitted = 0;
    for (let k = local.order; k >= 0; k--) fitted = fitted * u + local.fit.coefficients[k]!;
    const inside = row >= local.from && row < local.to;
    const free = 1 - (inside ? own[row - local.from]! : 0);
    const rest = outcome[row]! - fitted;
    if (kind === "HC1") return rest * Math.sqrt(rows / (rows - local.order - 1));
    if (kind === "HC2") return rest / Math.sqrt(free);
    return kind === "HC3" ? rest / free : rest;
  });
}
