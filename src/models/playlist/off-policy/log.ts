import { CairnError } from "../../../errors.ts";

const SUM_TOLERANCE = 1e-6; // chances that are logged with seven digits still add up to one

/**
 * Choices that were made by lot with known chances: one place of a list each. Places a teacher filled have the chance 1 and tell nothing:
 * leave them out.
 */
export interface PropensityLog {
  /** Shape (decisions): who it was for, as a number; decisions of one learner are drawn together for intervals. */
  readonly learner: Int32Array;
  /** Shape (decisions + 1): where each decision's candidates start, ascending from 0; each has one or more. */
  readonly candidatePtr: Int32Array;
  /** Shape (candidatePtr's last), in [0, 1], adding up to 1 in each decision: the chance the logging policy gave each candidate. */
  readonly logged: Float64Array;
  /** Shape (decisions): the chosen one's place among the candidates, from 0; its logged chance is above 0. */
  readonly chosen: Int32Array;
  /** Shape (decisions): what came of it, such as 1 for learned and 0 for not. */
  readonly reward: Float64Array;
}

/** What another policy would have done in the logged decisions, and what a model expects of it. */
export interface TargetPolicy {
  /** Shape (candidates), in [0, 1], adding up to 1 in each decision: the chance the evaluated policy gives each candidate. */
  readonly target: Float64Array;
  /**
   * Shape (candidates): the expected reward of each candidate; direct and doubly robust estimates need it. It must come from a
   * model that was fitted without the decision's learner (cross-fitting), else an estimate repeats what it was taught.
   */
  readonly expectedReward?: Float64Array;
}

/**
 * Checks a log at the door.
 * @throws CairnError `SHAPE_MISMATCH`, `NOT_FINITE`; `BAD_INPUT` for chances that are none, do not add up to 1, or are 0 for what was chosen
 */
export function checkLog({ learner, candidatePtr, logged, chosen, reward }: PropensityLog): void {
  const decisions = learner.length;
  const fits =
    candidatePtr.length === decisions + 1 &&
    candidatePtr[0] === 0 &&
    candidatePtr.at(-1) === logged.length &&
    chosen.length === decisions &&
    reward.length === decisions;
  if (!fits) {
    throw new CairnError("SHAPE_MISMATCH", `expected columns of ${decisions} decisions, got others`, {
      hint: "give one learner, choice and reward per decision, and end candidatePtr with the number of candidates",
    });
  }
  checkChances(candidatePtr, logged, "logged");
  for (let decision = 0; decision < decisions; decision++) {
    const at = candidatePtr[decision]! + chosen[decision]!;
    if (chosen[decision]! < 0 || at >= candidatePtr[decision + 1]!) {
      throw new CairnError("BAD_INPUT", `expected a choice among the candidates, got place ${chosen[decision]}`, {
        details: { decision },
      });
    }
    if (logged[at] === 0) {
      throw new CairnError("BAD_INPUT", "expected a chance above 0 for what was chosen, got 0", {
        hint: "log the chance at the moment of the draw, after all gates",
        details: { decision },
      });
    }
    if (!Number.isFinite(reward[decision]!)) {
      throw new CairnError("NOT_FINITE", `expected a reward, got ${reward[decision]}`, { details: { decision } });
    }
  }
}

/**
 * Checks what another policy would have done against the log.
 * @throws CairnError `SHAPE_MISMATCH`, `NOT_FINITE`, `BAD_INPUT`
 */
export function checkTarget({ candidatePtr, logged }: PropensityLog, { target, expectedReward }: TargetPolicy): void {
  if (target.length !== logged.length || (expectedReward !== undefined && expectedReward.length !== logged.length)) {
    throw new CairnError("SHAPE_MISMATCH", `expected one chance for each of ${logged.length} candidates, got others`);
  }
  checkChances(candidatePtr, target, "evaluated");
  const wrong = expectedReward?.findIndex((value) => !Number.isFinite(value)) ?? -1;
  if (wrong >= 0) throw new CairnError("NOT_FINITE", `expected a reward, got ${expectedReward![wrong]} at ${wrong}`);
}

function checkChances(candidatePtr: Int32Array, chances: Float64Array, policy: string): void {
  for (let decision = 0; decision + 1 < candidatePtr.length; decision++) {
    let sum = 0;
    for (let at = candidatePtr[decision]!; at < candidatePtr[decision + 1]!; at++) {
      if (!(chances[at]! >= 0 && chances[at]! <= 1)) {
        throw new CairnError("BAD_INPUT", `expected a chance in [0, 1] of the ${policy} policy, got ${chances[at]}`, {
          details: { decision },
        });
      }
      sum += chances[at]!;
    }
    if (!(Math.abs(sum - 1) <= SUM_TOLERANCE)) {
      throw new CairnError("BAD_INPUT", `expected chances of the ${policy} policy that add up to 1, got ${sum}`, {
        hint: "log every candidate of the draw, each once",
        details: { decision },
      });
    }
  }
}
