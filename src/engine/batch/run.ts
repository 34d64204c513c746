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
import { readRun, rowsPerPartition, shownRun } from "./inputs.ts";
import type { PartitionKind, RunParts } from "./parts.ts";
import { preparePart, requireOnePart } from "./parts.ts";
import { storeParts } from "./stored-parts.ts";

/** A run that is ready to be scored. */
export interface PreparedRun {
  readonly runId: string;
  readonly partitions: readonly { readonly kind: PartitionKind; readonly partition: number }[];
}

/**
 * Everything before the scores: snapshots, matrices, trained models, and the run's own record. The run is named by what goes
 * into it, so preparing the same night again finds the same run. A part that the records do not allow is left out, and the
 * run says why; the other one is made all the same.
 * @throws CairnError `CONFLICT` or `SINGLE_CLASS` when neither part can be made
 */
export async function prepareRun(
  cairn: Cairn,
  { tenantId, asOf }: { tenantId: string; asOf: string },
  onProgress: ReportProgress = silent,
): Promise<PreparedRun> {
  const risk = await preparePart<"risk">(asOf, () => prepareRisk(cairn, tenantId, asOf, onProgress));
  const playlist = await preparePart<"playlist">(asOf, () => preparePlaylists(cairn, tenantId, asOf, onProgress));
  const parts: RunParts = { risk: risk.part, playlist: playlist.part };
  requireOnePart(parts, asOf);
  const stored = storeParts(parts);
  const runId = contentHash(JSON.stringify([version, tenantId, asOf, stored]));
  const partitions = [...partitionsOf("risk", risk.rows), ...partitionsOf("playlist", playlist.rows)];
  const record = { tenantId, runId, kind: "batch", asOf, status: "running", partitions: partitions.length } as const;
  await inTenant(cairn.database, tenantId, async ({ orm }) => {
    await orm
      .insert(scoringRun)
      .values({ ...record, ...stored, startedAt: cairn.now() })
      .onConflictDoNothing();
  });
  return { runId, partitions };
}

function partitionsOf(kind: PartitionKind, rows: number): PreparedRun["partitions"] {
  return Array.from({ length: Math.ceil(rows / rowsPerPartition) }, (_, partition) => ({ kind, partition }));
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
    // Asked for again, the run that is shown stays as it is; one that another has replaced since is shown again.
    const shown = await shownRun(orm);
    if (shown?.runId === runId) return;
    await orm
      .update(scoringRun)
      .set({ status: "published", publishedAt: cairn.now() })
      .where(eq(scoringRun.runId, runId));
  });
  return { runId };
}
