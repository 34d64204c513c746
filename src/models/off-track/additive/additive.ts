import { allocateAdditiveRoom } from "../../../numeric/kernels/additive.ts";
import { allocateBinningRooms } from "../../../numeric/kernels/binning.ts";
import { allocateTreeRows, binOffset, type TreeRows } from "../../../numeric/kernels/histogram.ts";
import { type Kernels, withKernels } from "../../../numeric/kernels/kernels.ts";
import { logit } from "../../../numeric/log-odds.ts";
import type { Estimator, FitContext, LabelledMatrix } from "../../estimator.ts";
import { binCount, type FeatureBins, planBins } from "../boosted-trees/bins.ts";
import { rowKeys } from "../boosted-trees/sampling.ts";
import { checkCancelled, checkTraining } from "../checks.ts";
import { type Boosting, boostPairs, boostShapes, choosePairs } from "./boost.ts";
import { ADDITIVE, decodeAdditive, type FittedAdditive, fittedAdditive } from "./model.ts";
import { type AdditiveOptions, type AdditiveParameters, checkAdditiveOptions } from "./options.ts";
import { binsOfMatrix, gridCell, LEVELS, linesOfBins, type Terms } from "./terms.ts";

/**
 * An explainable additive model: log-odds = base + one shape per feature + one term per chosen pair of features. Every shape is
 * a step function learned by boosting, a little at a time and feature after feature, and can be drawn; contributions are exact
 * by construction. Several bags with other rows held out are averaged, which smooths the shapes.
 * Sums are taken in fixed point: neither the order of rows nor the number of threads can change a byte.
 * `fit` throws `SINGLE_CLASS`, `NOT_FINITE`, `BAD_INPUT`, `SHAPE_MISMATCH` and `CANCELLED`.
 * It cannot extrapolate: beyond the training range a column counts like its nearest training value.
 * @throws CairnError `BAD_INPUT` for parameters out of range
 * @see Lou, Caruana, Gehrke and Hooker (2013), Accurate intelligible models with pairwise interactions, KDD
 */
export function additive(options: AdditiveOptions = {}): Estimator<LabelledMatrix, FittedAdditive> {
  const parameters = checkAdditiveOptions(options);
  return {
    kind: ADDITIVE,
    parameters,
    fit(input, context) {
      checkCancelled(context);
      const start = logit(checkTraining(input) / input.labels.length);
      return withKernels((kernels) => fitTerms(kernels, input, parameters, start, context));
    },
    decode: decodeAdditive,
  };
}

function fitTerms(
  kernels: Kernels,
  { matrix, labels }: LabelledMatrix,
  parameters: AdditiveParameters,
  start: number,
  context: FitContext,
): FittedAdditive {
  const limits = { penalty: 1, minimumLeafHessian: 0, minimumLeafRows: 1, minimumGain: 0 }; // of trees: not used here
  const treeRows = allocateTreeRows(kernels, matrix.rows, matrix.columns.length, limits);
  treeRows.labels.set(labels);
  const mark = kernels.mark();
  const plans = planBins(
    kernels,
    allocateBinningRooms(kernels, matrix.rows, matrix.columns.length),
    matrix,
    parameters,
  );
  kernels.release(mark);
  const bins = binsOfMatrix(plans, matrix);
  placeBins(treeRows, plans, bins);
  const room = allocateAdditiveRoom(kernels, treeRows, parameters);
  const counts = rowsByBin(bins);
  room.coarse.set(linesOfBins(plans, counts));
  const boosting: Boosting = { kernels, treeRows, room, keys: rowKeys(treeRows), parameters, start, context };
  const bags = Array.from({ length: parameters.bags }, (_, bag) => {
    const shapes = boostShapes(boosting, bag);
    context.onProgress?.((bag + 1) / (2 * parameters.bags));
    return shapes;
  });
  const shapes = meanOf(bags);
  const pairs = choosePairs(boosting, shapes, bins);
  const grids = meanOf(
    bags.map((own, bag) => {
      const inner = kernels.mark();
      const levels = boostPairs(boosting, bag, own, pairs, bins);
      kernels.release(inner);
      context.onProgress?.((parameters.bags + bag + 1) / (2 * parameters.bags));
      return levels;
    }),
  );
  const lines = room.coarse.slice();
  return fittedAdditive(plans, centred({ base: start, shapes, pairs, grids, lines }, counts, bins));
}

function placeBins(treeRows: TreeRows, plans: readonly FeatureBins[], bins: readonly Uint8Array[]): void {
  for (const [feature, plan] of plans.entries()) {
    const column = bins[feature]!;
    for (let row = 0, at = binOffset(treeRows, feature); row < column.length; row++, at += 4) {
      treeRows.bins[at] = column[row]!;
    }
    treeRows.descriptions.set([binCount(plan), plan.kind === "categorical" ? 1 : 0, 0, 0], feature * 4);
  }
}

function rowsByBin(bins: readonly Uint8Array[]): Float64Array {
  const rows = new Float64Array(bins.length * LEVELS);
  for (const [feature, column] of bins.entries()) for (const bin of column) rows[feature * LEVELS + bin]! += 1;
  return rows;
}

function meanOf(bags: readonly Float64Array[]): Float64Array {
  const mean = new Float64Array(bags[0]!.length);
  for (const bag of bags) for (let i = 0; i < mean.length; i++) mean[i]! += bag[i]! / bags.length;
  return mean;
}

/** The same model with every term of mean 0 over the training rows: the base is then the mean log-odds. */
function centred(terms: Terms, counts: Float64Array, bins: readonly Uint8Array[]): Terms {
  let { base } = terms;
  const rows = bins[0]?.length ?? 0;
  const shapes = terms.shapes.slice();
  for (let feature = 0; feature < bins.length; feature++) {
    const own = shapes.subarray(feature * LEVELS, (feature + 1) * LEVELS);
    base += centre(own, counts.subarray(feature * LEVELS, (feature + 1) * LEVELS), rows);
  }
  const grids = terms.grids.slice();
  for (let pair = 0; 2 * pair < terms.pairs.length; pair++) {
    const [one, other] = [terms.pairs[2 * pair]!, terms.pairs[2 * pair + 1]!];
    const cells = new Float64Array(LEVELS);
    for (let row = 0; row < rows; row++) {
      cells[gridCell(terms.lines, [one, other], bins[one]![row]!, bins[other]![row]!)]! += 1;
    }
    base += centre(grids.subarray(pair * LEVELS, (pair + 1) * LEVELS), cells, rows);
  }
  return { ...terms, base, shapes, grids };
}

/** @returns the mean that was taken away */
function centre(levels: Float64Array, rowsOf: Float64Array, rows: number): number {
  let mean = 0;
  for (let i = 0; i < levels.length; i++) mean += (levels[i]! * rowsOf[i]!) / rows;
  for (let i = 0; i < levels.length; i++) levels[i]! -= mean;
  return mean;
}
