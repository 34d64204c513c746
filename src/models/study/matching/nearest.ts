import { CairnError } from "../../../errors.ts";

/** Settings of {@link matchNearest}. */
export interface MatchOptions {
  /** Whether a comparison learner may serve several treated; default false. */
  readonly replacement?: boolean;
  /** Comparison learners per treated; default 1. */
  readonly ratio?: number;
  /** Largest distance of a match, in the units of the distance; default none. */
  readonly caliper?: number;
  /** Shape (rows): only rows with equal values may be matched (school, grade). */
  readonly exact?: ArrayLike<number>;
  /** Shape (rows): matches within the same value are taken first, others only when there is none (students in schools). */
  readonly preferWithin?: ArrayLike<number>;
}

/** Which comparison rows were matched to which treated row. */
export interface Matching {
  /** In the order of matching: treated row and its comparison rows, nearest first. */
  readonly sets: readonly { readonly treated: number; readonly compared: readonly number[] }[];
  /** Treated rows that found no match. */
  readonly unmatched: readonly number[];
}

/**
 * Greedy nearest-neighbour matching: the treated in falling order of the score (ties: the lower row first), each with the nearest
 * comparison row still free (ties: the lower row). The tie rule decides: other rules give other matches.
 * @param score - shape (rows): propensity or its logit; distance is the absolute difference
 * @throws CairnError `BAD_INPUT` when nobody could be matched or a setting is out of range
 * @see Rosenbaum and Rubin (1985), The American Statistician 39(1); Ho, Imai, King and Stuart (2011), JSS 42(8)
 */
export function matchNearest(
  score: ArrayLike<number>,
  treatment: ArrayLike<number>,
  options: MatchOptions = {},
): Matching {
  const { replacement = false, ratio = 1, caliper = Number.POSITIVE_INFINITY } = options;
  if (!(Number.isInteger(ratio) && ratio >= 1) || !(caliper > 0)) {
    throw new CairnError(
      "BAD_INPUT",
      `expected a whole ratio from 1 and a caliper above 0, got ${ratio} and ${caliper}`,
    );
  }
  const rows = Array.from({ length: treatment.length }, (_, row) => row);
  const treated = rows.filter((row) => treatment[row] === 1).sort((a, b) => score[b]! - score[a]! || a - b);
  const compared = rows.filter((row) => treatment[row] !== 1);
  const free = new Uint8Array(treatment.length).fill(1);
  const sets: { treated: number; compared: number[] }[] = [];
  const unmatched: number[] = [];
  for (const row of treated) {
    const found: number[] = [];
    while (found.length < ratio) {
      const next = nearest(
        row,
        compared,
        score,
        options,
        caliper,
        (other) => free[other] === 1 && !found.includes(other),
      );
      if (next < 0) break;
      found.push(next);
      if (!replacement) free[next] = 0;
    }
    if (found.length > 0) sets.push({ treated: row, compared: found });
    else unmatched.push(row);
  }
  if (sets.length === 0) {
    throw new CairnError("BAD_INPUT", `expected a match for some of ${treated.length} treated, got none`, {
      hint: "widen the caliper, or match exactly on fewer columns",
    });
  }
  return { sets, unmatched };
}

function nearest(
  row: number,
  compared: readonly number[],
  score: ArrayLike<number>,
  { exact, preferWithin }: MatchOptions,
  caliper: number,
  usable: (other: number) => boolean,
): number {
  let best = -1;
  let bestDistance = Number.POSITIVE_INFINITY;
  let bestOutside = true;
  for (const other of compared) {
    if (!usable(other)) continue;
    if (exact !== undefined && exact[other] !== exact[row]) continue;
    const distance = Math.abs(score[other]! - score[row]!);
    if (distance > caliper) continue;
    const outside = preferWithin !== undefined && preferWithin[other] !== preferWithin[row];
    if (best >= 0 && (outside !== bestOutside ? outside : distance >= bestDistance)) continue;
    best = other;
    bestDistance = distance;
    bestOutside = outside;
  }
  return best;
}
