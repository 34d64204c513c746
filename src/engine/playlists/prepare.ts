import { CairnError } from "../../errors.ts";
import { random } from "../../numeric/random.ts";
import { inTenant } from "../../records/database.ts";
import { writeSnapshot } from "../../records/snapshot/write.ts";
import { withSnapshot } from "../analysis.ts";
import type { ReportProgress } from "../progress.ts";
import { silent } from "../progress.ts";
import { registerModel } from "../registry/models.ts";
import type { Cairn } from "../runtime.ts";
import type { LearningData } from "./learning-data.ts";
import { readLearningData } from "./learning-data.ts";
import { clearStandingChanges } from "./live/keep.ts";
import { masteryRecipe, recommenderRecipe } from "./recipes.ts";

/** What scoring playlists needs. */
export interface PreparedPlaylists {
  readonly snapshotId: string;
  readonly masteryId: string;
  readonly recommenderId: string;
  /** Learners to make a playlist for. */
  readonly rows: number;
}

const SEED = "playlist"; // both models are deterministic; the seed is part of their identity all the same

/**
 * Snapshot and training of the mastery and recommender models as of a day.
 * @throws CairnError `CONFLICT` when there is no curriculum, no answer or no completed activity to learn from; the message
 * names all that is missing
 */
export async function preparePlaylists(
  cairn: Cairn,
  tenantId: string,
  asOf: string,
  onProgress: ReportProgress = silent,
): Promise<PreparedPlaylists> {
  await inTenant(cairn.database, tenantId, clearStandingChanges);
  const { id: snapshotId } = await writeSnapshot(cairn.database, {
    tenantId,
    purpose: "playlist",
    asOf,
    folder: cairn.folders.snapshots,
    onProgress: (_, fraction) => onProgress("snapshot for playlists", fraction),
  });
  const data = await withSnapshot(cairn.folders.snapshots, snapshotId, (connection) =>
    readLearningData(connection, asOf),
  );
  requireEvidence(data);
  const lineage = {
    snapshotId,
    asOf,
    observations: data.observations.outcome.length,
    interactions: data.interactions.activityIdx.length,
  };

  const mastery = masteryRecipe();
  const fittedMastery = mastery.fit(data.observations, {
    rng: random(SEED),
    onProgress: (fraction) => onProgress("mastery of every standard", fraction),
  });
  const masteryId = await registerModel(
    cairn,
    tenantId,
    fittedMastery,
    { kind: mastery.kind, parameters: mastery.parameters, dataHash: snapshotId, seed: SEED },
    {
      purpose: "playlist",
      metrics: { standards: fittedMastery.standards.length, logLoss: fittedMastery.loss },
      lineage,
    },
  );

  onProgress("what similar students did next", 0);
  const recommender = recommenderRecipe();
  const fittedRecommender = recommender.fit(data.interactions, { rng: random(SEED) });
  const recommenderId = await registerModel(
    cairn,
    tenantId,
    fittedRecommender,
    { kind: recommender.kind, parameters: recommender.parameters, dataHash: snapshotId, seed: SEED },
    { purpose: "playlist", metrics: { activities: fittedRecommender.activities.length }, lineage },
  );
  onProgress("what similar students did next", 1);
  return { snapshotId, masteryId, recommenderId, rows: data.enrolled.length };
}

/** Says all at once what playlists lack. */
function requireEvidence({ curriculum, observations, interactions }: LearningData): void {
  const needed: readonly (readonly [amount: number, what: string])[] = [
    [curriculum.standards.length, "standards"],
    [curriculum.activities.length, "activities with a standard and a length in minutes"],
    [observations.source.filter((source) => source === 0).length, "answers on one of the standards"],
    [interactions.activityIdx.length, "completed activities of the library"],
  ];
  const missing = needed.filter(([amount]) => amount === 0).map(([, what]) => what);
  if (missing.length === 0) return;
  throw new CairnError("CONFLICT", `expected evidence to make playlists from, got no ${missing.join(", no ")}`, {
    hint: "import the framework, the content library, item responses and activity events",
    details: { missing },
  });
}
