import { compareObservations, replay } from "../../models/mastery/online/replay.ts";
import {
  estimateAt,
  estimateColumns,
  type MasteryTracker,
  type Observation,
  type StandardEstimate,
  type TrackerState,
} from "../../models/mastery/online/tracker.ts";
import type { TenantTransaction } from "../../records/database.ts";
import { zoneOffset } from "../../records/import/core/time-zone.ts";
import type { Caller } from "../access/keys.ts";
import { type LearnerIds, playlistConsent } from "../playlists/live/learner.ts";
import { type LiveModels, withLiveModels } from "../playlists/live/models.ts";
import type { Cairn } from "../runtime.ts";
import { readRecordObservations } from "./record-observations.ts";
import { groupStandards, type MasteryGates, type StandingGroup, teacherGates } from "./standing-groups.ts";
import { learnerOfCaller, nobody } from "./whose.ts";

/** What a learner knows of one standard. */
export interface StandardStanding extends Omit<StandardEstimate, "reviewDue"> {
  readonly standard: string;
  readonly label: string;
  readonly grade: string;
  readonly group: StandingGroup;
  /** The day from which a review is due, YYYY-MM-DD; null where none is. */
  readonly reviewDue: string | null;
}

/** What a learner knows of every standard of the district's framework, as of a moment. */
export interface StandardsOfLearner {
  /** The district's own number of the learner. */
  readonly learner: string;
  /** The moment, ISO 8601. */
  readonly asOf: string;
  readonly standards: readonly StandardStanding[];
  readonly gates: MasteryGates;
  /** The run whose model says so, null before the first; and the model. */
  readonly provenance: { readonly runId: string | null; readonly masteryModelId: string };
}

/** Everything that was seen of a learner, in the order of a replay, and what follows learners. */
export interface LearnerLog {
  readonly models: LiveModels;
  readonly observations: readonly Observation[];
  /** Milliseconds of the wall clock: now. */
  readonly wallClock: number;
}

/**
 * What a learner knows of every standard now: the record's answers, scores and words, replayed by the model of the run that is
 * shown. Worked out at every call, so that consent and corrections hold at once.
 * @param learner - the district's own number of the learner
 * @throws CairnError `NOT_FOUND` when the learner is unknown, not the caller's, or the family decided against playlists (a caller may
 * not learn which), or the district is not registered
 */
export async function standardsOf(cairn: Cairn, caller: Caller, learner: string): Promise<StandardsOfLearner> {
  const now = cairn.now();
  const { models, observations, wallClock } = await readLearnerLog(cairn, caller, learner, now);
  const { curriculum, tracker, runId, masteryId } = models;
  const estimates = estimatesOf(tracker, replay(tracker, observations), wallClock);
  const groups = groupStandards(estimates, curriculum.prerequisites, teacherGates, wallClock);
  return {
    learner,
    asOf: now.toISOString(),
    standards: curriculum.standards.map(({ standard, label, grade }, k) => {
      const { reviewDue, ...estimate } = estimates[k]!;
      return { standard, label, grade, group: groups[k]!, ...estimate, reviewDue: dayOfMoment(reviewDue) };
    }),
    gates: teacherGates,
    provenance: { runId, masteryModelId: masteryId },
  };
}

/**
 * The log of one learner as far as caller and family let it be read.
 * @throws CairnError as {@link standardsOf}
 */
export function readLearnerLog(
  cairn: Cairn,
  caller: Caller,
  learner: string,
  now: Date = cairn.now(),
): Promise<LearnerLog> {
  return withLiveModels(cairn, caller.tenantId, async (tx, models) => {
    const observations = await allowedObservations(tx, models, await learnerOfCaller(tx, caller, learner, now), now);
    const wallClock = now.getTime() + zoneOffset(models.timeZone, now.getTime());
    // A record may be dated later than this moment (a mark entered for tomorrow): it counts from then on.
    const past = observations.filter(({ at }) => at <= wallClock).sort(compareObservations);
    return { models, observations: past, wallClock };
  });
}

async function allowedObservations(
  tx: TenantTransaction,
  { standardAt }: LiveModels,
  learner: LearnerIds,
  now: Date,
): Promise<Observation[]> {
  const allowed = await playlistConsent(tx, learner, now);
  if (!allowed("enrolment")) throw nobody();
  return readRecordObservations(tx, learner.ids, standardAt, allowed);
}

/** Every standard at a moment, by position. */
export function estimatesOf(tracker: MasteryTracker, state: TrackerState, at: number): StandardEstimate[] {
  const columns = estimateColumns(tracker.standards.length);
  tracker.estimateAll(state, at, columns);
  return tracker.standards.map((_, standard) => estimateAt(columns, standard));
}

function dayOfMoment(moment: number | null): string | null {
  return moment === null ? null : new Date(moment).toISOString().slice(0, 10);
}
