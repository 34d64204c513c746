import { type Kernels, withKernels } from "../../../numeric/kernels/kernels.ts";
import { zeros } from "../../../numeric/linear/dense.ts";
import type { FitContext } from "../../estimator.ts";
import { penaltyOf, type Settings } from "../implicit-als/model.ts";
import { groupByActivity } from "../neighbor-lists.ts";
import { stopIfCancelled } from "../recommender.ts";
import {
  type FeaturedInteractions,
  type FeatureMap,
  project,
  regressOnFeatures,
  type SideFeatures,
} from "./side-features.ts";
import { type FixedSide, fixSide, solveRow } from "./solve-row.ts";

const START_SPREAD = 0.1; // of an embedding's length at the start, as in iALS without features
const ROWS_PER_STEP = 256; // between two looks at the signal

/** What training leaves behind. */
export interface FeaturedFactors {
  /** Shape (activities × dimensions), row-major; of an activity nobody did, what its features foretell. */
  readonly factors: Float32Array;
  readonly learnerMap: FeatureMap;
  readonly activityMap: FeatureMap;
}

interface Training extends Settings {
  readonly epochs: number;
  readonly mapPenalty: number;
}

/** One side while it is trained: its entries, penalties, features and embeddings. */
interface Side {
  readonly ptr: Int32Array;
  readonly columns: Int32Array;
  readonly weight: Float64Array | undefined;
  /** Shape (rows): 0 for a row without entries, which is not regressed on. */
  readonly penalties: Float64Array;
  readonly features: SideFeatures;
  readonly embeddings: Float64Array;
  map: FeatureMap;
}

/**
 * Alternates: learners, the map of their features, activities, the map of theirs.
 * @throws CairnError `SINGULAR`, `CANCELLED`, `UNAVAILABLE`
 */
export function alternateWithFeatures(
  interactions: FeaturedInteractions,
  training: Training,
  context: FitContext,
): FeaturedFactors {
  const { dimensions, epochs, unobservedWeight, mapPenalty } = training;
  const { learnerPtr, activityIdx, weight, activities } = interactions;
  const count = learnerPtr.length - 1;
  const { ptr, learner, entry } = groupByActivity(interactions);
  const turned = weight === undefined ? undefined : Float64Array.from(entry, (i) => weight[i]!);
  const learners = sideOf(learnerPtr, activityIdx, weight, interactions.learnerFeatures, activities.length, training);
  const items = sideOf(ptr, learner, turned, interactions.activityFeatures, count, training);
  const spread = START_SPREAD / Math.sqrt(dimensions);
  for (let i = 0; i < items.embeddings.length; i++) items.embeddings[i] = spread * context.rng.normal();
  return withKernels((kernels) => {
    for (let halfStep = 0; halfStep < 2 * epochs; halfStep++) {
      const [solved, other] = halfStep % 2 === 0 ? [learners, items] : [items, learners];
      solveSide(kernels, solved, fixSide(other.embeddings, dimensions, unobservedWeight), context);
      solved.map = regressOnFeatures(solved.embeddings, dimensions, solved.features, solved.penalties, mapPenalty);
      context.onProgress?.((halfStep + 1) / (2 * epochs));
    }
    foretellUndone(items, dimensions);
    return { factors: Float32Array.from(items.embeddings), learnerMap: learners.map, activityMap: items.map };
  });
}

function sideOf(
  ptr: Int32Array,
  columns: Int32Array,
  weight: Float64Array | undefined,
  features: SideFeatures | undefined,
  others: number,
  training: Training,
): Side {
  const rows = ptr.length - 1;
  const penalties = new Float64Array(rows);
  for (let row = 0; row < rows; row++) {
    let observed = 0;
    for (let i = ptr[row]!; i < ptr[row + 1]!; i++) observed += weight === undefined ? 1 : weight[i]!;
    penalties[row] = ptr[row + 1]! === ptr[row]! ? 0 : penaltyOf(observed, others, training);
  }
  const known = features ?? { names: [], values: new Float64Array(0) };
  const map = zeros(training.dimensions, known.names.length);
  return {
    ptr,
    columns,
    weight,
    penalties,
    features: known,
    embeddings: new Float64Array(rows * training.dimensions),
    map,
  };
}

/** Every row's ridge regression around what its features foretell; rows without entries are what they foretell. */
function solveSide(kernels: Kernels, side: Side, fixed: FixedSide, context: FitContext): void {
  const { ptr, columns, weight, penalties, features, embeddings, map } = side;
  const { dimensions } = fixed;
  const prior = new Float64Array(dimensions);
  for (let row = 0; row < penalties.length; row++) {
    if (row % ROWS_PER_STEP === 0) stopIfCancelled(context);
    project(map, features.values, row * features.names.length, prior);
    const out = embeddings.subarray(row * dimensions, (row + 1) * dimensions);
    if (penalties[row] === 0) {
      out.set(prior);
      continue;
    }
    const mark = kernels.mark();
    solveRow(kernels, fixed, { columns, weight, from: ptr[row]!, to: ptr[row + 1]! }, penalties[row]!, prior, out);
    kernels.release(mark);
  }
}

/** The last map is newer than the rows it foretells. */
function foretellUndone({ penalties, features, embeddings, map }: Side, dimensions: number): void {
  for (let row = 0; row < penalties.length; row++) {
    if (penalties[row] !== 0) continue;
    const out = embeddings.subarray(row * dimensions, (row + 1) * dimensions);
    project(map, features.values, row * features.names.length, out);
  }
}
