import { dot, zeros } from "../../../numeric/linear/dense.ts";
import { cholesky, solveLower, solveLowerTransposed } from "../../../numeric/linear/symmetric.ts";
import { sigmoid } from "../../../numeric/log-odds.ts";
import type { History } from "../recommender.ts";

const MOST_STEPS = 100;
const TOLERANCE = 1e-6; // of a step against the embedding: ranks do not move any more

/** Fixed activities a learner can be folded into. */
export interface RankedAgainst {
  /** Shape (activities × dimensions), row-major. */
  readonly factors: Float32Array;
  readonly dimensions: number;
  /** ρ, above 0. */
  readonly regularization: number;
  /** Activities a history is ranked against, ascending; those of the history itself are left out. */
  readonly rivals: Int32Array;
}

/**
 * The learner's embedding: the one maximum of Σ_i c_i mean_j ln σ(w·(h_i − h_j))/Σ_i c_i − ρ/2‖w‖² over the history's activities i and
 * the rivals j. Climbs by the bound σ(1 − σ) ≤ ¼ on the curvature, which never overshoots. 0 for an empty history or without rivals.
 * @param out - shape (dimensions), overwritten
 * @see Böhning and Lindsay (1988), Monotonicity of quadratic-approximation algorithms, Annals of the Institute of Statistical Mathematics 40(4)
 */
export function foldIn(history: History, model: RankedAgainst, out: Float64Array): void {
  const { dimensions, regularization } = model;
  out.fill(0);
  const done = new Set(history.activityIdx);
  const liked = gather(history.activityIdx, model);
  const others = gather(
    model.rivals.filter((rival) => !done.has(rival)),
    model,
  );
  if (liked.length === 0 || others.length === 0) return;
  const share = sharesOf(history);
  const even = new Float64Array(others.length).fill(1 / others.length);
  const bound = curvatureBound(liked, share, others, even, regularization);
  const gradient = new Float64Array(dimensions);
  for (let step = 0; step < MOST_STEPS; step++) {
    ascent(out, liked, share, others, gradient);
    for (let k = 0; k < dimensions; k++) gradient[k]! -= regularization * out[k]!;
    solveLowerTransposed(bound, solveLower(bound, gradient));
    for (let k = 0; k < dimensions; k++) out[k]! += gradient[k]!;
    if (dot(gradient, gradient) <= TOLERANCE ** 2 * dot(out, out)) return;
  }
}

function gather(activities: Int32Array, { factors, dimensions }: RankedAgainst): readonly Float64Array[] {
  return Array.from(activities, (activity) =>
    Float64Array.from(factors.subarray(activity * dimensions, (activity + 1) * dimensions)),
  );
}

function sharesOf({ activityIdx, weight }: History): Float64Array {
  const own = weight ?? new Float64Array(activityIdx.length).fill(1);
  const sum = own.reduce((total, value) => total + value, 0);
  return own.map((value) => value / sum);
}

/** The Cholesky factor of ¼ Σ_ij share_i even_j (h_i − h_j)(h_i − h_j)ᵀ + ρI. */
function curvatureBound(
  liked: readonly Float64Array[],
  share: Float64Array,
  others: readonly Float64Array[],
  even: Float64Array,
  regularization: number,
) {
  const dimensions = liked[0]!.length;
  const bound = zeros(dimensions, dimensions);
  const [likedMean, othersMean] = [new Float64Array(dimensions), new Float64Array(dimensions)];
  const add = (vectors: readonly Float64Array[], weights: Float64Array, mean: Float64Array): void => {
    for (const [at, vector] of vectors.entries()) {
      for (let i = 0; i < dimensions; i++) {
        const value = weights[at]! * vector[i]!;
        mean[i]! += value;
        for (let j = 0; j < dimensions; j++) bound.data[i * dimensions + j]! += 0.25 * value * vector[j]!;
      }
    }
  };
  add(liked, share, likedMean);
  add(others, even, othersMean);
  for (let i = 0; i < dimensions; i++) {
    for (let j = 0; j < dimensions; j++) {
      const cross = likedMean[i]! * othersMean[j]! + likedMean[j]! * othersMean[i]!;
      bound.data[i * dimensions + j]! -= 0.25 * cross;
    }
    bound.data[i * dimensions + i]! += regularization;
  }
  return cholesky(bound);
}

/** Σ_ij share_i (1/others) σ(−w·(h_i − h_j)) (h_i − h_j). */
function ascent(
  learner: Float64Array,
  liked: readonly Float64Array[],
  share: Float64Array,
  others: readonly Float64Array[],
  out: Float64Array,
): void {
  out.fill(0);
  const rivalScores = others.map((vector) => dot(learner, vector));
  const pulls = new Float64Array(others.length);
  for (const [i, vector] of liked.entries()) {
    const score = dot(learner, vector);
    let pull = 0;
    for (let j = 0; j < others.length; j++) {
      const own = (share[i]! / others.length) * sigmoid(rivalScores[j]! - score);
      pulls[j]! += own;
      pull += own;
    }
    for (let k = 0; k < out.length; k++) out[k]! += pull * vector[k]!;
  }
  for (const [j, vector] of others.entries()) for (let k = 0; k < out.length; k++) out[k]! -= pulls[j]! * vector[k]!;
}
