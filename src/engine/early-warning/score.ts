import { featureDefinition } from "../../features/catalog.ts";
import { readFeatureTable } from "../../features/table-file.ts";
import { outcomeScore, riskScore } from "../../records/schema/index.ts";
import type { PartitionWrite, RunRecord } from "../batch/inputs.ts";
import { insertInPieces, partitionRange } from "../batch/inputs.ts";
import { inputsOf } from "../batch/parts.ts";
import type { Cairn } from "../runtime.ts";
import { loadRiskPanel } from "./model/panel.ts";
import { bringRiskMatrix } from "./prepare.ts";
import { scoreRows } from "./score-rows.ts";

export { LEAST_COVERAGE } from "./score-rows.ts";

/**
 * Scores one partition of the matrix: probability with its interval, exact reasons, strengths and coverage of every learner in it, for
 * every outcome of the district.
 * @throws CairnError `CONFLICT` when the run has no ranking, `BAD_INPUT` for a partition it does not have
 */
export async function scoreRiskPartition(cairn: Cairn, run: RunRecord, partition: number): Promise<PartitionWrite> {
  const { tenantId, runId } = run;
  const { snapshotId, modelId } = inputsOf(run, "risk");
  const table = await readFeatureTable(await bringRiskMatrix(cairn, snapshotId, run.asOf));
  const panel = await loadRiskPanel(cairn, tenantId, modelId);
  const { start, end } = partitionRange(table.matrix.rows, partition);
  const rows = Array.from({ length: end - start }, (_, i) => start + i);
  const [first, ...others] = scoreRows(panel, table, rows, featureDefinition);
  const own = { tenantId, runId, partition };
  return {
    rows: rows.length,
    insert: async (orm) => {
      await insertInPieces(first!.scores, (piece) =>
        orm.insert(riskScore).values(piece.map((score) => ({ ...own, ...score }))),
      );
      for (const { outcome, scores } of others) {
        await insertInPieces(scores, (piece) =>
          orm.insert(outcomeScore).values(piece.map(({ thriving: _, ...score }) => ({ ...own, outcome, ...score }))),
        );
      }
    },
  };
}
