import { access } from "node:fs/promises";
import { CairnError } from "../../errors.ts";
import { featureCatalog, featureDefinition } from "../../features/catalog.ts";
import { readFeatureTable } from "../../features/table-file.ts";
import { inTenant } from "../../records/database.ts";
import { findPseudonym } from "../../records/snapshot/pseudonyms.ts";
import { withSnapshot } from "../analysis.ts";
import { readRun } from "../batch/inputs.ts";
import { inputsOf } from "../batch/parts.ts";
import type { Cairn } from "../runtime.ts";
import { loadRiskPanel } from "./model/panel.ts";
import { bringRiskMatrix } from "./prepare.ts";
import { placesOf, scoresOf, sourceOf } from "./ranking/read-scores.ts";
import { buildCurrentTable } from "./risk-tables.ts";
import { scoreRows } from "./score-rows.ts";

/** A stored score beside the same score computed again. */
export interface Replay {
  readonly runId: string;
  readonly modelId: string;
  readonly snapshotId: string;
  readonly outcome: string;
  /** Where the features came from: built again from the snapshot, or the stored matrix where the snapshot is gone. */
  readonly from: "snapshot" | "stored matrix";
  readonly stored: string;
  readonly replayed: string;
  /** Whether they are the same, byte for byte. */
  readonly isSame: boolean;
}

/**
 * Computes a stored score again from its snapshot and its model, and compares the bytes.
 * @param learner - the district's own number
 * @throws CairnError `NOT_FOUND` for a run, a learner or an outcome that is not there; `CONFLICT` when the feature catalog has changed since
 * and no matrix of then is left
 */
export async function replayScore(
  cairn: Cairn,
  tenantId: string,
  { runId, learner, outcome }: { readonly runId: string; readonly learner: string; readonly outcome?: string },
): Promise<Replay> {
  const run = await readRun(cairn, tenantId, runId);
  const { snapshotId, modelId } = inputsOf(run, "risk");
  const panel = await loadRiskPanel(cairn, tenantId, modelId);
  const names = panel.outcomes.map(({ definition }) => definition.outcome);
  const source = sourceOf(runId, names, outcome);
  const { pseudonym, stored } = await inTenant(cairn.database, tenantId, async (tx) => {
    const code = await findPseudonym(tx, "early-warning", learner);
    const shown = code !== undefined && (await placesOf(tx, source)).some((place) => place.pseudonym === code);
    const score = shown ? (await scoresOf(tx, source, [code])).get(code) : undefined;
    if (score === undefined) {
      throw new CairnError("NOT_FOUND", `expected a learner with a score in run ${runId}, got another number`, {
        hint: "check the district's number and the run",
      });
    }
    return { pseudonym: score.pseudonym, stored: score };
  });
  const { table, from } = await featuresOf(cairn, snapshotId, run.asOf);
  const row = table.person.indexOf(pseudonym);
  if (row < 0) throw new CairnError("NOT_FOUND", "expected the learner in the snapshot, got a snapshot without her");
  const name = source.outcome ?? names[0]!;
  const again = scoreRows(panel, table, [row], featureDefinition).find((one) => one.outcome === name)!.scores[0]!;
  const [before, after] = [canonical(stored), canonical(again)];
  return { runId, modelId, snapshotId, outcome: name, from, stored: before, replayed: after, isSame: before === after };
}

async function featuresOf(cairn: Cairn, snapshotId: string, asOf: string) {
  const path = await bringRiskMatrix(cairn, snapshotId, asOf);
  const there = await access(path).then(
    () => true,
    () => false,
  );
  try {
    const table = await withSnapshot(cairn.folders.snapshots, snapshotId, (connection) =>
      buildCurrentTable(connection, asOf),
    );
    return { table, from: "snapshot" as const };
  } catch (error) {
    const isGone = error instanceof CairnError && error.code === "NOT_FOUND";
    if (isGone && there) return { table: await readFeatureTable(path), from: "stored matrix" as const };
    if (!isGone) throw error;
    throw new CairnError("CONFLICT", `expected the snapshot ${snapshotId} or its matrix, got neither`, {
      hint: `both may have been erased; the matrix is of catalog ${featureCatalog.version} or there is none`,
      cause: error,
    });
  }
}

/** A score as text: keys in order, so that equal scores are equal bytes. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) =>
    part !== null && typeof part === "object" && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );
}
