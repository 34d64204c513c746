import { topCount } from "../../../numeric/metrics/precision-at-top.ts";
import type { AuditColumn } from "../../fairness/audit.ts";
import { auditFairness } from "../../fairness/audit-fairness.ts";
import type { Table } from "./read-table.ts";
import type { PooledPredictions } from "./run-protocol.ts";
import type { TableAudit } from "./table-evaluation.ts";

const FLAGGED_SHARE = 0.2; // handbook early-warning 2.2.11: flags at the 80th percentile

/**
 * Audits what a model would flag among the tested rows.
 * @param model - one of the predictions' models, of a yes/no outcome
 */
export function auditTable(
  { audit, auditWithin, group }: Table,
  { rows, labels, probabilities }: PooledPredictions,
  model: string,
  seed: string | number,
): TableAudit {
  const scores = probabilities.get(model)!;
  const last = scores.slice().sort()[scores.length - Math.max(1, topCount(FLAGGED_SHARE, scores.length))]!;
  const ofRows = (values: Float64Array): Float64Array => Float64Array.from(rows, (row) => values[row]!);
  const columns = (all: readonly AuditColumn[]): AuditColumn[] =>
    all.map((column) => ({ ...column, values: ofRows(column.values) }));
  const found = auditFairness({
    flagged: Uint8Array.from(scores, (score) => (score >= last ? 1 : 0)),
    labels,
    probabilities: scores,
    attributes: columns(audit),
    within: columns(auditWithin),
    ...(group === undefined ? {} : { learner: ofRows(group) }),
    seed,
  });
  return { model, flaggedShare: FLAGGED_SHARE, ...found };
}
