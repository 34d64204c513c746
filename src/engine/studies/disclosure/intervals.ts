/** A table of counts whose row and column totals are all published, and which of its cells are not shown. */
export interface SuppressedTable {
  /** Counts, row by row. */
  readonly counts: readonly (readonly number[])[];
  /** True where the cell is not shown. */
  readonly hidden: readonly (readonly boolean[])[];
}

/** What a reader can work out of one hidden cell. */
export interface CellInterval {
  readonly row: number;
  readonly column: number;
  readonly least: number;
  readonly most: number;
}

/**
 * The exact range every hidden cell can have, given all totals and shown cells: how far it can be moved along cycles of hidden cells,
 * by maximum flow in whole numbers.
 * @see Cox (1995), Network models for complementary cell suppression, JASA 90; handbook privacy 2.2, step 4
 */
export function feasibleIntervals(table: SuppressedTable): CellInterval[] {
  return table.counts.flatMap((cells, row) =>
    cells.flatMap((count, column) => {
      if (!table.hidden[row]![column]) return [];
      const most = count + movable(table, row, column, "up");
      const least = count - Math.min(count, movable(table, row, column, "down"));
      return [{ row, column, least, most }];
    }),
  );
}

/**
 * How much one hidden cell can be raised (or lowered) by moving others: raising it by δ must be undone along a path from its column back
 * to its row, on which cells fall and rise by turns; a cell can fall to zero and rise without limit.
 */
function movable({ counts, hidden }: SuppressedTable, row: number, column: number, way: "up" | "down"): number {
  const rows = counts.length;
  const nodes = rows + counts[0]!.length;
  const capacity = new Float64Array(nodes * nodes);
  hidden.forEach((cells, r) => {
    cells.forEach((isHidden, c) => {
      if (!isHidden || (r === row && c === column)) return;
      capacity[r * nodes + rows + c] = Number.POSITIVE_INFINITY; // along the cell: it rises
      capacity[(rows + c) * nodes + r] = counts[r]![c]!; // against it: it falls, to zero at most
    });
  });
  const [from, to] = way === "up" ? [rows + column, row] : [row, rows + column];
  return maximumFlow(capacity, nodes, from, to);
}

/** Edmonds and Karp: shortest augmenting paths; changes the capacities. */
function maximumFlow(capacity: Float64Array, nodes: number, from: number, to: number): number {
  let flow = 0;
  for (;;) {
    const before = shortestPath(capacity, nodes, from, to);
    if (before === null) return flow;
    let least = Number.POSITIVE_INFINITY;
    for (let node = to; node !== from; node = before[node]!)
      least = Math.min(least, capacity[before[node]! * nodes + node]!);
    if (least === Number.POSITIVE_INFINITY) return least;
    for (let node = to; node !== from; node = before[node]!) {
      capacity[before[node]! * nodes + node]! -= least;
      capacity[node * nodes + before[node]!]! += least;
    }
    flow += least;
  }
}

function shortestPath(capacity: Float64Array, nodes: number, from: number, to: number): Int32Array | null {
  const before = new Int32Array(nodes).fill(-1);
  before[from] = from;
  const queue = [from];
  for (const node of queue) {
    for (let next = 0; next < nodes; next++) {
      if (before[next]! >= 0 || !(capacity[node * nodes + next]! > 0)) continue;
      before[next] = node;
      if (next === to) return before;
      queue.push(next);
    }
  }
  return null;
}
