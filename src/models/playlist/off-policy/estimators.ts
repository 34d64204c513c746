import type { WeighedDecisions } from "./weights.ts";

/**
 * How the logged rewards are carried over to another policy (handbook 2.8, n decisions):
 *
 * - `ips` (1/n) Σ w r: unbiased, of large variance
 * - `clippedIps` (1/n) Σ min(w, M) r: biased towards 0 when rewards are positive, steadier
 * - `snips` Σ w r/Σ w: nearly unbiased, and in the range of the rewards
 * - `direct` (1/n) Σ_x Σ_a π_e(a|x) q(x, a): as right as the reward model
 * - `doublyRobust` direct + (1/n) Σ w (r − q): unbiased whatever the reward model, steadier the better it is; with a right model
 *   right also when the logged chances are not
 * - `selfNormalizedDoublyRobust` direct + Σ w (r − q)/Σ w
 */
export type OffPolicyMethod = "ips" | "clippedIps" | "snips" | "direct" | "doublyRobust" | "selfNormalizedDoublyRobust";

/**
 * An estimate as Σ a/Σ b over decisions: sums over learners are enough to draw learners again.
 *
 * For `a` and `b` of a decision see {@link termsOf}; `base` is a second ratio that is added.
 */
export interface RatioTerms {
  /** Shape (decisions). */
  readonly numerator: Float64Array;
  readonly denominator: Float64Array;
  /** Shape (decisions): its mean over decisions is added; undefined when nothing is. */
  readonly base: Float64Array | undefined;
}

/** The methods a log allows: those with a reward model only where there is one. */
export function methodsFor({ direct }: WeighedDecisions): readonly OffPolicyMethod[] {
  const weighted = ["ips", "clippedIps", "snips"] as const;
  return direct === undefined ? weighted : [...weighted, "direct", "doublyRobust", "selfNormalizedDoublyRobust"];
}

/**
 * Numerators and denominators of a method.
 * @param clip - M of `clippedIps`
 * @see Horvitz and Thompson (1952) for IPS; Swaminathan and Joachims (2015), NIPS, eq. 4 for SNIPS; Dudík, Langford and Li (2011), ICML, for
 * doubly robust estimates
 */
export function termsOf(method: OffPolicyMethod, decisions: WeighedDecisions, clip: number): RatioTerms {
  const { weight, reward, foretold, direct } = decisions;
  const ones = new Float64Array(weight.length).fill(1);
  const corrected = (): Float64Array => weight.map((w, i) => w * (reward[i]! - foretold![i]!));
  switch (method) {
    case "ips":
      return { numerator: weight.map((w, i) => w * reward[i]!), denominator: ones, base: undefined };
    case "clippedIps":
      return {
        numerator: weight.map((w, i) => Math.min(w, clip) * reward[i]!),
        denominator: ones,
        base: undefined,
      };
    case "snips":
      return { numerator: weight.map((w, i) => w * reward[i]!), denominator: weight, base: undefined };
    case "direct":
      return { numerator: direct!, denominator: ones, base: undefined };
    case "doublyRobust":
      return { numerator: corrected(), denominator: ones, base: direct };
    case "selfNormalizedDoublyRobust":
      return { numerator: corrected(), denominator: weight, base: direct };
  }
}
