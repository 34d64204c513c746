import { addDays } from "../days.ts";
import type { Episode, Sign } from "./episodes.ts";
import { episodesIn } from "./episodes.ts";
import type { Rules } from "./rules.ts";

/**
 * When a learner has missed several days within a short time: by default three within two weeks, excused or not, because a
 * day that is missed is missed. A day counts once. It is over when so many days no longer fall together.
 * @param arrivals - the absences of one learner, in the order in which they were learned; `happenedAt` is the day
 */
export function absences(arrivals: readonly Sign[], rule: Rules["absences"]): Episode[] {
  return episodesIn(
    arrivals,
    (known) => {
      const newest = known.at(-1);
      const since = newest === undefined ? "" : addDays(newest.happenedAt.slice(0, 10), -rule.withinDays);
      const days = new Set<string>();
      for (let i = known.length - 1; i >= 0 && known[i]!.happenedAt.slice(0, 10) > since; i--) {
        days.add(known[i]!.happenedAt.slice(0, 10));
      }
      const holds = days.size >= rule.absences;
      return { holds, over: !holds, evidence: { absences: days.size, days: rule.withinDays } };
    },
    rule,
  );
}
