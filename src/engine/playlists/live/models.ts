import { createHash } from "node:crypto";
import { CairnError } from "../../../errors.ts";
import type { MasteryTracker } from "../../../models/mastery/online/tracker.ts";
import type { FittedEase } from "../../../models/playlist/ease.ts";
import type { Database, TenantTransaction } from "../../../records/database.ts";
import { inTenant } from "../../../records/database.ts";
import { timeZoneOf } from "../../../records/import/core/time-zone.ts";
import { withSnapshot } from "../../analysis.ts";
import type { RunRecord } from "../../batch/inputs.ts";
import { shownRun } from "../../batch/inputs.ts";
import { trackerOf } from "../../mastery/tracker-of.ts";
import { loadModel } from "../../registry/models.ts";
import type { Cairn } from "../../runtime.ts";
import type { ActivityEffects } from "../activity-effects.ts";
import { activityEffects, readEffectSums } from "../activity-effects.ts";
import type { Curriculum } from "../curriculum.ts";
import { loadMastery, recommenderRecipe } from "../recipes.ts";
import { allowBehind, written } from "./behind.ts";
import type { StandardSubject } from "./library.ts";
import { libraryStamp, readLibrary } from "./library.ts";
import { startingMastery } from "./starting-mastery.ts";

/** Everything of a district that a playlist needs and that is no learner's: held in memory, replaced as a whole. */
export interface LiveModels {
  /** The run the models are of; null before the first: then cairn's start values are used. */
  readonly runId: string | null;
  /** Of the district: an answer's moment becomes its wall clock. */
  readonly timeZone: string;
  readonly masteryId: string;
  readonly recommenderId: string | null;
  /** Names what standings are followed by: the model and the standards in their order. */
  readonly trackerId: string;
  readonly tracker: MasteryTracker;
  readonly curriculum: Curriculum;
  /** By the index of the standard. */
  readonly subjects: readonly StandardSubject[];
  readonly standardAt: ReadonlyMap<string, number>;
  readonly activityAt: ReadonlyMap<string, number>;
  readonly recommender: FittedEase | null;
  /** Shape (recommender's activities): the index in the library; −1 for one that is no longer there. */
  readonly libraryIndex: Int32Array;
  readonly effects: ActivityEffects;
}

interface Kept {
  readonly runId: string | null;
  readonly stamp: string;
  readonly models: Promise<LiveModels>;
  checkedAt: number;
}

/** How long a library is used before it is asked whether it has changed: a new activity is offered within these milliseconds. */
const LIBRARY_CHECK_MILLISECONDS = 10_000;
const MOST_TRIES = 3; // of a run that is replaced while it is read
const kept = new WeakMap<Database, Map<string, Kept>>();

/**
 * Runs `work` in one transaction with the models of the run that is shown. They are read outside of it, and only when the run
 * or the library has changed: a transaction that waited for them would hold the connection they need. The run is asked beside
 * the work, not before it: work with models of another run is rolled back and done again.
 * @throws CairnError `NOT_FOUND` when the district is not registered, and whatever `work` throws
 */
export async function withLiveModels<T>(
  cairn: Cairn,
  tenantId: string,
  work: (tx: TenantTransaction, models: LiveModels) => Promise<T>,
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    const models = await currentModels(cairn, tenantId, attempt > 1);
    let transaction: TenantTransaction | undefined;
    try {
      const result = await inTenant(cairn.database, tenantId, async (tx) => {
        transaction = tx;
        allowBehind(tx);
        const [shown, done] = await Promise.allSettled([shownRunId(tx), work(tx, models)]);
        if (shown.status === "rejected") throw shown.reason;
        if (attempt < MOST_TRIES && shown.value !== models.runId) throw new OutOfDate();
        if (done.status === "rejected") throw done.reason;
        return done.value;
      });
      await written(transaction!); // sent before the commit, answered before it: this waits for nothing more
      return result;
    } catch (error) {
      if (!(error instanceof OutOfDate)) throw error;
    }
  }
}

/** Rolls back work that was done with the models of a run that is shown no longer; never leaves {@link withLiveModels}. */
class OutOfDate extends Error {}

/** The run that is shown, by its id only: asked at every request, so that all server processes change over together. */
async function shownRunId({ sql }: TenantTransaction): Promise<string | null> {
  const [run] = await sql<{ id: string }[]>`
    select run_id as id from scoring_run where kind = 'batch' and status = 'published'
    order by published_at desc, as_of desc, run_id limit 1`;
  return run?.id ?? null;
}

async function currentModels(cairn: Cairn, tenantId: string, refresh: boolean): Promise<LiveModels> {
  const tenants = kept.get(cairn.database) ?? new Map<string, Kept>();
  kept.set(cairn.database, tenants);
  const known = tenants.get(tenantId);
  const now = cairn.now().getTime();
  if (known !== undefined && !refresh && Math.abs(now - known.checkedAt) < LIBRARY_CHECK_MILLISECONDS) {
    return known.models;
  }
  const [runId, stamp] = await inTenant(cairn.database, tenantId, (tx) =>
    Promise.all([shownRunId(tx), libraryStamp(tx)]),
  );
  const latest = tenants.get(tenantId); // another request may have been here meanwhile
  if (latest?.runId === runId && latest.stamp === stamp) {
    latest.checkedAt = now;
    return latest.models;
  }
  const models = load(cairn, tenantId);
  tenants.set(tenantId, { runId, stamp, models, checkedAt: now });
  models.catch(() => tenants.delete(tenantId)); // a failure is not remembered
  return models;
}

async function load(cairn: Cairn, tenantId: string): Promise<LiveModels> {
  const timeZone = await timeZoneOf(cairn.database, tenantId);
  if (timeZone === undefined) throw new CairnError("NOT_FOUND", "expected a registered district, got another");
  const [{ curriculum, subjects }, run] = await inTenant(cairn.database, tenantId, async (tx) => [
    await readLibrary(tx),
    await shownRun(tx.orm),
  ]);
  const fitted = run?.parts.playlist.status === "made" ? await fittedModels(cairn, run, curriculum) : undefined;
  const mastery = fitted?.mastery ?? startingMastery(curriculum);
  const masteryId = fitted?.masteryId ?? "cairn:start-values";
  const standards = curriculum.standards.map(({ standard }) => standard);
  const shape = createHash("sha256").update(JSON.stringify([standards, curriculum.prerequisites]));
  const activityAt = new Map(curriculum.activities.map(({ activity }, at) => [activity, at]));
  const recommender = fitted?.recommender ?? null;
  return {
    runId: run?.runId ?? null,
    timeZone,
    masteryId,
    recommenderId: fitted?.recommenderId ?? null,
    trackerId: `${masteryId}/${shape.digest("hex").slice(0, 16)}`,
    tracker: trackerOf(mastery, curriculum),
    curriculum,
    subjects,
    standardAt: new Map(standards.map((standard, at) => [standard, at])),
    activityAt,
    recommender,
    libraryIndex: Int32Array.from(recommender?.activities ?? [], (activity) => activityAt.get(activity) ?? -1),
    effects: fitted?.effects ?? activityEffects(curriculum, []),
  };
}

async function fittedModels(cairn: Cairn, { tenantId, parts }: RunRecord, curriculum: Curriculum) {
  if (parts.playlist.status !== "made") return undefined;
  const { snapshotId, masteryId, recommenderId } = parts.playlist.inputs;
  const sums = await withSnapshot(cairn.folders.snapshots, snapshotId, (connection) =>
    readEffectSums(connection, curriculum),
  );
  return {
    masteryId,
    recommenderId,
    mastery: await loadMastery(cairn, tenantId, masteryId),
    recommender: await loadModel(cairn, tenantId, recommenderId, [recommenderRecipe()]),
    effects: activityEffects(curriculum, sums),
  };
}
