import { CairnError } from "../../../errors.ts";
import { allocateBinningRooms, type BinnedColumn, writeBinColumns } from "../../../numeric/kernels/binning.ts";
import {
  allocateTreeRows,
  MISSING_BIN,
  type TreeRows,
  writeGradientCells,
} from "../../../numeric/kernels/histogram.ts";
import { type Kernels, withKernels } from "../../../numeric/kernels/kernels.ts";
import { interleaveColumns } from "../../../numeric/kernels/partition.ts";
import { logit } from "../../../numeric/log-odds.ts";
import type { FeatureMatrix } from "../../../numeric/matrix.ts";
import type { Random } from "../../../numeric/random.ts";
import type { Estimator, FitContext, LabelledMatrix } from "../../estimator.ts";
import { checkCancelled, checkTraining } from "../checks.ts";
import { binCount, binsByCode, type FeatureBins, planBins } from "./bins.ts";
import type { Forest } from "./forest.ts";
import { emptyForest, finishForest } from "./forest-builder.ts";
import { type Growth, growTree } from "./grow-tree.ts";
import { BOOSTED_TREES, decodeBoostedTrees, type FittedBoostedTrees, fittedBoostedTrees } from "./model.ts";
import { type BoostedTreesOptions, type BoostedTreesParameters, checkOptions } from "./options.ts";
import { rowKeys, takeFeaturesForTree, takeRowsForTree } from "./sampling.ts";

const BLOCK_WIDTH = 16; // deep nodes hold scattered rows: a row's line of the cache then serves 16 features

/**
 * Histogram gradient boosting for log loss: trees on binned columns, grown leaf by leaf by second-order gains, a learned
 * direction for missing cells, one-against-the-rest splits for categories (rare and unseen ones go with missing), optional
 * monotone constraints. Sums are taken in fixed point, so the order of rows cannot change a byte. It draws random numbers
 * only when `rowShare` or `columnShare` is below 1.
 * `fit` throws `SINGLE_CLASS`, `NOT_FINITE`, `BAD_INPUT`, `SHAPE_MISMATCH`, `UNKNOWN_FEATURE` (a constrained column is not
 * there) and `CANCELLED`.
 * It cannot extrapolate: beyond the training range a column counts like its nearest training value.
 * @throws CairnError `BAD_INPUT` for parameters out of range
 * @see handbook early-warning 3.3 to 3.5; Chen and Guestrin (2016), XGBoost, eq. 6 and 7; Ke et al. (2017), LightGBM
 */
export function boostedTrees(options: BoostedTreesOptions = {}): Estimator<LabelledMatrix, FittedBoostedTrees> {
  const parameters = checkOptions(options);
  return {
    kind: BOOSTED_TREES,
    parameters,
    fit(input, context) {
      checkCancelled(context);
      const start = logit(checkTraining(input) / input.labels.length);
      const directions = directionsOf(input.matrix, parameters);
      return withKernels((kernels) => {
        const { matrix, labels } = input;
        const treeRows = allocateTreeRows(kernels, matrix.rows, matrix.columns.length, parameters, BLOCK_WIDTH);
        treeRows.labels.set(labels);
        treeRows.scores.fill(start);
        const bins = fillBins(kernels, treeRows, matrix, parameters, directions);
        const growth: Growth = { kernels, treeRows, bins, directions, limits: parameters, spare: [] };
        const forest = matrix.columns.length === 0 ? finishForest(emptyForest()) : boost(growth, parameters, context);
        context.onProgress?.(1);
        const features = bins.map((plan) => ({
          name: plan.name,
          kind: plan.kind,
          categories: plan.kind === "categorical" ? plan.categories : [],
        }));
        return fittedBoostedTrees(features, start, forest);
      });
    },
    decode: decodeBoostedTrees,
  };
}

/** Shape (columns): which way each may move the risk. */
function directionsOf(matrix: FeatureMatrix, { increasing, decreasing }: BoostedTreesParameters): Int32Array {
  const directions = new Int32Array(matrix.columns.length);
  for (const [names, direction] of [[increasing, 1] as const, [decreasing, -1] as const]) {
    for (const name of names) {
      const at = matrix.columns.findIndex((column) => column.name === name);
      if (at < 0) {
        throw new CairnError("UNKNOWN_FEATURE", `expected the constrained column "${name}", got a matrix without it`, {
          hint: "constrain columns of the matrix only",
        });
      }
      if (matrix.columns[at]!.kind === "categorical") {
        throw new CairnError("BAD_INPUT", `expected numbers in the constrained column "${name}", got categories`, {
          hint: "categories have no order: leave them free",
        });
      }
      directions[at] = direction;
    }
  }
  return directions;
}

/** Plans the bins, writes every row's and describes the features to the split search. */
function fillBins(
  kernels: Kernels,
  treeRows: TreeRows,
  matrix: FeatureMatrix,
  parameters: BoostedTreesParameters,
  directions: Int32Array,
): FeatureBins[] {
  const mark = kernels.mark();
  const rooms = allocateBinningRooms(kernels, matrix.rows, matrix.columns.length);
  const plans = planBins(kernels, rooms, matrix, parameters);
  const numeric: BinnedColumn[] = [];
  for (const [feature, plan] of plans.entries()) {
    const column = matrix.columns[feature]!;
    const bins = treeRows.columns.subarray(feature * matrix.rows, (feature + 1) * matrix.rows);
    if (plan.kind === "numeric") numeric.push({ column: column.values, thresholds: plan.thresholds, bins });
    else {
      const byCode = binsByCode(plan.categories, column);
      for (let row = 0; row < matrix.rows; row++) {
        const code = column.values[row]!;
        const bin = Number.isNaN(code) ? -1 : byCode[code]!;
        bins[row] = bin < 0 ? MISSING_BIN : bin;
      }
    }
    const isCategorical = plan.kind === "categorical" ? 1 : 0;
    treeRows.descriptions.set([binCount(plan), isCategorical, directions[feature]!, 0], feature * 4);
  }
  writeBinColumns(kernels, rooms, numeric);
  interleaveColumns(kernels, treeRows);
  kernels.release(mark);
  return plans;
}

function boost(growth: Growth, parameters: BoostedTreesParameters, context: FitContext): Forest {
  const { kernels, treeRows } = growth;
  const { trees, rowShare, columnShare } = parameters;
  const builder = emptyForest();
  const draw = drawForTree(treeRows, parameters, context.rng);
  for (let tree = 0; tree < trees; tree++) {
    checkCancelled(context);
    draw(tree);
    writeGradientCells(kernels, treeRows);
    const hasGrown = growTree(growth, builder);
    if (!hasGrown && rowShare === 1 && columnShare === 1) break; // every later tree would be the same
    context.onProgress?.((tree + 1) / trees);
  }
  return finishForest(builder);
}

function drawForTree(
  treeRows: TreeRows,
  { rowShare, columnShare }: BoostedTreesParameters,
  rng: Random,
): (tree: number) => void {
  const keys = rowShare < 1 ? rowKeys(treeRows) : undefined;
  const descriptions = treeRows.descriptions.slice();
  return (tree) => {
    if (keys !== undefined) takeRowsForTree(treeRows, keys, rowShare, rng.derive(`rows of tree ${tree}`));
    if (columnShare < 1) {
      takeFeaturesForTree(treeRows, descriptions, columnShare, rng.derive(`columns of tree ${tree}`));
    }
  };
}
