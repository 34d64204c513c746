import type { Command } from "commander";
import { InvalidArgumentError } from "commander";
import { parse } from "csv-parse/sync";
import type { Figure } from "../../../engine/evaluation/evaluation.ts";
import { evaluateTable } from "../../../engine/evaluation-sets/table/evaluate-table.ts";
import type {
  TableAudit,
  TableEvaluation,
  TableEvaluationOptions,
} from "../../../engine/evaluation-sets/table/table-evaluation.ts";
import { createContext } from "../../context.ts";
import { jsonOption, parseCount } from "../../options.ts";

interface OffTrackOptions
  extends Omit<TableEvaluationOptions, "clock" | "onProgress" | "signal" | "candidates" | "seed"> {
  readonly seed: string;
  readonly json?: boolean;
}

/** `cairn evaluate off-track`: off-track models on any table with a header. */
export function registerEvaluateOffTrack(evaluate: Command): void {
  evaluate
    .command("off-track")
    .description(
      "off-track models on any table with a header: comma, semicolon or tab, plain or gzip; empty means missing",
    )
    .requiredOption("--data <file>", "the table, .csv or .csv.gz")
    .requiredOption("--label <column>", "the outcome; rows without one are kept out and counted")
    .option("--positive <values>", "the label values that are the outcome, such as Dropout,Withdrawn", parseList)
    .option("--id <column>", "rows of one id stay in one fold; no feature")
    .option("--exclude <columns>", "columns that are no features", parseList)
    .option("--categorical <columns>", "columns of numbers that are names, such as course codes", parseList)
    .option("--split <column=value>", "rows with the value are the test rows; the column is no feature", parseSplit)
    .option("--folds <n>", "or stratified cross-validation: figures pooled over out-of-fold predictions", parseCount)
    .option("--fold-column <column>", "or leave out one value of this column at a time, such as the course; no feature")
    .option("--period-column <column>", "or foretell each period, such as the year, from those before it; no feature")
    .option("--gap <periods>", "periods between training and test, whose outcomes were not known yet", parseGap)
    .option("--audit <columns>", "protected attributes: no features, but groups whose flags are compared", parseList)
    .option(
      "--audit-within <columns>",
      "places within which they are compared once more, such as the school",
      parseList,
    )
    .option("--seed <seed>", "for the folds and whatever else draws random numbers", "1")
    .option(
      "--models <names>",
      "of baseRate, logistic, additive, boostedTrees, boostedTreesCalibrated, blend; all by default",
      parseList,
    )
    .addOption(jsonOption())
    .action(evaluateOffTrack);
}

async function evaluateOffTrack({ json, ...options }: OffTrackOptions): Promise<void> {
  const context = createContext({ json: json ?? false, leavesNothing: true });
  const evaluation = await evaluateTable({
    ...options,
    clock: context.seconds,
    onProgress: (fraction) => context.onProgress("training and evaluation", fraction),
    signal: context.signal,
  });
  for (const line of describe(evaluation)) context.say(line);
  context.answer(evaluation);
}

/** A comma-separated list; a name with a comma stands in quotes. */
function parseList(text: string): string[] {
  try {
    const [values = []] = parse(text, { relax_quotes: true, relax_column_count: true }) as string[][];
    const names = values.map((value) => value.trim()).filter((value) => value !== "");
    if (names.length > 0) return names;
  } catch {
    // told below
  }
  throw new InvalidArgumentError('expected names such as a,b or "a, b",c.');
}

function parseGap(text: string): number {
  const gap = Number(text);
  if (Number.isInteger(gap) && gap >= 0 && text.trim() !== "") return gap;
  throw new InvalidArgumentError("expected a whole number of periods from 0.");
}

function parseSplit(text: string): { column: string; value: string } {
  const at = text.lastIndexOf("=");
  if (at < 1) throw new InvalidArgumentError("expected COLUMN=VALUE, such as year=2024.");
  return { column: text.slice(0, at).trim(), value: text.slice(at + 1).trim() };
}

const show = (figure: Figure | undefined, digits = 4): string =>
  typeof figure === "number" ? figure.toFixed(digits) : figure === undefined ? "" : "undefined";

function describe(evaluation: TableEvaluation): string[] {
  const { rows, label, features, models, best, failed, unreadableLines } = evaluation;
  const isMulticlass = label.positive === undefined;
  const header = ["model", "AUC", "AP", "Brier", "log loss", "ECE", "P@5%", "P@10%", "P@20%"];
  if (isMulticlass) header.push("accuracy", "macro-F1");
  header.push("fit s", "predict s");
  const lines = Object.entries(models).map(([name, model]) => [
    name === best ? `${name} *` : name,
    ...[model.auc, model.averagePrecision, model.brier, model.logLoss, model.ece].map((figure) => show(figure)),
    ...["0.05", "0.1", "0.2"].map((share) => show(model.precisionAtTop[share], 3)),
    ...(isMulticlass ? [show(model.accuracy), show(model.macroF1)] : []),
    model.fitSeconds.toFixed(2),
    model.predictSeconds.toFixed(2),
  ]);
  const widths = header.map((title, column) => Math.max(title.length, ...lines.map((line) => line[column]!.length)));
  const align = (cells: string[]): string =>
    `  ${cells.map((cell, column) => (column === 0 ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!))).join("  ")}`;
  const classes = label.classes.map((one) => `${one.name} ${one.rows}`);
  return [
    `  ${label.column}: ${classes.join(", ")}${isMulticlass ? " (figures are means over the classes, each against the rest)" : ""}`,
    describeProtocol(evaluation),
    `  ${features.numeric.length} numeric and ${features.categorical.length} categorical columns; * chosen inside the training rows`,
    ...features.leftOut.map(({ column, reason }) => `  left out: ${column} (${reason})`),
    ...(rows.withoutLabel > 0 ? [`  ${rows.withoutLabel} rows without a label kept out`] : []),
    ...(rows.unreadable > 0 ? [`  ${rows.unreadable} lines are no rows:`] : []),
    ...unreadableLines.map(({ line, reason }) => `    line ${line}: ${reason}`),
    align(header),
    ...lines.map(align),
    ...(evaluation.fairness === undefined ? [] : describeAudit(evaluation.fairness)),
    ...Object.entries(failed).map(([name, { code, message }]) => `  ${name} could not be fitted: ${code}, ${message}`),
  ];
}

function describeProtocol({ rows, protocol }: TableEvaluation): string {
  const pooled = `${rows.test} rows: figures pooled over out-of-fold predictions`;
  if (protocol.kind === "folds") return `  ${protocol.folds} stratified folds, seed ${protocol.seed}, ${pooled}`;
  if (protocol.kind === "rolling origin")
    return `  ${protocol.periods} values of ${protocol.column} foretold from those before, gap ${protocol.gap}, ${pooled}`;
  if (protocol.kind === "fold column")
    return `  ${protocol.folds} values of ${protocol.column} left out in turn, ${pooled}`;
  return `  trained on ${rows.train} rows, measured on ${rows.test} with ${protocol.column} = ${protocol.value}`;
}

/** Findings as sentences; the figures behind them, intervals and all, are in the JSON. */
function describeAudit({
  model,
  flaggedShare,
  groups,
  findings,
  tests,
  minimumCell,
  confidence,
}: TableAudit): string[] {
  const hidden = groups.filter(({ rows }) => rows === undefined).length;
  const share = Math.round(100 * flaggedShare);
  const lines = findings.map(({ attribute, group, place, measure, kind, size, adjustedP }) => {
    const where = place === undefined ? "" : ` in ${place.column} ${place.value}`;
    const than = kind === "gap" ? "than the others" : "than elsewhere, beside the others";
    const more = size > 0 ? "higher" : "lower";
    return `    ${attribute} ${group}${where}: ${measure} ${Math.abs(size).toFixed(3)} ${more} ${than} (adjusted p ${adjustedP.toPrecision(2)})`;
  });
  return [
    `  audit of ${model} (the top ${share} % are flagged): ${findings.length} findings in ${tests} tests, Holm-adjusted at ${Math.round(100 * (1 - confidence))} %`,
    ...lines,
    ...(hidden > 0 ? [`    ${hidden} groups are not shown: fewer than ${minimumCell} rows or learners`] : []),
  ];
}
