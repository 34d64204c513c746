import { randomUUID } from "node:crypto";
import { rename } from "node:fs/promises";
import { join } from "node:path";
import { featureCatalog } from "../../features/catalog.ts";
import { writeFeatureTable } from "../../features/table-file.ts";
import { writeSnapshot } from "../../records/snapshot/write.ts";
import { withSnapshot } from "../analysis.ts";
import type { ReportProgress } from "../progress.ts";
import { silent } from "../progress.ts";
import { contentHash } from "../registry/artifact-store.ts";
import type { Cairn } from "../runtime.ts";
import { outcomesInForce } from "./outcomes/register.ts";
import type { RiskTables } from "./risk-tables.ts";
import { buildRiskTables } from "./risk-tables.ts";
import { trainPanel } from "./train.ts";
import type { StoredAudit } from "./training/audit.ts";
import { auditSanctions } from "./training/audit.ts";

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

/** A snapshot with the tables built from it; the matrix to score lies at `path`. */
export interface RiskFeatures {
  readonly snapshotId: string;
  readonly path: string;
  readonly tables: RiskTables;
  /** Who was suspended for the same conduct; undefined where there is nothing to audit. */
  readonly sanctions: StoredAudit | undefined;
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
  const { tables, sanctions } = await withSnapshot(cairn.folders.snapshots, snapshotId, async (connection) => ({
    tables: await buildRiskTables(connection, asOf, { outcomes }),
    sanctions: await auditSanctions(connection),
  }));
  const path = riskMatrixPath(cairn, snapshotId, asOf);
  // Two runs of the same night write the same table at once: each beside, under a name of its own.
  const beside = `${path}.${randomUUID()}`;
  await writeFeatureTable(tables.current, beside, { snapshotId });
  await rename(beside, path);
  onProgress("features as of the day", 1);
  return { snapshotId, path, tables, sanctions };
}

/**
 * Snapshot, features and training of the early-warning model as of a day.
 * @throws CairnError `CONFLICT` when there is nothing to learn from, `SINGLE_CLASS` when all ended alike
 */
export async function prepareRisk(
  cairn: Cairn,
  tenantId: string,
  asOf: string,
  onProgress: ReportProgress = silent,
): Promise<PreparedRisk> {
  const { snapshotId, tables, sanctions } = await prepareRiskFeatures(cairn, tenantId, asOf, onProgress);
  const { outcomes, bandOfPeers } = tables;
  const training = { outcomes, bandOfPeers, ...(sanctions === undefined ? {} : { sanctions }) };
  const modelId = await trainPanel(cairn, tenantId, training, { snapshotId, asOf }, onProgress);
  return { snapshotId, modelId, rows: tables.current.matrix.rows };
}
