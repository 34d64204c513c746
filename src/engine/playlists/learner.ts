/** How much something suits a learner, shrunk towards "no difference" and with its interval. */
export interface Preference {
  /** Natural logarithm of how much more often than its share of the library the learner turns to it; 0: no difference. */
  readonly value: number;
  /** The 95 % interval of `value`. */
  readonly low: number;
  readonly high: number;
  /** Activities behind it. */
  readonly evidence: number;
}

/** What is known of one learner when a playlist is put together. */
export interface LearnerState {
  /** Shape (standards): probability that the standard is mastered, in [0, 1]. */
  readonly mastery: Float64Array;
  /** Shape (standards): chance that the next answer is right, in [0, 1]. */
  readonly success: Float64Array;
  /** Shape (standards): how many answers or results lie behind the two; 0 means that it is a guess. */
  readonly evidence: Float64Array;
  /** Shape (standards): when the next review is due, in ms of the wall clock; NaN where none is. */
  readonly reviewDue: Float64Array;
  /** Shape (standards): 1 where practice goes on without getting anywhere (wheel-spinning). */
  readonly stuck: Uint8Array;
  /** Shape (activities): collaborative-filtering score, any scale; 0 where nothing is known. */
  readonly collaborative: Float64Array;
  /** Activities already completed, and when last, in ms of the wall clock. */
  readonly completed: ReadonlyMap<number, number>;
  /** The standard worked on last; −1 when none. */
  readonly lastStandard: number;
  /** The learner's grade as a number; NaN when unknown. */
  readonly grade: number;
  /** By modality. */
  readonly modalities: ReadonlyMap<string, Preference>;
  /** By setting. */
  readonly settings: ReadonlyMap<string, Preference>;
  /** Topic in lower case → from −1 (not at all) to 1. */
  readonly interests: ReadonlyMap<string, number>;
}

const PRIOR_COUNT = 8; // activities' worth of "no difference": a week or two of practice must not make a type of a child
const STATED_COUNT = 4; // what a learner, family or teacher says counts as this many activities chosen

/**
 * What a learner turns to, compared with what the library offers: ln((n_m + k·q_m + 4·s_m)/((N + k + 4·s)·q_m)), with n_m
 * activities done of kind m, q_m its share of the library, s_m what was said (0 to 1) and k = 8. Few activities give a value
 * near 0 and a wide interval (normal approximation to the share, on the log scale). It is a habit, not a talent: it says
 * nothing about what teaches best, and playlists followed change it.
 * @param done - how many activities of each kind were done
 * @param offered - how many the library has of each kind
 * @param stated - what was said of a kind, from −1 (not at all) to 1
 */
export function preferencesFrom(
  done: ReadonlyMap<string, number>,
  offered: ReadonlyMap<string, number>,
  stated: ReadonlyMap<string, number>,
): Map<string, Preference> {
  const library = sum(offered.values());
  const liked = (kind: string): number => STATED_COUNT * Math.max(0, stated.get(kind) ?? 0);
  const kinds = [...offered].filter(([, count]) => count > 0).map(([kind]) => kind);
  const total = sum(kinds.map((kind) => (done.get(kind) ?? 0) + liked(kind))) + PRIOR_COUNT;
  return new Map(
    kinds.map((kind) => {
      const share = offered.get(kind)! / library;
      const disliked = Math.min(0, stated.get(kind) ?? 0); // said outright: no count can say less than nothing
      const count = (done.get(kind) ?? 0) + liked(kind) + PRIOR_COUNT * share;
      const value = Math.log(count / (total * share)) + disliked;
      const spread = 1.96 * Math.sqrt((1 - count / total) / count);
      const preference = { value, low: value - spread, high: value + spread, evidence: done.get(kind) ?? 0 };
      return [kind, preference] as const;
    }),
  );
}

function sum(values: Iterable<number>): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}
