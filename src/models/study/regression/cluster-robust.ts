import { CairnError } from "../../../errors.ts";
import {
  crossProduct,
  type Dense,
  dot,
  identity,
  multiply,
  selectRows,
  timesVector,
  transpose,
  zeros,
} from "../../../numeric/linear/dense.ts";
import { type LeastSquares, rotateContrast } from "../../../numeric/linear/least-squares.ts";
import { symmetricFunction } from "../../../numeric/linear/symmetric.ts";
import { weightedAdjustment } from "./cluster-weights.ts";
import type { Inference } from "./inference.ts";

/**
 * Standard errors for rows that share clusters: CR0 plain, CR1 m/(m−1), CR1p m/(m−p), CR1S m(N−1)/((m−1)(N−p)) (Stata's),
 * CR2 bias-reduced, CR3 the jackknife's.
 */
export type ClusterRobust = "CR0" | "CR1" | "CR1p" | "CR1S" | "CR2" | "CR3";

/** Several coefficients tested at once. */
export interface JointTest {
  /** Wald's statistic before the correction. */
  readonly q: number;
  /** Hotelling's degrees of freedom η. */
  readonly eta: number;
  /** F = (η − q + 1)/(ηq)·Q. */
  readonly f: number;
  readonly numerator: number;
  readonly denominator: number;
}

/** The cluster-robust variance of one fit, ready to be asked. */
export interface ClusterSandwich {
  readonly clusters: number;
  /** One linear combination of the coefficients with its Satterthwaite degrees of freedom. */
  infer(contrast: Float64Array): Inference;
  /**
   * All the combinations are zero at once: the approximate Hotelling test (HTZ).
   * @throws CairnError `SINGULAR` when η − q + 1 is not above 0, or the combinations repeat each other
   */
  joint(contrasts: readonly Float64Array[]): JointTest;
}

const WHOLLY_FITTED = 1e-10; // 1 − λ below this: a direction the cluster fits by itself; the pseudo-inverse gives it nothing

/** What the sums over one cluster need: its rows of T = XR⁻¹, and G = A'WT. */
interface Piece {
  readonly rows: readonly number[];
  readonly rotated: Dense;
  readonly adjusted: Dense;
  readonly weights: Float64Array | undefined;
  /** G'e: the cluster's share of the score. */
  readonly score: Float64Array;
}

/**
 * Cluster-robust variance and degrees of freedom. In the coordinates T = XR⁻¹, where X(X'WX)⁻¹X' = TT', everything needed of a
 * cluster is G = A'WT: without weights G = T·f(T'T) with f(λ) = (1 − λ)^(−1/2) for CR2 and (1 − λ)^(−1) for CR3, so no matrix of
 * the size of a cluster is formed.
 * @param cluster - shape (rows), ids
 * @param target - shape (rows): the working variance Φ of each row; default ones (only CR2 depends on it)
 * @throws CairnError `SHAPE_MISMATCH`; `BAD_INPUT` with fewer than two clusters
 * @see Bell and McCaffrey (2002); Pustejovsky and Tipton (2018), JBES 36(4), eq. 6, 11 and appendix A
 */
export function clusterSandwich(
  fit: LeastSquares,
  cluster: ArrayLike<number>,
  kind: ClusterRobust,
  target?: Float64Array,
): ClusterSandwich {
  if (cluster.length !== fit.rows) {
    throw new CairnError("SHAPE_MISMATCH", `expected ${fit.rows} cluster ids, got ${cluster.length}`, {
      hint: "pass one id per row",
    });
  }
  const byCluster = new Map<number, number[]>();
  for (let row = 0; row < fit.rows; row++) {
    const members = byCluster.get(cluster[row]!);
    if (members === undefined) byCluster.set(cluster[row]!, [row]);
    else members.push(row);
  }
  if (byCluster.size < 2) {
    throw new CairnError("BAD_INPUT", `expected two clusters or more, got ${byCluster.size}`, {
      hint: "the spread between clusters is what the standard error rests on",
    });
  }
  const omega = workingMeat(fit, target);
  const pieces = [...byCluster.values()].map((rows) => piece(fit, rows, kind, omega, target));
  const factor = smallSample(kind, pieces.length, fit);
  return {
    clusters: pieces.length,
    infer: (contrast) => {
      const rotated = rotateContrast(fit, contrast);
      let variance = 0;
      for (const { score } of pieces) variance += dot(score, rotated) ** 2;
      const parts = pieces
        .map((each) => contrastParts(each, rotated, target))
        .map(({ a, phi, q, r }) => ({ diagonal: weightedProduct(a, a, phi), q, r }));
      return {
        estimate: dot(contrast, fit.coefficients),
        se: Math.sqrt(variance * factor),
        df: satterthwaite(parts, omega),
      };
    },
    joint: (contrasts) => jointTest(fit, pieces, contrasts, factor, omega, target),
  };
}

/** T'WΦWT; the identity when neither weights nor a working variance are given. */
function workingMeat({ rotated, weights, rows }: LeastSquares, target?: Float64Array): Dense {
  if (weights === undefined && target === undefined) return identity(rotated.cols);
  const both = Float64Array.from({ length: rows }, (_, row) => (weights?.[row] ?? 1) ** 2 * (target?.[row] ?? 1));
  return crossProduct(rotated, rotated, both);
}

function smallSample(kind: ClusterRobust, clusters: number, { rows, kept }: LeastSquares): number {
  if (kind === "CR1") return clusters / (clusters - 1);
  if (kind === "CR1p") return clusters / (clusters - kept.length);
  if (kind === "CR1S") return (clusters * (rows - 1)) / ((clusters - 1) * (rows - kept.length));
  return 1;
}

function piece(
  fit: LeastSquares,
  rows: readonly number[],
  kind: ClusterRobust,
  omega: Dense,
  target?: Float64Array,
): Piece {
  const rotated = selectRows(fit.rotated, rows);
  const weights = fit.weights === undefined ? undefined : Float64Array.from(rows, (row) => fit.weights![row]!);
  const phi = target === undefined ? undefined : Float64Array.from(rows, (row) => target[row]!);
  const adjusted = adjust(rotated, weights, phi, kind, omega);
  const score = new Float64Array(rotated.cols);
  for (let i = 0; i < rows.length; i++) {
    for (let k = 0; k < rotated.cols; k++) score[k]! += adjusted.data[i * rotated.cols + k]! * fit.residuals[rows[i]!]!;
  }
  return { rows, rotated, adjusted, weights, score };
}

/** G = A'WT of one cluster. */
function adjust(
  rotated: Dense,
  weights: Float64Array | undefined,
  phi: Float64Array | undefined,
  kind: ClusterRobust,
  omega: Dense,
): Dense {
  const weighted = weights === undefined ? rotated : scaleRows(rotated, weights);
  if (kind !== "CR2" && kind !== "CR3") return weighted;
  if (kind === "CR2" && (weights !== undefined || phi !== undefined)) {
    return weightedAdjustment(rotated, weighted, omega, phi);
  }
  const exponent = kind === "CR2" ? -0.5 : -1;
  const shape = (value: number): number => (1 - value < WHOLLY_FITTED ? 0 : (1 - value) ** exponent);
  return multiply(weighted, symmetricFunction(crossProduct(rotated, weighted), shape));
}

function scaleRows({ rows, cols, data }: Dense, scale: Float64Array): Dense {
  return { rows, cols, data: data.map((value, i) => value * scale[Math.floor(i / cols)]!) };
}

/** a'Φa, q = T'a and r = T'WΦa of one cluster and one contrast, with a = G·c̃. */
interface ContrastParts {
  readonly a: Float64Array;
  readonly phi: Float64Array | undefined;
  readonly q: Float64Array;
  readonly r: Float64Array;
}

function contrastParts(
  { rows, rotated, adjusted, weights }: Piece,
  contrast: Float64Array,
  target?: Float64Array,
): ContrastParts {
  const a = timesVector(adjusted, contrast);
  const phi = target === undefined ? undefined : Float64Array.from(rows, (row) => target[row]!);
  const q = new Float64Array(rotated.cols);
  const r = new Float64Array(rotated.cols);
  for (let i = 0; i < rows.length; i++) {
    const turned = a[i]! * (weights?.[i] ?? 1) * (phi?.[i] ?? 1);
    for (let k = 0; k < rotated.cols; k++) {
      q[k]! += rotated.data[i * rotated.cols + k]! * a[i]!;
      r[k]! += rotated.data[i * rotated.cols + k]! * turned;
    }
  }
  return { a, phi, q, r };
}

function weightedProduct(a: Float64Array, b: Float64Array, phi?: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]! * (phi?.[i] ?? 1);
  return sum;
}

/** What one cluster gives to the degrees of freedom of one contrast: a'Φa, q = T'a, r = T'WΦa. */
export interface ClusterShare {
  readonly diagonal: number;
  readonly q: Float64Array;
  readonly r: Float64Array;
}

/**
 * Satterthwaite's degrees of freedom: (Σ B_gg)²/Σ B_gh² with B = D + LJL', D the diagonal a'Φa and L = (r q): the squares are summed from L'L, so the cost grows
 * with the clusters and not with their square.
 * @param omega - T'WΦWT, shape (p × p)
 */
export function satterthwaite(parts: readonly ClusterShare[], omega: Dense): number {
  const p = omega.rows;
  const low = zeros(parts.length, 2 * p);
  parts.forEach(({ q, r }, g) => {
    low.data.set(r, g * 2 * p);
    low.data.set(q, g * 2 * p + p);
  });
  const middle = zeros(2 * p, 2 * p);
  for (let i = 0; i < p; i++) {
    middle.data[i * 2 * p + p + i] = -1;
    middle.data[(p + i) * 2 * p + i] = -1;
    for (let j = 0; j < p; j++) middle.data[(p + i) * 2 * p + p + j] = omega.data[i * p + j]!;
  }
  const turned = multiply(low, middle);
  let trace = 0;
  let squares = 0;
  parts.forEach(({ diagonal }, g) => {
    let correction = 0;
    for (let k = 0; k < 2 * p; k++) correction += turned.data[g * 2 * p + k]! * low.data[g * 2 * p + k]!;
    trace += diagonal + correction;
    squares += diagonal ** 2 + 2 * diagonal * correction;
  });
  const product = crossProduct(low, turned); // L'LJ: tr((LJL')²) = tr((L'LJ)²)
  for (let i = 0; i < 2 * p; i++) {
    for (let j = 0; j < 2 * p; j++) squares += product.data[i * 2 * p + j]! * product.data[j * 2 * p + i]!;
  }
  return trace ** 2 / squares;
}

function jointTest(
  fit: LeastSquares,
  pieces: readonly Piece[],
  contrasts: readonly Float64Array[],
  factor: number,
  omega: Dense,
  target?: Float64Array,
): JointTest {
  const size = contrasts.length;
  const rotated = { rows: size, cols: fit.kept.length, data: new Float64Array(size * fit.kept.length) };
  contrasts.forEach((contrast, s) => {
    rotated.data.set(rotateContrast(fit, contrast), s * rotated.cols);
  });
  const scores = pieces.map(({ score }) => timesVector(rotated, score));
  const variance = zeros(size, size);
  for (const score of scores) {
    for (let s = 0; s < size; s++)
      for (let t = 0; t < size; t++) variance.data[s * size + t]! += factor * score[s]! * score[t]!;
  }
  const estimates = Float64Array.from(contrasts, (contrast) => dot(contrast, fit.coefficients));
  const inverse = symmetricFunction(variance, (value) => (value > 0 ? 1 / value : 0));
  const q = dot(estimates, timesVector(inverse, estimates));
  const working = multiply(multiply(rotated, omega), transpose(rotated));
  const standardised = multiply(
    symmetricFunction(working, (value) => (value > 0 ? 1 / Math.sqrt(value) : 0)),
    rotated,
  );
  const eta = hotellingDegrees(pieces, standardised, omega, target);
  const denominator = eta - size + 1;
  if (!(denominator > 0)) {
    throw new CairnError(
      "SINGULAR",
      `expected enough clusters to test ${size} coefficients, got η = ${eta.toFixed(2)}`,
      {
        hint: "test fewer coefficients at once; there is no valid test with so few clusters",
      },
    );
  }
  return { q, eta, f: (denominator / (eta * size)) * q, numerator: size, denominator };
}

/** η = q(q+1)/Σ_st Σ_gh (B^st_gh B^st_hg + B^ss_gh B^tt_gh). */
function hotellingDegrees(pieces: readonly Piece[], contrasts: Dense, omega: Dense, target?: Float64Array): number {
  const size = contrasts.rows;
  const parts = Array.from({ length: size }, (_, s) => {
    const contrast = contrasts.data.subarray(s * contrasts.cols, (s + 1) * contrasts.cols);
    return pieces.map((each) => contrastParts(each, contrast, target));
  });
  const turned = parts.map((each) => each.map(({ q }) => timesVector(omega, q)));
  const entry = (s: number, t: number, g: number, h: number): number => {
    const [left, right] = [parts[s]![g]!, parts[t]![h]!];
    const own = g === h ? weightedProduct(left.a, right.a, left.phi) : 0;
    return own - dot(left.r, right.q) - dot(left.q, right.r) + dot(turned[s]![g]!, right.q);
  };
  let sum = 0;
  for (let s = 0; s < size; s++) {
    for (let t = 0; t < size; t++) {
      for (let g = 0; g < pieces.length; g++) {
        for (let h = 0; h < pieces.length; h++) {
          sum += entry(s, t, g, h) * entry(s, t, h, g) + entry(s, s, g, h) * entry(t, t, g, h);
        }
      }
    }
  }
  return (size * (size + 1)) / sum;
}
