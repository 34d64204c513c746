import type { MasteryTracker, Observation, TrackerState } from "./tracker.ts";

/**
 * The one order in which a log is replayed: by time; what happened at the same moment by standard, item, source and outcome, so
 * that the order of arrival cannot matter.
 */
export function compareObservations(a: Observation, b: Observation): number {
  return (
    a.at - b.at ||
    a.standard - b.standard ||
    compareTexts(a.item ?? "", b.item ?? "") ||
    compareTexts(a.source, b.source) ||
    a.outcome - b.outcome
  );
}

const compareTexts = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** The state after a log, whatever order it arrived in. */
export function replay(tracker: MasteryTracker, observations: readonly Observation[]): TrackerState {
  const state = tracker.start();
  for (const observation of [...observations].sort(compareObservations)) tracker.observe(state, observation);
  return state;
}

/**
 * Whether an observation is the newest by more than a tie: only then `observe` gives what a replay would. A late one, a tie or
 * a corrected one needs the log.
 */
export function isInOrder(state: TrackerState, observation: Observation): boolean {
  return observation.at > state.latest;
}
