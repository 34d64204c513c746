import { checkLog, checkTarget, type PropensityLog, type TargetPolicy } from "./log.ts";

/** Each decision as the estimators see it. */
export interface WeighedDecisions {
  /** Shape (decisions): w = π_e(a|x)/π_b(a|x) of what was chosen. */
  readonly weight: Float64Array;
  readonly reward: Float64Array;
  /** Shape (decisions): q(x, a) of what was chosen; undefined without a reward model. */
  readonly foretold: Float64Array | undefined;
  /** Shape (decisions): Σ_a π_e(a|x) q(x, a); undefined without a reward model. */
  readonly direct: Float64Array | undefined;
  /** Decisions in which the evaluated policy could choose what the logging policy never would. */
  readonly unsupported: number;
}

/**
 * Weighs the logged decisions as if another policy had made them.
 * @throws CairnError `SHAPE_MISMATCH`, `NOT_FINITE`, `BAD_INPUT` for a log or a policy that is none
 */
export function weighDecisions(log: PropensityLog, policy: TargetPolicy): WeighedDecisions {
  checkLog(log);
  checkTarget(log, policy);
  const { candidatePtr, logged, chosen } = log;
  const { target, expectedReward } = policy;
  const decisions = chosen.length;
  const weight = new Float64Array(decisions);
  const foretold = expectedReward === undefined ? undefined : new Float64Array(decisions);
  const direct = expectedReward === undefined ? undefined : new Float64Array(decisions);
  let unsupported = 0;
  for (let decision = 0; decision < decisions; decision++) {
    const from = candidatePtr[decision]!;
    const own = from + chosen[decision]!;
    weight[decision] = target[own]! / logged[own]!;
    if (foretold !== undefined) foretold[decision] = expectedReward![own]!;
    let isSupported = true;
    for (let at = from; at < candidatePtr[decision + 1]!; at++) {
      if (target[at]! > 0 && logged[at] === 0) isSupported = false;
      if (direct !== undefined) direct[decision]! += target[at]! * expectedReward![at]!;
    }
    if (!isSupported) unsupported++;
  }
  return { weight, reward: log.reward.slice(), foretold, direct, unsupported };
}

/** (Σw)²/Σw²: how many decisions of the evaluated policy itself would tell as much. 0 without weights above 0. */
export function effectiveSampleSize(weight: Float64Array): number {
  let [sum, squares] = [0, 0];
  for (const w of weight) {
    sum += w;
    squares += w * w;
  }
  return squares === 0 ? 0 : (sum * sum) / squares;
}
