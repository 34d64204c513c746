import { CairnError } from "../../../errors.ts";
import { differenceInMeans } from "../../../models/study/difference-in-means.ts";
import { crossFit, foldsOf, linearLearner, type Nuisance } from "../../../models/study/doubly-robust/cross-fit.ts";
import { aipwAverage, aipwTreated, partiallyLinear } from "../../../models/study/doubly-robust/estimates.ts";
import { stackedAverage } from "../../../models/study/doubly-robust/stacked.ts";
import {
  matchedDifference,
  matchedRegression,
  subclassification,
} from "../../../models/study/matching/matched-effect.ts";
import { summarizeArm } from "../../../models/study/trial.ts";
import { ancova } from "../../../models/study/trials/adjusted.ts";
import { entropyBalancing } from "../../../models/study/weighting/entropy-balancing.ts";
import { type WeightedEffect, weightedEffect } from "../../../models/study/weighting/weights.ts";
import type { Random } from "../../../numeric/random.ts";
import type { ArmsSample } from "../arms.ts";
import { type Estimand, estimateRow, type StudyEstimate } from "../estimate.ts";
import type { StudyPlan } from "../plan-shape.ts";
import { boostedChances } from "./boosted-chances.ts";
import { type PreparedComparison, thin } from "./comparison-sample.ts";

/** The estimators a comparison group is given when the plan names none; the headline first, by the estimand. */
export function comparisonEstimators({ estimand, covariates }: StudyPlan): string[] {
  if ((covariates?.length ?? 0) === 0) return ["difference-in-means"];
  if (estimand === "ATT") {
    return [
      "ipw",
      "entropy-balancing",
      "matching-g-computation",
      "matching-regression",
      "matching",
      "aipw",
      "overlap-weights",
      "regression",
      "difference-in-means",
    ];
  }
  if (estimand === "ATE")
    return ["aipw", "ipw", "regression-adjustment", "ipwra", "overlap-weights", "regression", "difference-in-means"];
  return ["ipw", "overlap-weights", "regression", "difference-in-means"];
}

/**
 * One estimator of a comparison group.
 * @throws CairnError what the estimator throws
 */
export function estimateComparison(
  estimator: string,
  prepared: PreparedComparison,
  rng: Random,
): readonly StudyEstimate[] {
  const run = estimators[estimator];
  if (run === undefined)
    throw new CairnError("INTERNAL", `expected an estimator of comparison groups, got "${estimator}"`);
  return run(prepared, rng).map((row) =>
    row.estimand === "association" ? row : { ...row, cautions: [...row.cautions, ...withoutLot(row, prepared)] },
  );
}

/** What was not measured may do as much as what was: said of every adjusted line, and louder when adjusting moved it. */
function withoutLot({ effect, se }: StudyEstimate, { sample: { outcome, treatment } }: PreparedComparison): string[] {
  const mean = (arm: 0 | 1): number => summarizeArm(outcome.filter((_, row) => treatment[row] === arm)).mean;
  const moved = se !== null && Math.abs(effect - (mean(1) - mean(0))) > se;
  return moved ? ["NO_LOT", "MOVED_BY_ADJUSTMENT"] : ["NO_LOT"];
}

type Run = (prepared: PreparedComparison, rng: Random) => readonly StudyEstimate[];

const estimators: Readonly<Record<string, Run>> = {
  "difference-in-means": ({ plan, sample, frame }, rng) => {
    if (sample.cluster !== undefined) {
      const difference = ancova({ ...dataOf(sample), covariates: [] }, "CR2");
      const rest = { standardError: "CR2", cautions: ["UNADJUSTED"] };
      return [estimateRow(frame, "difference-in-means", "association", difference, rest)];
    }
    const { row } = differenceInMeans({ level: plan.level }).fit(
      { outcome: sample.outcome, treatment: sample.treatment },
      { rng },
    );
    return [
      {
        ...estimateRow(
          frame,
          "difference-in-means",
          "association",
          { estimate: row.effect, se: row.se, df: row.df },
          {
            standardError: "HC2",
            effectSize: row.effectSize,
            cautions: ["UNADJUSTED"],
          },
        ),
      },
    ];
  },
  regression: ({ plan, sample, frame }) => {
    const effect = ancova(dataOf(sample), plan.standardErrors);
    const kind = plan.standardErrors ?? (sample.cluster === undefined ? "HC2" : "CR2");
    const { dropped } = effect.model;
    const details = dropped.length === 0 ? {} : { droppedColumns: dropped.join(", ") };
    return [estimateRow(frame, "regression", "ATE", effect, { standardError: kind, details })];
  },
  ipw: (prepared) => [
    weightedRow(
      "ipw",
      prepared,
      weightedEffect(prepared.sample, prepared.scores, prepared.plan.estimand),
      prepared.plan.estimand,
    ),
  ],
  "overlap-weights": (prepared) => [
    weightedRow("overlap-weights", prepared, weightedEffect(prepared.sample, prepared.scores, "ATO"), "ATO"),
  ],
  "entropy-balancing": (prepared) => [
    weightedRow("entropy-balancing", prepared, entropyBalancing(prepared.sample, prepared.sample.covariates), "ATT"),
  ],
  matching: (prepared) => {
    const { matching } = prepared.matching();
    if (prepared.sample.cluster !== undefined) {
      // Pairs of one school are not alone: the same difference as a regression, whose error holds the clusters together.
      const held = adjustedMatch({ ...prepared, sample: { ...prepared.sample, covariates: [] } }, false);
      return [matchedRow("matching", prepared, held, "CR2")];
    }
    const inference = matchedDifference(prepared.sample.outcome, matching);
    const shared = prepared.plan.matching?.replacement === true;
    // With replacement the sets depend on each other: the pairs' error would be too small.
    const honest = shared ? { ...inference, se: Number.NaN, df: Number.POSITIVE_INFINITY } : inference;
    return [matchedRow("matching", prepared, honest, "matched pairs")];
  },
  "matching-regression": (prepared) => [
    matchedRow("matching-regression", prepared, adjustedMatch(prepared, false), "CR2 by set"),
  ],
  "matching-g-computation": (prepared) => [
    matchedRow("matching-g-computation", prepared, adjustedMatch(prepared, true), "CR2 by set"),
  ],
  subclassification: ({ sample, scores, frame }) => {
    const { counts, ...inference } = subclassification(sample.outcome, sample.treatment, scores.probability);
    return [
      estimateRow(frame, "subclassification", "ATT", inference, {
        standardError: "Neyman",
        details: { classes: counts.length },
      }),
    ];
  },
  aipw: (prepared) => augmented("aipw", prepared),
  "aipw-cross-fitted": (prepared, rng) => augmented("aipw-cross-fitted", prepared, rng),
  "partially-linear": (prepared, rng) => {
    const inference = partiallyLinear(prepared.sample, nuisanceOf(prepared, rng));
    return [
      estimateRow(prepared.frame, "partially-linear", "ATE", inference, {
        standardError: "influence",
        details: foldDetails(prepared),
      }),
    ];
  },
  "regression-adjustment": (prepared) => [stacked("regression-adjustment", "regression", prepared)],
  ipwra: (prepared) => [stacked("ipwra", "weighted-regression", prepared)],
  "aipw-stacked": (prepared) => [stacked("aipw-stacked", "augmented", prepared)],
};

function dataOf({ outcome, treatment, covariates, cluster }: ArmsSample) {
  return { outcome, treatment, covariates, ...(cluster === undefined ? {} : { cluster }) };
}

function weightedRow(
  name: string,
  { frame, sample }: PreparedComparison,
  effect: WeightedEffect,
  estimand: Estimand,
): StudyEstimate {
  const { effectiveSize, largestShare } = effect.support;
  return estimateRow(frame, name, estimand, effect, {
    standardError: "stacked",
    details: {
      effectiveSizeTreatment: effectiveSize.treatment,
      effectiveSizeComparison: effectiveSize.comparison,
      largestShareTreatment: largestShare.treatment,
      largestShareComparison: largestShare.comparison,
      treatmentMean: effect.means.treatment,
      comparisonMean: effect.means.comparison,
    },
    cautions: thin(effect.support, sample.n) ? ["WEAK_OVERLAP"] : [],
  });
}

function matchedRow(
  name: string,
  { frame, sample, matching }: PreparedComparison,
  inference: Parameters<typeof estimateRow>[3],
  standardError: string,
): StudyEstimate {
  const { matching: found, sample: own } = matching();
  const compared = Array.from(own.weights).filter((_, i) => sample.treatment[own.rows[i]!] === 0);
  const total = compared.reduce((sum, weight) => sum + weight, 0);
  return estimateRow(frame, name, "ATT", inference, {
    standardError,
    n: { treatment: found.sets.length, comparison: compared.length },
    details: {
      sets: found.sets.length,
      unmatched: found.unmatched.length,
      effectiveSizeComparison: total ** 2 / compared.reduce((sum, weight) => sum + weight ** 2, 0),
    },
    cautions: found.unmatched.length > 0 ? ["TREATED_LEFT_OUT"] : [],
  });
}

function adjustedMatch({ sample, matching, plan }: PreparedComparison, interacted: boolean) {
  const own = matching().sample;
  // Assignment by cluster makes the cluster the unit; otherwise the matched set is.
  const cluster = plan.clusters === undefined || sample.cluster === undefined ? {} : { cluster: sample.cluster };
  return matchedRegression(sample.outcome, sample.treatment, sample.covariates, own, { interacted, ...cluster });
}

/**
 * Expected outcomes and chances of treatment of a sample: cross-fitted with the plan's learner when randomness is given, else learned from all.
 * @throws CairnError what the learners throw
 */
export function nuisanceOf({ plan, sample }: Pick<PreparedComparison, "plan" | "sample">, rng?: Random): Nuisance {
  const linear = linearLearner(sample.outcome, sample.treatment, sample.covariates, plan.link);
  const chances = linearLearner(sample.outcome, sample.treatment, sample.treatmentCovariates, plan.link).chance;
  if (rng === undefined) return crossFit({ ...linear, chance: chances }, sample.treatment);
  const learner =
    plan.learner === "boosted-trees"
      ? { ...linear, chance: boostedChances(sample.treatment, sample.treatmentCovariates, rng.derive("trees")) }
      : { ...linear, chance: chances };
  return crossFit(learner, sample.treatment, foldsOf(sample.outcome.length, plan.folds, sample.cluster));
}

function foldDetails({ plan }: PreparedComparison): StudyEstimate["details"] {
  return { folds: plan.folds, learner: plan.learner };
}

function augmented(name: string, prepared: PreparedComparison, rng?: Random): StudyEstimate[] {
  const { plan, sample, frame, support } = prepared;
  const nuisance = nuisanceOf(prepared, rng);
  const details = rng === undefined ? {} : foldDetails(prepared);
  const cautions = thin(support, sample.n) ? ["WEAK_OVERLAP"] : [];
  const rest = { standardError: "influence", details, cautions };
  if (plan.estimand === "ATE") return [estimateRow(frame, name, "ATE", aipwAverage(sample, nuisance), rest)];
  if (plan.estimand === "ATT") {
    return [
      estimateRow(frame, name, "ATT", aipwTreated(sample, nuisance), rest),
      estimateRow(frame, name, "ATT", aipwTreated(sample, nuisance, { normalized: true }), {
        ...rest,
        part: "normalized",
      }),
    ];
  }
  throw new CairnError("BAD_INPUT", `expected ATE or ATT for ${name}, got ${plan.estimand}`, {
    hint: "use ipw for other effects",
  });
}

function stacked(
  name: string,
  kind: Parameters<typeof stackedAverage>[0],
  { sample, scores, frame }: PreparedComparison,
): StudyEstimate {
  const { withoutTreatment, ...inference } = stackedAverage(kind, sample, sample.covariates, scores);
  return estimateRow(frame, name, "ATE", inference, {
    standardError: "stacked",
    details: { meanWithoutTreatment: withoutTreatment.estimate, meanWithoutTreatmentSe: withoutTreatment.se },
  });
}
