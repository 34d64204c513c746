import type { ObservationLog } from "../../models/mastery/online/ability/observation-log.ts";
import {
  type MasteryTracker,
  type Observation,
  observationSources,
  type TrackerState,
} from "../../models/mastery/online/tracker.ts";

/** One row of a log as an observation. */
export function observationAt(log: ObservationLog, row: number): Observation {
  const item = log.items[log.item[row]!];
  return {
    standard: log.standard[row]!,
    ...(item === undefined ? {} : { item }),
    outcome: log.outcome[row]!,
    at: log.at[row]!,
    source: observationSources[log.source[row]!]!,
  };
}

/** The state of one learner of a log, whose standards are the tracker's by the same index. */
export function replayLearner(tracker: MasteryTracker, log: ObservationLog, learner: number): TrackerState {
  const state = tracker.start();
  for (let row = log.learnerStart[learner]!; row < log.learnerStart[learner + 1]!; row++)
    tracker.observe(state, observationAt(log, row));
  return state;
}
