import { CairnError } from "../../../errors.ts";
import { auditTable } from "./audit-table.ts";
import { pickModels, tableModels } from "./candidates.ts";
import { rowFolds } from "./divisions.ts";
import { readTable, type Table } from "./read-table.ts";
import { runProtocol } from "./run-protocol.ts";
import type { TableEvaluation, TableEvaluationOptions, TableProtocol } from "./table-evaluation.ts";
import { taskOf } from "./task.ts";

const MOST_FOLDS = 100;

/**
 * Evaluates off-track models on any table: on the rows a split column marks, or by stratified cross-validation with figures
 * pooled over out-of-fold predictions. Within each set of training rows a validation chooses the best model; test rows never
 * do. Rows of one id stay in one fold.
 * Protected attributes are audited on the same predictions.
 * @throws CairnError `BAD_INPUT` (not exactly one of split, folds, fold column and period column, no test rows, no feature, too few rows of a class, unknown
 *   models or label values), `UNKNOWN_FEATURE`, `SINGLE_CLASS`, `NOT_FINITE`, `UNREADABLE_FILE`, `CANCELLED`, and what a model's
 *   fit throws when none can be fitted
 */
export async function evaluateTable(options: TableEvaluationOptions): Promise<TableEvaluation> {
  checkProtocol(options);
  const models = pickModels(options.candidates ?? tableModels(), options.models);
  const table = await readTable(options.data, options);
  if (table.matrix.rows < 2) {
    throw new CairnError("BAD_INPUT", `expected at least two rows with a label, got ${table.matrix.rows}`, {
      hint: "check the file and the label column",
    });
  }
  const task = taskOf(table, options.positive);
  if (table.matrix.columns.length === 0) {
    throw new CairnError("BAD_INPUT", "expected a column that could tell rows apart, got none", {
      hint: table.leftOut.map(({ column, reason }) => `${column}: ${reason}`).join("; ") || "exclude fewer columns",
    });
  }
  if (table.audit.length > 0 && task.classes.length > 2) {
    throw new CairnError("BAD_INPUT", `expected a yes/no outcome to audit, got ${task.classes.length} classes`, {
      hint: "name the values that are the bad outcome with --positive",
    });
  }
  const folds = rowFolds(table, task, options);
  const { pooled, ...run } = runProtocol({ ...options, table, task, folds, models });
  const fairness = table.audit.length === 0 ? undefined : auditTable(table, pooled, run.best, options.seed);
  const named = (kind: string): string[] =>
    table.matrix.columns.filter((column) => column.kind === kind).map(({ name }) => name);
  const isForward = options.split !== undefined || options.periodColumn !== undefined;
  const test = folds.reduce((sum, fold) => sum + fold.test.length, 0);
  return {
    rows: {
      train: isForward ? folds.at(-1)!.train.length : table.matrix.rows,
      test,
      withoutLabel: table.profile.withoutLabel,
      unreadable: table.profile.unreadable,
    },
    ...run,
    protocol: protocolOf(options, table, folds.length),
    label: {
      column: options.label,
      classes: task.classes.map((name, code) => ({ name, rows: countOf(task.labels, code) })),
      ...(task.positive === undefined ? {} : { positive: task.positive }),
    },
    features: { numeric: named("numeric"), categorical: named("categorical"), leftOut: table.leftOut },
    unreadableLines: table.profile.unreadableLines,
    ...(fairness === undefined ? {} : { fairness }),
  };
}

function checkProtocol({ split, folds, foldColumn, periodColumn }: TableEvaluationOptions): void {
  const given = [split, folds, foldColumn, periodColumn].filter((one) => one !== undefined).length;
  if (given !== 1) {
    throw new CairnError(
      "BAD_INPUT",
      `expected one of a split, folds, a fold column and a period column, got ${given}`,
      {
        hint: "use --split COLUMN=VALUE for test rows of your own, or --folds 10",
      },
    );
  }
  if (folds !== undefined && !(Number.isInteger(folds) && folds >= 2 && folds <= MOST_FOLDS))
    throw new CairnError("BAD_INPUT", `expected 2 to ${MOST_FOLDS} folds, got ${folds}`);
}

function protocolOf(
  { split, folds, foldColumn, periodColumn, gap = 0, seed }: TableEvaluationOptions,
  { group }: Table,
  count: number,
): TableProtocol {
  const figures = "pooled out of fold";
  if (split !== undefined) return { kind: "split", ...split };
  if (periodColumn !== undefined) return { kind: "rolling origin", column: periodColumn, periods: count, gap, figures };
  if (foldColumn !== undefined) return { kind: "fold column", column: foldColumn, folds: count, figures };
  return { kind: "folds", folds: folds!, seed, isStratified: true, isGrouped: group !== undefined, figures };
}

function countOf(labels: Uint8Array, code: number): number {
  let count = 0;
  for (let row = 0; row < labels.length; row++) if (labels[row] === code) count += 1;
  return count;
}
