import { softplus } from "../../../numeric/log-odds.ts";
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
import { fitLogOdds, type LogOddsFit } from "./fit-log-odds.ts";

const KIND = "off-track/calibration/beta";

/**
 * Beta calibration, log-odds a·ln p − b·ln(1 − p) + c with a, b ≥ 0: it bends the two ends apart, and the identity
 * (a = b = 1, c = 0) is one of its members, so a good model is not harmed. Fitted on Platt's smoothed targets, so that rows
 * the score separates have a finite answer.
 * `fit` throws `SINGLE_CLASS`, `NOT_FINITE`, `SHAPE_MISMATCH`, `BAD_INPUT` and `CANCELLED`.
 * @see handbook early-warning 3.6.3; Kull, Silva Filho and Flach (2017), Beta calibration, equation 3
 */
export function betaCalibration(): Calibration {
  return {
    kind: KIND,
    parameters: {},
    fit(input, context) {
      checkCancelled(context);
      const positives = checkScoredRows(input);
      const targets = smoothedTargets(input.labels, positives);
      const start = Math.log((positives + 1) / (input.labels.length - positives + 1));
      const [a, b, c] = fitBends(input.scores, targets, start);
      context.onProgress?.(1);
      return fittedBeta(a, b, c);
    },
    decode(tensors) {
      requireKind(tensors, KIND);
      const [a, b, c] = requireArray(tensors, "weights", Float64Array, 3);
      return fittedBeta(a!, b!, c!);
    },
  };
}

/** ln p of log-odds s. */
const logChance = (score: number): number => -softplus(-score);
/** −ln(1 − p) of log-odds s. */
const logRisk = (score: number): number => softplus(score);

/** The best a, b, c with a, b ≥ 0: the likelihood is concave, so the best feasible face holds it. */
function fitBends(scores: Float64Array, targets: Float64Array, start: number): readonly [number, number, number] {
  const low = scores.map(logChance);
  const high = scores.map(logRisk);
  const both = fitLogOdds([low, high], targets, start).weights;
  if (both[0]! >= 0 && both[1]! >= 0) return [both[0]!, both[1]!, both[2]!];
  const onlyA = fitLogOdds([low], targets, start);
  const onlyB = fitLogOdds([high], targets, start);
  const feasible = (fit: LogOddsFit): number => (fit.weights[0]! >= 0 ? fit.loss : Number.POSITIVE_INFINITY);
  const none = fitLogOdds([], targets, start);
  const least = Math.min(feasible(onlyA), feasible(onlyB), none.loss);
  if (least === feasible(onlyA)) return [onlyA.weights[0]!, 0, onlyA.weights[1]!];
  if (least === feasible(onlyB)) return [0, onlyB.weights[0]!, onlyB.weights[1]!];
  return [0, 0, none.weights[0]!];
}

function fittedBeta(a: number, b: number, c: number): FittedCalibration {
  return {
    kind: KIND,
    calibrate(scores, out) {
      checkRoom(scores, out);
      for (let row = 0; row < out.length; row++) out[row] = a * logChance(scores[row]!) + b * logRisk(scores[row]!) + c;
    },
    encode: (): Tensors => ({ metadata: { kind: KIND }, arrays: { weights: Float64Array.of(a, b, c) } }),
  };
}
