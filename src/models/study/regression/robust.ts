import { CairnError } from "../../../errors.ts";
import { dot } from "../../../numeric/linear/dense.ts";
import { type LeastSquares, leverages, rotateContrast } from "../../../numeric/linear/least-squares.ts";
import { type ClusterRobust, clusterSandwich } from "./cluster-robust.ts";
import type { Inference } from "./inference.ts";

/** Standard errors for rows that are independent of each other. */
export type RowRobust = "classical" | "HC0" | "HC1" | "HC2" | "HC3";

/** Every standard error a regression can be given; those that begin with CR need clusters. */
export type StandardError = RowRobust | ClusterRobust;

const WHOLLY_FITTED = 1 - 1e-12; // a row with leverage 1 has residual 0: its term is 0, never 0/0

/**
 * A linear combination of regression coefficients with a standard error: classical, HC0 to HC3 (n − p degrees of freedom), or CR0
 * to CR3 with Satterthwaite's degrees of freedom.
 * @param contrast - shape (coefficients)
 * @param cluster - shape (rows), ids; for CR standard errors
 * @throws CairnError `BAD_INPUT` without clusters for a CR standard error; `SINGULAR` when no residual degree of freedom is left
 * @see MacKinnon and White (1985), Journal of Econometrics 29; Long and Ervin (2000), The American Statistician 54(3)
 */
export function inferContrast(
  fit: LeastSquares,
  contrast: Float64Array,
  kind: StandardError,
  cluster?: ArrayLike<number>,
): Inference {
  if (isClustered(kind)) {
    if (cluster === undefined) {
      throw new CairnError("BAD_INPUT", `expected clusters for ${kind}, got none`, { hint: "name them, or use HC2" });
    }
    return clusterSandwich(fit, cluster, kind).infer(contrast);
  }
  const degrees = countedRows(fit) - fit.kept.length;
  if (degrees < 1) {
    throw new CairnError("SINGULAR", `expected more rows than columns, got ${degrees} degrees of freedom`, {
      hint: "leave out covariates",
    });
  }
  return {
    estimate: dot(contrast, fit.coefficients),
    se: Math.sqrt(rowVariance(fit, rotateContrast(fit, contrast), kind, degrees)),
    df: degrees,
  };
}

/** Whether a standard error needs clusters. */
export function isClustered(kind: StandardError): kind is ClusterRobust {
  return kind.startsWith("CR");
}

function countedRows({ rows, weights }: LeastSquares): number {
  return weights === undefined ? rows : weights.reduce((count, weight) => count + (weight > 0 ? 1 : 0), 0);
}

/** c'Vc = Σ wᵢ²ωᵢ(tᵢ'c̃)² in the rotated coordinates. */
function rowVariance(fit: LeastSquares, rotated: Float64Array, kind: RowRobust, degrees: number): number {
  const { rotated: t, residuals, weights, rows } = fit;
  if (kind === "classical") {
    let squares = 0;
    for (let row = 0; row < rows; row++) squares += (weights?.[row] ?? 1) * residuals[row]! ** 2;
    return (squares / degrees) * dot(rotated, rotated);
  }
  const leverage = leverages(fit);
  let sum = 0;
  for (let row = 0; row < rows; row++) {
    const free = 1 - leverage[row]!;
    if (free <= 1 - WHOLLY_FITTED) continue;
    let influence = 0;
    for (let k = 0; k < t.cols; k++) influence += t.data[row * t.cols + k]! * rotated[k]!;
    influence *= (weights?.[row] ?? 1) * residuals[row]!;
    sum += influence ** 2 / (kind === "HC2" ? free : kind === "HC3" ? free ** 2 : 1);
  }
  return kind === "HC1" ? (sum * (degrees + fit.kept.length)) / degrees : sum;
}
