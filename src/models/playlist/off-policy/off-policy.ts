import { CairnError } from "../../../errors.ts";
import type { Random } from "../../../numeric/random.ts";
import { type BootstrapEstimate, intervalOf } from "./bootstrap.ts";
import { methodsFor, type OffPolicyMethod, termsOf } from "./estimators.ts";
import type { PropensityLog, TargetPolicy } from "./log.ts";
import { effectiveSampleSize, weighDecisions } from "./weights.ts";

/** An estimated mean reward of a policy that did not make the decisions. The 95 % interval, by bootstrap over learners, knows nothing of
 * bias: clipping and a wrong reward model move it as a whole. */
export type OffPolicyEstimate = BootstrapEstimate;

/** All estimates of one policy, or why there are none. */
export type OffPolicyEvaluation = OffPolicyDiagnostics &
  (
    | {
        readonly status: "defined";
        readonly estimates: Readonly<Partial<Record<OffPolicyMethod, OffPolicyEstimate>>>;
      }
    | { readonly status: "undefined"; readonly reason: string }
  );

/** What says how far the estimates can be trusted; always there. */
export interface OffPolicyDiagnostics {
  readonly decisions: number;
  readonly learners: number;
  /** (Σw)²/Σw². */
  readonly effectiveSampleSize: number;
  /** 1 within its error when the logged chances are right; undefined without decisions. */
  readonly meanWeight: number | undefined;
  readonly largestWeight: number;
  /** Decisions in which the policy could choose what the logging policy never would. */
  readonly unsupported: number;
}

/** Settings of {@link evaluateOffPolicy}. */
export interface OffPolicyOptions {
  /** Least effective sample size for an estimate to be given. Default 100. */
  readonly leastEffectiveSampleSize?: number;
  /** M of clipped IPS, above 0. Default √n: the bias it leaves goes to 0 with the error. */
  readonly clip?: number;
  /** Draws of learners for an interval, 100 or more. Default 1,000. */
  readonly draws?: number;
}

/**
 * What the mean reward would have been under another policy, from decisions that were made by lot. Refuses (`undefined`, with the
 * reason) when the effective sample size is below the floor, when fewer than two learners are in the log, and when the policy could choose
 * what was never possible: such an answer would be about other choices.
 *
 * The chances must be those of the draw itself, after all gates; the reward of a decision must not depend on the other places of its
 * list (handbook 2.8, independence model).
 * @param rng - draws learners for the intervals
 * @throws CairnError `SHAPE_MISMATCH`, `NOT_FINITE`, `BAD_INPUT`
 * @see Ionides (2008), Truncated importance sampling, Journal of Computational and Graphical Statistics 17(2), for clipping at √n
 */
export function evaluateOffPolicy(
  log: PropensityLog,
  policy: TargetPolicy,
  rng: Random,
  options: OffPolicyOptions = {},
): OffPolicyEvaluation {
  const { leastEffectiveSampleSize = 100, clip = Math.sqrt(Math.max(1, log.learner.length)), draws = 1000 } = options;
  if (!(clip > 0)) throw new CairnError("BAD_INPUT", `expected a clip above 0, got ${clip}`, { hint: "start with 10" });
  if (!(Number.isInteger(draws) && draws >= 100)) {
    throw new CairnError("BAD_INPUT", `expected 100 draws or more, got ${draws}`, { hint: "leave it at 1,000" });
  }
  const decisions = weighDecisions(log, policy);
  const { weight, unsupported } = decisions;
  const learners = new Set(log.learner).size;
  const size = effectiveSampleSize(weight);
  const diagnostics: OffPolicyDiagnostics = {
    decisions: weight.length,
    learners,
    effectiveSampleSize: size,
    meanWeight: weight.length === 0 ? undefined : weight.reduce((sum, w) => sum + w, 0) / weight.length,
    largestWeight: weight.reduce((largest, w) => Math.max(largest, w), 0),
    unsupported,
  };
  const refuse = (reason: string): OffPolicyEvaluation => ({ ...diagnostics, status: "undefined", reason });
  if (unsupported > 0) return refuse(`the policy could choose what was never possible, in ${unsupported} decisions`);
  if (learners < 2) return refuse("fewer than two learners are in the log");
  if (!(size >= leastEffectiveSampleSize)) {
    return refuse(`the effective sample size is ${size.toFixed(1)}, below ${leastEffectiveSampleSize}`);
  }
  const estimates = methodsFor(decisions).map((method): [OffPolicyMethod, OffPolicyEstimate] => [
    method,
    intervalOf(termsOf(method, decisions, clip), log.learner, rng.derive(method), draws),
  ]);
  return { ...diagnostics, status: "defined", estimates: Object.fromEntries(estimates) };
}
