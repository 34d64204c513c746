import { CairnError } from "../../errors.ts";
import type { Estimator, FitContext } from "../estimator.ts";
import { invertPositiveDefinite, paddedOrder } from "./positive-definite-inverse.ts";
import {
  checkHistory,
  checkInteractions,
  encodeActivities,
  type FittedRecommender,
  type History,
  type Interactions,
  indexActivities,
  readRecommender,
  stopIfCancelled,
} from "./recommender.ts";

const KIND = "playlist/ease";
const GRAM_SHARE = 0.1; // of the progress: the Gram matrix is a small part of the work
const LEARNERS_PER_STEP = 1024; // between two looks at the signal

/** More activities than this {@link ease} refuses: the matrix takes 8 bytes a cell, 800 MiB here, and the time grows cubed. */
export const MOST_EASE_ACTIVITIES = 10_240;

/** Settings of {@link ease}. */
export interface EaseOptions {
  /**
   * λ, 0 or more, in units of learners: how much is added to each activity's count before items explain each other.
   * Default 300, the best on MovieLens 100K (943 learners, 1,682 items); 1,000 was best with 6,000 learners.
   */
  readonly regularization?: number;
  /**
   * In [0, 1]: a learner with n activities counts n^−this in the regression (the mean over learners is kept), so that those
   * who did much do not drown the rest. Default 0; 0.5 was better on both MovieLens sets.
   */
  readonly learnerExponent?: number;
  /**
   * In [0, 1]: λ of an activity grows with its learners to this power (the mean over interactions is kept). Default 0; 0.5 was
   * better on both MovieLens sets.
   */
  readonly activityExponent?: number;
  /** In [0, 1]: scores are divided by the activity's learners to this power, for lists less popular. Default 0. */
  readonly popularityExponent?: number;
}

/** A fitted EASE model: a recommender whose every score is a sum of reasons. */
export interface FittedEase extends FittedRecommender {
  /**
   * What each activity of the history adds to the score of one activity: x_j·B_ji. The terms add up to `score` within
   * rounding (1e-9).
   * @param activity - index of the activity to explain
   * @param out - shape (history), overwritten; an activity's own term is 0
   * @throws CairnError `SHAPE_MISMATCH`, `NOT_FINITE`, `BAD_INPUT`
   */
  explain(history: History, activity: number, out: Float64Array): void;
}

/** P = (XᵀX + λI)⁻¹ with both triangles, in tile-padded storage. */
interface Inverse {
  readonly values: Float64Array;
  /** Length of a stored row: at least the number of activities. */
  readonly stride: number;
}

/**
 * EASE, the embarrassingly shallow autoencoder: each activity is regressed on all others with one ridge penalty, from one
 * matrix inverse P = (XᵀX + λI)⁻¹: B_ij = −P_ij/P_jj, B_jj = 0, scores s = xB. Deterministic: the random stream is not
 * used. A learner it never saw is one vector–matrix product.
 *
 * Time grows with activities³, memory with activities² (8 bytes a cell), both whatever the number of learners: good up to
 * about ten thousand activities, refused above {@link MOST_EASE_ACTIVITIES}. Not for activities nobody did yet: they score 0.
 * @throws CairnError `BAD_INPUT` when λ is out of range; `fit` throws `SHAPE_MISMATCH`, `NOT_FINITE`, `BAD_INPUT`,
 * `SINGULAR` (λ too small for the data), `CANCELLED`
 * @see Steck (2019), Embarrassingly Shallow Autoencoders for Sparse Data, eq. 8, arXiv 1905.03375v1
 */
export function ease(options: EaseOptions = {}): Estimator<Interactions, FittedEase> {
  const { regularization = 300, learnerExponent = 0, activityExponent = 0, popularityExponent = 0 } = options;
  const exponents = { learnerExponent, activityExponent, popularityExponent };
  for (const [name, value] of Object.entries(exponents)) {
    if (!(value >= 0 && value <= 1)) throw new CairnError("BAD_INPUT", `expected ${name} in [0, 1], got ${value}`);
  }
  if (!(regularization >= 0 && Number.isFinite(regularization))) {
    throw new CairnError("BAD_INPUT", `expected a regularization of 0 or more, got ${regularization}`, {
      hint: "start with 300",
    });
  }
  return {
    kind: KIND,
    // The plain method's identity does not change with the extensions it does not use.
    parameters: { regularization, ...Object.fromEntries(Object.entries(exponents).filter(([, value]) => value !== 0)) },
    fit(interactions, context) {
      stopIfCancelled(context);
      checkInteractions(interactions);
      const order = interactions.activities.length;
      checkOrder(order);
      const stride = paddedOrder(order);
      const learners = countLearners(interactions);
      const values = gram(interactions, learnerExponent, context);
      addRegularization(values, learners, regularization, activityExponent);
      invertPositiveDefinite(values, order, (fraction) => {
        stopIfCancelled(context);
        context.onProgress?.(GRAM_SHARE + (1 - GRAM_SHARE) * fraction);
      });
      mirror(values, order, stride);
      return fitted([...interactions.activities], { values, stride }, popularityScale(learners, popularityExponent));
    },
    decode(tensors) {
      const { activities, values } = readRecommender(KIND, tensors, "inverse", (n) => (n * (n + 1)) / 2);
      const { scale } = tensors.arrays;
      if (scale !== undefined && !(scale instanceof Float64Array && scale.length === activities.length)) {
        throw new CairnError("ARTIFACT_CORRUPT", "expected a scale per activity, got another array", {
          hint: "train the model again",
        });
      }
      return fitted(activities, unpack(values, activities.length), scale?.slice());
    },
  };
}

function checkOrder(order: number): void {
  if (order <= MOST_EASE_ACTIVITIES) return;
  const gigabytes = Math.ceil((8 * order * order) / 2 ** 30);
  throw new CairnError(
    "BAD_INPUT",
    `expected at most ${MOST_EASE_ACTIVITIES} activities for EASE, got ${order}: its matrix would take ${gigabytes} GiB`,
    { hint: "use implicitAls, which grows with the interactions" },
  );
}

/** Learners per activity. */
function countLearners({ activityIdx, activities }: Interactions): Float64Array {
  const learners = new Float64Array(activities.length);
  for (let i = 0; i < activityIdx.length; i++) learners[activityIdx[i]!]!++;
  return learners;
}

/** Adds λ·n_i^exponent, scaled so that its mean over interactions is λ, to the diagonal; the padding becomes the identity. */
function addRegularization(values: Float64Array, learners: Float64Array, lambda: number, exponent: number): void {
  const stride = paddedOrder(learners.length);
  const power = (count: number): number => (exponent === 0 ? 1 : Math.max(1, count) ** exponent);
  let interactions = 0;
  let sum = 0;
  for (const count of learners) {
    interactions += count;
    sum += count * power(count);
  }
  const scale = exponent === 0 || sum === 0 ? lambda : (lambda * interactions) / sum;
  for (let i = 0; i < stride; i++) {
    const cell = i * stride + i;
    values[cell] = i < learners.length ? values[cell]! + scale * power(learners[i]!) : 1;
  }
}

/** What each activity's score is multiplied by; undefined when by 1. */
function popularityScale(learners: Float64Array, exponent: number): Float64Array | undefined {
  return exponent === 0 ? undefined : learners.map((count) => Math.max(1, count) ** -exponent);
}

/** How much each learner counts, n^−exponent, scaled so that the mean over learners with a history is 1. */
function learnerShares({ learnerPtr }: Interactions, exponent: number): Float64Array {
  const shares = new Float64Array(learnerPtr.length - 1);
  let sum = 0;
  let count = 0;
  for (let learner = 0; learner < shares.length; learner++) {
    const done = learnerPtr[learner + 1]! - learnerPtr[learner]!;
    if (done === 0) continue;
    shares[learner] = done ** -exponent;
    sum += shares[learner]!;
    count++;
  }
  return count === 0 ? shares : shares.map((share) => (share * count) / sum);
}

/** Lower triangle of XᵀDX in padded storage. */
function gram(interactions: Interactions, learnerExponent: number, context: FitContext): Float64Array {
  const { learnerPtr, activityIdx, weight, activities } = interactions;
  const stride = paddedOrder(activities.length);
  const values = new Float64Array(stride * stride);
  const learners = learnerPtr.length - 1;
  const shares = learnerExponent === 0 ? undefined : learnerShares(interactions, learnerExponent);
  for (let learner = 0; learner < learners; learner++) {
    const share = shares === undefined ? 1 : shares[learner]!;
    if (learner % LEARNERS_PER_STEP === 0) {
      stopIfCancelled(context);
      context.onProgress?.((GRAM_SHARE * learner) / learners);
    }
    const from = learnerPtr[learner]!;
    for (let i = from; i < learnerPtr[learner + 1]!; i++) {
      const row = activityIdx[i]! * stride;
      const strength = share * (weight === undefined ? 1 : weight[i]!);
      for (let j = from; j <= i; j++) {
        const cell = row + activityIdx[j]!;
        values[cell] = values[cell]! + (weight === undefined ? strength : strength * weight[j]!);
      }
    }
  }
  return values;
}

/** Copies the lower triangle above the diagonal, so that a row can be read in one go. */
function mirror(values: Float64Array, order: number, stride: number): void {
  for (let i = 0; i < order; i++) {
    for (let j = 0; j < i; j++) values[j * stride + i] = values[i * stride + j]!;
  }
}

function unpack(packed: Float64Array, order: number): Inverse {
  const values = new Float64Array(order * order);
  for (let i = 0, from = 0; i < order; from += ++i) values.set(packed.subarray(from, from + i + 1), i * order);
  mirror(values, order, order);
  return { values, stride: order };
}

function fitted(
  activities: readonly string[],
  { values, stride }: Inverse,
  scale: Float64Array | undefined,
): FittedEase {
  const order = activities.length;
  return {
    kind: KIND,
    activities,
    indexOf: indexActivities(activities),
    score(history, out) {
      checkHistory(history, order, out);
      const { activityIdx, weight } = history;
      out.fill(0);
      for (let i = 0; i < activityIdx.length; i++) {
        const row = activityIdx[i]! * stride;
        const strength = weight === undefined ? 1 : weight[i]!;
        for (let j = 0; j < order; j++) out[j] = out[j]! - strength * values[row + j]!;
      }
      for (let j = 0; j < order; j++) out[j] = out[j]! / values[j * stride + j]!;
      // s = x − (Px) ∘ (1/diag P): the added x takes out what an activity said of itself
      for (let i = 0; i < activityIdx.length; i++) {
        const activity = activityIdx[i]!;
        out[activity] = out[activity]! + (weight === undefined ? 1 : weight[i]!);
      }
      if (scale !== undefined) for (let j = 0; j < order; j++) out[j] = out[j]! * scale[j]!;
    },
    explain(history, activity, out) {
      const { activityIdx, weight } = history;
      checkHistory(history, order, out, activityIdx.length);
      if (!(Number.isInteger(activity) && activity >= 0 && activity < order)) {
        throw new CairnError("BAD_INPUT", `expected an activity in [0, ${order}), got ${activity}`);
      }
      const row = activity * stride;
      for (let i = 0; i < activityIdx.length; i++) {
        const other = activityIdx[i]!;
        const strength = weight === undefined ? 1 : weight[i]!;
        const term = other === activity ? 0 : (-strength * values[row + other]!) / values[row + activity]!;
        out[i] = scale === undefined ? term : term * scale[activity]!;
      }
    },
    encode() {
      const packed = new Float64Array((order * (order + 1)) / 2);
      for (let i = 0, to = 0; i < order; to += ++i) {
        packed.set(values.subarray(i * stride, i * stride + i + 1), to);
      }
      return {
        metadata: { kind: KIND },
        arrays: {
          activities: encodeActivities(activities),
          inverse: packed,
          ...(scale === undefined ? {} : { scale: scale.slice() }),
        },
      };
    },
  };
}
