// The best split of a node from its histograms (layout: histogram.ts). All pointers are byte addresses.

const CELL: usize = 16;
const FEATURE_BYTES: usize = 256 * CELL;
const MISSING: usize = 255;
const COUNT_BITS: i64 = 24;
const COUNT_MASK: i64 = (1 << 24) - 1;
const CATEGORICAL = 1;
const NO_MISSING = 2;
const NOISE: f64 = 1e-12; // of the node's loss: less is rounding, as in a node whose rows are all alike

// What the search needs of the node and the recipe, and what it found so far: set by findBestSplit, one search at a time.
let penalty: f64 = 0;
let minimumHessian: f64 = 0;
let minimumRows: i64 = 0;
let gradientUnit: f64 = 0;
let hessianUnit: f64 = 0;
let lowest: f64 = 0;
let highest: f64 = 0;
let nodeGradient: i64 = 0;
let nodeSecond: i64 = 0; // Σ hessian and rows, packed
let nodeLoss: f64 = 0; // the least loss of the node as one leaf
let isBounded: bool = false;
let result: usize = 0;
let bestGain: f64 = 0;

/**
 * Searches the features [firstFeature … lastFeature) for the split of largest gain: ½·(G_L²/(H_L + λ) + G_R²/(H_R + λ) − G²/(H + λ)), with weights
 * clipped to [lowest, highest] where the node is bounded. Of equal gains the lowest feature, then the lowest bin, then
 * missing to the left wins. A numeric split is "bin ≤ b", a categorical one "bin = b"; b = 255 means "missing".
 * @param features - per feature four i32: number of value bins (0: leave out), 1 if categorical, monotone direction, 0
 * @param settings - f64: λ, minimum hessian, minimum rows, minimum gain, gradient unit, hessian unit, lowest, highest
 * @param found - f64: gain, feature (−1: no split), bin, missing to the left (2: the node has none), G_L, H_L, rows left, G, H, rows of the node
 */
export function findBestSplit(
  histograms: usize,
  features: usize,
  firstFeature: i32,
  lastFeature: i32,
  settings: usize,
  found: usize,
): void {
  penalty = load<f64>(settings);
  minimumHessian = load<f64>(settings, 8);
  minimumRows = <i64>load<f64>(settings, 16);
  gradientUnit = load<f64>(settings, 32);
  hessianUnit = load<f64>(settings, 40);
  lowest = load<f64>(settings, 48);
  highest = load<f64>(settings, 56);
  result = found;
  nodeGradient = 0;
  nodeSecond = 0;
  const any = histograms + <usize>firstFeature * FEATURE_BYTES; // every feature holds every row
  for (let bin: usize = 0; bin <= MISSING; bin++) {
    nodeGradient += load<i64>(any + bin * CELL);
    nodeSecond += load<i64>(any + bin * CELL, 8);
  }
  const gradient = <f64>nodeGradient * gradientUnit;
  const hessian = <f64>(nodeSecond >> COUNT_BITS) * hessianUnit;
  isBounded = lowest > -Infinity || highest < Infinity;
  nodeLoss = isBounded ? lossAt(gradient, hessian, weightOf(gradient, hessian)) : lossOf(gradient, hessian);
  bestGain = max(load<f64>(settings, 24), NOISE * abs(nodeLoss));
  store<f64>(found, 0, 0);
  store<f64>(found, -1, 8);
  store<f64>(found, gradient, 56);
  store<f64>(found, hessian, 64);
  store<f64>(found, <f64>(nodeSecond & COUNT_MASK), 72);
  for (let feature = firstFeature; feature < lastFeature; feature++) {
    const description = features + (<usize>feature << 4);
    const bins = load<i32>(description);
    if (bins == 0) continue;
    const histogram = histograms + <usize>feature * FEATURE_BYTES;
    if (load<i32>(description, 4) == CATEGORICAL) searchCategories(histogram, feature, bins);
    else searchThresholds(histogram, feature, bins, load<i32>(description, 8));
  }
}

function searchThresholds(histogram: usize, feature: i32, bins: i32, direction: i32): void {
  const missingGradient = load<i64>(histogram + MISSING * CELL);
  const missingSecond = load<i64>(histogram + MISSING * CELL, 8);
  let gradient: i64 = 0;
  let second: i64 = 0;
  for (let bin = 0; bin < bins; bin++) {
    const cell = histogram + <usize>bin * CELL;
    const own = load<i64>(cell, 8);
    if (own == 0) continue; // the same rows as at the bin before
    gradient += load<i64>(cell);
    second += own;
    if (bin + 1 == bins) break;
    if (missingSecond != 0) {
      trySplit(gradient + missingGradient, second + missingSecond, feature, bin, 1, direction);
      trySplit(gradient, second, feature, bin, 0, direction);
    } else trySplit(gradient, second, feature, bin, NO_MISSING, direction);
  }
  // Every number against missing: a missing cell has no order, so a direction does not matter here.
  if (missingSecond != 0) {
    trySplit(nodeGradient - missingGradient, nodeSecond - missingSecond, feature, bins - 1, 0, 0);
  }
}

function searchCategories(histogram: usize, feature: i32, bins: i32): void {
  const missingGradient = load<i64>(histogram + MISSING * CELL);
  const missingSecond = load<i64>(histogram + MISSING * CELL, 8);
  for (let bin = 0; bin < bins; bin++) {
    const cell = histogram + <usize>bin * CELL;
    const gradient = load<i64>(cell);
    const second = load<i64>(cell, 8);
    if (second == 0) continue;
    if (missingSecond != 0) {
      trySplit(gradient + missingGradient, second + missingSecond, feature, bin, 1, 0);
    }
    trySplit(gradient, second, feature, bin, missingSecond != 0 ? 0 : NO_MISSING, 0);
  }
  if (missingSecond != 0) trySplit(missingGradient, missingSecond, feature, <i32>MISSING, 1, 0);
}

// @ts-ignore: decorator
@inline
function trySplit(leftGradient: i64, leftSecond: i64, feature: i32, bin: i32, missingLeft: i32, direction: i32): void {
  const rightSecond = nodeSecond - leftSecond;
  if ((leftSecond & COUNT_MASK) < minimumRows || (rightSecond & COUNT_MASK) < minimumRows) return;
  const leftHessian = <f64>(leftSecond >> COUNT_BITS) * hessianUnit;
  const rightHessian = <f64>(rightSecond >> COUNT_BITS) * hessianUnit;
  if (leftHessian < minimumHessian || rightHessian < minimumHessian) return;
  const left = <f64>leftGradient * gradientUnit;
  const right = <f64>(nodeGradient - leftGradient) * gradientUnit;
  let gain: f64;
  if (isBounded || direction != 0) {
    const leftWeight = weightOf(left, leftHessian);
    const rightWeight = weightOf(right, rightHessian);
    if (<f64>direction * (rightWeight - leftWeight) < 0) return;
    gain = nodeLoss - lossAt(left, leftHessian, leftWeight) - lossAt(right, rightHessian, rightWeight);
  } else {
    const sums = f64x2.replace_lane(f64x2.splat(left), 1, right);
    const curvatures = f64x2.replace_lane(f64x2.splat(leftHessian + penalty), 1, rightHessian + penalty);
    const squares = f64x2.div(f64x2.mul(sums, sums), curvatures);
    gain = nodeLoss + 0.5 * (f64x2.extract_lane(squares, 0) + f64x2.extract_lane(squares, 1));
  }
  if (!(gain > bestGain)) return;
  bestGain = gain;
  store<f64>(result, gain);
  store<f64>(result, <f64>feature, 8);
  store<f64>(result, <f64>bin, 16);
  store<f64>(result, <f64>missingLeft, 24);
  store<f64>(result, left, 32);
  store<f64>(result, leftHessian, 40);
  store<f64>(result, <f64>(leftSecond & COUNT_MASK), 48);
}

// @ts-ignore: decorator
@inline
function weightOf(gradient: f64, hessian: f64): f64 {
  return min(max(-gradient / (hessian + penalty), lowest), highest);
}

// @ts-ignore: decorator
@inline
function lossAt(gradient: f64, hessian: f64, weight: f64): f64 {
  return gradient * weight + 0.5 * (hessian + penalty) * weight * weight;
}

// @ts-ignore: decorator
@inline
function lossOf(gradient: f64, hessian: f64): f64 {
  return (-0.5 * gradient * gradient) / (hessian + penalty);
}
