/** What one user did, in the order of the file: items by index, and when. */
export interface UserEvents {
  readonly items: readonly number[];
  /** Shape (items), in any unit. */
  readonly times: readonly number[];
}

/** Items per user in three disjoint parts, ascending. */
export interface SplitParts {
  readonly train: readonly Int32Array[];
  readonly valid: readonly Int32Array[];
  readonly test: readonly Int32Array[];
}

/**
 * RecBole's random split, 8:1:1 per user: each user's items in file order, shuffled by Fisher–Yates from the last position
 * down with one mulberry32 stream for all users in order; the first ⌊n/10⌋ are test, the next ⌊n/10⌋ validation, the rest
 * training.
 */
export function splitByRecbole(users: readonly UserEvents[], seed: number): SplitParts {
  const next = mulberry32(seed);
  const parts = users.map(({ items }) => {
    const row = [...items];
    for (let i = row.length - 1; i > 0; i--) {
      const j = Math.floor(next() * (i + 1));
      [row[i], row[j]] = [row[j]!, row[i]!];
    }
    const tenth = Math.floor(0.1 * row.length);
    return { test: row.slice(0, tenth), valid: row.slice(tenth, 2 * tenth), train: row.slice(2 * tenth) };
  });
  return {
    train: parts.map(({ train }) => ascending(train)),
    valid: parts.map(({ valid }) => ascending(valid)),
    test: parts.map(({ test }) => ascending(test)),
  };
}

/**
 * Two moments for all users alike: what happened in the first 80 % of the events is training, in the next 10 % validation,
 * after that test. Events of one moment stay together, in the later part. A user may be absent from any part.
 */
export function splitByTime(users: readonly UserEvents[]): SplitParts {
  const times = Float64Array.from(users.flatMap((user) => [...user.times])).sort();
  const moment = (share: number): number => times[Math.floor(share * times.length)] ?? Number.POSITIVE_INFINITY;
  const [validFrom, testFrom] = [moment(0.8), moment(0.9)];
  const between = (from: number, to: number): Int32Array[] =>
    users.map((user) => ascending(user.items.filter((_, i) => user.times[i]! >= from && user.times[i]! < to)));
  return {
    train: between(Number.NEGATIVE_INFINITY, validFrom),
    valid: between(validFrom, testFrom),
    test: between(testFrom, Number.POSITIVE_INFINITY),
  };
}

function ascending(items: readonly number[]): Int32Array {
  return Int32Array.from(items).sort();
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
