const BANDS: readonly (readonly [most: number, end: number])[] = [
  [20, 20],
  [40, 10],
  [100, 5],
  [300, 2],
  [Number.POSITIVE_INFINITY, 1],
];

/**
 * A share as it may be shown: a whole percentage, its ends coded by the size of the group (from ≤ 20 % of ten learners to ≤ 1 % of more
 * than 300); null when the group is below k. No count may stand beside it.
 * @see NCES technical brief 3 (2011-603); handbook privacy 2.1
 */
export function shownShare(count: number, group: number, k: number): string | null {
  if (group < k) return null;
  const end = BANDS.find(([most]) => group <= most)![1];
  const percent = (100 * count) / group;
  if (percent <= end) return `≤ ${end} %`;
  return percent >= 100 - end ? `≥ ${100 - end} %` : `${Math.round(percent)} %`;
}

/** How many counts a whole percentage of a group leaves possible: one means the count is given away. */
export function countsBehind(percent: number, group: number): number {
  let possible = 0;
  for (let count = 0; count <= group; count++) {
    const exact = (100 * count) / group;
    if (exact >= percent - 0.5 && exact < percent + 0.5) possible++;
  }
  return possible;
}

/**
 * A part of a whole as both may be shown: when the part or the rest is below k (but not empty on the side of the rest), the part becomes
 * a bound, so that nobody finds the small one by subtraction.
 */
export function shownPart(part: number, whole: number, k: number): string {
  if (whole < k) return `fewer than ${k}`;
  if (part < k) return `fewer than ${k}`;
  if (whole - part > 0 && whole - part < k) return `more than ${whole - k}`;
  return String(part);
}

/** A number to the second digit of its standard error: more would be a fingerprint of the sample. */
export function roundedBy(value: number, se: number): string {
  const digits = Number.isFinite(se) && se > 0 ? Math.max(0, Math.min(6, 2 - Math.floor(Math.log10(se)) - 1)) : 3;
  return value.toFixed(digits);
}
