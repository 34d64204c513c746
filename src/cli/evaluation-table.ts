import type { Evaluation, Figure } from "../engine/evaluation/evaluation.ts";

const show = (figure: Figure | undefined, digits: number): string =>
  typeof figure === "number" ? figure.toFixed(digits) : figure === undefined ? "" : "undefined";

const number = (figure: Figure): number => (typeof figure === "number" ? figure : 0);

/** An evaluation as a table for a terminal: one line per model, the chosen one marked. */
export function describeEvaluation({ rows, models, best }: Evaluation): string[] {
  const header = ["model", "AUC", "AP", "Brier", "ECE", "P@5%", "P@10%", "P@rule", "fit s"];
  // A stored evaluation has lost the order of its models (jsonb sorts names): the weakest first says more anyway.
  const ranked = Object.entries(models).sort(([, a], [, b]) => number(a.auc) - number(b.auc));
  const lines = ranked.map(([name, model]) => [
    name === best ? `${name} *` : name,
    show(model.auc, 4),
    show(model.averagePrecision, 4),
    show(model.brier, 4),
    show(model.ece, 4),
    show(model.precisionAtTop["0.05"], 3),
    show(model.precisionAtTop["0.1"], 3),
    show(model.precisionAtRuleCount, 3),
    model.fitSeconds.toFixed(2),
  ]);
  const widths = header.map((title, column) => Math.max(title.length, ...lines.map((line) => line[column]!.length)));
  const align = (cells: string[]): string =>
    `  ${cells.map((cell, column) => (column === 0 ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!))).join("  ")}`;
  return [
    `  trained on ${rows.train} rows, measured on ${rows.test} (* chosen inside the training rows)`,
    align(header),
    ...lines.map(align),
  ];
}
