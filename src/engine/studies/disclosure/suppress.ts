import { type CellInterval, feasibleIntervals, type SuppressedTable } from "./intervals.ts";

/** Whether what is shown keeps small cells unknown, and which ranges a reader could work out. */
export interface TableAudit {
  readonly passes: boolean;
  readonly intervals: readonly CellInterval[];
}

const ENUMERATED = 14; // 16,384 patterns can be tried while one waits; larger tables are done greedily

/**
 * Checks a table with published totals: every count below k must be hidden, and every hidden cell must have a range at least k wide that
 * reaches k or more.
 * @param k - the smallest group that may be shown
 * @see handbook privacy 2.2, steps 2, 4 and 6
 */
export function auditTable(table: SuppressedTable, k: number): TableAudit {
  const intervals = feasibleIntervals(table);
  const shown = table.counts.every((cells, row) =>
    cells.every((count, column) => table.hidden[row]![column] === true || count >= k),
  );
  return { passes: shown && intervals.every(({ least, most }) => most - least >= k && most >= k), intervals };
}

/**
 * Hides the cells below k and the cheapest further ones (by what they count) that keep them unknown; null when no pattern does, not even
 * hiding every cell: then the totals must not be published.
 */
export function suppressTable(counts: readonly (readonly number[])[], k: number): SuppressedTable | null {
  const primary = counts.map((cells) => cells.map((count) => count < k));
  const others = counts.flatMap((cells, row) =>
    cells.flatMap((count, column) => (count < k ? [] : [{ row, column, count }])),
  );
  others.sort((a, b) => a.count - b.count);
  const passes = (hidden: readonly (readonly boolean[])[]): boolean => auditTable({ counts, hidden }, k).passes;
  if (passes(primary)) return { counts, hidden: primary };
  if (!passes(counts.map((cells) => cells.map(() => true)))) return null;
  const hide = (cells: readonly { row: number; column: number }[]): boolean[][] => {
    const hidden = primary.map((row) => [...row]);
    for (const { row, column } of cells) hidden[row]![column] = true;
    return hidden;
  };
  if (others.length > ENUMERATED) return { counts, hidden: hide(greedy(others, (cells) => passes(hide(cells)))) };
  const patterns = Array.from({ length: 2 ** others.length }, (_, mask) => mask)
    .map((mask) => ({ mask, cost: others.reduce((sum, { count }, i) => sum + ((mask >> i) & 1 ? count : 0), 0) }))
    .sort((a, b) => a.cost - b.cost);
  for (const { mask } of patterns) {
    const hidden = hide(others.filter((_, i) => (mask >> i) & 1));
    if (passes(hidden)) return { counts, hidden };
  }
  return null;
}

/** Cheapest first until it passes, then those that turn out not to be needed are shown again, dearest first. */
function greedy<T>(cells: readonly T[], passes: (chosen: readonly T[]) => boolean): T[] {
  let chosen: T[] = [];
  for (const cell of cells) {
    chosen.push(cell);
    if (passes(chosen)) break;
  }
  for (const cell of [...chosen].reverse()) {
    const without = chosen.filter((other) => other !== cell);
    if (passes(without)) chosen = without;
  }
  return chosen;
}
