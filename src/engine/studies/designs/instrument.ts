import { type Instrumented, twoStage } from "../../../models/study/instrument/two-stage.ts";
import { contrastOf, intercept, linearModel } from "../../../models/study/regression/linear-model.ts";
import { inferContrast } from "../../../models/study/regression/robust.ts";
import { checkVaries, clustersPerArm, requiredCodes, requiredNumbers } from "../arms.ts";
import type { Columns } from "../columns.ts";
import { type EstimateFrame, estimateRow, type PerArm, type StudyEstimate } from "../estimate.ts";
import type { StudyPlan } from "../plan-shape.ts";
import { columnsOf, completeTerms, plannedTerms } from "../terms.ts";
import { twoStageError } from "./trial.ts";

/** Rows of the file, rows without an outcome, and rows that lack a covariate. */
export interface InstrumentFlow {
  readonly rows: number;
  readonly withoutOutcome: number;
  readonly withoutCovariates: number;
}

/** The rows of an instrumental-variable plan. */
export interface PreparedInstrument {
  readonly plan: StudyPlan;
  readonly data: Instrumented;
  readonly frame: EstimateFrame;
  readonly flow: InstrumentFlow;
}

/** The columns an instrumental-variable plan reads. */
export function instrumentColumns(plan: StudyPlan): string[] {
  return [
    plan.outcome.column,
    plan.received!.column,
    ...plan.instruments!,
    ...columnsOf(plan.covariates),
    ...(plan.clusters === undefined ? [] : [plan.clusters.column]),
  ];
}

/**
 * Picks the rows with an outcome and all covariates.
 * @throws CairnError `BAD_INPUT` for an analysed row without treatment, instrument or cluster
 */
export function prepareInstrument(plan: StudyPlan, columns: Columns): PreparedInstrument {
  const outcome = columns.numbers(plan.outcome.column);
  const measured = Array.from(outcome.keys()).filter((row) => Number.isFinite(outcome[row]!));
  const { rows, lists, dropped } = completeTerms(plan, [plannedTerms(columns, plan.covariates)], measured);
  checkVaries(outcome, rows);
  const received = requiredNumbers(columns, plan.received!.column, rows);
  const cluster =
    plan.clusters === undefined ? undefined : requiredCodes(columns, plan.clusters.column, rows, "cluster");
  return {
    plan,
    data: {
      outcome: Float64Array.from(rows, (row) => outcome[row]!),
      received,
      instruments: plan.instruments!.map((name) => ({ name, values: requiredNumbers(columns, name, rows) })),
      covariates: lists[0]!,
      ...(cluster === undefined ? {} : { cluster }),
    },
    frame: {
      level: plan.level,
      n: countsOf(received),
      clusters: cluster === undefined ? null : clusterCounts(cluster, received),
      effectSize: () => null,
    },
    flow: { rows: columns.rows, withoutOutcome: columns.rows - measured.length, withoutCovariates: dropped },
  };
}

/** Takers and others; with a dose nobody is of an arm. */
function countsOf(received: Float64Array): PerArm {
  if (!received.every((value) => value === 0 || value === 1)) return { treatment: null, comparison: null };
  const treatment = received.reduce((sum, value) => sum + value, 0);
  return { treatment, comparison: received.length - treatment };
}

/** Clusters with a taker, and with another; with a dose no cluster is of an arm. */
function clusterCounts(cluster: Int32Array, received: Float64Array): PerArm {
  if (countsOf(received).treatment === null) return { treatment: null, comparison: null };
  return clustersPerArm(cluster, Uint8Array.from(received));
}

/**
 * One estimator of an instrumental-variable plan.
 * @throws CairnError what the estimator throws
 */
export function estimateInstrument(
  estimator: string,
  { plan, data, frame }: PreparedInstrument,
): readonly StudyEstimate[] {
  const rows = data.outcome.length;
  const clusters = data.cluster === undefined ? {} : { clusterCount: new Set(data.cluster).size };
  if (estimator === "least-squares") {
    const model = linearModel(
      [intercept(rows), { name: "(received)", values: data.received }, ...data.covariates],
      data.outcome,
    );
    const kind = plan.standardErrors ?? (data.cluster === undefined ? "HC2" : "CR2");
    const inference = inferContrast(model.fit, contrastOf(model, "(received)"), kind, data.cluster);
    return [
      estimateRow(frame, "least-squares", "association", inference, {
        standardError: kind,
        details: { rows, ...clusters },
        cautions: ["UNADJUSTED"],
      }),
    ];
  }
  const kind = twoStageError(plan);
  const effect = twoStage(data, kind);
  const { f } = effect.firstStage;
  return [
    estimateRow(frame, "two-stage-least-squares", "LATE", effect, {
      standardError: kind ?? (data.cluster === undefined ? "HC1" : "CR1S"),
      details: {
        rows,
        ...clusters,
        firstStageF: f,
        firstStage: effect.onTreatment?.estimate ?? null,
        firstStageSe: effect.onTreatment?.se ?? null,
        reducedForm: effect.onOutcome?.estimate ?? null,
        reducedFormSe: effect.onOutcome?.se ?? null,
      },
      cautions: f < 10 ? ["WEAK_INSTRUMENT"] : [],
    }),
  ];
}
