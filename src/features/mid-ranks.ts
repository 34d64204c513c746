/**
 * The mid-rank of every value within its group: (number smaller + number smaller or equal) / (2 · number of known values).
 * @param values - shape (n), NaN where missing; missing values take no part
 * @param groups - shape (n), each a whole number from 0 on, or -1 for no group
 * @returns shape (n), each in (0, 1); NaN where the value is missing or has no group
 */
export function midRanks(values: Float64Array, groups: Int32Array): Float64Array {
  const { begins, sorted } = sortWithin(values, groups);
  const { steps, distinct, from } = distinctWithin(begins, sorted);
  const ranks = new Float64Array(values.length).fill(Number.NaN);
  for (let row = 0; row < values.length; row++) {
    const value = values[row]!;
    const group = groups[row]!;
    if (group < 0 || Number.isNaN(value)) continue;
    const begin = begins[group]!;
    // Every value was sorted with the others, so it is found.
    const at = find(distinct, steps[group]!, steps[group + 1]!, value);
    ranks[row] = (from[at]! - begin + (from[at + 1]! - begin)) / (2 * (begins[group + 1]! - begin));
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

/**
 * The distinct values of each group, one group after the other: a group's are at [steps[g], steps[g + 1]). `from` gives where
 * each begins among the sorted ones. Marks and counts repeat, so a search among the distinct ones is short, and one is enough.
 */
function distinctWithin(
  begins: Int32Array,
  sorted: Float64Array,
): { steps: Int32Array; distinct: Float64Array; from: Int32Array } {
  const steps = new Int32Array(begins.length);
  const distinct = new Float64Array(sorted.length);
  const from = new Int32Array(sorted.length + 1);
  let count = 0;
  for (let group = 0; group + 1 < begins.length; group++) {
    for (let at = begins[group]!; at < begins[group + 1]!; at++) {
      if (at > begins[group]! && sorted[at] === sorted[at - 1]) continue;
      distinct[count] = sorted[at]!;
      from[count++] = at;
    }
    steps[group + 1] = count;
  }
  from[count] = sorted.length;
  return { steps, distinct, from };
}

/** Where distinct[begin … end) holds the value. */
function find(distinct: Float64Array, begin: number, end: number, value: number): number {
  let low = begin;
  let high = end - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (distinct[middle]! < value) low = middle + 1;
    else high = middle;
  }
  return low;
}
