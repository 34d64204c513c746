import { CairnError } from "../../errors.ts";

/** What is known of one learner on one skill. */
export interface SkillState {
  /** P(known) before the next response, in [0, 1]. */
  known: number;
  /** Responses behind it. */
  evidence: number;
}

/** What is known of one learner: skills without a response are not in it, so it is as small as the learner's history. */
export type LearnerState = Map<string, SkillState>;

/** A {@link LearnerState} as JSON: `[skill, known, evidence]`, by skill name. */
export type StoredLearnerState = readonly (readonly [skill: string, known: number, evidence: number])[];

/** Writes a state as JSON-like data; equal states give equal data whatever the order of the responses' skills. */
export function storeState(state: LearnerState): StoredLearnerState {
  return Array.from(state, ([skill, { known, evidence }]) => [skill, known, evidence] as const).sort(([a], [b]) =>
    a < b ? -1 : 1,
  );
}

/**
 * The way back from {@link storeState}.
 * @throws CairnError `BAD_INPUT` when a probability or a count is out of range
 */
export function restoreState(stored: StoredLearnerState): LearnerState {
  const state: LearnerState = new Map();
  for (const [skill, known, evidence] of stored) {
    if (!(known >= 0 && known <= 1 && Number.isInteger(evidence) && evidence > 0)) {
      throw new CairnError("BAD_INPUT", `expected a probability and a count, got ${known} and ${evidence}`, {
        hint: "rebuild the state from the learner's responses",
      });
    }
    state.set(skill, { known, evidence });
  }
  return state;
}
