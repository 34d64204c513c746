import type { DuckDBConnection } from "@duckdb/node-api";
import type { MasteryTracker } from "../../models/mastery/online/tracker.ts";
import { estimateColumns } from "../../models/mastery/online/tracker.ts";
import type { FittedEase } from "../../models/playlist/ease.ts";
import { playlistEntry } from "../../records/schema/index.ts";
import { withSnapshot } from "../analysis.ts";
import type { PartitionWrite, RunRecord } from "../batch/inputs.ts";
import { insertInPieces } from "../batch/inputs.ts";
import { inputsOf } from "../batch/parts.ts";
import { replayLearner } from "../mastery/log-of.ts";
import { trackerOf } from "../mastery/tracker-of.ts";
import { loadModel } from "../registry/models.ts";
import type { Cairn } from "../runtime.ts";
import type { ActivityEffects } from "./activity-effects.ts";
import { activityEffects, readEffectSums } from "./activity-effects.ts";
import type { PlaylistItem } from "./assemble.ts";
import { assemblePlaylist } from "./assemble.ts";
import type { Curriculum } from "./curriculum.ts";
import { habitsOf } from "./habits.ts";
import type { LearnerState } from "./learner.ts";
import type { LearningData } from "./learning-data.ts";
import { readLearningData } from "./learning-data.ts";
import type { PlaylistPolicy } from "./policy.ts";
import { defaultPlaylistPolicy } from "./policy.ts";
import { loadMastery, recommenderRecipe } from "./recipes.ts";
import { itemReasons } from "./words.ts";

const NAMED_PEERS = 2; // past activities a reason names

/** The fitted models a playlist is made with. */
export interface PlaylistModels {
  readonly tracker: MasteryTracker;
  readonly recommender: FittedEase;
}

/**
 * Makes the playlists of one partition of the enrolled learners, as of the run's day.
 * @throws CairnError `CONFLICT` when the run has no playlists, `BAD_INPUT` for a partition it does not have
 */
export async function scorePlaylistPartition(
  cairn: Cairn,
  run: RunRecord,
  partition: number,
  policy: PlaylistPolicy = defaultPlaylistPolicy,
): Promise<PartitionWrite> {
  const { tenantId, runId } = run;
  const { snapshotId, masteryId, recommenderId } = inputsOf(run, "playlist");
  const { data, effects } = await withSnapshot(cairn.folders.snapshots, snapshotId, async (connection) => {
    const read = await readLearningData(connection, run.asOf, partition);
    return { data: read, effects: await effectsOf(snapshotId, connection, read.curriculum) };
  });
  const models: PlaylistModels = {
    tracker: trackerOf(await loadMastery(cairn, tenantId, masteryId), data.curriculum),
    recommender: await loadModel(cairn, tenantId, recommenderId, [recommenderRecipe()]),
  };
  const members = data.enrolled;
  // The night's list is the best known: nothing is drawn by lot, because nobody has asked for it yet.
  const request = { minutes: policy.minutes, now: Date.parse(run.asOf) };
  const entries = members.flatMap((learner) => {
    const state = learnerState(data, models, learner, request.now);
    const { items } = assemblePlaylist(data.curriculum, state, request, policy, { knowledge: effects });
    return items.map((item, index) => ({
      tenantId,
      runId,
      pseudonym: data.learners[learner]!,
      position: index + 1,
      activity: data.curriculum.activities[item.activity]!.activity,
      score: item.score,
      reasons: {
        ...wordsOf(data, models, learner, state, item, effects, { policy, now: request.now }),
        terms: item.terms,
      },
    }));
  });
  return {
    rows: members.length,
    insert: (orm) => insertInPieces(entries, (piece) => orm.insert(playlistEntry).values(piece)),
  };
}

/** Of the snapshot that was asked about last: they are of the whole district, and the partitions of a night follow each other. */
let lastEffects: { readonly snapshotId: string; readonly effects: ActivityEffects } | undefined;

async function effectsOf(
  snapshotId: string,
  connection: DuckDBConnection,
  curriculum: Curriculum,
): Promise<ActivityEffects> {
  if (lastEffects?.snapshotId !== snapshotId) {
    lastEffects = { snapshotId, effects: activityEffects(curriculum, await readEffectSums(connection, curriculum)) };
  }
  return lastEffects.effects;
}

function wordsOf(
  data: LearningData,
  models: PlaylistModels,
  learner: number,
  state: LearnerState,
  item: PlaylistItem,
  effects: ActivityEffects,
  when: { readonly policy: PlaylistPolicy; readonly now: number },
): { words: readonly string[]; studentWords: readonly string[] } {
  const evidence = {
    peersFrom: peersFrom(data, models, learner, item),
    effectLearners: effects.completions[item.activity]!,
  };
  const { student, teacher } = itemReasons(data.curriculum, state, item, evidence, when);
  return { words: teacher, studentWords: student };
}

/**
 * What is known of a learner: every answer, score and word replayed, and what others like this one did next.
 * @param at - the moment it is known of, ms of the wall clock
 */
export function learnerState(data: LearningData, models: PlaylistModels, learner: number, at: number): LearnerState {
  const { curriculum, observations, interactions } = data;
  const columns = estimateColumns(curriculum.standards.length);
  models.tracker.estimateAll(replayLearner(models.tracker, observations, learner), at, columns);
  const from = interactions.learnerPtr[learner]!;
  const to = interactions.learnerPtr[learner + 1]!;
  const done = interactions.activityIdx.subarray(from, to);
  const collaborative = new Float64Array(curriculum.activities.length);
  models.recommender.score({ activityIdx: done }, collaborative);
  const completed = new Map(Array.from(done, (activity, i) => [activity, data.completedAt[from + i]!] as const));
  const end = observations.learnerStart[learner + 1]!;
  return {
    mastery: columns.mastery,
    success: columns.correctNext,
    evidence: columns.evidence,
    reviewDue: columns.reviewDue,
    stuck: columns.wheelSpinning,
    ...habitsOf(curriculum, completed.keys()),
    collaborative,
    completed,
    lastStandard: end > observations.learnerStart[learner]! ? observations.standard[end - 1]! : -1,
    grade: data.grades[learner]!,
    interests: new Map(),
  };
}

/** The learner's own past activities that speak most for this one, by title. */
function peersFrom(data: LearningData, models: PlaylistModels, learner: number, item: PlaylistItem): string[] {
  const { interactions, curriculum } = data;
  const done = interactions.activityIdx.slice(interactions.learnerPtr[learner]!, interactions.learnerPtr[learner + 1]!);
  const terms = new Float64Array(done.length);
  models.recommender.explain({ activityIdx: done }, item.activity, terms);
  return Array.from(done, (activity, index) => ({ activity, term: terms[index]! }))
    .filter(({ term }) => term > 0)
    .sort((a, b) => b.term - a.term || a.activity - b.activity)
    .slice(0, NAMED_PEERS)
    .map(({ activity }) => curriculum.activities[activity]!.title);
}
