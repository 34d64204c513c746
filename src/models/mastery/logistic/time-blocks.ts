import type { FeatureBlock } from "./block.ts";
import type { SkillRecord } from "./history.ts";

const HOUR = 3600;
const DAY = 24 * HOUR;

/** What counts as recent, in seconds back from now; the last is all time. */
const WINDOWS = [HOUR, DAY, 7 * DAY, 30 * DAY, Number.POSITIVE_INFINITY];

/**
 * Per skill: its easiness, and weights of ln(1 + wins) and ln(1 + attempts) on it within an hour, a day, a week, a month and
 * ever. Without times only the last counts. With the items: DAS3H, less its learner (a new learner has none).
 * @see Choffin, Popineau, Bourda and Vie (2019), DAS3H, EDM, eq. 6 and 7
 */
export const timeWindowBlock: FeatureBlock = {
  name: "time windows",
  layout: "skill",
  columns: ({ skills }) => (1 + 2 * WINDOWS.length) * skills,
  write(history, { skills, skillColumns, time }, _vocabulary, push) {
    for (let i = 0; i < skills.length; i++) {
      if (skillColumns[i]! < 0) continue;
      const offset = (1 + 2 * WINDOWS.length) * skillColumns[i]!;
      push(offset, 1);
      const record = history.skills.get(skills[i]!);
      if (record === undefined) continue;
      for (let window = time === undefined ? WINDOWS.length - 1 : 0; window < WINDOWS.length; window++) {
        const { wins, count } = within(record, time, WINDOWS[window]!);
        push(offset + 1 + 2 * window, Math.log1p(wins));
        push(offset + 2 + 2 * window, Math.log1p(count));
      }
    }
  },
};

/** Responses on a skill no older than a window. */
function within(
  { times, winsUpTo, count, wins }: SkillRecord,
  now: number | undefined,
  window: number,
): { wins: number; count: number } {
  if (now === undefined) return { wins, count };
  let [low, high] = [0, times.length]; // the first response that is recent enough
  while (low < high) {
    const middle = (low + high) >> 1;
    if (times[middle]! >= now - window) high = middle;
    else low = middle + 1;
  }
  return { wins: wins - (low === 0 ? 0 : winsUpTo[low - 1]!), count: times.length - low };
}

const SHORTEST = 300; // seconds: below five minutes the gap would tell how long the question itself took
const BUCKETS = 16; // doublings of five minutes: the last is from four months on

/** How long ago the learner answered last, and answered last on each skill: one weight per doubling of the time. */
export const timeGapBlock: FeatureBlock = {
  name: "time since",
  layout: "shared",
  columns: () => 2 * BUCKETS,
  write(history, { skills, time }, _vocabulary, push) {
    if (time === undefined) return;
    if (history.lastTime !== undefined) push(bucketOf(time - history.lastTime), 1);
    const share = 1 / Math.max(1, skills.length);
    for (const skill of skills) {
      const last = history.skills.get(skill)?.times.at(-1);
      if (last !== undefined) push(BUCKETS + bucketOf(time - last), share);
    }
  },
};

function bucketOf(seconds: number): number {
  return seconds < SHORTEST ? 0 : Math.min(BUCKETS - 1, 1 + Math.floor(Math.log2(seconds / SHORTEST)));
}
