import { addDays } from "../days.ts";
import type { Episode } from "./episodes.ts";
import type { Rules } from "./rules.ts";

/**
 * When a source that used to deliver has gone silent: it has missed more school days running than `factor` times what was
 * usual for it, and at least `minimumDays`. One silence is told once, however long it lasts. Silences that have ended are
 * among the answers: whether somebody looked while they lasted does not matter.
 * @param days - the days on which something of the source came in, as YYYY-MM-DD
 * @param today - the day that is not over yet: it is never counted as missed
 * @param isSchoolDay - whether something could be expected on a day
 * @param told - `beyond chance`: not before it has also lasted longer than any gap before, and than records
 * that come by chance, at the rate of those gaps, stay away once in a hundred thousand times; for what nobody has promised to deliver
 */
export function silences(
  days: readonly string[],
  today: string,
  rule: Rules["silent-source"],
  isSchoolDay: (day: string) => boolean = isWeekday,
  told: "by what is usual" | "beyond chance" = "by what is usual",
): Episode[] {
  const delivered = [...new Set(days)].sort();
  const gaps: number[] = [];
  const found: Episode[] = [];
  delivered.forEach((day, index) => {
    const next = delivered[index + 1] ?? today;
    const recent = gaps.slice(-rule.gaps);
    // Too few deliveries to say what is usual: nothing is said.
    if (recent.length >= rule.minimumGaps) {
      const everyDays = usual(recent) + 1;
      const surely = told === "beyond chance" ? beyondChance(gaps) : 0;
      const missedDays = Math.max(rule.minimumDays, Math.floor(rule.factor * everyDays), surely);
      const noticed = dayMissed(day, next, missedDays, isSchoolDay);
      if (noticed !== undefined) {
        const evidence = { missedDays, everyDays };
        found.push({ openedBy: day, happenedOn: day, learnedAt: `${addDays(noticed, 1)}T00:00:00.000Z`, evidence });
      }
    }
    if (index + 1 < delivered.length) gaps.push(schoolDaysBetween(day, next, isSchoolDay));
  });
  return found;
}

/** Monday to Friday: where no calendar says more. */
export function isWeekday(day: string): boolean {
  const weekday = new Date(`${day}T00:00:00Z`).getUTCDay();
  return weekday !== 0 && weekday !== 6;
}

/** The n-th school day strictly between two days; undefined when there are fewer. */
function dayMissed(from: string, to: string, n: number, isSchoolDay: (day: string) => boolean): string | undefined {
  let missed = 0;
  for (let day = addDays(from, 1); day < to; day = addDays(day, 1)) {
    if (isSchoolDay(day) && ++missed === n) return day;
  }
  return undefined;
}

function schoolDaysBetween(from: string, to: string, isSchoolDay: (day: string) => boolean): number {
  let count = 0;
  for (let day = addDays(from, 1); day < to; day = addDays(day, 1)) if (isSchoolDay(day)) count++;
  return count;
}

const CHANCE = 1e-5; // of one gap: a district sees thousands of them in a year

/** School days missed that neither happened before nor happen by chance to what comes at that rate. */
function beyondChance(gaps: readonly number[]): number {
  const longest = Math.max(...gaps);
  // What never comes on two days running has a rhythm, and does not come by chance.
  if (Math.min(...gaps) > 0) return longest + 1;
  const missed = gaps.reduce((sum, gap) => sum + gap, 0);
  const missing = (missed + 1) / (gaps.length + missed + 1);
  return Math.max(longest + 1, Math.ceil(Math.log(CHANCE) / Math.log(missing)));
}

/** The gap that nine of ten do not exceed. */
function usual(gaps: readonly number[]): number {
  const sorted = [...gaps].sort((a, b) => a - b);
  return sorted[Math.ceil(0.9 * sorted.length) - 1]!;
}
