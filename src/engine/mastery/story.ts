import type { ObservationSource } from "../../models/mastery/online/tracker.ts";
import type { Caller } from "../access/keys.ts";
import type { Cairn } from "../runtime.ts";
import { estimatesOf, readLearnerLog } from "./standards-of.ts";

/** A standard that one observation moved. */
export interface MovedStandard {
  readonly standard: string;
  readonly label: string;
  readonly before: number;
  readonly after: number;
}

/** One observation, and what it changed. */
export interface StoryStep {
  /** ISO 8601 of the district's wall clock, without a zone. */
  readonly at: string;
  readonly source: ObservationSource;
  readonly standard: string;
  readonly label: string;
  readonly outcome: number;
  /** Before the observation: the chance that it would come out right. */
  readonly expected: number;
  readonly correctNext: number;
  readonly mastery: { readonly before: number; readonly after: number };
  readonly low: number;
  readonly high: number;
  /** Other standards whose mastery it moved by {@link WORTH_TELLING} or more, those moved most first. */
  readonly others: readonly MovedStandard[];
}

/** How one learner's standards moved with every observation. */
export interface MasteryStory {
  readonly learner: string;
  readonly observations: number;
  /** The last ones. */
  readonly steps: readonly StoryStep[];
}

/** Change of mastery on another standard that is told. */
export const WORTH_TELLING = 0.05;

const MOST_OTHERS = 3;

/**
 * Replays a learner's log and tells how every standard moved with it.
 * @param last - how many of the newest observations are told
 * @throws CairnError `NOT_FOUND` as `standardsOf`
 */
export async function masteryStory(cairn: Cairn, caller: Caller, learner: string, last: number): Promise<MasteryStory> {
  const { models, observations } = await readLearnerLog(cairn, caller, learner);
  const { tracker, curriculum } = models;
  const state = tracker.start();
  const steps: StoryStep[] = [];
  for (const [i, observation] of observations.entries()) {
    const told = i >= observations.length - last;
    const { at, standard, outcome, source } = observation;
    const before = told ? estimatesOf(tracker, state, at) : [];
    tracker.observe(state, observation);
    if (!told) continue;
    const after = estimatesOf(tracker, state, at);
    const name = (k: number) => ({
      standard: curriculum.standards[k]!.standard,
      label: curriculum.standards[k]!.label,
    });
    const moved = after
      .map((estimate, k) => ({ k, before: before[k]!.mastery, after: estimate.mastery }))
      .filter((one) => one.k !== standard && Math.abs(one.after - one.before) >= WORTH_TELLING)
      .sort((a, b) => Math.abs(b.after - b.before) - Math.abs(a.after - a.before) || a.k - b.k);
    const { mastery, correctNext, low, high } = after[standard]!;
    steps.push({
      at: new Date(at).toISOString().slice(0, 19),
      source,
      ...name(standard),
      outcome,
      expected: before[standard]!.correctNext,
      correctNext,
      mastery: { before: before[standard]!.mastery, after: mastery },
      low,
      high,
      others: moved.slice(0, MOST_OTHERS).map((one) => ({ ...name(one.k), before: one.before, after: one.after })),
    });
  }
  return { learner, observations: observations.length, steps };
}
