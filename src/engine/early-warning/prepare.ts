import { randomUUID } from "node:crypto";
import { rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { CairnError } from "../../errors.ts";
import { featureCatalog } from "../../features/catalog.ts";
import { writeFeatureTable } from "../../features/table-file.ts";
import { writeSnapshot } from "../../records/snapshot/write.ts";
import { bringFile, isWithdrawn, shareFile } from "../../records/store/shared.ts";
import { withSnapshot } from "../analysis.ts";
import { decidedChampion } from "../monitoring/champion.ts";
import type { ReportProgress } from "../progress.ts";
import { silent } from "../progress.ts";
import { contentHash } from "../registry/artifact-store.ts";
import type { Cairn } from "../runtime.ts";
import { loadRiskPanel } from "./model/panel.ts";
import { outcomesInForce } from "./outcomes/register.ts";
import type { RiskTables } from "./risk-tables.ts";
import { buildRiskTables } from "./risk-tables.ts";
import { trainPanel } from "./train.ts";
import type { StoredAudit } from "./training/audit.ts";
import { auditMarks } from "./training/audit-marks.ts";
import { auditSanctions } from "./training/audit-sanctions.ts";

/** What scoring needs: the snapshot, the model, and how many learners the matrix holds. */
export interface PreparedRisk {
  readonly snapshotId: string;
  readonly modelId: string;
  readonly rows: number;
}

/** Where the matrix of the learners to score lies: its name follows from what it was built from. */
export function riskMatrixPath(cairn: Cairn, snapshotId: string, asOf: string): string {
  return join(
    cairn.folders.matrices,
    `${contentHash(JSON.stringify([snapshotId, asOf, featureCatalog.version]))}.parquet`,
  );
}

/** The same, once the matrix is there: brought where another machine of one store has built it, gone where one has destroyed it. */
export async function bringRiskMatrix(cairn: Cairn, snapshotId: string, asOf: string): Promise<string> {
  const path = riskMatrixPath(cairn, snapshotId, asOf);
  if (await isWithdrawn(path)) await rm(path, { force: true });
  await bringFile(path);
  return path;
}

/** A snapshot with the tables built from it; the matrix to score lies at `path`. */
export interface RiskFeatures {
  readonly snapshotId: string;
  readonly path: string;
  readonly tables: RiskTables;
  /** Who was suspended for the same conduct; undefined where there is nothing to audit. */
  readonly sanctions: StoredAudit | undefined;
  /** Whether marks of a group are unlike what other evidence says, by subject; none where there is nothing to audit. */
  readonly marks: readonly StoredAudit[];
}

/**
 * Snapshot and features of early warning as of a day; leaves the matrix to score in its place.
 * @throws CairnError `CONFLICT` when no school year has begun
 */
export async function prepareRiskFeatures(
  cairn: Cairn,
  tenantId: string,
  asOf: string,
  onProgress: ReportProgress = silent,
): Promise<RiskFeatures> {
  const { id: snapshotId } = await writeSnapshot(cairn.database, {
    tenantId,
    purpose: "early-warning",
    asOf,
    folder: cairn.folders.snapshots,
    onProgress: (_, fraction) => onProgress("snapshot for early warning", fraction),
  });
  onProgress("features as of the day", 0);
  const outcomes = await outcomesInForce(cairn, tenantId);
  const { tables, sanctions, marks } = await withSnapshot(cairn.folders.snapshots, snapshotId, async (connection) => ({
    tables: await buildRiskTables(connection, asOf, { outcomes }),
    sanctions: await auditSanctions(connection),
    marks: await auditMarks(connection),
  }));
  const path = riskMatrixPath(cairn, snapshotId, asOf);
  // Two runs of the same night write the same table at once: each beside, under a name of its own.
  const beside = `${path}.${randomUUID()}`;
  await writeFeatureTable(tables.current, beside, { snapshotId });
  await rename(beside, path);
  await shareFile(path);
  onProgress("features as of the day", 1);
  return { snapshotId, path, tables, sanctions, marks };
}

/** What training left: the snapshot and what was built from it, and the model's id or why there is none. */
interface Trained {
  readonly features: RiskFeatures;
  readonly model: { readonly modelId: string } | { readonly absent: CairnError };
}

async function train(cairn: Cairn, tenantId: string, asOf: string, onProgress: ReportProgress): Promise<Trained> {
  const features = await prepareRiskFeatures(cairn, tenantId, asOf, onProgress);
  const { snapshotId, tables, sanctions, marks } = features;
  const { outcomes, bandOfPeers } = tables;
  const training = { outcomes, bandOfPeers, marks, ...(sanctions === undefined ? {} : { sanctions }) };
  try {
    return {
      features,
      model: { modelId: await trainPanel(cairn, tenantId, training, { snapshotId, asOf }, onProgress) },
    };
  } catch (error) {
    const isMissing = error instanceof CairnError && (error.code === "CONFLICT" || error.code === "SINGLE_CLASS");
    if (!isMissing) throw error;
    return { features, model: { absent: error } };
  }
}

/**
 * Snapshot, features and training of an early-warning model as of a day, whatever the night scores with.
 * @throws CairnError `CONFLICT` when there is nothing to learn from, `SINGLE_CLASS` when all ended alike
 */
export async function trainRiskModel(
  cairn: Cairn,
  tenantId: string,
  asOf: string,
  onProgress: ReportProgress = silent,
): Promise<PreparedRisk> {
  const { features, model } = await train(cairn, tenantId, asOf, onProgress);
  if ("absent" in model) throw model.absent;
  return { snapshotId: features.snapshotId, modelId: model.modelId, rows: features.tables.current.matrix.rows };
}

/**
 * What a night scores with, as of a day: the champion that persons decided for, else the model that is trained now. The night
 * trains in both cases: what it trained is in the registry, where it can be proposed, and takes no other's place by itself.
 * @throws CairnError `CONFLICT` when there is nothing to learn from, or the champion ranks by another outcome than the district does;
 * `SINGLE_CLASS` when all ended alike; `NOT_FOUND` and `ARTIFACT_CORRUPT` when the champion cannot be loaded: no other model is put in
 * its place unasked
 */
export async function prepareRisk(
  cairn: Cairn,
  tenantId: string,
  asOf: string,
  onProgress: ReportProgress = silent,
): Promise<PreparedRisk> {
  const champion = await decidedChampion(cairn, tenantId);
  if (champion === null) return trainRiskModel(cairn, tenantId, asOf, onProgress);
  const { features, model } = await train(cairn, tenantId, asOf, onProgress);
  const { snapshotId, tables } = features;
  const rankedBy = tables.outcomes[0]!.definition.outcome;
  const { outcome } = (await loadRiskPanel(cairn, tenantId, champion)).outcomes[0]!.definition;
  if (outcome !== rankedBy) {
    throw new CairnError(
      "CONFLICT",
      `expected a champion that ranks by "${rankedBy}", got ${champion}, which was decided for and ranks by "${outcome}"`,
      { hint: "propose a model of the new outcome and decide: `cairn monitor propose`, `cairn monitor decide`" },
    );
  }
  const trained =
    "absent" in model ? `nothing new was learned (${model.absent.message})` : `${model.modelId} was trained`;
  onProgress(`${trained}; scored with ${champion}, as was decided`, 1);
  return { snapshotId, modelId: champion, rows: tables.current.matrix.rows };
}
