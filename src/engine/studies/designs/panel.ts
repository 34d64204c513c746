import { CairnError } from "../../../errors.ts";
import {
  type AggregateEffect,
  type Aggregation,
  aggregate,
  type PreTrendTest,
  preTrendTest,
  simultaneousCritical,
} from "../../../models/study/did/aggregate.ts";
import { type GroupTime, groupTimeEffects } from "../../../models/study/did/group-time.ts";
import { balancedPanel, type Panel } from "../../../models/study/did/panel.ts";
import { clusterSandwich } from "../../../models/study/regression/cluster-robust.ts";
import {
  contrastOf,
  dummies,
  intercept,
  linearModel,
  type Term,
} from "../../../models/study/regression/linear-model.ts";
import { inferContrast } from "../../../models/study/regression/robust.ts";
import type { Random } from "../../../numeric/random.ts";
import { checkVaries, requiredCodes, requiredNumbers } from "../arms.ts";
import type { Columns } from "../columns.ts";
import { type EstimateFrame, estimateRow, type StudyEstimate } from "../estimate.ts";
import type { StudyPlan } from "../plan-shape.ts";
import { columnsOf, completeTerms, plannedTerms } from "../terms.ts";

/** Rows of the file and without an outcome; units that lack a period, and units treated before the first period. */
export interface PanelFlow {
  readonly rows: number;
  readonly withoutOutcome: number;
  readonly unbalanced: number;
  readonly alwaysTreated: number;
}

/** A panel with its group-time effects. */
export interface PreparedPanel {
  readonly plan: StudyPlan;
  readonly panel: Panel;
  readonly effects: readonly GroupTime[];
  readonly frame: EstimateFrame;
  readonly flow: PanelFlow;
}

/** What to look at before a difference in differences is believed. */
export interface PanelDiagnostics {
  /** Large p is good, and proves little; null without two periods before a start. */
  readonly preTrend: PreTrendTest | null;
  /** Effects by periods since the start, with a band that covers all at once. */
  readonly events: readonly {
    readonly since: number;
    readonly effect: number;
    readonly band: readonly [number, number];
  }[];
}

/** The columns a difference-in-differences plan reads. */
export function panelColumns(plan: StudyPlan): string[] {
  const { unit, period, firstTreated, treated } = plan.panel!;
  return [
    plan.outcome.column,
    unit,
    period,
    (firstTreated ?? treated)!,
    ...columnsOf(plan.covariates),
    ...(plan.clusters === undefined ? [] : [plan.clusters.column]),
  ];
}

/**
 * Builds the balanced panel and estimates the group-time effects.
 * @throws CairnError what `balancedPanel` and `groupTimeEffects` throw
 */
export function preparePanel(plan: StudyPlan, columns: Columns): PreparedPanel {
  const { unit, period, control, anticipation } = plan.panel!;
  const outcome = columns.numbers(plan.outcome.column);
  const measured = Array.from(outcome.keys()).filter((row) => Number.isFinite(outcome[row]!));
  const { rows, lists } = completeTerms(plan, [plannedTerms(columns, plan.covariates)], measured);
  const cluster =
    plan.clusters === undefined ? undefined : requiredCodes(columns, plan.clusters.column, rows, "cluster");
  checkVaries(outcome, rows);
  const units = requiredCodes(columns, unit, rows, "unit");
  const periods = requiredNumbers(columns, period, rows);
  const panel = balancedPanel({
    outcome: Float64Array.from(rows, (row) => outcome[row]!),
    unit: units,
    period: periods,
    firstTreated: firstPeriods(plan, columns, rows, units, periods),
    covariates: lists[0]!,
    ...(cluster === undefined ? {} : { cluster }),
  });
  const treated = panel.group.reduce((sum, group) => sum + (group > 0 ? 1 : 0), 0);
  return {
    plan,
    panel,
    effects: groupTimeEffects(panel, { control, anticipation }),
    frame: {
      level: plan.level,
      n: { treatment: treated, comparison: panel.group.length - treated },
      clusters: panel.cluster === undefined ? null : clusterCounts(panel),
      effectSize: () => null, // outcomes of several periods have no one spread to divide by
    },
    flow: {
      rows: columns.rows,
      withoutOutcome: columns.rows - measured.length,
      unbalanced: panel.leftOut.unbalanced,
      alwaysTreated: panel.leftOut.alwaysTreated,
    },
  };
}

/** The first treated period of every row's unit, 0 for never: from its column, or from who was treated and when. */
function firstPeriods(
  plan: StudyPlan,
  columns: Columns,
  rows: readonly number[],
  units: Int32Array,
  periods: Float64Array,
): number[] {
  const { firstTreated, treated, start } = plan.panel!;
  if (firstTreated !== undefined) {
    const first = columns.numbers(firstTreated);
    return rows.map((row) => (Number.isFinite(first[row]!) ? first[row]! : 0));
  }
  const flags = requiredNumbers(columns, treated!, rows);
  if (start !== undefined) return Array.from(flags, (flag) => (flag === 1 ? start : 0));
  const earliest = new Map<number, number>();
  flags.forEach((flag, i) => {
    if (flag === 1) earliest.set(units[i]!, Math.min(earliest.get(units[i]!) ?? Number.POSITIVE_INFINITY, periods[i]!));
  });
  return Array.from(units, (unit) => earliest.get(unit) ?? 0);
}

function clusterCounts({ cluster, group }: Panel) {
  const arm = (treated: boolean): number =>
    new Set(Array.from(cluster!).filter((_, unit) => group[unit]! > 0 === treated)).size;
  return { treatment: arm(true), comparison: arm(false) };
}

/** The default estimators: with one start the textbook two by two is among them; two-way fixed effects stand beside, for comparison. */
export function panelEstimators({ panel }: PreparedPanel): string[] {
  const all = ["group", "dynamic", "simple", "calendar", "group-time", "two-way-fixed-effects"];
  return panel.groups.length === 1 ? [...all, "two-by-two"] : all;
}

/**
 * One estimator of a difference in differences.
 * @throws CairnError what the estimator throws
 */
export function estimatePanel(estimator: string, prepared: PreparedPanel): readonly StudyEstimate[] {
  const { panel, effects, frame, plan } = prepared;
  const standardError = "influence";
  const row = (part: string | null, { estimate, se }: { estimate: number; se: number }) =>
    estimateRow(frame, estimator, "ATT", { estimate, se, df: Number.POSITIVE_INFINITY }, { part, standardError });
  if (estimator === "two-way-fixed-effects") return [twoWay(panel, frame)];
  if (estimator === "two-by-two") return [twoByTwo(prepared)];
  if (estimator === "group-time") {
    return effects.map((effect) => row(`group ${effect.group}, period ${effect.period}`, effect));
  }
  if (estimator !== "simple" && estimator !== "dynamic" && estimator !== "group" && estimator !== "calendar") {
    throw new CairnError("INTERNAL", `expected an estimator of panels, got "${estimator}" in ${plan.design}`);
  }
  const { detail, overall }: Aggregation = aggregate(panel, effects, estimator);
  const word = { dynamic: "since start", group: "group", calendar: "period", simple: "" }[estimator];
  return [row(null, overall), ...detail.map((effect: AggregateEffect) => row(`${word} ${effect.at}`, effect))];
}

/**
 * Group, after, and group × after by least squares of all rows, errors by unit (or cluster) with CR2: the textbook difference of
 * differences. Only when all start at once.
 */
function twoByTwo({ panel, frame, plan }: PreparedPanel): StudyEstimate {
  if (panel.groups.length !== 1) {
    throw new CairnError("BAD_INPUT", `expected one start for two by two, got ${panel.groups.length}`, {
      hint: "use group or dynamic, which compare each start with those not treated",
    });
  }
  const { periods, group } = panel;
  const unitOf = (row: number): number => Math.floor(row / periods.length);
  const after = Float64Array.from(panel.outcome, (_, row) =>
    periods[row % periods.length]! >= panel.groups[0]! ? 1 : 0,
  );
  const treated = Float64Array.from(panel.outcome, (_, row) => (group[unitOf(row)]! > 0 ? 1 : 0));
  const terms: Term[] = [
    intercept(panel.outcome.length),
    { name: "(group)", values: treated },
    { name: "(after)", values: after },
    { name: "(effect)", values: after.map((value, row) => value * treated[row]!) },
  ];
  const model = linearModel(terms, panel.outcome);
  const cluster = Int32Array.from(panel.outcome, (_, row) => panel.cluster?.[unitOf(row)] ?? unitOf(row));
  const kind = plan.standardErrors ?? "CR2";
  const inference = inferContrast(model.fit, contrastOf(model, "(effect)"), kind, cluster);
  return estimateRow(frame, "two-by-two", "ATT", inference, { standardError: kind });
}

/** Unit and period effects by least squares: with staggered starts it mixes effects with the wrong sign. */
function twoWay(panel: Panel, frame: EstimateFrame): StudyEstimate {
  const { periods, group } = panel;
  const rows = panel.outcome.length;
  const unitOf = (row: number): number => Math.floor(row / periods.length);
  const periodOf = (row: number): number => row % periods.length;
  const treated: Term = {
    name: "(treated)",
    values: Float64Array.from({ length: rows }, (_, row) =>
      group[unitOf(row)]! > 0 && periods[periodOf(row)]! >= group[unitOf(row)]! ? 1 : 0,
    ),
  };
  const time = dummies(
    "period",
    Int32Array.from({ length: rows }, (_, row) => periodOf(row)),
  );
  const within = (values: ArrayLike<number>): Float64Array => {
    const means = new Float64Array(group.length);
    for (let row = 0; row < rows; row++) means[unitOf(row)]! += values[row]! / periods.length;
    return Float64Array.from({ length: rows }, (_, row) => values[row]! - means[unitOf(row)]!);
  };
  const model = linearModel(
    [treated, ...time].map(({ name, values }) => ({ name, values: within(values) })),
    within(panel.outcome),
  );
  const cluster = Int32Array.from({ length: rows }, (_, row) => panel.cluster?.[unitOf(row)] ?? unitOf(row));
  const { estimate, se } = clusterSandwich(model.fit, cluster, "CR1").infer(contrastOf(model, treated.name));
  const clusters = new Set(cluster).size;
  // Stata's factor, which counts every column: the units' own effects too.
  const factor = (rows - 1) / (rows - model.names.length - group.length);
  const inference = { estimate, se: se * Math.sqrt(factor), df: clusters - 1 };
  return estimateRow(frame, "two-way-fixed-effects", "association", inference, {
    standardError: "CR1S",
    cautions: panel.groups.length > 1 ? ["STAGGERED_TWO_WAY"] : [],
  });
}

/** The pre-trend test and the event plot. */
export function panelDiagnostics({ panel, effects, plan }: PreparedPanel, rng: Random): PanelDiagnostics {
  const { detail } = aggregate(panel, effects, "dynamic");
  const critical = simultaneousCritical(panel, detail, rng.derive("band"), plan.level);
  return {
    preTrend: preTrendTest(panel, effects),
    events: detail.map(({ at, estimate, se }) => ({
      since: at!,
      effect: estimate,
      band: [estimate - critical * se, estimate + critical * se] as const,
    })),
  };
}
