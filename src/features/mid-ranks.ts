/**
 * The mid-rank of every value within its group: (number smaller + number smaller or equal) / (2 · number of known values).
 * @param values - shape (n), NaN where missing; missing values take no part
 * @param groups - shape (n), each a whole number from 0 on, or -1 for no group
 * @returns shape (n), each in (0, 1); NaN where the value is missing or has no group
 */
export function midRanks(values: Float64Array, groups: Int32Array): Float64Array {
  const { begins, sorted } = sortWithin(values, groups);
  const ranks = new Float64Array(values.length).fill(Number.NaN);
  for (let row = 0; row < values.length; row++) {
    const value = values[row]!;
    const group = groups[row]!;
    if (group < 0 || Number.isNaN(value)) continue;
    const begin = begins[group]!;
    const end = begins[group + 1]!;
    const smaller = countBelow(sorted, begin, end, value);
    const upTo = countUpTo(sorted, begin, end, value);
    ranks[row] = (smaller + upTo) / (2 * (end - begin));
  }
  return ranks;
}

/** The known values of each group in rising order, one group after the other; a group's are at [begins[g], begins[g + 1]). */
function sortWithin(values: Float64Array, groups: Int32Array): { begins: Int32Array; sorted: Float64Array } {
  let last = -1;
  for (let row = 0; row < groups.length; row++) last = Math.max(last, groups[row]!);
  const begins = new Int32Array(last + 2);
  const isTaken = (row: number): boolean => groups[row]! >= 0 && !Number.isNaN(values[row]!);
  for (let row = 0; row < values.length; row++) if (isTaken(row)) begins[groups[row]! + 1]! += 1;
  for (let group = 1; group < begins.length; group++) begins[group]! += begins[group - 1]!;
  const sorted = new Float64Array(begins[last + 1]!);
  const next = begins.slice();
  for (let row = 0; row < values.length; row++) if (isTaken(row)) sorted[next[groups[row]!]!++] = values[row]!;
  for (let group = 0; group <= last; group++) sorted.subarray(begins[group], begins[group + 1]).sort();
  return { begins, sorted };
}

/** How many of sorted[begin … end) are below the value. */
function countBelow(sorted: Float64Array, begin: number, end: number, value: number): number {
  let low = begin;
  let high = end;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle]! < value) low = middle + 1;
    else high = middle;
  }
  return low - begin;
}

/** How many of sorted[begin … end) are at most the value. */
function countUpTo(sorted: Float64Array, begin: number, end: number, value: number): number {
  let low = begin;
  let high = end;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle]! <= value) low = middle + 1;
    else high = middle;
  }
  return low - begin;
}
