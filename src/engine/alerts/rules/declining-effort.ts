import { addDays, daysBetween } from "../days.ts";
import type { Episode } from "./episodes.ts";
import type { Rules } from "./rules.ts";

/** How much a learner did in one week, as it was known when the week was judged ({@link judgedAt}). */
export interface WeekOfWork {
  /** Its Monday. */
  readonly week: string;
  readonly answers: number;
}

const WEEK_DAYS = 7;

/** The moment at which a week is judged: some days after its end, so that late records are in. What comes after is too late. */
export function judgedAt(week: string, graceDays: number): string {
  return `${addDays(week, WEEK_DAYS + graceDays)}T00:00:00.000Z`;
}

/**
 * The weeks in which school was on, by how many learners of the district worked: at least half as many as in the busiest of
 * the eight weeks before. Holidays are nobody's declining effort.
 * @param active - learners at work by week, in order of weeks; weeks without any may be left out
 */
export function schoolWeeks(active: readonly { readonly week: string; readonly learners: number }[]): string[] {
  const recent = 8; // half a semester: a summer ends before it becomes the measure
  return active.flatMap(({ week, learners }, index) => {
    const before = active.slice(Math.max(0, index - recent), index).map((other) => other.learners);
    return learners > 0 && learners * 2 >= Math.max(0, ...before) ? [week] : [];
  });
}

/**
 * When a learner does much less than she used to: by default two school weeks running with at most half of the median of the
 * four before. A week without any answer counts as none done. Judged week by week, each once and with what was known then,
 * so it does not matter when somebody looks.
 * @param work - the learner's weeks; those without an answer may be left out
 * @param weeks - the school weeks of the district, in order
 * @param now - ISO 8601, UTC; weeks that cannot be judged yet wait
 */
export function decliningEffort(
  work: readonly WeekOfWork[],
  weeks: readonly string[],
  now: string,
  rule: Rules["declining-effort"],
): Episode[] {
  const done = new Map(work.map(({ week, answers }) => [week, answers]));
  const first = work.map(({ week }) => week).sort()[0];
  if (first === undefined) return [];
  const own = weeks.filter((week) => week >= first && judgedAt(week, rule.graceDays) <= now);
  const found: Episode[] = [];
  let open = false;
  for (let end = rule.baselineWeeks + rule.weeks; end <= own.length; end++) {
    const answers = own.slice(end - rule.baselineWeeks - rule.weeks, end).map((week) => done.get(week) ?? 0);
    const usual = median(answers.slice(0, rule.baselineWeeks));
    const line = usual * rule.share;
    const latest = answers.slice(rule.baselineWeeks);
    const week = own[end - 1]!;
    if (latest.at(-1)! > line) open = false;
    const holds = usual >= rule.minimumAnswers && latest.every((count) => count <= line);
    const last = found.at(-1);
    const isCool = last === undefined || daysBetween(last.happenedOn, week) >= rule.cooldownDays;
    if (open || !holds || !isCool) continue;
    open = true;
    const evidence = { weeks: rule.weeks, usual, latest: latest.at(-1)! };
    found.push({ openedBy: week, happenedOn: week, learnedAt: judgedAt(week, rule.graceDays), evidence });
  }
  return found;
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
