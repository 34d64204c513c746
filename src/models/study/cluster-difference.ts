import { CairnError } from "../../errors.ts";
import { studentTwoSided, studentTwoSidedQuantile } from "../../numeric/distributions.ts";
import type { Estimator } from "../estimator.ts";
import { type ClusterAdjustment, clusterAdjustment, clusteredHedgesG } from "./effect-size.ts";
import { checkLevel, decodeStudy, type FittedStudy, fittedStudy, stopIfCancelled } from "./fitted-study.ts";
import { type Arm, armOutcomes, checkTrial, type EffectRow, summarizeArm, type Trial } from "./trial.ts";

const FEW_CLUSTERS = 10; // Cameron and Miller (2015): few is fewer than 10 to 50; the handbook refuses below 10 to 15
const FEW_DEGREES = 4; // below this the Satterthwaite approximation is not to be relied on (Pustejovsky and Tipton 2018)

/** Settings of {@link clusterDifference}. */
export interface ClusterDifferenceOptions {
  /**
   * Whose effect: `learner` weights every learner alike (regression on treatment, CR2 standard error); `cluster` weights
   * every cluster alike (difference of cluster means). Default `learner`.
   */
  readonly weighting?: "learner" | "cluster";
  /** Confidence of the intervals, in (0, 1); default .95. */
  readonly level?: number;
  /** ρ for the effect size, in [0, 1]; default .2, the WWC's for achievement (.1 for other outcomes). */
  readonly intraclassCorrelation?: number;
}

/** What an estimate needs before the reference distribution is applied. */
interface Contrast {
  readonly effect: number;
  readonly variance: number;
  readonly df: number;
}

/**
 * Effect of being assigned in a trial that assigned whole classes or schools, every cluster in one arm.
 *
 * `study/cluster-difference/learner`: difference of learner means. The design is two arm dummies, so the bias-reduced
 * CR2 variance has a closed form: with w_g = n_g/N_a the share of cluster g in its arm a and r_g its sum of residuals,
 * V = Σ_a N_a⁻² Σ_g r_g²/(1 − w_g), and the Satterthwaite degrees of freedom come from w_g alone.
 * `study/cluster-difference/cluster`: difference of cluster means, pooled variance, M − 2 degrees of freedom.
 * @throws CairnError `BAD_INPUT` when a setting is out of range; `fit` throws what `differenceInMeans` throws, and
 * `BAD_INPUT` without clusters, with a cluster in both arms, or with one cluster as the whole of an arm
 * @see Pustejovsky and Tipton (2018), Journal of Business and Economic Statistics 36(4), eq. 6 and 11
 */
export function clusterDifference(options: ClusterDifferenceOptions = {}): Estimator<Trial, FittedStudy> {
  const { weighting = "learner", level = 0.95, intraclassCorrelation = 0.2 } = options;
  checkLevel(level);
  if (!(intraclassCorrelation >= 0 && intraclassCorrelation <= 1)) {
    throw new CairnError("BAD_INPUT", `expected an intraclass correlation in [0, 1], got ${intraclassCorrelation}`, {
      hint: "use 0.2 for achievement and 0.1 for other outcomes",
    });
  }
  const kind = `study/cluster-difference/${weighting}`;
  return {
    kind,
    parameters: { weighting, level, intraclassCorrelation },
    fit(trial, context) {
      stopIfCancelled(context);
      checkTrial(trial);
      const clusters = [clustersOf(trial, 0), clustersOf(trial, 1)] as const;
      checkClusters(trial, clusters);
      const contrast = weighting === "learner" ? learnerContrast(clusters) : clusterContrast(clusters);
      const row = report(kind, trial, clusters, contrast, { level, correlation: intraclassCorrelation });
      context.onProgress?.(1);
      return fittedStudy(row);
    },
    decode: (tensors) => decodeStudy(kind, tensors),
  };
}

/** The clusters of one arm, summarised, in the order of (size, mean): the same for every order of rows and ids. */
function clustersOf(trial: Trial, arm: 0 | 1): Arm[] {
  const byCluster = new Map<number, number[]>();
  for (let row = 0; row < trial.outcome.length; row++) {
    if (trial.treatment[row] !== arm) continue;
    const id = trial.cluster?.[row] ?? row;
    const values = byCluster.get(id);
    if (values === undefined) byCluster.set(id, [trial.outcome[row]!]);
    else values.push(trial.outcome[row]!);
  }
  return Array.from(byCluster.values(), (values) => summarizeArm(Float64Array.from(values).sort())).sort(
    (a, b) => a.n - b.n || a.mean - b.mean,
  );
}

function checkClusters(trial: Trial, [comparison, treatment]: readonly [Arm[], Arm[]]): void {
  if (trial.cluster === undefined) {
    throw new CairnError("BAD_INPUT", "expected the cluster of every learner, got none", {
      hint: "pass the ids of the assigned classes or schools, or use differenceInMeans",
    });
  }
  const distinct = new Set(trial.cluster).size;
  if (distinct !== comparison.length + treatment.length) {
    throw new CairnError("BAD_INPUT", "expected every cluster wholly in one arm, got a cluster in both", {
      hint: "when learners were assigned within clusters, use differenceInMeans",
    });
  }
  if (comparison.length < 2 || treatment.length < 2) {
    throw new CairnError(
      "BAD_INPUT",
      `expected two clusters or more per arm, got ${treatment.length} treated and ${comparison.length} compared`,
      { hint: "one cluster as a whole arm cannot be told apart from the intervention" },
    );
  }
}

function learnerContrast([comparison, treatment]: readonly [Arm[], Arm[]]): Contrast {
  const treated = armVariance(treatment);
  const compared = armVariance(comparison);
  return {
    effect: treated.mean - compared.mean,
    variance: treated.variance + compared.variance,
    // (Σ_g B_gg)² / Σ_gh B_gh² with B_gh = δ_gh a_g'a_g − q_g'Mq_h, block by arm; Σ_g B_gg of an arm is 1/N_a
    df: (1 / treated.learners + 1 / compared.learners) ** 2 / (treated.squares + compared.squares),
  };
}

/** CR2 variance of one arm's mean, and its share of Σ B_gh². */
function armVariance(clusters: readonly Arm[]): { mean: number; variance: number; learners: number; squares: number } {
  let learners = 0;
  let total = 0;
  for (const { n, mean } of clusters) {
    learners += n;
    total += n * mean;
  }
  const mean = total / learners;
  let residuals = 0;
  let diagonal = 0;
  let cross = 0; // Σ u_g and Σ u_g² with u_g = w_g²/(1 − w_g): B_gh = −√(u_g u_h)/N_a off the diagonal
  let crossSquares = 0;
  for (const cluster of clusters) {
    const share = cluster.n / learners;
    const u = share ** 2 / (1 - share);
    residuals += (cluster.n * (cluster.mean - mean)) ** 2 / (1 - share);
    diagonal += share ** 2;
    cross += u;
    crossSquares += u ** 2;
  }
  return {
    mean,
    variance: residuals / learners ** 2,
    learners,
    squares: (diagonal + cross ** 2 - crossSquares) / learners ** 2,
  };
}

function clusterContrast([comparison, treatment]: readonly [Arm[], Arm[]]): Contrast {
  const treated = summarizeArm(Float64Array.from(treatment, ({ mean }) => mean));
  const compared = summarizeArm(Float64Array.from(comparison, ({ mean }) => mean));
  const df = treated.n + compared.n - 2;
  const pooled = (treated.squares + compared.squares) / df;
  return { effect: treated.mean - compared.mean, variance: pooled * (1 / treated.n + 1 / compared.n), df };
}

function report(
  kind: string,
  trial: Trial,
  [comparison, treatment]: readonly [Arm[], Arm[]],
  { effect, variance, df }: Contrast,
  { level, correlation }: { readonly level: number; readonly correlation: number },
): EffectRow {
  const treated = summarizeArm(armOutcomes(trial, 1));
  const compared = summarizeArm(armOutcomes(trial, 0));
  const clusters = treatment.length + comparison.length;
  const learners = treated.n + compared.n;
  const adjustment: ClusterAdjustment = clusterAdjustment(learners, learners / clusters, correlation);
  const se = Math.sqrt(variance);
  const effectSize = clusteredHedgesG(treated, compared, effect, se, adjustment, level);
  if (!(se > Math.abs(effect) * 1e-14)) {
    throw new CairnError("BAD_INPUT", "expected cluster means that vary within an arm, got one value per arm", {
      hint: "check the outcome and cluster columns: without spread between clusters there is no standard error",
    });
  }
  const half = studentTwoSidedQuantile(1 - level, df) * se;
  return {
    estimator: kind,
    estimand: "ITT",
    effect,
    se,
    df,
    ci: [effect - half, effect + half],
    p: studentTwoSided(effect / se, df),
    n: { treatment: treated.n, comparison: compared.n },
    clusters: { treatment: treatment.length, comparison: comparison.length },
    means: { treatment: treated.mean, comparison: compared.mean },
    effectSize,
    cautions: clusters < FEW_CLUSTERS || df < FEW_DEGREES ? ["FEW_CLUSTERS"] : [],
  };
}
