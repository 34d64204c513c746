import { CairnError } from "../../../errors.ts";

/** Where a list ends: by how many can be seen, by a probability, or by what the two mistakes cost. */
export interface CutRequest {
  /** How many learners the counselor can see; the list is never longer. */
  readonly limit: number;
  /** Nobody below this probability, in [0, 1]. */
  readonly threshold?: number;
  /** What it costs to see a learner who would have been well, and to miss one who is not, in any one unit. */
  readonly costs?: { readonly needless: number; readonly missed: number };
}

/** Where a list ended, and whom equal probabilities left out. */
export interface Cut {
  readonly by: "capacity" | "threshold" | "costs";
  /** The probability from which learners are listed; null: none was asked for. */
  readonly threshold: number | null;
  /** Learners who could have stood on the list as well: their probability is that of the last one. */
  readonly tiedOut: number;
  /** Learners without a number; they stand behind the others, where there is room and no threshold. */
  readonly abstained: number;
}

/**
 * Cuts a list. A threshold by costs is needless/(needless + missed): above it, missing a learner is expected to cost more than seeing
 * one for nothing.
 * @param probabilities - the caseload's, the highest first, null (abstentions) last
 * @returns how many are listed, and what the cut was
 * @throws CairnError `BAD_INPUT` for a threshold and costs at once, or outside their ranges
 * @see handbook early-warning 3.7.3
 */
export function cutList(
  probabilities: readonly (number | null)[],
  { limit, threshold, costs }: CutRequest,
): { readonly shown: number; readonly cut: Cut } {
  if (threshold !== undefined && costs !== undefined) {
    throw new CairnError("BAD_INPUT", "expected a threshold or costs, got both", { hint: "leave one out" });
  }
  if (costs !== undefined && !(costs.needless > 0 && costs.missed > 0)) {
    throw new CairnError("BAD_INPUT", "expected costs above 0, got others");
  }
  const from = threshold ?? (costs === undefined ? null : costs.needless / (costs.needless + costs.missed));
  if (from !== null && !(from >= 0 && from <= 1)) {
    throw new CairnError("BAD_INPUT", `expected a threshold from 0 to 1, got ${from}`);
  }
  const listable = probabilities.filter((own) => from === null || (own !== null && own >= from));
  const shown = Math.min(limit, listable.length);
  const last = listable[shown - 1];
  const tiedOut = last === undefined || last === null ? 0 : listable.slice(shown).filter((own) => own === last).length;
  const abstained = probabilities.filter((own) => own === null).length;
  const by = costs !== undefined ? "costs" : threshold !== undefined ? "threshold" : "capacity";
  return { shown, cut: { by, threshold: from, tiedOut, abstained } };
}
