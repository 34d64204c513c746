import type { DuckDBConnection } from "@duckdb/node-api";
import { CairnError } from "../../errors.ts";
import { featureDefinition } from "../../features/catalog.ts";
import { selectCohort } from "../../features/cohort.ts";
import { takeColumns, takeRows } from "../../numeric/matrix.ts";
import { areaUnderRocScore } from "../../numeric/metrics/area-under-roc.ts";
import { brierLoss } from "../../numeric/metrics/brier.ts";
import { precisionAtTop, topCount } from "../../numeric/metrics/precision-at-top.ts";
import type { Figure } from "../evaluation/evaluation.ts";
import { figureOf } from "../evaluation/evaluation.ts";
import type { ReportProgress } from "../progress.ts";
import { silent } from "../progress.ts";
import type { OutcomeDefinition } from "./outcomes/definition.ts";
import { NO_LABEL, readLabels } from "./outcomes/labels.ts";
import { addDays, readPeriods } from "./outcomes/periods.ts";
import { ruleFlags } from "./recipes.ts";
import { buildRiskTables, informativeColumns } from "./risk-tables.ts";
import { scoreRows } from "./score-rows.ts";
import { fitPanel } from "./train.ts";
import { CAPACITY_SHARE } from "./training/choose.ts";

/** One week's ranking of a period whose end is known by now. */
export interface WeeklyRanking {
  /** Days after the first day of the period. */
  readonly day: number;
  readonly asOf: string;
  /** What was chosen, from which periods: those whose labels were ripe by then. */
  readonly chosen: string;
  readonly scheme: string;
  readonly trainedOn: readonly string[];
  readonly trainingRows: number;
  /** Learners ranked, and those of whom nothing was said. */
  readonly ranked: number;
  readonly abstained: number;
  readonly baseRate: number;
  readonly auc: Figure;
  readonly brier: Figure;
  /** Of the tenth that is ranked first; beside it what the rules' flags would give at their own count, and this ranking at that count. */
  readonly precisionAtTenth: Figure;
  readonly rule: { readonly flagged: number; readonly precision: Figure; readonly ownPrecision: Figure } | null;
  /** Of those on this week's list (a tenth), the share that was on the list of the week before. */
  readonly stayed: number | null;
}

/** What {@link rankWeekly} takes. */
export interface WeeklyOptions {
  readonly period: string;
  /** Days after its first day, ascending. */
  readonly days: readonly number[];
  readonly outcome: OutcomeDefinition;
  readonly onProgress?: ReportProgress;
}

/**
 * Ranks the learners of a finished period week by week as it would have been done then: the same tables, training and scores as a night's,
 * each as of its day, and each judged by what then happened.
 * @param connection - a DuckDB connection with a snapshot attached that knows the ends
 * @throws CairnError `NOT_FOUND` for a period the snapshot does not have, and whatever training throws
 */
export async function rankWeekly(
  connection: DuckDBConnection,
  { period, days, outcome, onProgress = silent }: WeeklyOptions,
): Promise<WeeklyRanking[]> {
  const periods = await readPeriods(connection);
  const own = periods.find((one) => one.period === period);
  if (own === undefined) {
    throw new CairnError("NOT_FOUND", `expected a period of the snapshot, got "${period}"`, {
      hint: `it has ${periods.map((one) => one.period).join(", ")}`,
    });
  }
  const weeks: WeeklyRanking[] = [];
  let before: ReadonlySet<string> | undefined;
  for (const [index, day] of days.entries()) {
    const asOf = addDays(own.startsOn, day);
    const { ranking, listed } = await rankDay(connection, { period, asOf, outcome }, (step, fraction) =>
      onProgress(`${step}, day ${day}`, (index + fraction) / days.length),
    );
    const stayed = before === undefined ? null : [...listed].filter((one) => before?.has(one)).length / listed.size;
    weeks.push({ day, ...ranking, stayed });
    before = listed;
  }
  onProgress("weekly rankings", 1);
  return weeks;
}

interface Day {
  readonly period: string;
  readonly asOf: string;
  readonly outcome: OutcomeDefinition;
}

async function rankDay(connection: DuckDBConnection, { period, asOf, outcome }: Day, onProgress: ReportProgress) {
  const tables = await buildRiskTables(connection, asOf, { outcomes: [outcome] });
  const { panel, metrics } = fitPanel(tables, onProgress);
  const { current } = tables;
  const rows = Array.from({ length: current.matrix.rows }, (_, row) => row);
  const scores = scoreRows(panel, current, rows, featureDefinition)[0]!.scores;
  const cohort = await selectCohort(connection, { asOf: { [period]: asOf } });
  const labels = await readLabels(connection, cohort, outcome); // the cohort's rows are the table's
  const known = rows.filter((row) => scores[row]!.probability !== null && labels[row] !== NO_LABEL);
  const ends = Uint8Array.from(known, (row) => labels[row]!);
  const said = Float64Array.from(known, (row) => scores[row]!.probability!);
  const tenth = Math.max(1, topCount(CAPACITY_SHARE, known.length));
  const order = [...known.keys()].sort((a, b) => said[b]! - said[a]! || a - b).slice(0, tenth);
  const { chosen, outcomes } = metrics;
  const informative = informativeColumns(tables.training.matrix);
  const flags = ruleFlags(takeRows(takeColumns(current.matrix, informative), known));
  return {
    listed: new Set(order.map((index) => current.learner[known[index]!]!)),
    ranking: {
      asOf,
      chosen,
      scheme: outcomes[0]!.bands[0]!.scheme,
      trainedOn: outcomes[0]!.periods,
      trainingRows: tables.training.labels.length,
      ranked: known.length,
      abstained: scores.filter(({ probability }) => probability === null).length,
      baseRate: ends.reduce((sum, end) => sum + end, 0) / Math.max(1, ends.length),
      auc: figureOf(areaUnderRocScore(ends, said)),
      brier: figureOf(brierLoss(ends, said)),
      precisionAtTenth: figureOf(precisionAtTop(ends, said, tenth)),
      rule: flags === undefined ? null : besideRule(flags, ends, said),
    },
  };
}

function besideRule(flags: Uint8Array, ends: Uint8Array, said: Float64Array): WeeklyRanking["rule"] {
  const flagged = flags.reduce((sum, flag) => sum + flag, 0);
  const hits = flags.reduce((sum, flag, row) => sum + flag * ends[row]!, 0);
  const undefinedPrecision = { status: "undefined", reason: "the rule flags nobody" } as const;
  return {
    flagged,
    precision: flagged === 0 ? undefinedPrecision : hits / flagged,
    ownPrecision: flagged === 0 ? undefinedPrecision : figureOf(precisionAtTop(ends, said, flagged)),
  };
}
