import type { Attrition, AttritionBoundary } from "./attrition.ts";

/** What the What Works Clearinghouse would rate the design. */
export type Rating = "meets without reservations" | "meets with reservations" | "does not meet";

/** Strength of evidence under the Every Student Succeeds Act; null when none of the first three is reached. */
export type EssaTier = 1 | 2 | 3 | null;

/** One required baseline measure in the analytic sample. */
export interface BaselineMeasure {
  readonly covariate: string;
  /** Hedges' g, or Cox's d for yes/no measures, of the difference before the study. */
  readonly effectSize: number;
  /** Whether the analysis adjusts for it. */
  readonly adjusted: boolean;
}

/** What the rating is decided by. */
export interface RatingInput {
  readonly design: "randomised" | "comparison" | "discontinuity";
  /** Counts against the boundary of the plan; null when nobody counted who was assigned. */
  readonly attrition: Attrition | null;
  /** Where clusters were assigned: of the clusters, and `attrition` is then of learners in those that are left. Default null. */
  readonly clusterAttrition?: Attrition | null;
  readonly boundary: AttritionBoundary;
  /** Joiners, swaps or a broken lot: the randomisation no longer holds. */
  readonly compromised: boolean;
  readonly baseline: readonly BaselineMeasure[];
  /** Units that were assigned in each arm: one unit is confounded with the intervention. */
  readonly units: { readonly treatment: number; readonly comparison: number };
}

/** A verdict with the path that led to it. */
export interface Verdict<T> {
  readonly verdict: T;
  /** In order, each a sentence. */
  readonly reasons: readonly string[];
}

const SATISFIED = 0.05;
const FAILED = 0.25;

/** Whether groups were alike before: alike, alike after adjustment, or too far apart. */
export type Equivalence = "satisfied" | "adjustment required" | "failed";

/** Of one baseline effect size: up to .05 alike, up to .25 the analysis must adjust, beyond not alike. */
export function equivalence(effectSize: number): Equivalence {
  const size = Math.abs(effectSize);
  if (size <= SATISFIED) return "satisfied";
  return size <= FAILED ? "adjustment required" : "failed";
}

/**
 * The rating path. A reviewer must still ask whether the outcome measure is eligible: that cannot be computed.
 * @see WWC Procedures and Standards Handbook 5.0, chapters II and IV; handbook 2.13
 */
export function rate(input: RatingInput): Verdict<Rating> {
  const reasons: string[] = [];
  if (Math.min(input.units.treatment, input.units.comparison) < 2) {
    reasons.push("One assigned unit is the whole of an arm: its effect cannot be told from the intervention's.");
    return { verdict: "does not meet", reasons };
  }
  if (input.design === "discontinuity") {
    reasons.push(
      "Discontinuity designs are rated by a reviewer: integrity, attrition near the cutoff, continuity, bandwidth.",
    );
    return { verdict: "meets with reservations", reasons };
  }
  if (input.design === "randomised" && acceptable(input, reasons))
    return { verdict: "meets without reservations", reasons };
  if (input.design === "comparison")
    reasons.push("Learners were not assigned by lot: the groups must be alike at baseline.");
  return { verdict: baselineHolds(input, reasons) ? "meets with reservations" : "does not meet", reasons };
}

/** Clusters first, then learners in those that are left: both must be low. */
function acceptable({ attrition, clusterAttrition, boundary, compromised }: RatingInput, reasons: string[]): boolean {
  reasons.push("The arms were assigned by lot.");
  if (compromised) {
    reasons.push("The lot was compromised, so the groups must be alike at baseline.");
    return false;
  }
  if (attrition === null) {
    reasons.push("Who was assigned is not known, so attrition counts as high.");
    return false;
  }
  if (clusterAttrition && !isLow("Attrition of clusters", clusterAttrition, boundary, reasons)) return false;
  return isLow("Attrition", attrition, boundary, reasons);
}

function isLow(what: string, attrition: Attrition, boundary: AttritionBoundary, reasons: string[]): boolean {
  const percent = Math.round(100 * attrition.overall);
  const limit = attrition.limits[boundary];
  const counted = `${percent} % lost overall, ${attrition.differential.toFixed(1)} points between the arms`;
  const low = attrition.low[boundary];
  reasons.push(
    limit === null
      ? `${what} is high by the ${boundary} boundary: ${counted}; so much overall is always high.`
      : `${what} is ${low ? "low" : "high"} by the ${boundary} boundary: ${counted}; the limit is ${limit.toFixed(1)}.`,
  );
  return low;
}

function baselineHolds({ baseline }: RatingInput, reasons: string[]): boolean {
  if (baseline.length === 0) {
    reasons.push("No baseline measure was given, so equivalence is not shown.");
    return false;
  }
  let holds = true;
  for (const { covariate, effectSize, adjusted } of baseline) {
    const state = equivalence(effectSize);
    const size = `${covariate}: ${effectSize.toFixed(2)} standard deviations apart`;
    if (state === "satisfied") reasons.push(`${size}, alike.`);
    else if (state === "adjustment required" && adjusted) reasons.push(`${size}, adjusted for as required.`);
    else {
      holds = false;
      reasons.push(`${size}, ${state === "failed" ? "too far" : "and the analysis does not adjust for it"}.`);
    }
  }
  return holds;
}

/** What the evidence tier is decided by, beyond the rating. */
export interface TierInput {
  readonly rating: Rating;
  readonly effect: number;
  /** Adjusted for multiple comparisons and clustering; null when no valid test exists. */
  readonly p: number | null;
  readonly learners: number;
  /** Schools or districts; null when not known. */
  readonly sites: number | null;
  /** Whether the analysis controls for selection at all. */
  readonly controlled: boolean;
}

/**
 * The ESSA tier as the clearinghouse applies it: tiers 1 and 2 need a significant positive effect, 350 learners and two sites; tier 3 a
 * significant positive effect with controls for selection.
 * @see handbook 2.13
 */
export function essaTier({ rating, effect, p, learners, sites, controlled }: TierInput): Verdict<EssaTier> {
  const reasons: string[] = [];
  if (!(p !== null && p < 0.05 && effect > 0)) {
    reasons.push("There is no statistically significant positive effect.");
    return { verdict: null, reasons };
  }
  reasons.push("The effect is positive and statistically significant.");
  if (learners < 350) reasons.push(`${350 - learners} more learners would reach the 350 that tiers 1 and 2 need.`);
  if (sites === null) reasons.push("The number of sites is not known; tiers 1 and 2 need two.");
  else if (sites < 2) reasons.push("One site: tiers 1 and 2 need two.");
  const wide = learners >= 350 && sites !== null && sites >= 2;
  if (wide && rating === "meets without reservations") return { verdict: 1, reasons };
  if (wide && rating === "meets with reservations") return { verdict: 2, reasons };
  if (rating === "does not meet" && !controlled) {
    reasons.push("The analysis does not control for selection.");
    return { verdict: null, reasons };
  }
  return { verdict: 3, reasons };
}
