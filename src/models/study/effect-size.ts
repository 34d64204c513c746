import { normalCumulative, normalTwoSidedQuantile } from "../../numeric/distributions.ts";
import { type Arm, type EffectSize, pooledDeviation } from "./trial.ts";

/**
 * How clustering changes a standardised difference, both arms clustered (Hedges 2007, total standard deviation).
 * `shrinkage` is γ: the pooled variance underestimates the total variance by this factor. `design` is η, the design
 * effect. `degrees` is h, the degrees of freedom of the pooled variance.
 */
export interface ClusterAdjustment {
  readonly shrinkage: number;
  readonly design: number;
  readonly degrees: number;
}

/**
 * γ, η and h of the What Works Clearinghouse for N learners in clusters of n with intraclass correlation ρ:
 * γ = 1 − 2(n−1)ρ/(N−2), η = 1 + (n−1)ρ,
 * h = ((N−2) − 2(n−1)ρ)² / ((N−2)(1−ρ)² + n(N−2n)ρ² + 2(N−2n)ρ(1−ρ)).
 * @param learners - N, in both arms
 * @param clusterSize - n, the average
 * @param correlation - ρ in [0, 1]
 * @see Hedges (2007), Journal of Educational and Behavioral Statistics 32(4); WWC Handbook 5.0, appendix E
 */
export function clusterAdjustment(learners: number, clusterSize: number, correlation: number): ClusterAdjustment {
  const rest = learners - 2;
  const lost = 2 * (clusterSize - 1) * correlation;
  const within = 1 - correlation;
  const between = learners - 2 * clusterSize;
  return {
    shrinkage: 1 - lost / rest,
    design: 1 + (clusterSize - 1) * correlation,
    degrees:
      (rest - lost) ** 2 /
      (rest * within ** 2 + clusterSize * between * correlation ** 2 + 2 * between * correlation * within),
  };
}

/**
 * Hedges' g of learners assigned one by one: g = ω(ȳ₁ − ȳ₀)/S with ω = 1 − 3/(4N − 9) and
 * SE = √((n₁+n₀)/(n₁n₀) + g²/(2(n₁+n₀))).
 * @param level - confidence of the interval, in (0, 1)
 * @throws CairnError `BAD_INPUT` when the outcome is constant within both arms
 * @see WWC Handbook 5.0, appendix E
 */
export function hedgesG(treatment: Arm, comparison: Arm, level: number): EffectSize {
  const learners = treatment.n + comparison.n;
  const correction = 1 - 3 / (4 * learners - 9);
  const g = (correction * (treatment.mean - comparison.mean)) / pooledDeviation(treatment, comparison);
  const variance = learners / (treatment.n * comparison.n) + (g * g) / (2 * learners);
  return finish(g, Math.sqrt(variance), level);
}

/**
 * Hedges' g of a trial that assigned whole clusters and whose standard error knows it: g = ω√γ·effect/S with
 * ω = 1 − 3/(4h − 1), SE² = (SE_effect/S)²·γ + g²/(2h).
 * @param effect - in the units of the outcome
 * @param se - cluster-robust standard error of the effect
 * @param level - confidence of the interval, in (0, 1)
 * @throws CairnError `BAD_INPUT` when the outcome is constant within both arms
 * @see WWC Handbook 5.0, appendix E; Hedges (2007)
 */
export function clusteredHedgesG(
  treatment: Arm,
  comparison: Arm,
  effect: number,
  se: number,
  adjustment: ClusterAdjustment,
  level: number,
): EffectSize {
  const deviation = pooledDeviation(treatment, comparison);
  const correction = 1 - 3 / (4 * adjustment.degrees - 1);
  const g = (correction * Math.sqrt(adjustment.shrinkage) * effect) / deviation;
  const variance = (se / deviation) ** 2 * adjustment.shrinkage + (g * g) / (2 * adjustment.degrees);
  return finish(g, Math.sqrt(variance), level);
}

/**
 * Hedges' g of an effect that a model estimated: the effect over the unadjusted pooled standard deviation, ω = 1 − 3/(4N − 9),
 * SE² = (ω·SE_effect/S)² + g²/(2N).
 * @param effect - in the units of the outcome
 * @param level - confidence of the interval, in (0, 1)
 * @throws CairnError `BAD_INPUT` when the outcome is constant within both arms
 * @see WWC Handbook 5.0, appendix E (the study's own standard error)
 */
export function adjustedHedgesG(
  treatment: Arm,
  comparison: Arm,
  effect: number,
  se: number,
  level: number,
): EffectSize {
  const learners = treatment.n + comparison.n;
  const unit = (1 - 3 / (4 * learners - 9)) / pooledDeviation(treatment, comparison);
  const g = unit * effect;
  return finish(g, Math.sqrt((unit * se) ** 2 + g ** 2 / (2 * learners)), level);
}

/**
 * Cox's d of a yes/no outcome: ω(logit p₁ − logit p₀)/1.65, comparable to Hedges' g.
 * @param shares - of those with the outcome in each arm, in (0, 1)
 * @returns null when a share is 0 or 1: the log odds are infinite
 * @see WWC Handbook 5.0, appendix E
 */
export function coxD(
  shares: { readonly treatment: number; readonly comparison: number },
  learners: number,
): number | null {
  const { treatment, comparison } = shares;
  if (!(treatment > 0 && treatment < 1 && comparison > 0 && comparison < 1)) return null;
  const logOdds = (share: number): number => Math.log(share) - Math.log1p(-share);
  return ((1 - 3 / (4 * learners - 9)) * (logOdds(treatment) - logOdds(comparison))) / 1.65;
}

/** γ, η and h when only the intervention arm is clustered. @see {@link clusterAdjustment} */
export function oneArmClusterAdjustment(
  treated: number,
  compared: number,
  clusterSize: number,
  correlation: number,
): ClusterAdjustment {
  const rest = treated + compared - 2;
  const within = 1 - correlation;
  const clustered = treated - clusterSize;
  return {
    shrinkage: 1 - ((compared + clusterSize - 2) * correlation) / rest,
    design: 1 + ((clusterSize * compared) / (treated + compared) - 1) * correlation,
    degrees:
      (rest * within + clustered * correlation) ** 2 /
      (rest * within ** 2 + clustered * clusterSize * correlation ** 2 + 2 * clustered * correlation * within),
  };
}

/**
 * A test that ignored clusters, corrected: t_A = t·√(((N−2) − 2(n−1)ρ)/((N−2)(1+(n−1)ρ))) on h degrees of freedom.
 * @see Hedges (2007); WWC Handbook 5.0, appendix F
 */
export function mismatchCorrected(
  t: number,
  learners: number,
  clusterSize: number,
  correlation: number,
): { readonly t: number; readonly df: number } {
  const { shrinkage, design, degrees } = clusterAdjustment(learners, clusterSize, correlation);
  return { t: t * Math.sqrt(shrinkage / design), df: degrees };
}

function finish(g: number, se: number, level: number): EffectSize {
  const half = normalTwoSidedQuantile(1 - level) * se;
  return { g, se, ci: [g - half, g + half], improvementIndex: improvementIndex(g) };
}

/** Expected change in percentile rank of an average comparison learner, in points: 100·Φ(g) − 50. */
export function improvementIndex(g: number): number {
  return 100 * normalCumulative(g) - 50;
}
