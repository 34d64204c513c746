import { CairnError } from "../../errors.ts";
import type { Term } from "../../models/study/regression/linear-model.ts";
import type { ArmFlow } from "../../models/study/wwc/attrition.ts";
import { type Columns, says } from "./columns.ts";
import type { ArmCounts } from "./estimate.ts";
import type { StudyPlan } from "./plan-shape.ts";
import { columnsOf, completeTerms, plannedTerms } from "./terms.ts";

/** What became of the rows of a file with two arms. */
export interface SampleFlow {
  readonly rows: number;
  readonly ofNeitherArm: number;
  readonly treatment: { readonly assigned: number; readonly analysed: number };
  readonly comparison: { readonly assigned: number; readonly analysed: number };
  /** Rows with an outcome that lack a covariate and were left out of every estimate; absent without covariates. */
  readonly withoutCovariates?: number;
  /** Where clusters were assigned: what became of them, and of the learners of those that are left. Absent without. */
  readonly clusters?: ClusterFlow;
}

/** Losses of a cluster trial, level by level. */
export interface ClusterFlow {
  readonly treatment: ArmFlow;
  readonly comparison: ArmFlow;
  /** Learners of the clusters that are still in the analysis. */
  readonly withinLeft: { readonly treatment: ArmFlow; readonly comparison: ArmFlow };
}

/** The analysed rows of two arms. */
export interface ArmsSample {
  readonly outcome: Float64Array;
  readonly treatment: Uint8Array;
  readonly covariates: readonly Term[];
  readonly treatmentCovariates: readonly Term[];
  readonly cluster?: Int32Array;
  readonly block?: Int32Array;
  readonly received?: Float64Array;
  /** Codes of further columns (exact matching, subgroups, sites, random effects), −1 where missing. */
  readonly groups: ReadonlyMap<string, { readonly codes: Int32Array; readonly labels: readonly string[] }>;
  /** Numeric columns of random slopes. */
  readonly slopes: ReadonlyMap<string, Float64Array>;
  readonly flow: SampleFlow;
  readonly n: ArmCounts;
  readonly clusters: ArmCounts | null;
}

/** The columns a plan with two arms reads. */
export function armColumns(plan: StudyPlan): string[] {
  return [
    plan.treatment!.column,
    plan.outcome.column,
    ...columnsOf(plan.covariates),
    ...columnsOf(plan.treatmentCovariates),
    ...[plan.clusters, plan.blocks, plan.received, plan.sites].flatMap((part) =>
      part === undefined ? [] : [part.column],
    ),
    ...groupColumns(plan),
    ...(plan.randomEffects ?? []).flatMap(({ slopes }) => slopes),
  ];
}

function groupColumns(plan: StudyPlan): string[] {
  const { exact = [], preferWithin } = plan.matching ?? {};
  return [
    ...plan.subgroups,
    ...exact,
    ...(preferWithin === undefined ? [] : [preferWithin]),
    ...(plan.sites === undefined ? [] : [plan.sites.column]),
    ...(plan.randomEffects ?? []).map(({ column }) => column),
  ];
}

/**
 * Picks the analysed rows of a plan with two arms: those of either arm with an outcome, a cluster and a block (where asked for), and
 * covariates.
 * @throws CairnError `BAD_INPUT` with the line of an analysed row without a cluster, block or received treatment
 */
export function armsSample(plan: StudyPlan, columns: Columns): ArmsSample {
  const arms = columns.text(plan.treatment!.column);
  const outcome = columns.numbers(plan.outcome.column);
  const all = Array.from({ length: columns.rows }, (_, row) => row);
  const { treated, comparison } = plan.treatment!;
  const armOf = Int8Array.from(arms, (cell) => (says(cell, treated) ? 1 : says(cell, comparison) ? 0 : -1));
  const of = (arm: 0 | 1): number[] => all.filter((row) => armOf[row] === arm);
  const assigned = { treatment: of(1), comparison: of(0) };
  const measured = all.filter((row) => armOf[row]! >= 0 && Number.isFinite(outcome[row]!));
  const covariates = plannedTerms(columns, plan.covariates);
  const own = plan.treatmentCovariates === undefined ? covariates : plannedTerms(columns, plan.treatmentCovariates);
  const { rows, lists, dropped } = completeTerms(plan, [covariates, own], measured);
  const treatment = Uint8Array.from(rows, (row) => armOf[row]!);
  const cluster =
    plan.clusters === undefined ? undefined : requiredCodes(columns, plan.clusters.column, rows, "cluster");
  const block = plan.blocks === undefined ? undefined : requiredCodes(columns, plan.blocks.column, rows, "block");
  const count = (arm: 0 | 1): number => treatment.reduce((sum, value) => sum + (value === arm ? 1 : 0), 0);
  const n = { treatment: count(1), comparison: count(0) };
  checkArms(plan, assigned, n);
  checkVaries(outcome, rows);
  return {
    outcome: pick(outcome, rows),
    treatment,
    covariates: lists[0]!,
    treatmentCovariates: lists[1]!,
    ...(cluster === undefined ? {} : { cluster }),
    ...(block === undefined ? {} : { block }),
    ...(plan.received === undefined ? {} : { received: requiredNumbers(columns, plan.received.column, rows) }),
    groups: new Map(groupColumns(plan).map((column) => [column, groupOf(columns, column, rows)])),
    slopes: new Map(
      (plan.randomEffects ?? [])
        .flatMap(({ slopes }) => slopes)
        .map((column) => [column, requiredNumbers(columns, column, rows)]),
    ),
    flow: {
      rows: columns.rows,
      ofNeitherArm: columns.rows - assigned.treatment.length - assigned.comparison.length,
      treatment: { assigned: assigned.treatment.length, analysed: n.treatment },
      comparison: { assigned: assigned.comparison.length, analysed: n.comparison },
      ...(lists.some((terms) => terms.length > 0) ? { withoutCovariates: dropped } : {}),
      ...(plan.design === "cluster-trial"
        ? { clusters: clusterFlow(columns.codes(plan.clusters!.column).codes, assigned, rows) }
        : {}),
    },
    n,
    clusters: cluster === undefined ? null : clustersPerArm(cluster, treatment),
  };
}

/** Without learners of both arms there is nothing to compare; which arm lacks them, and whether they were lost, is said. */
function checkArms(
  plan: StudyPlan,
  assigned: Readonly<Record<"treatment" | "comparison", readonly number[]>>,
  n: ArmCounts,
): void {
  const { column, treated, comparison } = plan.treatment!;
  for (const [arm, value] of [["treatment", treated] as const, ["comparison", comparison] as const]) {
    if (n[arm] > 0) continue;
    const there = assigned[arm].length;
    throw new CairnError(
      there === 0 ? "SINGLE_CLASS" : "BAD_INPUT",
      there === 0
        ? `expected rows whose "${column}" says "${value}" (${arm}), got none`
        : `expected rows of "${column}" = "${value}" with an outcome and covariates, got none of ${there}`,
      {
        hint:
          there === 0
            ? "compare the plan's treatment with the values of the column"
            : "look at the outcome column, or keep rows without covariates by missingCovariates: indicator",
      },
    );
  }
}

/**
 * Refuses an outcome of one value: it has no effect, and no spread to judge one by.
 * @throws CairnError `BAD_INPUT`
 */
export function checkVaries(outcome: ArrayLike<number>, rows: readonly number[]): void {
  if (rows.some((row) => outcome[row] !== outcome[rows[0]!])) return;
  throw new CairnError("BAD_INPUT", `expected an outcome that varies, got one value in ${rows.length} rows`, {
    hint: "check the outcome column: a constant has no standard error",
  });
}

/** A lost learner whose cluster nobody wrote down counts as lost from one that is left: attrition is not made smaller by gaps. */
function clusterFlow(
  cluster: Int32Array,
  assigned: { readonly treatment: readonly number[]; readonly comparison: readonly number[] },
  analysed: readonly number[],
): ClusterFlow {
  const left = new Set(analysed.map((row) => cluster[row]!));
  const there = new Set(analysed);
  const clusters = (rows: readonly number[]): ArmFlow => {
    const all = new Set(rows.map((row) => cluster[row]!).filter((code) => code >= 0));
    return { assigned: all.size, analysed: [...all].filter((code) => left.has(code)).length };
  };
  const within = (rows: readonly number[]): ArmFlow => ({
    assigned: rows.filter((row) => cluster[row]! < 0 || left.has(cluster[row]!)).length,
    analysed: rows.filter((row) => there.has(row)).length,
  });
  return {
    treatment: clusters(assigned.treatment),
    comparison: clusters(assigned.comparison),
    withinLeft: { treatment: within(assigned.treatment), comparison: within(assigned.comparison) },
  };
}

/** The rows of a sample for which `keep` holds. */
export function restrict(sample: ArmsSample, keep: (row: number) => boolean): ArmsSample {
  const rows = Array.from(sample.outcome.keys()).filter(keep);
  const terms = (list: readonly Term[]): Term[] =>
    list.map(({ name, values }) => ({ name, values: pick(values, rows) }));
  const treatment = Uint8Array.from(rows, (row) => sample.treatment[row]!);
  const codes = (values: Int32Array): Int32Array => Int32Array.from(rows, (row) => values[row]!);
  const cluster = sample.cluster === undefined ? undefined : codes(sample.cluster);
  const treated = treatment.reduce((sum, value) => sum + value, 0);
  return {
    ...sample,
    outcome: pick(sample.outcome, rows),
    treatment,
    covariates: terms(sample.covariates),
    treatmentCovariates: terms(sample.treatmentCovariates),
    ...(cluster === undefined ? {} : { cluster }),
    ...(sample.block === undefined ? {} : { block: codes(sample.block) }),
    ...(sample.received === undefined ? {} : { received: pick(sample.received, rows) }),
    groups: new Map([...sample.groups].map(([name, group]) => [name, { ...group, codes: codes(group.codes) }])),
    slopes: new Map([...sample.slopes].map(([name, values]) => [name, pick(values, rows)])),
    n: { treatment: treated, comparison: rows.length - treated },
    clusters: cluster === undefined ? null : clustersPerArm(cluster, treatment),
  };
}

function pick(values: ArrayLike<number>, rows: readonly number[]): Float64Array {
  return Float64Array.from(rows, (row) => values[row]!);
}

function groupOf(columns: Columns, column: string, rows: readonly number[]) {
  const { codes, labels } = columns.codes(column);
  return { codes: Int32Array.from(rows, (row) => codes[row]!), labels };
}

/** Codes of the rows, renumbered from 0; an empty cell is refused. */
export function requiredCodes(columns: Columns, column: string, rows: readonly number[], what: string): Int32Array {
  const { codes } = columns.codes(column);
  for (const row of rows) if (codes[row]! < 0) throw emptyCell(column, what, columns.line(row));
  return Int32Array.from(rows, (row) => codes[row]!);
}

/** Numbers of the rows; an empty cell is refused. */
export function requiredNumbers(columns: Columns, column: string, rows: readonly number[]): Float64Array {
  const values = columns.numbers(column);
  for (const row of rows) if (!Number.isFinite(values[row]!)) throw emptyCell(column, `"${column}"`, columns.line(row));
  return pick(values, rows);
}

function emptyCell(column: string, what: string, line: number): CairnError {
  return new CairnError(
    "BAD_INPUT",
    `expected every analysed row to name its ${what}, got an empty cell in line ${line}`,
    {
      hint: `fill the column "${column}"`,
    },
  );
}

/** Distinct clusters with a row in each arm. */
export function clustersPerArm(cluster: Int32Array, treatment: Uint8Array): ArmCounts {
  const arms = [new Set<number>(), new Set<number>()];
  for (let row = 0; row < cluster.length; row++) arms[treatment[row]!]!.add(cluster[row]!);
  return { treatment: arms[1]!.size, comparison: arms[0]!.size };
}
