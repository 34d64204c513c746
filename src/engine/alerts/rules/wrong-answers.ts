import { addDays } from "../days.ts";
import type { Episode, Sign } from "./episodes.ts";
import { episodesIn } from "./episodes.ts";
import type { Rules } from "./rules.ts";

/** An answer of one learner on one standard. */
export interface Answer extends Sign {
  /** 0 to 1. */
  readonly correct: number;
}

const RIGHT = 0.5; // of the points: an answer worth less than half of them is wrong

/**
 * When most of a learner's latest answers on a standard are wrong: by default 4 of 5 within 30 days. It is over when
 * `rightAgain` of the latest are right, so that one lucky answer does not begin it anew.
 * @param arrivals - the answers of one learner on one standard, in the order in which they were learned
 */
export function wrongAnswers(arrivals: readonly Answer[], rule: Rules["wrong-answers"]): Episode[] {
  return episodesIn(
    arrivals,
    (known) => {
      const newest = known.at(-1);
      const since = newest === undefined ? "" : addDays(newest.happenedAt.slice(0, 10), -rule.withinDays);
      const latest = known.slice(-rule.of).filter(({ happenedAt }) => happenedAt.slice(0, 10) > since);
      const wrong = latest.filter(({ correct }) => correct < RIGHT).length;
      return {
        holds: latest.length === rule.of && wrong >= rule.wrong,
        over: latest.length - wrong >= rule.rightAgain,
        evidence: { wrong, of: latest.length },
      };
    },
    rule,
  );
}
