import type { RiskReason } from "../reasons.ts";

/** What a run said of a learner. */
export interface Said {
  readonly probability: number | null;
  readonly reasons: readonly RiskReason[];
  readonly strengths: readonly RiskReason[];
}

/** What has changed about a learner since the ranking before. */
export interface RiskChange {
  /** The day the ranking before was as of. */
  readonly since: string;
  /** Probability now less then; null where one of them is missing. */
  readonly probability: number | null;
  /** The probability of then lies inside the interval of now: a change of this size is no news. */
  readonly isSettled: boolean;
  /** Another kind of model speaks: a change may be its, not the learner's. */
  readonly isOtherModel: boolean;
  /** What made the difference, the largest first: log-odds the group adds now less then. */
  readonly groups: readonly { readonly group: string; readonly by: number }[];
}

const WORTH_SAYING = 0.1; // log-odds: two and a half percentage points at even odds
const MOST_SAID = 3;

/**
 * Compares what is said of a learner with what was said the time before. Groups below the level at which reasons are given count as 0.
 * The interval is that of the probability now.
 */
export function changeOf(
  now: Said,
  before: Said,
  about: {
    readonly since: string;
    readonly isOtherModel: boolean;
    readonly interval: { readonly low: number; readonly high: number } | null;
  },
): RiskChange {
  const { since, isOtherModel, interval } = about;
  const [then, own] = [contributions(before), contributions(now)];
  const groups = [...new Set([...own.keys(), ...then.keys()])]
    .map((group) => ({ group, by: (own.get(group) ?? 0) - (then.get(group) ?? 0) }))
    .filter(({ by }) => Math.abs(by) >= WORTH_SAYING)
    .sort((a, b) => Math.abs(b.by) - Math.abs(a.by) || (a.group < b.group ? -1 : 1))
    .slice(0, MOST_SAID);
  const both = now.probability !== null && before.probability !== null;
  return {
    since,
    probability: both ? now.probability! - before.probability! : null,
    isSettled: both && interval !== null && before.probability! >= interval.low && before.probability! <= interval.high,
    isOtherModel,
    groups: both ? groups : [],
  };
}

function contributions({ reasons, strengths }: Said): Map<string, number> {
  return new Map([...reasons, ...strengths].map(({ group, contribution }) => [group, contribution]));
}
