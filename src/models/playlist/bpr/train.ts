import { CairnError } from "../../../errors.ts";
import { sigmoid } from "../../../numeric/log-odds.ts";
import type { FitContext } from "../../estimator.ts";
import { type Interactions, stopIfCancelled } from "../recommender.ts";

const START_SPREAD = 0.1; // of an embedding's length at the start
const STEPS_PER_LOOK = 65_536; // between two looks at the signal
const DRAWS = 16; // for an activity that was not done: a learner who did nearly all is rarely worth a longer search

interface Training {
  readonly dimensions: number;
  readonly learningRate: number;
  readonly regularization: number;
  readonly epochs: number;
}

/**
 * Stochastic ascent: as many steps per epoch as there are interactions, each drawn at random with replacement (figure 4 of Rendle et al.).
 * @returns shape (activities × dimensions), row-major
 * @throws CairnError `NOT_FINITE` when the steps diverge, `CANCELLED`
 */
export function descend(interactions: Interactions, training: Training, context: FitContext): Float32Array {
  const { learnerPtr, activityIdx, weight, activities } = interactions;
  const { dimensions, epochs } = training;
  const rng = context.rng;
  const spread = START_SPREAD / Math.sqrt(dimensions);
  const start = (rows: number): Float64Array =>
    Float64Array.from({ length: rows * dimensions }, () => spread * rng.normal());
  const learners = start(learnerPtr.length - 1);
  const factors = start(activities.length);
  const learnerOf = expand(learnerPtr);
  const steps = epochs * activityIdx.length;
  for (let step = 0; step < steps; step++) {
    if (step % STEPS_PER_LOOK === 0) {
      stopIfCancelled(context);
      context.onProgress?.(step / steps);
    }
    const entry = rng.integer(activityIdx.length);
    const learner = learnerOf[entry]!;
    const other = drawUndone(interactions, learner, rng.integer);
    if (other < 0) continue;
    const strength = weight === undefined ? 1 : weight[entry]!;
    improve(learners, factors, learner * dimensions, activityIdx[entry]! * dimensions, other * dimensions, {
      ...training,
      strength,
    });
  }
  if (factors.some((value) => !Number.isFinite(value))) {
    throw new CairnError("NOT_FINITE", "expected embeddings that converge, got ones that grow without end", {
      hint: "lower the learningRate",
    });
  }
  context.onProgress?.(1);
  return Float32Array.from(factors);
}

/** The learner of each interaction. */
function expand(learnerPtr: Int32Array): Int32Array {
  const learnerOf = new Int32Array(learnerPtr.at(-1)!);
  for (let learner = 0; learner + 1 < learnerPtr.length; learner++) {
    learnerOf.fill(learner, learnerPtr[learner]!, learnerPtr[learner + 1]!);
  }
  return learnerOf;
}

/** An activity the learner did not do, or −1 when none was met. */
function drawUndone(
  { learnerPtr, activityIdx, activities }: Interactions,
  learner: number,
  draw: (bound: number) => number,
): number {
  const [from, to] = [learnerPtr[learner]!, learnerPtr[learner + 1]!];
  for (let attempt = 0; attempt < DRAWS; attempt++) {
    const activity = draw(activities.length);
    if (!includes(activityIdx, from, to, activity)) return activity;
  }
  return -1;
}

/** Whether ascending entries [from, to) hold the activity. */
function includes(activityIdx: Int32Array, from: number, to: number, activity: number): boolean {
  let [low, high] = [from, to];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (activityIdx[middle]! < activity) low = middle + 1;
    else high = middle;
  }
  return low < to && activityIdx[low] === activity;
}

/** One step on (w, h_i, h_j), each read before any is written. */
function improve(
  learners: Float64Array,
  factors: Float64Array,
  w: number,
  i: number,
  j: number,
  { dimensions, learningRate, regularization, strength }: Training & { readonly strength: number },
): void {
  let margin = 0;
  for (let k = 0; k < dimensions; k++) margin += learners[w + k]! * (factors[i + k]! - factors[j + k]!);
  const gain = strength * sigmoid(-margin);
  for (let k = 0; k < dimensions; k++) {
    const [own, done, undone] = [learners[w + k]!, factors[i + k]!, factors[j + k]!];
    learners[w + k] = own + learningRate * (gain * (done - undone) - regularization * own);
    factors[i + k] = done + learningRate * (gain * own - regularization * done);
    factors[j + k] = undone + learningRate * (-gain * own - regularization * undone);
  }
}
