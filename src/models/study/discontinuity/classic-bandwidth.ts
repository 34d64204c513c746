import { zeros } from "../../../numeric/linear/dense.ts";
import { leastSquares } from "../../../numeric/linear/least-squares.ts";
import { joined, type Kernel, type Side } from "./side.ts";

const CONSTANT: Readonly<Partial<Record<Kernel, number>>> = { triangular: 3.4375438552, uniform: 2.701920077 };

/**
 * The bandwidth of Imbens and Kalyanaraman for a local linear jump, with the pilot steps as in RDHonest.
 * @param kernel - triangular or uniform; the constant is the kernel's
 * @see Imbens and Kalyanaraman (2012), Review of Economic Studies 79(3); handbook 2.12
 */
export function classicBandwidth(left: Side, right: Side, kernel: "triangular" | "uniform"): number {
  const x = joined(left.x, right.x);
  const y = joined(left.y, right.y);
  const n = x.length;
  const mean = x.reduce((sum, value) => sum + value, 0) / n;
  const deviation = Math.sqrt(x.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (n - 1));
  const h1 = 1.84 * deviation * n ** -0.2;
  const near = x.reduce((count, value) => count + (Math.abs(value) <= h1 ? 1 : 0), 0);
  const density = near / (2 * n * h1);
  const cubic = polynomial(x, y, 3, left.x.length).at(-1)!;
  const third = 6 * cubic;
  const curvature = [left, right].map((side) => {
    const variance = varianceWithin(side, h1);
    const h2 = 7200 ** (1 / 7) * (variance / (density * third ** 2)) ** (1 / 7) * side.x.length ** (-1 / 7);
    const own = Array.from(side.x.keys()).filter((row) => Math.abs(side.x[row]!) <= h2);
    const coefficients = polynomial(
      Float64Array.from(own, (row) => side.x[row]!),
      Float64Array.from(own, (row) => side.y[row]!),
      2,
    );
    return { variance, second: 2 * coefficients.at(-1)!, penalty: (2160 * variance) / (own.length * h2 ** 4) };
  }) as [Curvature, Curvature];
  const [below, above] = curvature;
  return (
    CONSTANT[kernel]! *
    ((above.variance + below.variance) /
      (density * n * ((above.second - below.second) ** 2 + above.penalty + below.penalty))) **
      0.2
  );
}

interface Curvature {
  readonly variance: number;
  readonly second: number;
  readonly penalty: number;
}

function varianceWithin({ x, y }: Side, width: number): number {
  const own = y.filter((_, row) => Math.abs(x[row]!) <= width);
  const mean = own.reduce((sum, value) => sum + value, 0) / own.length;
  return own.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (own.length - 1);
}

/** Coefficients of a global polynomial; with `jumpAt` rows from there on have an intercept of their own. */
function polynomial(x: Float64Array, y: Float64Array, order: number, jumpAt?: number): Float64Array {
  const width = order + (jumpAt === undefined ? 1 : 2);
  const scale = x.reduce((max, value) => Math.max(max, Math.abs(value)), 0);
  const design = zeros(x.length, width);
  for (let row = 0; row < x.length; row++) {
    let at = row * width;
    if (jumpAt !== undefined) design.data[at++] = row >= jumpAt ? 1 : 0;
    for (let k = 0; k <= order; k++) design.data[at++] = (x[row]! / scale) ** k;
  }
  const { coefficients } = leastSquares(design, y);
  return coefficients.map((value, k) => value / scale ** (k - (width - order - 1)));
}
