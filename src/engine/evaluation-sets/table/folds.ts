import type { Random } from "../../../numeric/random.ts";

/**
 * Deals rows into stratified folds: within each class rows are shuffled by the seed and dealt out in turn, so every fold has
 * its share of every class. Rows of one group stay together; a group counts as the rarest class it holds.
 * @param labels - shape (rows): class of each row, below `classes`
 * @param group - shape (rows): equal for rows that stay together, NaN for a row of its own; none stay together when undefined
 * @returns shape (rows): the fold of each row, below `folds`
 */
export function stratifiedFolds(
  labels: Uint8Array,
  classes: number,
  folds: number,
  group: Float64Array | undefined,
  rng: Random,
): Uint16Array {
  const unit = unitsOf(labels.length, group);
  const rowsOf = new Float64Array(classes);
  for (let row = 0; row < labels.length; row++) rowsOf[labels[row]!]! += 1;
  const classOf = new Int16Array(unit.count).fill(-1);
  for (let row = 0; row < labels.length; row++) {
    const own = unit.of[row]!;
    if (classOf[own]! < 0 || rowsOf[labels[row]!]! < rowsOf[classOf[own]!]!) classOf[own] = labels[row]!;
  }
  const foldOf = new Uint16Array(unit.count);
  let next = 0;
  for (let category = 0; category < classes; category++) {
    const own = Int32Array.from(classOf.keys()).filter((index) => classOf[index] === category);
    const draw = rng.derive(category);
    for (let i = own.length - 1; i > 0; i--) {
      const j = draw.integer(i + 1);
      [own[i], own[j]] = [own[j]!, own[i]!];
    }
    for (const index of own) foldOf[index] = next++ % folds;
  }
  return Uint16Array.from(unit.of, (own) => foldOf[own]!);
}

/** Numbers the groups by first appearance. */
function unitsOf(rows: number, group: Float64Array | undefined): { readonly of: Int32Array; readonly count: number } {
  if (group === undefined) return { of: Int32Array.from({ length: rows }, (_, row) => row), count: rows };
  const seen = new Map<number, number>();
  let count = 0;
  const of = new Int32Array(rows);
  for (let row = 0; row < rows; row++) {
    const key = group[row]!;
    const known = Number.isNaN(key) ? undefined : seen.get(key);
    if (known === undefined && !Number.isNaN(key)) seen.set(key, count);
    of[row] = known ?? count++;
  }
  return { of, count };
}
