import { daysBetween } from "../days.ts";
import type { Episode } from "./episodes.ts";
import type { Rules } from "./rules.ts";

/** Where a learner stands in one published ranking. */
export interface Standing {
  readonly runId: string;
  readonly asOf: string;
  /** When the run was published; ISO 8601, UTC. */
  readonly publishedAt: string;
  /** 1 is most at risk; null: outside of what is looked at, or not ranked. */
  readonly place: number | null;
}

/**
 * When a learner comes to stand among those a counselor can see, and did not in the ranking before. The first ranking of a
 * district tells nothing: nobody has crossed anything. Who leaves has left when she is well outside, by `margin` of the
 * capacity, so that two learners who take turns at the line are not news every night.
 * @param standings - one for every published run of the district, oldest first
 */
export function capacityCrossings(standings: readonly Standing[], rule: Rules["capacity-line"]): Episode[] {
  const found: Episode[] = [];
  let inside: boolean | undefined;
  for (const { runId, asOf, publishedAt, place } of standings) {
    const above = place !== null && place <= rule.capacity;
    if (inside === undefined) {
      inside = above;
      continue;
    }
    if (inside && (place === null || place > rule.capacity * (1 + rule.margin))) inside = false;
    const last = found.at(-1);
    const isCool = last === undefined || daysBetween(last.happenedOn, asOf) >= rule.cooldownDays;
    if (inside || !above || !isCool) continue;
    inside = true;
    const evidence = { place: place!, capacity: rule.capacity };
    found.push({ openedBy: runId, happenedOn: asOf, learnedAt: publishedAt, evidence });
  }
  return found;
}
