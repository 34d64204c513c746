import { CairnError } from "../../errors.ts";
import type { Tensor, Tensors } from "../artifact.ts";
import type { Estimator, FitContext } from "../estimator.ts";
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

const KIND = "playlist/blend";
const SEPARATOR = "/"; // between a part's number and its array's name

/** One recommender of a blend and how much it counts. */
export interface BlendPart {
  readonly recommender: Estimator<Interactions, FittedRecommender>;
  /** How much the part's standardised score counts; 0 leaves it out of the score. */
  readonly weight: number;
}

/** A fitted recommender of a blend and how much it counts. */
export interface FittedBlendPart {
  readonly recommender: FittedRecommender;
  readonly weight: number;
}

/**
 * Several recommenders as one: Σ_m weight_m·z_m, where z_m are the scores of recommender m for this learner, standardised over
 * the activities the learner has not done (mean 0, variance 1), so that each has the same say whatever its scale. Choose the
 * weights on held-out interactions (`chooseBlendWeights`), never on the ones it is measured on.
 * @param parts - one or more; the order decides the random stream and the artifact
 * @throws CairnError `BAD_INPUT` without parts or with a weight that is not finite; `fit` throws what the parts' fits throw
 */
export function blend(parts: readonly BlendPart[]): Estimator<Interactions, FittedRecommender> {
  checkWeights(parts.map(({ weight }) => weight));
  const weights = parts.map(({ weight }) => weight);
  return {
    kind: KIND,
    parameters: {
      parts: parts.map(({ recommender }) => JSON.stringify([recommender.kind, recommender.parameters])),
      weights,
    },
    fit(interactions, context) {
      stopIfCancelled(context);
      checkInteractions(interactions);
      const fitted = parts.map(({ recommender, weight }, i) => ({
        recommender: recommender.fit(interactions, partOf(context, i, parts.length)),
        weight,
      }));
      return blendFitted(fitted);
    },
    decode(tensors) {
      const { activities, values } = readRecommender(KIND, tensors, "weights", () => parts.length);
      const decoded = parts.map(({ recommender }, i) => ({
        recommender: recommender.decode(partTensors(tensors, i)),
        weight: values[i]!,
      }));
      if (decoded.some(({ recommender }) => !isSame(recommender.activities, activities))) {
        throw new CairnError("ARTIFACT_CORRUPT", "expected parts with the same activities, got others", {
          hint: "train the model again",
        });
      }
      return blendFitted(decoded);
    },
  };
}

/**
 * A blend of recommenders that are already fitted on the same interactions.
 * @throws CairnError `BAD_INPUT` without parts, with a weight that is not finite or with parts of other activities
 */
export function blendFitted(parts: readonly FittedBlendPart[]): FittedRecommender {
  checkWeights(parts.map(({ weight }) => weight));
  const { activities } = parts[0]!.recommender;
  if (parts.some(({ recommender }) => !isSame(recommender.activities, activities))) {
    throw new CairnError("BAD_INPUT", "expected recommenders of the same activities, got others", {
      hint: "fit them on the same interactions",
    });
  }
  const kept = [...parts];
  return {
    kind: KIND,
    activities,
    indexOf: indexActivities(activities),
    score(history, out) {
      checkHistory(history, activities.length, out);
      const scores = new Float64Array(activities.length);
      const done = new Uint8Array(activities.length);
      for (const activity of history.activityIdx) done[activity] = 1;
      out.fill(0);
      for (const { recommender, weight } of kept) {
        if (weight === 0) continue;
        recommender.score(history, scores);
        standardize(scores, done);
        for (let i = 0; i < out.length; i++) out[i]! += weight * scores[i]!;
      }
    },
    encode() {
      const arrays: Record<string, Tensor> = {
        activities: encodeActivities(activities),
        weights: Float64Array.from(kept, ({ weight }) => weight),
      };
      const metadata: Record<string, string> = { kind: KIND };
      for (const [i, { recommender }] of kept.entries()) {
        const inner = recommender.encode();
        for (const [name, value] of Object.entries(inner.metadata)) metadata[`${i}${SEPARATOR}${name}`] = value;
        for (const [name, tensor] of Object.entries(inner.arrays)) arrays[`${i}${SEPARATOR}${name}`] = tensor;
      }
      return { metadata, arrays };
    },
  };
}

/**
 * The scores every blend adds up: mean 0 and variance 1 over the activities that are not done; all 0 where they are all alike.
 * @param out - shape (activities), overwritten
 * @throws CairnError `SHAPE_MISMATCH`, `NOT_FINITE`, `BAD_INPUT`
 */
export function standardizedScores(recommender: FittedRecommender, history: History, out: Float64Array): void {
  recommender.score(history, out);
  const done = new Uint8Array(out.length);
  for (const activity of history.activityIdx) done[activity] = 1;
  standardize(out, done);
}

function standardize(scores: Float64Array, done: Uint8Array): void {
  let count = 0;
  let sum = 0;
  for (let i = 0; i < scores.length; i++) {
    if (done[i] === 1) continue;
    count++;
    sum += scores[i]!;
  }
  const mean = count === 0 ? 0 : sum / count;
  let squares = 0;
  for (let i = 0; i < scores.length; i++) if (done[i] === 0) squares += (scores[i]! - mean) ** 2;
  const deviation = count === 0 ? 0 : Math.sqrt(squares / count);
  // Equal scores leave a spread of rounding errors, which would be blown up to a ranking.
  const scale = deviation > 1e-12 * Math.abs(mean) ? 1 / deviation : 0;
  for (let i = 0; i < scores.length; i++) scores[i] = (scores[i]! - mean) * scale;
}

function checkWeights(weights: readonly number[]): void {
  if (weights.length === 0) {
    throw new CairnError("BAD_INPUT", "expected a recommender to blend, got none", { hint: "give at least one part" });
  }
  const wrong = weights.find((weight) => !Number.isFinite(weight));
  if (wrong !== undefined) throw new CairnError("BAD_INPUT", `expected finite weights, got ${wrong}`);
}

function partOf({ rng, signal, onProgress }: FitContext, part: number, parts: number): FitContext {
  return {
    rng: rng.derive(part),
    onProgress: (fraction) => onProgress?.((part + fraction) / parts),
    ...(signal === undefined ? {} : { signal }),
  };
}

function partTensors({ metadata, arrays }: Tensors, part: number): Tensors {
  const prefix = `${part}${SEPARATOR}`;
  const own = <Value>(record: Readonly<Record<string, Value>>): Record<string, Value> =>
    Object.fromEntries(
      Object.entries(record)
        .filter(([name]) => name.startsWith(prefix))
        .map(([name, value]) => [name.slice(prefix.length), value]),
    );
  return { metadata: own(metadata), arrays: own(arrays) };
}

function isSame(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((id, i) => id === b[i]);
}
