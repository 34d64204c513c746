import { CairnError } from "../../../errors.ts";
import { sigmoid } from "../../../numeric/log-odds.ts";
import type { FeatureColumn, FeatureMatrix } from "../../../numeric/matrix.ts";
import type { Tensors } from "../../artifact.ts";
import type { FittedClassifier } from "../../estimator.ts";
import { requireArray, requireJson, requireKind } from "../artifact-fields.ts";
import { checkQuestion } from "../checks.ts";
import { binsByCode } from "./bins.ts";
import { addForest, addShapleyOfForest, type Forest, LEAF, meanOfForest, type Question } from "./forest.ts";

/** The kind of a boosted-trees model. */
export const BOOSTED_TREES = "off-track/boosted-trees";

/** A column a forest reads. */
export interface TreeFeature {
  readonly name: string;
  readonly kind: FeatureColumn["kind"];
  /** The categories with a bin of their own, sorted; empty for a number. */
  readonly categories: readonly string[];
}

/** A fitted sum of trees. Its reasons are exact path-dependent Shapley values of the log-odds. */
export interface FittedBoostedTrees extends FittedClassifier {
  /** Log-odds before the first tree: those of the training base rate. */
  readonly start: number;
  /** The trees; not to be changed. */
  readonly forest: Forest;
}

/** Puts a start and its trees together as a model. */
export function fittedBoostedTrees(
  features: readonly TreeFeature[],
  start: number,
  forest: Forest,
): FittedBoostedTrees {
  const names = Object.freeze(features.map(({ name }) => name));
  const width = names.length + 1;
  const base = start + meanOfForest(forest);
  const isCategorical = Uint8Array.from(features, ({ kind }) => (kind === "categorical" ? 1 : 0));
  const ask = (matrix: FeatureMatrix, length: number, perRow: number): Question => {
    const { rows, columns } = checkQuestion(matrix, names, length, perRow);
    return { rows, columns: columns.map((column, index) => valuesFor(features[index]!, column)), isCategorical };
  };
  return {
    kind: BOOSTED_TREES,
    features: names,
    start,
    forest,
    predict(matrix, out) {
      const question = ask(matrix, out.length, 1);
      out.fill(start);
      addForest(forest, question, out);
      for (let row = 0; row < out.length; row++) out[row] = sigmoid(out[row]!);
    },
    explain(matrix, out) {
      const question = ask(matrix, out.length, width);
      out.fill(0);
      for (let at = width - 1; at < out.length; at += width) out[at] = base;
      addShapleyOfForest(forest, question, out);
    },
    encode: () => ({
      metadata: { kind: BOOSTED_TREES, features: JSON.stringify(features) },
      arrays: { start: Float64Array.of(start), ...copyOf(forest) },
    }),
  };
}

/** A column as the trees read it: numbers as they are, categories as their bins. */
function valuesFor({ name, kind, categories }: TreeFeature, column: FeatureColumn): Float64Array {
  if (column.kind !== kind) {
    throw new CairnError("BAD_INPUT", `expected column "${name}" to be ${kind}, got ${column.kind}`, {
      hint: "build the matrix with the catalog version the model was trained on",
    });
  }
  if (kind === "numeric") return column.values;
  const bins = binsByCode(categories, column);
  return column.values.map((code) => {
    const bin = Number.isNaN(code) ? -1 : bins[code]!;
    return bin < 0 ? Number.NaN : bin;
  });
}

function copyOf({ roots, features, thresholds, missingLeft, left, values, covers }: Forest): Tensors["arrays"] {
  return {
    roots: roots.slice(),
    splitFeatures: features.slice(),
    thresholds: thresholds.slice(),
    missingLeft: missingLeft.slice(),
    left: left.slice(),
    values: values.slice(),
    covers: covers.slice(),
  };
}

const areFeatures = (value: unknown): value is TreeFeature[] =>
  Array.isArray(value) &&
  value.every(
    (item) =>
      typeof item?.name === "string" &&
      ["numeric", "categorical"].includes(item?.kind) &&
      Array.isArray(item?.categories) &&
      item.categories.every((label: unknown) => typeof label === "string"),
  );

/**
 * Reads a boosted-trees model back from its arrays.
 * @throws CairnError `ARTIFACT_CORRUPT` when they do not fit together
 */
export function decodeBoostedTrees(tensors: Tensors): FittedBoostedTrees {
  requireKind(tensors, BOOSTED_TREES);
  const features = requireJson(tensors, "features", areFeatures);
  const splitFeatures = requireArray(tensors, "splitFeatures", Int32Array);
  const nodes = splitFeatures.length;
  const forest: Forest = {
    roots: requireArray(tensors, "roots", Int32Array),
    features: splitFeatures,
    thresholds: requireArray(tensors, "thresholds", Float64Array, nodes),
    missingLeft: requireArray(tensors, "missingLeft", Uint8Array, nodes),
    left: requireArray(tensors, "left", Int32Array, nodes),
    values: requireArray(tensors, "values", Float64Array, nodes),
    covers: requireArray(tensors, "covers", Int32Array, nodes),
  };
  const start = requireArray(tensors, "start", Float64Array, 1)[0]!;
  if (!Number.isFinite(start) || !isForest(forest, features.length)) {
    throw new CairnError("ARTIFACT_CORRUPT", "expected arrays that form trees, got others", {
      hint: "train the model again",
    });
  }
  return fittedBoostedTrees(
    features.map(({ name, kind, categories }) => ({ name, kind, categories })),
    start,
    forest,
  );
}

/** Whether walking the arrays ends: within each tree every node but the root has one parent, which comes before it. */
function isForest(forest: Forest, width: number): boolean {
  const { roots, features } = forest;
  if (roots[0] !== 0 || roots.at(-1) !== features.length) return false;
  const parents = new Uint8Array(features.length);
  for (let tree = 0; tree + 1 < roots.length; tree++) {
    const end = roots[tree + 1]!;
    if (end <= roots[tree]!) return false;
    for (let node = roots[tree]!; node < end; node++) if (!isNode(forest, node, end, width, parents)) return false;
    for (let node = roots[tree]!; node < end; node++)
      if (parents[node] !== (node === roots[tree] ? 0 : 1)) return false;
  }
  return true;
}

/** Whether a node fits its tree, which ends before `end`; counts the parents of its children. */
function isNode(
  { features, thresholds, missingLeft, left, values, covers }: Forest,
  node: number,
  end: number,
  width: number,
  parents: Uint8Array,
): boolean {
  const feature = features[node]!;
  const isSound =
    feature >= LEAF &&
    feature < width &&
    !Number.isNaN(thresholds[node]!) &&
    missingLeft[node]! <= 1 &&
    Number.isFinite(values[node]!) &&
    covers[node]! >= 1;
  if (!isSound || feature === LEAF) return isSound;
  const child = left[node]!;
  if (child <= node || child + 1 >= end) return false;
  parents[child]! += 1;
  parents[child + 1]! += 1;
  return covers[child]! + covers[child + 1]! === covers[node]!;
}
