import { CairnError } from "../../../errors.ts";
import {
  crossProduct,
  type Dense,
  dot,
  identity,
  multiply,
  selectRows,
  timesVector,
  transposeTimesVector,
  zeros,
} from "../../../numeric/linear/dense.ts";
import { leastSquares } from "../../../numeric/linear/least-squares.ts";
import { cholesky, solveLower, symmetricFunction } from "../../../numeric/linear/symmetric.ts";
import { type ClusterShare, satterthwaite } from "../regression/cluster-robust.ts";
import type { Inference } from "../regression/inference.ts";
import type { Term } from "../regression/linear-model.ts";
import type { MixedModel } from "./mixed-model.ts";
import type { RandomTerm } from "./random-terms.ts";

const LARGEST_CLUSTER = 1500; // its square matrix is decomposed: 1,500 rows take seconds
const NEGLIGIBLE = 1e-10;

/** One cluster in whitened rows: L⁻¹X, L⁻¹e and the Cholesky factor L of its working variance. */
interface Whitened {
  readonly rows: Dense;
  readonly residuals: Float64Array;
  readonly factor: Dense;
}

/**
 * CR2 on top of a mixed model: the working variance of a cluster is Φ = ZVar(u)Z' + σ²I, the weights its inverse, and
 * A = D'(DBD')^(+1/2)D with D the upper Cholesky factor of Φ. The answer holds also when the random part is wrong.
 * @param random - the terms the model was fitted with; every level must lie within one cluster
 * @param cluster - shape (rows), ids of the outermost grouping
 * @throws CairnError `BAD_INPUT` when a level spans clusters or a cluster has more than 1,500 rows; `SINGULAR`
 * @see Pustejovsky and Tipton (2018), appendix A; handbook 2.5 and 2.6
 */
export function robustMixed(
  model: MixedModel,
  fixed: readonly Term[],
  outcome: ArrayLike<number>,
  random: readonly RandomTerm[],
  cluster: ArrayLike<number>,
  name: string,
): Inference {
  const terms = model.names.map((kept) => fixed.find((term) => term.name === kept)!);
  checkNested(random, cluster);
  const blocks = whiten(model, terms, outcome, random, cluster);
  const stacked = stack(blocks);
  const fit = leastSquares(stacked.design, stacked.residuals);
  const position = model.names.indexOf(name);
  const contrast = transposeTimesVector(
    fit.inverseFactor,
    Float64Array.from(model.names, (_, k) => (k === position ? 1 : 0)),
  );
  let variance = 0;
  let from = 0;
  const shares = blocks.map(({ residuals, factor }): ClusterShare => {
    const rows = Array.from({ length: residuals.length }, (_, i) => from + i);
    from += residuals.length;
    const t = selectRows(fit.rotated, rows); // L⁻¹T
    const a = timesVector(adjusted(t, factor), contrast); // L'a: the inverse square root in whitened rows
    // score'c̃ = a'e with e = L·(L⁻¹e) and a = L·root·L⁻¹Tc̃
    const back = transposeTimesVector(factor, timesVector(factor, a));
    variance += dot(back, residuals) ** 2;
    const q = transposeTimesVector(t, back);
    const diagonal = dot(back, back);
    return { diagonal, q, r: q };
  });
  return {
    estimate: model.coefficients[position]!,
    se: Math.sqrt(variance),
    df: satterthwaite(shares, identity(model.names.length)),
  };
}

/** (L'BL)^(+1/2)L⁻¹T with L'BL = (L'L)² − (L'LL⁻¹T)(…)': the square root is taken in the cluster's own coordinates. */
function adjusted(t: Dense, factor: Dense): Dense {
  const gram = crossProduct(factor); // L'L
  const moved = multiply(gram, t); // L'T
  const inner = multiply(gram, gram);
  const n = t.rows;
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      for (let k = 0; k < t.cols; k++)
        inner.data[i * n + j]! -= moved.data[i * t.cols + k]! * moved.data[j * t.cols + k]!;
    }
  }
  let largest = 0;
  for (let i = 0; i < n; i++) largest = Math.max(largest, inner.data[i * n + i]!);
  return multiply(
    symmetricFunction(inner, (value) => (value > NEGLIGIBLE * largest ? 1 / Math.sqrt(value) : 0)),
    t,
  );
}

function checkNested(random: readonly RandomTerm[], cluster: ArrayLike<number>): void {
  for (const { name, group } of random) {
    const owner = new Map<number, number>();
    for (let row = 0; row < group.length; row++) {
      const known = owner.get(group[row]!);
      if (known === undefined) owner.set(group[row]!, cluster[row]!);
      else if (known !== cluster[row]) {
        throw new CairnError("BAD_INPUT", `expected every level of "${name}" within one cluster, got one in two`, {
          hint: "cluster by the outermost grouping",
        });
      }
    }
  }
}

function whiten(
  model: MixedModel,
  terms: readonly Term[],
  outcome: ArrayLike<number>,
  random: readonly RandomTerm[],
  cluster: ArrayLike<number>,
): Whitened[] {
  const byCluster = new Map<number, number[]>();
  for (let row = 0; row < outcome.length; row++) {
    const own = byCluster.get(cluster[row]!);
    if (own === undefined) byCluster.set(cluster[row]!, [row]);
    else own.push(row);
  }
  return [...byCluster.values()].map((rows) => {
    if (rows.length > LARGEST_CLUSTER) {
      throw new CairnError("BAD_INPUT", `expected at most ${LARGEST_CLUSTER} rows per cluster, got ${rows.length}`, {
        hint: "use the regression with CR2, whose cost does not grow with the cluster",
      });
    }
    const factor = cholesky(workingVariance(model, random, rows));
    const design = zeros(rows.length, terms.length);
    const column = new Float64Array(rows.length);
    const residuals = Float64Array.from(rows, (row) => outcome[row]!);
    terms.forEach(({ values }, k) => {
      rows.forEach((row, i) => {
        column[i] = values[row]!;
        residuals[i]! -= values[row]! * model.coefficients[k]!;
      });
      solveLower(factor, column);
      for (let i = 0; i < rows.length; i++) design.data[i * terms.length + k] = column[i]!;
    });
    return { rows: design, residuals: solveLower(factor, residuals), factor };
  });
}

function workingVariance(model: MixedModel, random: readonly RandomTerm[], rows: readonly number[]): Dense {
  const n = rows.length;
  const phi = zeros(n, n);
  random.forEach(({ group, slopes = [] }, which) => {
    const { covariance } = model.components[which]!;
    const width = slopes.length + 1;
    const z = (row: number, k: number): number => (k === 0 ? 1 : slopes[k - 1]!.values[row]!);
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < n; j++) {
        if (group[rows[i]!] !== group[rows[j]!]) continue;
        for (let a = 0; a < width; a++) {
          for (let b = 0; b < width; b++)
            phi.data[i * n + j]! += z(rows[i]!, a) * covariance[a * width + b]! * z(rows[j]!, b);
        }
      }
    }
  });
  for (let i = 0; i < n; i++) phi.data[i * n + i]! += model.residualVariance;
  return phi;
}

function stack(blocks: readonly Whitened[]): { design: Dense; residuals: Float64Array } {
  const total = blocks.reduce((sum, { residuals }) => sum + residuals.length, 0);
  const design = zeros(total, blocks[0]!.rows.cols);
  const residuals = new Float64Array(total);
  let at = 0;
  for (const block of blocks) {
    design.data.set(block.rows.data, at * design.cols);
    residuals.set(block.residuals, at);
    at += block.residuals.length;
  }
  return { design, residuals };
}
