import type { KernelCall } from "../parallel/pool.ts";
import type { Kernels } from "./kernels.ts";

const CHUNK_ROWS = 16_384; // rows whose columns are in the arena at once
const TILE_ROWS = 64; // what the kernels turn into rows at a time
const PART_ROWS = 256; // fewer are not worth a thread
const NODE_BYTES = 16;
const NODE_INTEGERS = 4; // a limit of 64 bits and two integers
const READ_INTEGERS = 4; // a double and two integers

/** Trees as {@link addTrees} reads them: views of one arena, filled by {@link placeTrees}. */
export interface PlacedTrees {
  readonly trees: number;
  /** The features that are asked for, upwards. */
  readonly features: readonly number[];
  /** What is asked of each row: see assembly/trees.ts. */
  readonly reads: Int32Array;
  readonly nodes: Int32Array;
  readonly values: Float64Array;
  readonly roots: Int32Array;
  readonly depths: Int32Array;
}

/** One node: a leaf has feature −1 and a value; children lie side by side, after their parent. */
export interface TreeNode {
  readonly feature: number;
  readonly threshold: number;
  readonly isCategorical: boolean;
  readonly missingLeft: boolean;
  readonly left: number;
  readonly value: number;
}

/**
 * Places trees in the arena.
 * @param roots - node numbers, one per tree and the number of nodes
 * @param nodeAt - what each is
 * @throws CairnError `UNAVAILABLE` when the arena cannot hold them
 */
export function placeTrees(kernels: Kernels, roots: Int32Array, nodeAt: (node: number) => TreeNode): PlacedTrees {
  const trees = roots.length - 1;
  const all = Array.from({ length: roots[trees]! }, (_, node) => nodeAt(node));
  const reads = new Reads();
  const nodes = kernels.int32(all.length * NODE_INTEGERS);
  const limits = new BigUint64Array(nodes.buffer, nodes.byteOffset, all.length * 2);
  for (const [node, question] of all.entries()) {
    const isLeaf = question.feature < 0;
    const { limit, shift } = isLeaf ? leafQuestion : questionOf(question);
    limits[node * 2] = limit;
    nodes[node * NODE_INTEGERS + 2] = isLeaf ? 0 : reads.placeOf(question) * 2 + shift;
    nodes[node * NODE_INTEGERS + 3] = (isLeaf ? node : question.left) * NODE_BYTES;
  }
  const placed: PlacedTrees = {
    trees,
    ...reads.placed(kernels),
    nodes,
    values: kernels.float64(all.length),
    roots: kernels.int32(trees),
    depths: kernels.int32(trees),
  };
  placed.values.set(all.map(({ feature, value }) => (feature < 0 ? value : 0)));
  placed.roots.set(roots.subarray(0, trees));
  for (let tree = 0; tree < trees; tree++) placed.depths[tree] = depthOf(all, roots[tree]!, roots[tree + 1]!);
  return placed;
}

/** What a node asks of a key: it goes left when key − shift, without a sign, is at most the limit. */
interface KeyQuestion {
  readonly limit: bigint;
  readonly shift: 0 | 1;
}

const leafQuestion: KeyQuestion = { limit: 2n ** 64n - 1n, shift: 0 }; // every key goes left, to the leaf itself

function questionOf({ threshold, isCategorical, missingLeft }: TreeNode): KeyQuestion {
  if (isCategorical) return { limit: 0n, shift: 0 }; // the read is the answer
  const key = keyOf(threshold);
  return missingLeft ? { limit: key, shift: 0 } : { limit: key - 1n, shift: 1 }; // shifted, a missing cell's key 0 is the largest
}

const double = new Float64Array(1);
const bits = new BigUint64Array(double.buffer);

/** A number's bits, turned so that keys, without a sign, sort as numbers do: what assembly/trees.ts does to every cell. */
function keyOf(value: number): bigint {
  double[0] = value + 0; // −0 becomes 0
  const own = bits[0]!;
  const sign = 1n << 63n;
  return own >= sign ? own ^ (2n ** 64n - 1n) : own | sign;
}

/** The different things nodes ask of a row. */
class Reads {
  readonly #numbers = new Map<number, number>();
  readonly #categories = new Map<string, number>();
  readonly #reads: TreeNode[] = [];

  /** The place of what a node asks for: a feature's number, or whether it is one category. */
  placeOf(question: TreeNode): number {
    const { feature, isCategorical, threshold, missingLeft } = question;
    if (!isCategorical) return this.#keep(this.#numbers, feature, question);
    return this.#keep(this.#categories, `${feature} ${threshold} ${missingLeft}`, question);
  }

  placed(kernels: Kernels): Pick<PlacedTrees, "features" | "reads"> {
    const features = [...new Set(this.#reads.map(({ feature }) => feature))].sort((a, b) => a - b);
    const columnOf = new Map(features.map((feature, column) => [feature, column]));
    const reads = kernels.int32(this.#reads.length * READ_INTEGERS);
    const categories = new Float64Array(reads.buffer, reads.byteOffset, this.#reads.length * 2);
    for (const [place, { feature, isCategorical, threshold, missingLeft }] of this.#reads.entries()) {
      categories[place * 2] = isCategorical ? threshold : Number.NaN;
      reads[place * READ_INTEGERS + 2] = columnOf.get(feature)!;
      reads[place * READ_INTEGERS + 3] = missingLeft ? 1 : 0;
    }
    return { features, reads };
  }

  #keep<Key>(places: Map<Key, number>, key: Key, question: TreeNode): number {
    const place = places.get(key);
    if (place !== undefined) return place;
    places.set(key, this.#reads.length);
    return this.#reads.push(question) - 1;
  }
}

/** Steps from a tree's root to its deepest leaf. */
function depthOf(nodes: readonly TreeNode[], root: number, end: number): number {
  const depths = new Int32Array(end - root);
  let deepest = 0;
  for (let node = root; node < end; node++) {
    const { feature, left } = nodes[node]!;
    if (feature < 0) continue;
    const depth = depths[node - root]! + 1;
    depths[left - root] = depth;
    depths[left + 1 - root] = depth;
    if (depth > deepest) deepest = depth;
  }
  return deepest;
}

/**
 * Adds every tree's leaf value, tree after tree, to each row's score.
 * @param columns - one array of shape (rows) per feature, NaN where missing, never ±∞
 * @param out - shape (rows)
 */
export function addTrees(
  kernels: Kernels,
  { trees, features, reads, nodes, values, roots, depths }: PlacedTrees,
  columns: readonly Float64Array[],
  out: Float64Array,
): void {
  if (features.length === 0) {
    // Nothing is asked: every tree is its root.
    for (const root of roots) for (let row = 0; row < out.length; row++) out[row]! += values[root]!;
    return;
  }
  const scores = kernels.float64(Math.min(out.length, CHUNK_ROWS));
  const forest = [reads, nodes, values, roots, depths].map((view) => kernels.address(view));
  const asked = features.map((feature) => columns[feature]!);
  eachChunk(
    kernels,
    asked,
    out.length,
    (from, rows, calls) => {
      scores.set(out.subarray(from, from + rows));
      kernels.callAll(
        calls.map((part): KernelCall => ["addTreesToRows", ...part, ...forest, trees, kernels.address(scores)]),
      );
      out.set(scores.subarray(0, rows), from);
    },
    reads.length / READ_INTEGERS,
  );
}

/**
 * Brings columns into the arena, many rows at a time, for kernels that read rows.
 * @param work - gets the first row, the number of rows, and per part the operands: columns, stride, first, last, width, room
 * @param width - 64-bit numbers the kernel makes of each row
 */
export function eachChunk(
  kernels: Kernels,
  columns: readonly Float64Array[],
  rows: number,
  work: (from: number, rows: number, parts: readonly (readonly number[])[]) => void,
  width: number = columns.length,
): void {
  const stride = Math.min(rows, CHUNK_ROWS);
  const most = Math.max(1, Math.ceil(stride / PART_ROWS));
  const placed = kernels.float64(stride * columns.length);
  const room = kernels.float64(most * TILE_ROWS * width);
  for (let from = 0; from < rows; from += CHUNK_ROWS) {
    const here = Math.min(CHUNK_ROWS, rows - from);
    for (const [column, values] of columns.entries()) placed.set(values.subarray(from, from + here), column * stride);
    const parts = Math.max(1, Math.ceil(here / PART_ROWS));
    work(
      from,
      here,
      Array.from({ length: parts }, (_, part) => [
        kernels.address(placed),
        stride,
        part * PART_ROWS,
        Math.min(here, (part + 1) * PART_ROWS),
        width,
        kernels.address(room) + part * TILE_ROWS * width * 8,
      ]),
    );
  }
}
