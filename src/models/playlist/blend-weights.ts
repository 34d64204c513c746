import { CairnError } from "../../errors.ts";
import { topItems } from "../../numeric/metrics/ranking.ts";
import { standardizedScores } from "./blend.ts";
import type { FittedRecommender } from "./recommender.ts";

const CUT_OFF = 10; // weights are judged by NDCG@10
const CANDIDATES = 60; // per learner and part: what none of the parts ranks this high no blend brings to the first ten
const STEPS = [0.5, 0.25, 0.125]; // of a part's weight, one sweep or two each
const SWEEPS = 2;
const LEAST_GAIN = 1e-4; // of NDCG: less is noise of the validation items, and a smaller blend is better

/** What {@link chooseBlendWeights} takes. */
export interface BlendWeightsInput {
  /** Fitted on the training interactions only. */
  readonly parts: readonly FittedRecommender[];
  /** Per learner, what was trained on: indexes of activities. */
  readonly histories: readonly Int32Array[];
  /** Per learner, what was held out of the training to choose by. */
  readonly validation: readonly Int32Array[];
  readonly signal?: AbortSignal;
  /** Called with the finished share, in [0, 1]. */
  readonly onProgress?: (fraction: number) => void;
}

/** The candidates of all learners, one compressed row per learner. */
interface Candidates {
  readonly ptr: Int32Array;
  readonly hits: Uint8Array;
  /** Shape (candidates × parts), row-major. */
  readonly scores: Float64Array;
  /** Shape (learners): the gain of the best possible list. */
  readonly best: Float64Array;
}

/**
 * Weights, 0 or more, that rank the validation items best: coordinate ascent on NDCG@10 from the best single part and from equal
 * weights, deterministic. The result holds for the parts' standardised scores, as in `blend`.
 * @returns one weight per part and the NDCG@10 of the validation items with them (over the candidates of the parts)
 * @throws CairnError `SHAPE_MISMATCH`, `BAD_INPUT` when nothing was held out or there are no parts, `CANCELLED`
 */
export function chooseBlendWeights(input: BlendWeightsInput): { weights: readonly number[]; ndcg: number } {
  checkInput(input);
  const { parts } = input;
  const candidates = collect(input);
  const judge = (weights: readonly number[]): number => ndcgOf(candidates, weights);
  const singles = parts.map((_, part): number[] => parts.map((__, other) => (other === part ? 1 : 0)));
  const best = singles.reduce((a, b) => (judge(b) > judge(a) ? b : a));
  const ascents = [best, parts.map(() => 1)].map((start) => ascend(start, judge));
  return ascents.reduce((a, b) => (b.ndcg > a.ndcg + LEAST_GAIN ? b : a));
}

/** Changes one weight after the other by ever smaller steps as long as the judgement rises. */
function ascend(
  start: readonly number[],
  judge: (weights: readonly number[]) => number,
): { weights: readonly number[]; ndcg: number } {
  let weights = start;
  let ndcg = judge(weights);
  for (const step of STEPS) {
    for (let move = 0; move < SWEEPS * 2 * weights.length; move++) {
      const part = (move >> 1) % weights.length;
      const change = move % 2 === 0 ? step : -step;
      const changed = weights.map((weight, other) => (other === part ? Math.max(0, weight + change) : weight));
      const value = judge(changed);
      if (value > ndcg + LEAST_GAIN) [weights, ndcg] = [changed, value];
    }
  }
  return { weights, ndcg };
}

function checkInput({ parts, histories, validation }: BlendWeightsInput): void {
  if (histories.length !== validation.length) {
    throw new CairnError(
      "SHAPE_MISMATCH",
      `expected validation items for ${histories.length} learners, got ${validation.length}`,
    );
  }
  if (parts.length === 0 || validation.every((items) => items.length === 0)) {
    throw new CairnError("BAD_INPUT", "expected parts and validation items to choose weights by, got none", {
      hint: "hold some interactions out of the training",
    });
  }
}

function collect({ parts, histories, validation, signal, onProgress }: BlendWeightsInput): Candidates {
  const items = parts[0]!.activities.length;
  const learners = [...histories.keys()].filter((learner) => validation[learner]!.length > 0);
  const scores = parts.map(() => new Float64Array(items));
  const ptr = new Int32Array(learners.length + 1);
  const best = new Float64Array(learners.length);
  const found: { hit: number; scores: number[] }[] = [];
  for (const [row, learner] of learners.entries()) {
    if (signal?.aborted) throw new CairnError("CANCELLED", "expected to choose weights, got a request to stop");
    if (row % 256 === 0) onProgress?.(row / learners.length);
    const history = { activityIdx: histories[learner]! };
    for (const [part, recommender] of parts.entries()) standardizedScores(recommender, history, scores[part]!);
    const truth = new Set(validation[learner]!);
    for (const item of highlyRanked(scores, history.activityIdx)) {
      found.push({ hit: truth.has(item) ? 1 : 0, scores: scores.map((own) => own[item]!) });
    }
    ptr[row + 1] = found.length;
    for (let rank = 1; rank <= Math.min(CUT_OFF, truth.size); rank++) best[row]! += 1 / Math.log2(rank + 1);
  }
  onProgress?.(1);
  const flat = new Float64Array(found.length * parts.length);
  for (const [i, candidate] of found.entries()) flat.set(candidate.scores, i * parts.length);
  return { ptr, hits: Uint8Array.from(found, ({ hit }) => hit), scores: flat, best };
}

/** What any part ranks high among the activities that are not done, ascending. */
function highlyRanked(scores: readonly Float64Array[], done: Int32Array): number[] {
  const top = new Int32Array(CANDIDATES);
  const chosen = new Set<number>();
  for (const own of scores) {
    const masked = own.slice();
    for (const item of done) masked[item] = Number.NEGATIVE_INFINITY;
    for (const item of top.subarray(0, topItems(masked, top))) chosen.add(item);
  }
  return [...chosen].sort((a, b) => a - b);
}

/** Mean NDCG@10 over the learners with something held out; ties go to the smaller item id. */
function ndcgOf({ ptr, hits, scores, best }: Candidates, weights: readonly number[]): number {
  const top = new Int32Array(CUT_OFF);
  let sum = 0;
  for (let learner = 0; learner < best.length; learner++) {
    const from = ptr[learner]!;
    const blended = new Float64Array(ptr[learner + 1]! - from);
    for (let i = 0, at = from * weights.length; i < blended.length; i++) {
      let score = 0;
      for (let part = 0; part < weights.length; part++) score += weights[part]! * scores[at++]!;
      blended[i] = score;
    }
    const count = topItems(blended, top);
    let gain = 0;
    for (let rank = 0; rank < count; rank++) if (hits[from + top[rank]!] === 1) gain += 1 / Math.log2(rank + 2);
    sum += gain / best[learner]!;
  }
  return sum / best.length;
}
