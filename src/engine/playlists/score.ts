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
import type { Curriculum, LearnerState, PlaylistItem, PlaylistPolicy } from "./assemble.ts";
import { assemblePlaylist, defaultPlaylistPolicy, inferPrerequisites } from "./assemble.ts";
import type { LearningData } from "./learning-data.ts";
import { readLearningData } from "./learning-data.ts";
import { masteryRecipe, recommenderRecipe } from "./recipes.ts";
import { playlistReasons } from "./words.ts";

const NAMED_PEERS = 2; // past activities a reason names

/** The fitted models a playlist is made with. */
export interface PlaylistModels {
  readonly mastery: FittedMastery;
  readonly recommender: FittedEase;
}

/**
 * Makes the playlists of one partition of the enrolled learners.
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
  const data = await withSnapshot(cairn.folders.snapshots, snapshotId, (connection) =>
    readLearningData(connection, run.asOf),
  );
  const models: PlaylistModels = {
    mastery: await loadModel(cairn, tenantId, masteryId, [masteryRecipe()]),
    recommender: await loadModel(cairn, tenantId, recommenderId, [recommenderRecipe()]),
  };
  const { start, end } = partitionRange(data.enrolled.length, partition);
  const members = data.enrolled.slice(start, end);
  const entries = members.flatMap((learner) => {
    const state = learnerState(data, models, learner);
    return assemblePlaylist(data.curriculum, state, policy).items.map((item, index) => ({
      tenantId,
      runId,
      pseudonym: data.learners[learner]!,
      position: index + 1,
      activity: data.curriculum.activities[item.activity]!.activity,
      score: item.score,
      reasons: {
        words: playlistReasons(data.curriculum, state, item, peersFrom(data, models, learner, item)),
        terms: item.terms,
      },
    }));
  });
  return {
    rows: members.length,
    insert: (orm) => insertInPieces(entries, (piece) => orm.insert(playlistEntry).values(piece)),
  };
}

/** What is known of a learner: every answer replayed, and what others like this one did next. */
export function learnerState(data: LearningData, models: PlaylistModels, learner: number): LearnerState {
  const { curriculum, responses, interactions } = data;
  const replayed: MasteryState = new Map();
  for (let row = responses.learnerStart[learner]!; row < responses.learnerStart[learner + 1]!; row++) {
    models.mastery.update(replayed, responses.skills[responses.skill[row]!]!, responses.outcome[row]!);
  }
  const { mastery, success } = describe(curriculum, models.mastery, replayed);
  const done = interactions.activityIdx.subarray(
    interactions.learnerPtr[learner]!,
    interactions.learnerPtr[learner + 1]!,
  );
  const collaborative = new Float64Array(curriculum.activities.length);
  models.recommender.score({ activityIdx: done }, collaborative);
  return { mastery, success, collaborative, completed: new Set(done), grade: data.grades[learner]! };
}

function describe(
  curriculum: Curriculum,
  model: FittedMastery,
  replayed: MasteryState,
): { mastery: Float64Array; success: Float64Array } {
  const mastery = new Float64Array(curriculum.standards.length);
  const success = new Float64Array(curriculum.standards.length);
  const evidence = new Int32Array(curriculum.standards.length);
  for (const [index, { standard }] of curriculum.standards.entries()) {
    const known = model.mastery(replayed, standard);
    mastery[index] = known.status === "defined" ? known.known : 0; // never practised by anybody: nothing vouches for it
    evidence[index] = known.status === "defined" ? known.evidence : 0;
    success[index] = model.success(replayed, standard);
  }
  inferPrerequisites(curriculum, mastery, evidence);
  return { mastery, success };
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
