import type { KernelCall } from "../parallel/pool.ts";
import { gaussLegendre } from "../quadrature.ts";
import type { Kernels } from "./kernels.ts";
import { eachChunk } from "./trees.ts";

const NODE_BYTES = 24;
const CASES = 3; // let through, stopped here, stopped above

/** One node as Shapley values need it; children lie side by side, after their parent. */
export interface ShapleyNode {
  /** −1 at a leaf. */
  readonly feature: number;
  readonly threshold: number;
  readonly isCategorical: boolean;
  readonly missingLeft: boolean;
  readonly left: number;
  readonly value: number;
  /** Training rows that came through, above 0. */
  readonly cover: number;
}

/** The edge into a node: its feature, the node above whose edge has the same feature, and the share let through by both. */
interface Edge {
  readonly feature: number;
  readonly above: number;
  readonly share: number;
  /** Distinct features from the root to here. */
  readonly features: number;
  readonly parent: number;
}

/**
 * Adds the exact path-dependent Shapley values of trees to each row's contributions: a feature outside the known set is
 * averaged over both children by training rows. Method and layout: assembly/shapley.ts.
 * @param roots - node numbers, one per tree and the number of nodes
 * @param columns - one array of shape (rows) per feature (at least one), NaN where missing, never ±∞
 * @param out - shape (rows × (features + 1)), row-major; the last cell of a row is left alone
 */
export function addShapleyValues(
  kernels: Kernels,
  roots: Int32Array,
  nodeAt: (node: number) => ShapleyNode,
  columns: readonly Float64Array[],
  out: Float64Array,
): void {
  const trees = roots.length - 1;
  const all = Array.from({ length: roots[trees]! }, (_, node) => nodeAt(node));
  const edges = edgesOf(all);
  const longest = edges.reduce((most, { features }) => Math.max(most, features), 1);
  const rule = gaussLegendre(Math.ceil(longest / 2));
  const points = rule.points.length + (rule.points.length % 2);
  const nodes = placeNodes(kernels, roots, all, edges);
  const tables = kernels.float64(all.length * 2 * CASES * points);
  for (const [node, edge] of edges.entries()) {
    if (edge.feature >= 0) fillTables(tables, node * 2 * CASES * points, points, rule, edge, edges);
  }
  const placedRoots = kernels.int32(roots.length);
  placedRoots.set(roots);
  const largest = roots.reduce((most, root, tree) => Math.max(most, (roots[tree + 1] ?? root) - root), 0);
  const width = columns.length + 1;
  const forest = [nodes, tables, placedRoots].map((view) => kernels.address(view));
  const roomDoubles = 2 * largest * points + Math.ceil(largest / 8);
  const mark = kernels.mark();
  eachChunk(kernels, columns, out.length / width, (from, rows, parts) => {
    const inner = kernels.mark();
    const room = kernels.float64(parts.length * roomDoubles);
    const contributions = kernels.float64(rows * width);
    contributions.set(out.subarray(from * width, (from + rows) * width));
    kernels.callAll(
      parts.map(
        (part, at): KernelCall => [
          "addShapleyToRows",
          ...part,
          ...forest,
          trees,
          points,
          largest,
          kernels.address(room) + at * roomDoubles * 8,
          kernels.address(contributions),
        ],
      ),
    );
    out.set(contributions, from * width);
    kernels.release(inner);
  });
  kernels.release(mark);
}

function edgesOf(nodes: readonly ShapleyNode[]): Edge[] {
  const edges: Edge[] = nodes.map(() => ({ feature: -1, above: -1, share: 1, features: 0, parent: -1 }));
  for (const [node, { feature, left, cover }] of nodes.entries()) {
    if (feature < 0) continue;
    let above = node;
    while (above >= 0 && edges[above]!.feature !== feature) above = edges[above]!.parent;
    const shareAbove = above < 0 ? 1 : edges[above]!.share;
    const features = edges[node]!.features + (above < 0 ? 1 : 0);
    for (const child of [left, left + 1]) {
      edges[child] = { feature, above, share: (shareAbove * nodes[child]!.cover) / cover, features, parent: node };
    }
  }
  return edges;
}

function placeNodes(
  kernels: Kernels,
  roots: Int32Array,
  nodes: readonly ShapleyNode[],
  edges: readonly Edge[],
): Float64Array {
  const placed = kernels.float64((nodes.length * NODE_BYTES) / 8);
  const integers = new Int32Array(placed.buffer, placed.byteOffset, placed.length * 2);
  for (let tree = 0; tree + 1 < roots.length; tree++) {
    const root = roots[tree]!;
    for (let node = root; node < roots[tree + 1]!; node++) {
      const { feature, threshold, left, value } = nodes[node]!;
      const edge = edges[node]!;
      placed[node * 3] = feature < 0 ? value : threshold;
      integers[node * 6 + 2] = questionOf(nodes[node]!);
      integers[node * 6 + 3] = left - root;
      integers[node * 6 + 4] = edge.feature;
      integers[node * 6 + 5] = edge.above < 0 ? -1 : edge.above - root;
    }
  }
  return placed;
}

/** A node's question as the kernels read it; −1 for a leaf. */
function questionOf({ feature, isCategorical, missingLeft }: ShapleyNode): number {
  return feature < 0 ? -1 : feature * 4 + (isCategorical ? 2 : 0) + (missingLeft ? 1 : 0);
}

/**
 * What an edge does at each point t with weight ω. With z its share and z' that of the edge above with the same feature, the
 * feature's factor is t + z(1 − t) when let through and z(1 − t) when stopped; entering the edge replaces the factor of z' by
 * its own. The leaves below are worth ω(o − z)/factor to the feature, less what the edge above counted for them.
 */
function fillTables(
  tables: Float64Array,
  offset: number,
  points: number,
  rule: ReturnType<typeof gaussLegendre>,
  { share, above }: Edge,
  edges: readonly Edge[],
): void {
  const shareAbove = above < 0 ? 1 : edges[above]!.share; // a feature nobody asked about yet has factor 1
  for (let q = 0; q < points; q++) {
    const t = rule.points[q] ?? 0.5;
    const weight = rule.weights[q] ?? 0;
    const passed = t + share * (1 - t);
    const passedAbove = t + shareAbove * (1 - t);
    const countedAbove = (weight * (1 - shareAbove)) / passedAbove;
    const stopped = -weight / (1 - t);
    tables[offset + q] = passed / passedAbove;
    tables[offset + points + q] = (share * (1 - t)) / passedAbove;
    tables[offset + 2 * points + q] = share / shareAbove;
    tables[offset + 3 * points + q] = (weight * (1 - share)) / passed - countedAbove;
    tables[offset + 4 * points + q] = stopped - countedAbove;
    tables[offset + 5 * points + q] = 0; // nothing changes for a feature that has stopped the row before
  }
}
