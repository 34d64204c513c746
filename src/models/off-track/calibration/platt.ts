import type { Tensors } from "../../artifact.ts";
import { requireArray, requireKind } from "../artifact-fields.ts";
import { checkCancelled } from "../checks.ts";
import {
  type Calibration,
  checkRoom,
  checkScoredRows,
  type FittedCalibration,
  smoothedTargets,
} from "./calibration.ts";
import { fitLogOdds } from "./fit-log-odds.ts";

const KIND = "off-track/calibration/platt";

/**
 * Platt's calibration, log-odds A·s + B with Platt's smoothed targets: two numbers, so it is right for few rows, and reasons
 * stay additive. A score that ranks backwards on the calibration rows (A below 0) ranks no one: A is then 0 and everybody
 * gets the base rate, because no calibration may turn a ranking round.
 * `fit` throws `SINGLE_CLASS`, `NOT_FINITE`, `SHAPE_MISMATCH`, `BAD_INPUT` and `CANCELLED`.
 * @see handbook early-warning 3.6.1; Platt (1999); Lin, Lin and Weng (2007)
 */
export function plattCalibration(): Calibration {
  return {
    kind: KIND,
    parameters: {},
    fit(input, context) {
      checkCancelled(context);
      const positives = checkScoredRows(input);
      const targets = smoothedTargets(input.labels, positives);
      const start = Math.log((positives + 1) / (input.labels.length - positives + 1));
      const free = fitLogOdds([input.scores], targets, start).weights;
      const weights = free[0]! > 0 ? free : Float64Array.of(0, fitLogOdds([], targets, start).weights[0]!);
      context.onProgress?.(1);
      return fittedPlatt(weights[0]!, weights[1]!);
    },
    decode(tensors) {
      requireKind(tensors, KIND);
      const [slope, shift] = requireArray(tensors, "weights", Float64Array, 2);
      return fittedPlatt(slope!, shift!);
    },
  };
}

function fittedPlatt(slope: number, shift: number): FittedCalibration {
  return {
    kind: KIND,
    slope,
    calibrate(scores, out) {
      checkRoom(scores, out);
      for (let row = 0; row < out.length; row++) out[row] = slope * scores[row]! + shift;
    },
    encode: (): Tensors => ({ metadata: { kind: KIND }, arrays: { weights: Float64Array.of(slope, shift) } }),
  };
}
