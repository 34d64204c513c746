import type { FittedMastery } from "../../models/mastery/fitted-mastery.ts";
import type { LearnerState as MasteryState } from "../../models/mastery/learner-state.ts";
import type { FittedEase } from "../../models/playlist/ease.ts";
import { playlistEntry } from "../../records/schema/index.ts";
import { withSnapshot } from "../analysis.ts";
import type { PartitionWrite, RunRecord } from "../batch/inputs.ts";
import { insertInPieces, partitionRange } from "../batch/inputs.ts";
import { inputsOf } from "../batch/parts.ts";
import { loadModel } from "../registry/models.ts";
import type { Cairn } from "../runtime.ts";
import type { ActivityEffects } from "./activity-effects.ts";
import { activityEffects, readEffectSums } from "./activity-effects.ts";
import type { PlaylistItem } from "./assemble.ts";
import { assemblePlaylist } from "./assemble.ts";
import type { Curriculum } from "./curriculum.ts";
import { inferPrerequisites } from "./curriculum.ts";
import { habitsOf } from "./habits.ts";
import type { LearnerState } from "./learner.ts";
import type { LearningData } from "./learning-data.ts";
import { readLearningData } from "./learning-data.ts";
import type { PlaylistPolicy } from "./policy.ts";
import { defaultPlaylistPolicy } from "./policy.ts";
import { masteryRecipe, recommenderRecipe } from "./recipes.ts";
import { itemReasons } from "./words.ts";

const NAMED_PEERS = 2; // past activities a reason names

/** The fitted models a playlist is made with. */
export interface PlaylistModels {
  readonly mastery: FittedMastery;
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
    const read = await readLearningData(connection, run.asOf);
    return { data: read, effects: activityEffects(read.curriculum, await readEffectSums(connection, read.curriculum)) };
  });
  const models: PlaylistModels = {
    mastery: await loadModel(cairn, tenantId, masteryId, [masteryRecipe()]),
    recommender: await loadModel(cairn, tenantId, recommenderId, [recommenderRecipe()]),
  };
  const { start, end } = partitionRange(data.enrolled.length, partition);
  const members = data.enrolled.slice(start, end);
  // The night's list is the best known: nothing is drawn by lot, because nobody has asked for it yet.
  const request = { minutes: policy.minutes, now: Date.parse(run.asOf) };
  const entries = members.flatMap((learner) => {
    const state = learnerState(data, models, learner);
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

/** What is known of a learner: every answer replayed, and what others like this one did next. */
export function learnerState(data: LearningData, models: PlaylistModels, learner: number): LearnerState {
  const { curriculum, responses, interactions } = data;
  const replayed: MasteryState = new Map();
  let lastStandard = -1;
  for (let row = responses.learnerStart[learner]!; row < responses.learnerStart[learner + 1]!; row++) {
    lastStandard = responses.skill[row]!;
    models.mastery.update(replayed, responses.skills[lastStandard]!, responses.outcome[row]!);
  }
  const from = interactions.learnerPtr[learner]!;
  const to = interactions.learnerPtr[learner + 1]!;
  const done = interactions.activityIdx.subarray(from, to);
  const collaborative = new Float64Array(curriculum.activities.length);
  models.recommender.score({ activityIdx: done }, collaborative);
  const completed = new Map(Array.from(done, (activity, at) => [activity, data.completedAt[from + at]!] as const));
  return {
    ...describe(curriculum, models.mastery, replayed),
    ...habitsOf(curriculum, completed.keys()),
    collaborative,
    completed,
    lastStandard,
    grade: data.grades[learner]!,
    interests: new Map(),
  };
}

function describe(
  curriculum: Curriculum,
  model: FittedMastery,
  replayed: MasteryState,
): Pick<LearnerState, "mastery" | "success" | "evidence" | "reviewDue" | "stuck"> {
  const { length } = curriculum.standards;
  const mastery = new Float64Array(length);
  const success = new Float64Array(length);
  const answers = new Int32Array(length);
  for (const [index, { standard }] of curriculum.standards.entries()) {
    const known = model.mastery(replayed, standard);
    mastery[index] = known.status === "defined" ? known.known : 0; // never practised by anybody: nothing vouches for it
    answers[index] = known.status === "defined" ? known.evidence : 0;
    success[index] = model.success(replayed, standard);
  }
  inferPrerequisites(curriculum, mastery, answers);
  const reviewDue = new Float64Array(length).fill(Number.NaN);
  return { mastery, success, evidence: Float64Array.from(answers), reviewDue, stuck: new Uint8Array(length) };
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
