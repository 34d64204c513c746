import type { KernelCall } from "../parallel/pool.ts";
import { rowParts, type TreeRows } from "./histogram.ts";
import type { Kernels } from "./kernels.ts";

const PART_ROWS = 4_096; // fewer rows in all are not worth waking a thread for their leaves
const WIDE = 16;

/** Fills the wide blocks of {@link TreeRows.bins} from {@link TreeRows.columns}. */
export function interleaveColumns(kernels: Kernels, { columns, bins, rows, features }: TreeRows): void {
  const [from, to] = [kernels.address(columns), kernels.address(bins)];
  const calls: KernelCall[] = [];
  for (let feature = 0; feature < features; feature += WIDE) {
    const count = Math.min(WIDE, features - feature);
    for (const [first, last] of rowParts(0, rows)) {
      calls.push(["interleaveColumns", from + feature * rows, rows, count, first, last, to + feature * rows]);
    }
  }
  kernels.callAll(calls);
}

/** Puts the rows back in their own order, for the next tree: the rows of a node then lie as near to each other as they can. */
export function restoreOrder({ order }: TreeRows): void {
  for (let row = 0; row < order.length; row++) order[row] = row;
}

/**
 * Divides the rows order[first … last) by a feature's bins and `goesLeft`, both parts in their old order.
 * @returns the position of the first row that goes right
 */
export function partitionRows(
  kernels: Kernels,
  treeRows: TreeRows,
  feature: number,
  first: number,
  last: number,
): number {
  const { columns, rows, goesLeft, order, scratch, moreScratch } = treeRows;
  const column = kernels.address(columns) + feature * rows;
  const ranges = rowParts(first, last);
  if (ranges.length === 1) {
    return kernels.call("partitionRows", column, goesLeft, order, first, last, scratch);
  }
  const [orderAt, leftsAt, rightsAt] = [order, scratch, moreScratch].map((view) => kernels.address(view)) as [
    number,
    number,
    number,
  ];
  const lefts = new Float64Array(ranges.length);
  const question = [column, kernels.address(goesLeft), orderAt] as const;
  kernels.callAll(
    ranges.map(([from, to]) => ["partitionPart", ...question, from, to, leftsAt, rightsAt]),
    lefts,
  );
  let left = first;
  let right = first + lefts.reduce((sum, count) => sum + count, 0);
  const middle = right;
  const copies: KernelCall[] = [];
  for (const [part, [from, to]] of ranges.entries()) {
    const toLeft = lefts[part]!;
    const toRight = to - from - toLeft;
    copies.push(["copyRows", leftsAt + from * 4, orderAt + left * 4, toLeft]);
    copies.push(["copyRows", rightsAt + from * 4, orderAt + right * 4, toRight]);
    left += toLeft;
    right += toRight;
  }
  kernels.callAll(copies);
  return middle;
}

/** A leaf's rows order[first … last) and what is added to their log-odds. */
export interface LeafValue {
  readonly first: number;
  readonly last: number;
  readonly value: number;
}

/** Adds each leaf's value to the log-odds of its rows; leaves share no row. */
export function addLeafValues(kernels: Kernels, { order, scores, rows }: TreeRows, leaves: readonly LeafValue[]): void {
  const orderAt = kernels.address(order);
  const scoresAt = kernels.address(scores);
  const calls = leaves.map(
    ({ first, last, value }): KernelCall => ["addLeafValue", orderAt, first, last, value, scoresAt],
  );
  if (rows >= PART_ROWS) kernels.callAll(calls);
  else for (const call of calls) kernels.callAll([call]);
}
