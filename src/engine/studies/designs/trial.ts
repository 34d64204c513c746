import { CairnError } from "../../../errors.ts";
import { clusterDifference } from "../../../models/study/cluster-difference.ts";
import { differenceInMeans } from "../../../models/study/difference-in-means.ts";
import { twoStage } from "../../../models/study/instrument/two-stage.ts";
import { mixedModel } from "../../../models/study/mixed/mixed-model.ts";
import type { RandomTerm } from "../../../models/study/mixed/random-terms.ts";
import { robustMixed } from "../../../models/study/mixed/robust-mixed.ts";
import type { Inference } from "../../../models/study/regression/inference.ts";
import { dummies, intercept, type Term } from "../../../models/study/regression/linear-model.ts";
import { wildBootstrap } from "../../../models/study/regression/wild-bootstrap.ts";
import type { EffectRow, Trial } from "../../../models/study/trial.ts";
import { ancova, cuped, linRegression, loop, type RegressionEffect } from "../../../models/study/trials/adjusted.ts";
import { type AssignedUnits, blockedDifference, clusterMeans } from "../../../models/study/trials/blocks.ts";
import { randomizationTest } from "../../../models/study/trials/randomization.ts";
import type { Random } from "../../../numeric/random.ts";
import type { ArmsSample } from "../arms.ts";
import { type EstimateFrame, estimateRow, type StudyEstimate } from "../estimate.ts";
import type { StudyPlan } from "../plan-shape.ts";
import { armsFrame } from "./frame.ts";

/** Everything an estimator of a trial is given. */
interface Given {
  readonly plan: StudyPlan;
  readonly sample: ArmsSample;
  readonly frame: EstimateFrame;
  readonly rng: Random;
}

/** The estimators that a trial's plan asks for, or those its columns allow; the headline first. */
export function trialEstimators(
  { design, covariates, blocks, received, randomEffects }: StudyPlan,
  sample: ArmsSample,
): string[] {
  const adjusted = (covariates?.length ?? 0) > 0;
  const taken = received === undefined ? [] : ["complier-effect"];
  if (design === "individual-trial") {
    const single = sample.covariates.length === 1 ? ["cuped"] : [];
    const adjust = adjusted ? ["ancova", "lin", ...single, "loop"] : [];
    const mixed = randomEffects === undefined ? [] : ["mixed-model"];
    return [
      ...(blocks === undefined ? [] : ["blocked-difference"]),
      "difference-in-means",
      ...adjust,
      ...mixed,
      ...taken,
    ];
  }
  const clusters = sample.clusters!.treatment + sample.clusters!.comparison;
  const few = clusters < 15 ? ["wild-bootstrap", "randomization-inference"] : [];
  const blocked = blocks === undefined ? [] : ["blocked-cluster-means"];
  return [
    ...(adjusted || blocks !== undefined ? ["ancova"] : []),
    "cluster-difference/learner",
    "cluster-difference/cluster",
    ...blocked,
    ...(adjusted ? ["lin"] : []),
    "mixed-model",
    ...few,
    ...taken,
  ];
}

/**
 * One estimator of a trial.
 * @throws CairnError what the estimator throws
 */
export function estimateTrial(
  estimator: string,
  plan: StudyPlan,
  sample: ArmsSample,
  rng: Random,
): readonly StudyEstimate[] {
  const { clusters } = sample;
  if (plan.design === "cluster-trial" && clusters !== null && Math.min(clusters.treatment, clusters.comparison) < 2) {
    throw new CairnError(
      "BAD_INPUT",
      `expected two clusters or more per arm, got ${clusters.treatment} treated and ${clusters.comparison} compared`,
      { hint: "one cluster as a whole arm cannot be told apart from the intervention" },
    );
  }
  const frame = armsFrame(plan, sample, plan.design === "cluster-trial");
  const run = estimators[estimator];
  if (run === undefined) throw new CairnError("INTERNAL", `expected an estimator of trials, got "${estimator}"`);
  return run({ plan, sample, frame, rng });
}

const estimators: Readonly<Record<string, (given: Given) => readonly StudyEstimate[]>> = {
  "difference-in-means": ({ plan, sample, frame, rng }) => [
    fromRow(differenceInMeans({ level: plan.level }).fit(trialOf(sample, false), { rng }).row, frame, "HC2"),
  ],
  "cluster-difference/learner": (given) => [clusterRow(given, "learner")],
  "cluster-difference/cluster": (given) => [clusterRow(given, "cluster")],
  "blocked-difference": ({ sample, frame }) => [blockedRow("blocked-difference", unitsOf(sample), frame)],
  "blocked-cluster-means": ({ sample, frame }) => [blockedRow("blocked-cluster-means", clusterUnits(sample), frame)],
  ancova: (given) => [regressionRow("ancova", given, ancova(adjustedData(given, true), given.plan.standardErrors))],
  lin: (given) => [regressionRow("lin", given, linRegression(adjustedData(given, true), given.plan.standardErrors))],
  cuped: (given) => {
    const { theta, ...inference } = cuped(adjustedData(given, false));
    const details = theta.length === 1 ? { theta: theta[0]! } : {};
    return [estimateRow(given.frame, "cuped", "ITT", inference, { standardError: "Welch", details })];
  },
  loop: (given) => [
    estimateRow(given.frame, "loop", "ITT", loop(adjustedData(given, true), given.plan.plannedShare), {
      standardError: "conservative",
    }),
  ],
  "mixed-model": (given) => mixedRows(given),
  "wild-bootstrap": ({ plan, sample, frame, rng }) => {
    const terms = [
      intercept(sample.outcome.length),
      treatmentTerm(sample),
      ...sample.covariates,
      ...blockTerms(sample),
    ];
    const { t, p, draws, exact } = wildBootstrap(
      terms,
      sample.outcome,
      "(treatment)",
      sample.cluster!,
      rng.derive("wild"),
    );
    const { estimate } = ancova(adjustedData({ plan, sample, frame, rng }, true), "CR0");
    return [withP(frame, "wild-bootstrap", estimate, p, "wild bootstrap", { t, draws, exact })];
  },
  "randomization-inference": ({ plan, sample, frame, rng }) => {
    const units = plan.design === "cluster-trial" ? clusterUnits(sample) : unitsOf(sample);
    const { observed, twoSided, oneSided, assignments, exact } = randomizationTest(units, rng.derive("lot"));
    const details = { oneSidedP: oneSided, assignments, exact };
    return [withP(frame, "randomization-inference", observed, twoSided, "randomisation", details)];
  },
  "complier-effect": ({ plan, sample, frame }) => {
    const result = twoStage(
      {
        outcome: sample.outcome,
        received: sample.received!,
        instruments: [treatmentTerm(sample)],
        covariates: [...sample.covariates, ...blockTerms(sample)],
        ...(sample.cluster === undefined ? {} : { cluster: sample.cluster }),
      },
      twoStageError(plan),
    );
    const f = result.firstStage.f;
    return [
      estimateRow(frame, "complier-effect", "CACE", result, {
        standardError: twoStageError(plan) ?? (sample.cluster === undefined ? "HC1" : "CR1S"),
        details: {
          firstStageF: f,
          takeUpDifference: result.onTreatment!.estimate,
          reducedForm: result.onOutcome!.estimate,
        },
        cautions: f < 10 ? ["WEAK_INSTRUMENT"] : [],
      }),
    ];
  },
};

/** The plan's standard error where two stages define it. */
export function twoStageError({
  standardErrors,
}: StudyPlan): "classical" | "HC0" | "HC1" | "CR0" | "CR1" | "CR1S" | undefined {
  return standardErrors === "classical" ||
    standardErrors === "HC0" ||
    standardErrors === "HC1" ||
    standardErrors === "CR0" ||
    standardErrors === "CR1" ||
    standardErrors === "CR1S"
    ? standardErrors
    : undefined;
}

function trialOf({ outcome, treatment, cluster }: ArmsSample, clustered: boolean): Trial {
  return clustered && cluster !== undefined ? { outcome, treatment, cluster } : { outcome, treatment };
}

function unitsOf({ outcome, treatment, block }: ArmsSample): AssignedUnits {
  return { outcome, treatment, block: block ?? new Int32Array(outcome.length) };
}

function clusterUnits({ outcome, treatment, cluster, block }: ArmsSample): AssignedUnits {
  return clusterMeans(outcome, treatment, cluster!, block);
}

/** The assignment as a term; no column of a file is named so by accident. */
function treatmentTerm({ treatment }: ArmsSample): Term {
  return { name: "(treatment)", values: treatment };
}

function blockTerms({ block }: ArmsSample): Term[] {
  return block === undefined ? [] : dummies("block", block);
}

function adjustedData({ sample }: Given, blocks: boolean) {
  return {
    outcome: sample.outcome,
    treatment: sample.treatment,
    covariates: [...sample.covariates, ...(blocks ? blockTerms(sample) : [])],
    ...(sample.cluster === undefined ? {} : { cluster: sample.cluster }),
  };
}

function fromRow(row: EffectRow, frame: EstimateFrame, standardError: string): StudyEstimate {
  const { estimator, effect, se, df, ci, p, n, effectSize, cautions, means } = row;
  return {
    estimator,
    estimand: "ITT",
    part: null,
    effect,
    se,
    df,
    ci,
    p,
    n,
    clusters: frame.clusters,
    standardError,
    effectSize,
    details: { treatmentMean: means.treatment, comparisonMean: means.comparison },
    cautions,
  };
}

function clusterRow({ plan, sample, frame, rng }: Given, weighting: "learner" | "cluster"): StudyEstimate {
  const recipe = clusterDifference({ weighting, level: plan.level, intraclassCorrelation: plan.intraclassCorrelation });
  const { row } = recipe.fit(trialOf(sample, true), { rng });
  return fromRow(row, frame, weighting === "learner" ? "CR2" : "pooled");
}

function blockedRow(name: string, units: AssignedUnits, frame: EstimateFrame): StudyEstimate {
  const { blocks, leftOut, ...inference } = blockedDifference(units);
  return estimateRow(frame, name, "ITT", inference, {
    standardError: "Neyman",
    details: { blocks, blocksLeftOut: leftOut },
    cautions: leftOut > 0 ? ["BLOCKS_LEFT_OUT"] : [],
  });
}

function regressionRow(name: string, { plan, sample, frame }: Given, effect: RegressionEffect): StudyEstimate {
  const dropped = effect.model.dropped.filter((column) => !column.startsWith("block="));
  return estimateRow(frame, name, "ITT", effect, {
    standardError: plan.standardErrors ?? (sample.cluster === undefined ? "HC2" : "CR2"),
    details: dropped.length === 0 ? {} : { droppedColumns: dropped.join(", ") },
    cautions: dropped.length === 0 ? [] : ["COLUMNS_DROPPED"],
  });
}

function withP(
  frame: EstimateFrame,
  name: string,
  effect: number,
  p: number,
  standardError: string,
  details: StudyEstimate["details"],
): StudyEstimate {
  const row = estimateRow(
    frame,
    name,
    "ITT",
    { estimate: effect, se: Number.NaN, df: Number.POSITIVE_INFINITY },
    { standardError, details },
  );
  return { ...row, p, cautions: [] };
}

function mixedRows(given: Given): StudyEstimate[] {
  const { plan, sample, frame } = given;
  const random = randomTerms(plan, sample);
  // Blocks are a random term or none: as columns they would say the same as a grouping of the schools.
  const fixed = [intercept(sample.outcome.length), treatmentTerm(sample), ...sample.covariates];
  const model = mixedModel(fixed, sample.outcome, random);
  const variances = Object.fromEntries(
    model.components.flatMap(({ name, columns, covariance }) =>
      columns.map((column, k) => [`variance ${name} ${column}`, covariance[k * columns.length + k]!]),
    ),
  );
  const total = model.components.reduce((sum, { covariance }) => sum + covariance[0]!, 0) + model.residualVariance;
  const details = {
    ...variances,
    residualVariance: model.residualVariance,
    intraclassCorrelation: 1 - model.residualVariance / total,
    criterion: model.criterion,
  };
  const cautions = model.components.some(({ boundary }) => boundary) ? ["BOUNDARY_FIT"] : [];
  const row = (part: string | null, inference: Inference, standardError: string) =>
    estimateRow(frame, "mixed-model", "ITT", inference, { part, standardError, details, cautions });
  const rows = [row(null, model.infer("(treatment)"), "REML, Satterthwaite")];
  if (random.length === 1 && sample.cluster !== undefined && plan.design === "cluster-trial") {
    const robust = robustMixed(model, fixed, sample.outcome, random, sample.cluster, "(treatment)");
    rows.push(row("CR2 on top", robust, "CR2"));
  }
  return rows;
}

function randomTerms(plan: StudyPlan, sample: ArmsSample): RandomTerm[] {
  const planned = plan.randomEffects;
  if (planned !== undefined) {
    return planned.map(({ column, slopes }) => ({
      name: column,
      group: sample.groups.get(column)!.codes,
      slopes: slopes.map((slope) => ({ name: slope, values: sample.slopes.get(slope)! })),
    }));
  }
  const group = sample.cluster ?? sample.block;
  if (group === undefined) {
    throw new CairnError("BAD_INPUT", "expected a grouping for the mixed model, got none", {
      hint: "name randomEffects, clusters or blocks in the plan",
    });
  }
  return [{ name: sample.cluster === undefined ? "block" : "cluster", group }];
}
