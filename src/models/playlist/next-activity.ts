import { CairnError } from "../../errors.ts";
import type { Estimator, FitContext } from "../estimator.ts";
import {
  collectNeighbors,
  groupByActivity,
  type NeighborLists,
  packNeighbors,
  unpackNeighbors,
} from "./neighbor-lists.ts";
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
import { type Succession, type Timeline, timelineOf, visitPredecessors } from "./timeline.ts";

const KIND = "playlist/next-activity";
const ACTIVITIES_PER_STEP = 64; // between two looks at the signal
const MONTH = 30 * 86_400; // seconds

/** Settings of {@link nextActivity}. */
export interface NextActivityOptions {
  /**
   * `decayed` (the default): everything done later counts, by how soon it came. `direct`: a first-order Markov chain, only what
   * was done at the very next moment counts.
   */
  readonly succession?: Succession;
  /** τ above 0, in the unit of the interactions' times: after τ a step counts 1/e. Default 30 days of seconds. */
  readonly timeScale?: number;
  /** How many predecessors of each recommended activity count, 1 or more. Default 200. */
  readonly neighbors?: number;
  /** 0 or more, in learners: pulls steps that rest on few learners towards 0. Default 1. */
  readonly shrink?: number;
}

/**
 * What learners did next: an activity scores by how often it followed what this learner did, most of all what was done last.
 *
 * - `decayed`: n_ij = Σ exp(−(t_j − t_i)/τ) over learners who did i before j, similarity n_ij/(√(n_i n_j) + shrink), and an
 *   activity of the history counts exp(−(t_last − t_i)/τ). What happened at one moment counts half in each direction.
 * - `direct`: the share of i's learners whose next moment held j (shared among what that moment held), n_ij/(n_i + shrink);
 *   only the activities of the learner's last moment speak.
 *
 * A history without times is taken as one moment. Deterministic: the random stream is not used. Not for activities that
 * never followed another: they score 0.
 * @throws CairnError `BAD_INPUT` when an option is out of range; `fit` throws `BAD_INPUT` when the interactions have no
 * times, `SHAPE_MISMATCH`, `NOT_FINITE`, `CANCELLED`
 * @see Ding and Li (2005), Time weight collaborative filtering, CIKM, for the decay; Rendle, Freudenthaler and
 * Schmidt-Thieme (2010), Factorizing personalized Markov chains, WWW, for transitions between sets
 */
export function nextActivity(options: NextActivityOptions = {}): Estimator<Interactions, FittedRecommender> {
  const { succession = "decayed", timeScale = MONTH, neighbors = 200, shrink = 1 } = options;
  checkOptions({ succession, timeScale, neighbors, shrink });
  return {
    kind: KIND,
    parameters: { succession, timeScale, neighbors, shrink },
    fit(interactions, context) {
      stopIfCancelled(context);
      checkInteractions(interactions);
      const timeline = timelineOf(interactions);
      const lists = keepSteps(interactions, timeline, { succession, timeScale, neighbors, shrink }, context);
      return fitted([...interactions.activities], lists, succession, timeScale);
    },
    decode(tensors) {
      const entries = tensors.arrays.neighbors?.length ?? 0;
      const { activities, values } = readRecommender(KIND, tensors, "neighbors", () => entries);
      const lists = unpackNeighbors(tensors.arrays.counts, values, activities.length);
      return fitted(activities, lists, succession, timeScale);
    },
  };
}

function checkOptions({ succession, timeScale, neighbors, shrink }: Required<NextActivityOptions>): void {
  if (succession !== "decayed" && succession !== "direct") {
    throw new CairnError("BAD_INPUT", `expected the succession decayed or direct, got ${String(succession)}`);
  }
  if (!(timeScale > 0 && Number.isFinite(timeScale))) {
    throw new CairnError("BAD_INPUT", `expected a timeScale above 0, got ${timeScale}`, {
      hint: "give it in the unit of the times: 30 days are 2,592,000 seconds",
    });
  }
  if (!(Number.isInteger(neighbors) && neighbors >= 1)) {
    throw new CairnError("BAD_INPUT", `expected 1 neighbor or more, got ${neighbors}`, { hint: "start with 200" });
  }
  if (!(shrink >= 0 && Number.isFinite(shrink))) {
    throw new CairnError("BAD_INPUT", `expected a shrink of 0 or more, got ${shrink}`, { hint: "start with 1" });
  }
}

/** The strongest predecessors of every activity, listed by the predecessor. */
function keepSteps(
  interactions: Interactions,
  timeline: Timeline,
  { succession, timeScale, neighbors, shrink }: Required<NextActivityOptions>,
  context: FitContext,
): NeighborLists {
  const { activityIdx, activities } = interactions;
  const { ptr, entry } = groupByActivity(interactions);
  const learners = (activity: number): number => ptr[activity + 1]! - ptr[activity]!;
  const steps = new Float64Array(activities.length);
  const collector = collectNeighbors(activities.length, neighbors);
  for (let target = 0; target < activities.length; target++) {
    if (target % ACTIVITIES_PER_STEP === 0) {
      stopIfCancelled(context);
      context.onProgress?.(target / activities.length);
    }
    const met: number[] = [];
    for (let at = ptr[target]!; at < ptr[target + 1]!; at++) {
      visitPredecessors(timeline, entry[at]!, succession, timeScale, (other, share) => {
        const activity = activityIdx[other]!;
        if (steps[activity] === 0) met.push(activity);
        steps[activity]! += share;
      });
    }
    for (const other of met) {
      const norm = succession === "direct" ? learners(other) : Math.sqrt(learners(target) * learners(other));
      steps[other] = steps[other]! / (norm + shrink);
    }
    collector.keep(target, met, steps);
    for (const other of met) steps[other] = 0;
  }
  context.onProgress?.(1);
  return collector.lists();
}

function fitted(
  activities: readonly string[],
  lists: NeighborLists,
  succession: Succession,
  timeScale: number,
): FittedRecommender {
  const { ptr, target, similarity } = lists;
  return {
    kind: KIND,
    activities,
    indexOf: indexActivities(activities),
    score(history, out) {
      checkHistory(history, activities.length, out);
      out.fill(0);
      const last = lastMoment(history);
      for (let i = 0; i < history.activityIdx.length; i++) {
        const strength = strengthOf(history, i, last, succession, timeScale);
        for (let at = ptr[history.activityIdx[i]!]!; at < ptr[history.activityIdx[i]! + 1]!; at++) {
          out[target[at]!]! += strength * similarity[at]!;
        }
      }
    },
    encode: () => ({
      metadata: { kind: KIND },
      arrays: { activities: encodeActivities(activities), ...packNeighbors(lists) },
    }),
  };
}

function lastMoment({ time }: History): number {
  return time === undefined ? 0 : time.reduce((last, moment) => Math.max(last, moment), Number.NEGATIVE_INFINITY);
}

/** How much an activity of the history speaks: by its weight and by how long ago it was, seen from the last one. */
function strengthOf(history: History, i: number, last: number, succession: Succession, timeScale: number): number {
  const weight = history.weight === undefined ? 1 : history.weight[i]!;
  const age = history.time === undefined ? 0 : last - history.time[i]!;
  if (succession === "direct") return age === 0 ? weight : 0;
  return weight * Math.exp(-age / timeScale);
}
