import { daysBetween } from "../days.ts";

/** A record as a rule sees it, on both clocks: when it happened, and when the school learned of it. */
export interface Sign {
  /** The record's key: a later version of the same record takes the earlier one's place. */
  readonly key: string;
  /** A wall-clock moment or a day, ISO 8601. */
  readonly happenedAt: string;
  /** ISO 8601, UTC. */
  readonly learnedAt: string;
  /** The source took the record back. */
  readonly retracted?: boolean;
}

/** What a rule makes of everything known at one moment. */
export interface Judgement {
  readonly holds: boolean;
  /** The trouble is over: when it comes back, that is another episode. Between `holds` and `over` an episode goes on. */
  readonly over: boolean;
  /** Counts and days, for the words. */
  readonly evidence: Readonly<Record<string, number>>;
}

/** A stretch of trouble, told once, at its beginning. */
export interface Episode {
  /** What opened it: with rule, learner and subject it names the episode for ever. */
  readonly openedBy: string;
  readonly happenedOn: string;
  readonly learnedAt: string;
  readonly evidence: Readonly<Record<string, number>>;
}

/**
 * The episodes in a log, in their order. The log is walked as it was learned, and after each record the rule judges what was
 * known then: so the episodes of a part of the log are the first episodes of the whole, and it does not matter in which
 * portions a log is looked at, nor how often.
 *
 * What is learned more than `freshDays` after it happened is history: it is known, but opens nothing. After an episode began,
 * none begins for `cooldownDays`.
 * @param arrivals - in the order in which they were learned
 * @param judge - gets what is known, ordered by when it happened
 */
export function episodesIn<S extends Sign>(
  arrivals: readonly S[],
  judge: (known: readonly S[]) => Judgement,
  { freshDays, cooldownDays }: { readonly freshDays: number; readonly cooldownDays: number },
): Episode[] {
  const known: S[] = [];
  const found: Episode[] = [];
  let open = false;
  for (const sign of arrivals) {
    place(known, sign);
    const { holds, over, evidence } = judge(known);
    if (over) open = false;
    const newest = known.at(-1);
    if (open || !holds || newest === undefined) continue;
    const happenedOn = newest.happenedAt.slice(0, 10);
    const last = found.at(-1);
    const isFresh = daysBetween(happenedOn, sign.learnedAt.slice(0, 10)) <= freshDays;
    const isCool = last === undefined || daysBetween(last.happenedOn, happenedOn) >= cooldownDays;
    // Neither stale nor too soon opens an episode: the next record may.
    if (!isFresh || !isCool) continue;
    open = true;
    found.push({ openedBy: sign.key, happenedOn, learnedAt: sign.learnedAt, evidence });
  }
  return found;
}

/** Puts a record where it belongs by when it happened; logs are nearly in order, so the place is near the end. */
function place<S extends Sign>(known: S[], sign: S): void {
  const before = known.findLastIndex(({ key }) => key === sign.key);
  if (before !== -1) known.splice(before, 1);
  if (sign.retracted === true) return;
  let at = known.length;
  while (at > 0 && isAfter(known[at - 1]!, sign)) at--;
  known.splice(at, 0, sign);
}

const isAfter = (one: Sign, other: Sign): boolean =>
  one.happenedAt > other.happenedAt || (one.happenedAt === other.happenedAt && one.key > other.key);
