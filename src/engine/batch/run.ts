import { and, count, eq } from "drizzle-orm";
import { CairnError } from "../../errors.ts";
import { inTenant } from "../../records/database.ts";
import { scoredPartition, scoringRun } from "../../records/schema/index.ts";
import { version } from "../../version.ts";
import { prepareRisk } from "../early-warning/prepare.ts";
import { scoreRiskPartition } from "../early-warning/score.ts";
import { preparePlaylists } from "../playlists/prepare.ts";
import { scorePlaylistPartition } from "../playlists/score.ts";
import type { ReportProgress } from "../progress.ts";
import { silent } from "../progress.ts";
import { contentHash } from "../registry/artifact-store.ts";
import type { Cairn } from "../runtime.ts";
import type { PartitionKind, RunInputs } from "./inputs.ts";
import { readRun, rowsPerPartition } from "./inputs.ts";

/** A run that is ready to be scored. */
export interface PreparedRun {
  readonly runId: string;
  readonly partitions: readonly { readonly kind: PartitionKind; readonly partition: number }[];
}

/**
 * Everything before the scores: snapshots, matrices, trained models, and the run's own record. The run is named by what goes
 * into it, so preparing the same night again finds the same run.
 * @throws CairnError `CONFLICT` when there is nothing to learn from or nobody to score
 */
export async function prepareRun(
  cairn: Cairn,
  { tenantId, asOf }: { tenantId: string; asOf: string },
  onProgress: ReportProgress = silent,
): Promise<PreparedRun> {
  const risk = await prepareRisk(cairn, tenantId, asOf, onProgress);
  const playlist = await preparePlaylists(cairn, tenantId, asOf, onProgress);
  const inputs: RunInputs = {
    snapshotIds: { risk: risk.snapshotId, playlist: playlist.snapshotId },
    modelIds: { risk: risk.modelId, mastery: playlist.masteryId, recommender: playlist.recommenderId },
    rows: { risk: risk.rows, playlist: playlist.rows },
  };
  const runId = contentHash(JSON.stringify([version, tenantId, asOf, inputs.snapshotIds, inputs.modelIds]));
  const partitions = (["risk", "playlist"] as const).flatMap((kind) =>
    Array.from({ length: Math.ceil(inputs.rows[kind] / rowsPerPartition) }, (_, partition) => ({ kind, partition })),
  );
  await inTenant(cairn.database, tenantId, async ({ orm }) => {
    await orm
      .insert(scoringRun)
      .values({
        tenantId,
        runId,
        kind: "batch",
        asOf,
        snapshotIds: inputs.snapshotIds,
        modelIds: inputs.modelIds,
        status: "running",
        partitions: partitions.length,
        startedAt: cairn.now(),
      })
      .onConflictDoNothing();
  });
  return { runId, partitions };
}

/**
 * Scores one partition of a run: its rows and the line that says it is done land in one transaction. A partition that is
 * done is left as it is.
 */
export async function scorePartition(
  cairn: Cairn,
  { tenantId, runId, kind, partition }: { tenantId: string; runId: string; kind: PartitionKind; partition: number },
): Promise<{ rows: number }> {
  const run = await readRun(cairn, tenantId, runId);
  const done = await inTenant(cairn.database, tenantId, ({ orm }) =>
    orm
      .select({ rows: scoredPartition.rows })
      .from(scoredPartition)
      .where(
        and(eq(scoredPartition.runId, runId), eq(scoredPartition.kind, kind), eq(scoredPartition.partition, partition)),
      ),
  );
  if (done[0] !== undefined) return { rows: done[0].rows };
  const write =
    kind === "risk"
      ? await scoreRiskPartition(cairn, run, partition)
      : await scorePlaylistPartition(cairn, run, partition);
  return inTenant(cairn.database, tenantId, async ({ orm }) => {
    // Taking the partition's place first makes a twin of this job wait here, and then find it taken.
    const taken = await orm
      .insert(scoredPartition)
      .values({ tenantId, runId, kind, partition, rows: write.rows, finishedAt: cairn.now() })
      .onConflictDoNothing()
      .returning({ rows: scoredPartition.rows });
    if (taken.length > 0) await write.insert(orm);
    return { rows: write.rows };
  });
}

/**
 * Makes a run the one that is shown, once every partition has landed.
 * @throws CairnError `CONFLICT` while one is missing
 */
export async function publishRun(
  cairn: Cairn,
  { tenantId, runId }: { tenantId: string; runId: string },
): Promise<{ runId: string }> {
  const run = await readRun(cairn, tenantId, runId);
  await inTenant(cairn.database, tenantId, async ({ orm }) => {
    const [landed] = await orm
      .select({ partitions: count() })
      .from(scoredPartition)
      .where(eq(scoredPartition.runId, runId));
    if (landed?.partitions !== run.partitions) {
      throw new CairnError("CONFLICT", `expected ${run.partitions} scored partitions, got ${landed?.partitions ?? 0}`, {
        hint: "wait for the workers; look at the failed jobs if none runs",
      });
    }
    await orm
      .update(scoringRun)
      .set({ status: "published", publishedAt: cairn.now() })
      .where(and(eq(scoringRun.runId, runId), eq(scoringRun.status, "running")));
  });
  return { runId };
}
