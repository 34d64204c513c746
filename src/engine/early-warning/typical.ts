import type { FeatureMatrix } from "../../numeric/matrix.ts";

const FEWEST_PEERS = 10; // the commonest state minimum: a median of fewer would say something about one of them

/**
 * What is typical: each column's median among the learners of a peer group, or among all where fewer than ten of the group
 * have a value.
 * @returns a look-up by peer group, shape (columns); NaN for a categorical column or one that fewer than ten have a value of
 */
export function peerMedians(matrix: FeatureMatrix, peerGroup: readonly string[]): (group: string) => Float64Array {
  const rows = new Map<string, number[]>();
  for (const [row, group] of peerGroup.entries()) {
    const members = rows.get(group);
    if (members === undefined) rows.set(group, [row]);
    else members.push(row);
  }
  const everybody = medians(
    matrix,
    Array.from({ length: matrix.rows }, (_, row) => row),
  );
  const byGroup = new Map(
    [...rows].map(([group, members]) => [
      group,
      medians(matrix, members).map((median, column) => (Number.isNaN(median) ? everybody[column]! : median)),
    ]),
  );
  return (group) => byGroup.get(group) ?? everybody;
}

function medians(matrix: FeatureMatrix, rows: readonly number[]): Float64Array {
  return Float64Array.from(matrix.columns, ({ kind, values }) => {
    if (kind === "categorical") return Number.NaN;
    const known = Float64Array.from(rows, (row) => values[row]!).filter((value) => !Number.isNaN(value));
    if (known.length < FEWEST_PEERS) return Number.NaN;
    known.sort();
    const middle = known.length >> 1;
    return known.length % 2 === 1 ? known[middle]! : (known[middle - 1]! + known[middle]!) / 2;
  });
}
