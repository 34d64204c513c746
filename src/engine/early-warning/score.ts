import { featureDefinition } from "../../features/catalog.ts";
import { readFeatureTable } from "../../features/table-file.ts";
import type { FittedClassifier } from "../../models/estimator.ts";
import { takeColumns, takeRows } from "../../numeric/matrix.ts";
import { riskScore } from "../../records/schema/index.ts";
import type { PartitionWrite, RunRecord } from "../batch/inputs.ts";
import { insertInPieces, partitionRange } from "../batch/inputs.ts";
import { inputsOf } from "../batch/parts.ts";
import { loadModel } from "../registry/models.ts";
import type { Cairn } from "../runtime.ts";
import { riskMatrixPath } from "./prepare.ts";
import type { RiskReason } from "./reasons.ts";
import { riskReasons } from "./reasons.ts";
import { riskRecipes } from "./recipes.ts";
import { peerMedians } from "./typical.ts";

/** Below this share of known inputs a number would be a guess about the school's paperwork, not about the learner. */
export const LEAST_COVERAGE = 0.25;

/** One learner's risk, or why there is none. */
interface Score {
  readonly pseudonym: string;
  readonly probability: number | null;
  readonly abstained: string | null;
  readonly coverage: number;
  readonly reasons: readonly RiskReason[];
}

/**
 * Scores one partition of the matrix: probability, exact reasons and coverage of every learner in it.
 * @throws CairnError `CONFLICT` when the run has no ranking, `BAD_INPUT` for a partition it does not have
 */
export async function scoreRiskPartition(cairn: Cairn, run: RunRecord, partition: number): Promise<PartitionWrite> {
  const { tenantId, runId } = run;
  const { snapshotId, modelId } = inputsOf(run, "risk");
  const table = await readFeatureTable(riskMatrixPath(cairn, snapshotId, run.asOf));
  const fitted = await loadModel<FittedClassifier>(cairn, tenantId, modelId, riskRecipes());
  const { start, end } = partitionRange(table.matrix.rows, partition);
  const rows = Array.from({ length: end - start }, (_, i) => start + i);
  const matrix = takeRows(takeColumns(table.matrix, fitted.features), rows);
  const probability = new Float64Array(rows.length);
  fitted.predict(matrix, probability);
  const width = fitted.features.length + 1;
  const contributions = new Float64Array(rows.length * width);
  fitted.explain(matrix, contributions);
  const words = fitted.features.map(featureDefinition);
  const typical = peerMedians(takeColumns(table.matrix, fitted.features), table.peerGroup);
  const scores = rows.map((row, index): Score => {
    const values = Float64Array.from(matrix.columns, (column) => column.values[index]!);
    const known = values.reduce((total, value) => total + (Number.isNaN(value) ? 0 : 1), 0);
    const coverage = values.length === 0 ? 1 : known / values.length;
    const pseudonym = table.person[row]!;
    if (coverage < LEAST_COVERAGE) {
      const abstained = `only ${known} of ${values.length} inputs are known for this learner`;
      return { pseudonym, probability: null, abstained, coverage, reasons: [] };
    }
    const parts = contributions.subarray(index * width, index * width + width - 1);
    const reasons = riskReasons(words, parts, values, typical(table.peerGroup[row]!));
    return { pseudonym, probability: probability[index]!, abstained: null, coverage, reasons };
  });
  return {
    rows: scores.length,
    insert: (orm) =>
      insertInPieces(scores, (piece) =>
        orm.insert(riskScore).values(piece.map((score) => ({ tenantId, runId, partition, ...score }))),
      ),
  };
}
