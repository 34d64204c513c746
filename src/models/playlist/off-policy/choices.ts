import { CairnError } from "../../../errors.ts";
import type { PropensityLog, TargetPolicy } from "./log.ts";

/** One place of a list that was filled by lot, as it is logged. */
export interface LoggedChoice {
  /** Names the request and the place; each once. */
  readonly contextId: string;
  /** Names what drew: model, weights, share of exploration. */
  readonly policyId: string;
  /** A pseudonymous id. */
  readonly learner: string;
  /** What could have been drawn, after all gates; one or more, each once. */
  readonly candidates: readonly string[];
  /** Shape (candidates): chance of each, adding up to 1. */
  readonly propensities: readonly number[];
  /** Place of the drawn one among the candidates. */
  readonly chosen: number;
  /** What came of it. */
  readonly reward: number;
}

/**
 * Logged choices as columns.
 * @throws CairnError `BAD_INPUT` for a context or a candidate that comes twice, `SHAPE_MISMATCH` for chances that are not one per candidate
 */
export function propensityLogOf(choices: readonly LoggedChoice[]): PropensityLog {
  const learners = new Map<string, number>();
  const contexts = new Set<string>();
  for (const { contextId, learner, candidates, propensities } of choices) {
    if (contexts.has(contextId)) {
      throw new CairnError("BAD_INPUT", `expected every context once, got ${contextId} again`, {
        hint: "a retry must not log a second reward",
      });
    }
    contexts.add(contextId);
    if (new Set(candidates).size !== candidates.length) {
      throw new CairnError("BAD_INPUT", `expected every candidate once in ${contextId}, got one twice`);
    }
    if (propensities.length !== candidates.length) {
      throw new CairnError("SHAPE_MISMATCH", `expected one chance per candidate in ${contextId}, got others`);
    }
    if (!learners.has(learner)) learners.set(learner, learners.size);
  }
  return {
    learner: Int32Array.from(choices, ({ learner }) => learners.get(learner)!),
    candidatePtr: pointersOf(choices),
    logged: Float64Array.from(choices.flatMap(({ propensities }) => propensities)),
    chosen: Int32Array.from(choices, ({ chosen }) => chosen),
    reward: Float64Array.from(choices, ({ reward }) => reward),
  };
}

/**
 * What another policy would have done in the logged choices.
 * @param chances - the policy's chance of each candidate, in their order
 * @param expectedRewards - the reward model's expectation of each candidate, from a fit without the choice's learner
 * @throws CairnError `SHAPE_MISMATCH` for answers that are not one per candidate
 */
export function targetPolicyOf(
  choices: readonly LoggedChoice[],
  chances: (choice: LoggedChoice) => readonly number[],
  expectedRewards?: (choice: LoggedChoice) => readonly number[],
): TargetPolicy {
  const ask = (answer: (choice: LoggedChoice) => readonly number[]): Float64Array =>
    Float64Array.from(
      choices.flatMap((choice) => {
        const answers = answer(choice);
        if (answers.length === choice.candidates.length) return answers;
        throw new CairnError(
          "SHAPE_MISMATCH",
          `expected an answer per candidate of ${choice.contextId}, got ${answers.length}`,
        );
      }),
    );
  const target = ask(chances);
  return expectedRewards === undefined ? { target } : { target, expectedReward: ask(expectedRewards) };
}

function pointersOf(choices: readonly LoggedChoice[]): Int32Array {
  const ptr = new Int32Array(choices.length + 1);
  for (const [i, { candidates }] of choices.entries()) ptr[i + 1] = ptr[i]! + candidates.length;
  return ptr;
}
