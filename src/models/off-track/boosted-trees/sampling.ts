import { binOffset, type TreeRows } from "../../../numeric/kernels/histogram.ts";
import type { Random } from "../../../numeric/random.ts";

const WORD = 0x1_0000_0000;

/**
 * A number per row by which trees draw their rows: it depends on what the row holds (its bins and label) and, among rows that
 * hold the same, on how many came before, so that the order of rows cannot change a model.
 * @returns shape (rows)
 */
export function rowKeys(treeRows: TreeRows): Uint32Array {
  const { rows, features, width, bins, labels } = treeRows;
  const low = new Uint32Array(rows);
  const high = new Uint32Array(rows);
  for (let row = 0; row < rows; row++) low[row] = mix(labels[row]! + 1);
  high.set(low);
  for (let feature = 0; feature < features; feature++) {
    for (let row = 0, at = binOffset(treeRows, feature); row < rows; row++, at += width) {
      const bin = bins[at]! + 1;
      low[row] = mix(low[row]! ^ Math.imul(bin, 0x9e3779b1));
      high[row] = mix(Math.imul(high[row]!, 31) + bin);
    }
  }
  const before = new Map<number, number>();
  return low.map((hash, row) => {
    const content = hash * 0x20_0000 + (high[row]! >>> 11); // 53 bits: rows that differ practically never share them
    const ordinal = before.get(content) ?? 0;
    before.set(content, ordinal + 1);
    return mix(hash ^ Math.imul(ordinal + 1, 0x85ebca6b) ^ high[row]!);
  });
}

/**
 * Marks the rows that count in one tree.
 * @param share - of the rows, in expectation
 */
export function takeRowsForTree(treeRows: TreeRows, keys: Uint32Array, share: number, rng: Random): void {
  const salt = rng.integer(WORD);
  for (let row = 0; row < keys.length; row++) {
    treeRows.taken[row] = mix(mix(keys[row]! ^ salt) + salt) < share * WORD ? 1 : 0;
  }
}

/**
 * Leaves out all but a share of the features, at least one, for one tree.
 * @param descriptions - of {@link TreeRows}, as they are with every feature
 */
export function takeFeaturesForTree(treeRows: TreeRows, descriptions: Int32Array, share: number, rng: Random): void {
  const { features } = treeRows;
  treeRows.descriptions.set(descriptions);
  const kept = Math.max(1, Math.round(share * features));
  const order = Array.from({ length: features }, (_, feature) => feature);
  for (let i = 0; i < features - kept; i++) {
    const j = i + rng.integer(features - i);
    const chosen = order[j]!;
    order[j] = order[i]!;
    order[i] = chosen;
    treeRows.descriptions[chosen * 4] = 0;
  }
}

/** MurmurHash3's finalizer: every bit of the result depends on every bit of the input. */
function mix(word: number): number {
  let mixed = Math.imul(word ^ (word >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}
