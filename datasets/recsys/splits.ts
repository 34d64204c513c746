/** What one user did, in the order of the file: items by index, and when. */
export interface UserEvents {
  /** Different items. */
  readonly items: ArrayLike<number>;
  /** Shape (items), in any unit; absent when nobody wrote it down. */
  readonly times?: ArrayLike<number>;
}

/** Items per user in three disjoint parts, ascending. */
export interface SplitParts {
  readonly train: readonly Int32Array[];
  readonly valid: readonly Int32Array[];
  readonly test: readonly Int32Array[];
  /** Shape (train): when each happened, where that is known. */
  readonly trainTimes?: readonly Float64Array[];
}

/**
 * RecBole's random split, 8:1:1 per user: each user's items in file order, shuffled by Fisher–Yates from the last position
 * down with one mulberry32 stream for all users in order; the first ⌊n/10⌋ are test, the next ⌊n/10⌋ validation, the rest
 * training.
 */
export function splitByRecbole(users: readonly UserEvents[], seed: number): SplitParts {
  const next = mulberry32(seed);
  return takeParts(
    users,
    users.map(({ items }) => {
      const row = Int32Array.from({ length: items.length }, (_, i) => i);
      for (let i = row.length - 1; i > 0; i--) {
        const j = Math.floor(next() * (i + 1));
        [row[i], row[j]] = [row[j]!, row[i]!];
      }
      const tenth = Math.floor(0.1 * row.length);
      return { test: row.subarray(0, tenth), valid: row.subarray(tenth, 2 * tenth), train: row.subarray(2 * tenth) };
    }),
  );
}

/**
 * Two moments for all users alike: what happened in the first 80 % of the events is training, in the next 10 % validation,
 * after that test. Events of one moment stay together, in the later part. A user may be absent from any part. Without times
 * everything is one moment.
 */
export function splitByTime(users: readonly UserEvents[]): SplitParts {
  const timesOf = ({ items, times }: UserEvents): ArrayLike<number> => times ?? new Float64Array(items.length);
  const times = new Float64Array(users.reduce((sum, { items }) => sum + items.length, 0));
  let filled = 0;
  for (const user of users) {
    times.set(timesOf(user), filled);
    filled += user.items.length;
  }
  times.sort();
  const moment = (share: number): number => times[Math.floor(share * times.length)] ?? Number.POSITIVE_INFINITY;
  const [validFrom, testFrom] = [moment(0.8), moment(0.9)];
  return takeParts(
    users,
    users.map((user) => {
      const own = timesOf(user);
      const places = Int32Array.from({ length: own.length }, (_, i) => i);
      return {
        train: places.filter((i) => own[i]! < validFrom),
        valid: places.filter((i) => own[i]! >= validFrom && own[i]! < testFrom),
        test: places.filter((i) => own[i]! >= testFrom),
      };
    }),
  );
}

/** The parts by places in each user's events, as ascending items. */
function takeParts(
  users: readonly UserEvents[],
  places: readonly Readonly<Record<"train" | "valid" | "test", Int32Array>>[],
): SplitParts {
  const ascending = (part: "train" | "valid" | "test"): Int32Array[] =>
    users.map(({ items }, user) => places[user]![part].map((i) => items[i]!).sort());
  const parts = { train: ascending("train"), valid: ascending("valid"), test: ascending("test") };
  if (users.some(({ times }) => times === undefined)) return parts;
  const trainTimes = users.map(({ items, times }, user) => {
    const row = places[user]!.train.slice().sort((a, b) => items[a]! - items[b]!);
    return Float64Array.from(row, (i) => times![i]!);
  });
  return { ...parts, trainTimes };
}

/** The generator the published splits were drawn with (Tommy Ettinger's mulberry32). */
function mulberry32(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t = (t + Math.imul(t ^ (t >>> 7), t | 61)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 0x100000000;
  };
}
