import { CairnError } from "../../../errors.ts";
import { dot } from "../../../numeric/linear/dense.ts";
import { rotateContrast } from "../../../numeric/linear/least-squares.ts";
import type { Random } from "../../../numeric/random.ts";
import { contrastOf, linearModel, type Term } from "./linear-model.ts";

/** The p-value of a wild cluster bootstrap and what it rests on. */
export interface WildBootstrap {
  /** Student's statistic with the CR0 standard error. */
  readonly t: number;
  readonly p: number;
  /** Sign vectors looked at. */
  readonly draws: number;
  /** Whether all 2^m sign vectors were looked at: then nothing is random. */
  readonly exact: boolean;
}

const ENUMERATED = 12; // up to this many clusters all 4,096 sign vectors are tried (MacKinnon and Webb 2018)
const TIE = 1e-9;

/**
 * Wild cluster bootstrap of "the coefficient is zero", with the null imposed and Rademacher signs: residuals of the model without the
 * term keep or change their sign, cluster by cluster, and the t statistic is formed anew. All sign vectors up to 12 clusters.
 * @param name - the term to test
 * @param cluster - shape (rows), ids
 * @param draws - sign vectors to draw when there are more than 12 clusters; default 9,999
 * @throws CairnError `BAD_INPUT` with fewer than two clusters; `SINGULAR` when the term repeats others
 * @see Cameron, Gelbach and Miller (2008), Review of Economics and Statistics 90(3)
 */
export function wildBootstrap(
  terms: readonly Term[],
  outcome: ArrayLike<number>,
  name: string,
  cluster: ArrayLike<number>,
  rng: Random,
  draws = 9999,
): WildBootstrap {
  const model = linearModel(terms, outcome);
  const contrast = rotateContrast(model.fit, contrastOf(model, name));
  const restricted = linearModel(
    terms.filter((term) => term.name !== name),
    outcome,
  );
  const shares = sharesOf(model.fit.rotated, restricted.fit.residuals, cluster, contrast);
  if (shares.length < 2) {
    throw new CairnError("BAD_INPUT", `expected two clusters or more, got ${shares.length}`, {
      hint: "name the clusters",
    });
  }
  const signs = new Int8Array(shares.length).fill(1);
  const observed = studentOf(shares, signs);
  let reached = 0;
  const look = (): void => {
    if (Math.abs(studentOf(shares, signs)) >= Math.abs(observed) * (1 - TIE)) reached++;
  };
  if (shares.length <= ENUMERATED) {
    const all = 2 ** shares.length;
    for (let vector = 0; vector < all; vector++) {
      for (let g = 0; g < shares.length; g++) signs[g] = (vector >> g) & 1 ? -1 : 1;
      look();
    }
    return { t: observed, p: reached / all, draws: all, exact: true };
  }
  for (let draw = 0; draw < draws; draw++) {
    for (let g = 0; g < shares.length; g++) signs[g] = rng.next() < 0.5 ? -1 : 1;
    look();
  }
  return { t: observed, p: (reached + 1) / (draws + 1), draws, exact: false };
}

/** Of one cluster: S = T'ũ, c̃'S, and (T'T)c̃. */
interface Share {
  readonly score: Float64Array;
  readonly own: number;
  readonly turned: Float64Array;
}

function sharesOf(
  rotated: { readonly cols: number; readonly data: Float64Array },
  residuals: Float64Array,
  cluster: ArrayLike<number>,
  contrast: Float64Array,
): Share[] {
  const p = rotated.cols;
  const byCluster = new Map<number, { score: Float64Array; turned: Float64Array }>();
  for (let row = 0; row < residuals.length; row++) {
    let own = byCluster.get(cluster[row]!);
    if (own === undefined) {
      own = { score: new Float64Array(p), turned: new Float64Array(p) };
      byCluster.set(cluster[row]!, own);
    }
    const t = rotated.data.subarray(row * p, (row + 1) * p);
    const along = dot(t, contrast);
    for (let k = 0; k < p; k++) {
      own.score[k]! += t[k]! * residuals[row]!;
      own.turned[k]! += t[k]! * along;
    }
  }
  return Array.from(byCluster.values(), ({ score, turned }) => ({ score, turned, own: dot(contrast, score) }));
}

/** t* = c̃'Σv_gS_g over the CR0 error of the refitted model, whose residual in g is v_gũ_g − T_gΣv_hS_h. */
function studentOf(shares: readonly Share[], signs: Int8Array): number {
  const coefficients = new Float64Array(shares[0]!.score.length);
  let numerator = 0;
  for (let g = 0; g < shares.length; g++) {
    const { score, own } = shares[g]!;
    numerator += signs[g]! * own;
    for (let k = 0; k < coefficients.length; k++) coefficients[k]! += signs[g]! * score[k]!;
  }
  let variance = 0;
  for (let g = 0; g < shares.length; g++) {
    const { own, turned } = shares[g]!;
    variance += (signs[g]! * own - dot(turned, coefficients)) ** 2;
  }
  return numerator / Math.sqrt(variance);
}
