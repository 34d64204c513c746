import { type Forest, LEAF } from "./forest.ts";

/** A forest that is still growing: the arrays of {@link Forest}, as lists. */
export interface ForestBuilder {
  readonly roots: number[];
  readonly features: number[];
  readonly thresholds: number[];
  readonly missingLeft: number[];
  /** The left child; the right one follows it. */
  readonly left: number[];
  readonly values: number[];
  readonly covers: number[];
}

/** A forest without trees. */
export function emptyForest(): ForestBuilder {
  return { roots: [], features: [], thresholds: [], missingLeft: [], left: [], values: [], covers: [] };
}

/** Starts a tree; returns its root's node number. */
export function addRoot(builder: ForestBuilder, cover: number): number {
  const node = addNode(builder, cover);
  builder.roots.push(node);
  return node;
}

/** Adds two leaves side by side; returns the left one's node number. */
export function addChildren(builder: ForestBuilder, leftCover: number, rightCover: number): number {
  const node = addNode(builder, leftCover);
  addNode(builder, rightCover);
  return node;
}

function addNode(builder: ForestBuilder, cover: number): number {
  builder.features.push(LEAF);
  builder.thresholds.push(0);
  builder.missingLeft.push(0);
  builder.left.push(0);
  builder.values.push(0);
  return builder.covers.push(cover) - 1;
}

/** Gives a leaf its value. */
export function setLeaf(builder: ForestBuilder, node: number, value: number): void {
  builder.values[node] = value;
}

/** Makes a leaf an inner node. */
export function setSplit(
  builder: ForestBuilder,
  node: number,
  split: { readonly feature: number; readonly threshold: number; readonly missingLeft: boolean; readonly left: number },
): void {
  builder.features[node] = split.feature;
  builder.thresholds[node] = split.threshold;
  builder.missingLeft[node] = split.missingLeft ? 1 : 0;
  builder.left[node] = split.left;
}

/** The grown forest as flat arrays. */
export function finishForest(builder: ForestBuilder): Forest {
  return {
    roots: Int32Array.of(...builder.roots, builder.features.length),
    features: Int32Array.from(builder.features),
    thresholds: Float64Array.from(builder.thresholds),
    missingLeft: Uint8Array.from(builder.missingLeft),
    left: Int32Array.from(builder.left),
    values: Float64Array.from(builder.values),
    covers: Int32Array.from(builder.covers),
  };
}
