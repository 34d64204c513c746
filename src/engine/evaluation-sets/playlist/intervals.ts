import type { Random } from "../../../numeric/random.ts";

const DRAWS = 1000; // of the users: the ends of an interval move by about a twentieth of its length
const LEVEL = 0.95;

/** A 95 % interval, lower end first; undefined where it cannot be known. */
export type Interval = readonly [number, number] | { readonly status: "undefined"; readonly reason: string };

/**
 * Means over users drawn again with replacement, as many as there are. Equal streams draw equal users, so that means of two
 * models drawn with them can be subtracted draw by draw.
 * @param columns - per figure one value per user, of the same users
 * @returns shape (columns × draws): the means, in the order of the draws
 */
export function resampleMeans(columns: readonly Float64Array[], rng: Random): readonly Float64Array[] {
  const users = columns[0]?.length ?? 0;
  const means = columns.map(() => new Float64Array(DRAWS));
  const times = new Int32Array(users);
  for (let draw = 0; draw < DRAWS; draw++) {
    times.fill(0);
    for (let i = 0; i < users; i++) times[rng.integer(users)]!++;
    for (const [column, values] of columns.entries()) {
      let sum = 0;
      for (let user = 0; user < users; user++) sum += times[user]! * values[user]!;
      means[column]![draw] = sum / users;
    }
  }
  return means;
}

/**
 * The percentile interval of drawn means.
 * @param users - how many users were drawn from
 * @see Efron and Tibshirani (1993), An Introduction to the Bootstrap, 13.3
 */
export function percentileInterval(means: Float64Array, users: number): Interval {
  if (users < 2) return { status: "undefined", reason: "fewer than two users have something held out" };
  const sorted = means.slice().sort();
  const at = (share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]!;
  return [at((1 - LEVEL) / 2), at(1 - (1 - LEVEL) / 2)];
}

/** The mean of values that exist. */
export function meanOf(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
