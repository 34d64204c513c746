import { areaUnderRocScore } from "../../../numeric/metrics/area-under-roc.ts";
import { averagePrecisionScore } from "../../../numeric/metrics/average-precision.ts";
import { brierLoss } from "../../../numeric/metrics/brier.ts";
import { expectedCalibrationError, expectedCalibrationNoiseFloor } from "../../../numeric/metrics/calibration-error.ts";
import { logLoss } from "../../../numeric/metrics/log-loss.ts";
import { precisionAtTop, topCount } from "../../../numeric/metrics/precision-at-top.ts";
import type { ModelEvaluation } from "../../evaluation/evaluation.ts";
import { figureOf, probabilityFigures } from "../../evaluation/evaluation.ts";

const SHARES = ["0.05", "0.1"]; // of all rows: what a counselor's caseload can take on

/** What one candidate did on the rows that judge. */
export interface Judged {
  /** Shape (n). */
  readonly probabilities: Float64Array;
  readonly fitSeconds: number;
  readonly predictSeconds: number;
  /** A rule only: how many rows it flags. */
  readonly flagged?: number;
}

/**
 * The figures of a candidate on rows it never saw.
 * @param labels - shape (n), each 0 or 1
 * @param ruleCount - how many rows the rule flags; undefined without a rule
 */
export function figuresOf(labels: Uint8Array, judged: Judged, ruleCount: number | undefined): ModelEvaluation {
  const { probabilities, fitSeconds, predictSeconds, flagged } = judged;
  const atTop = (count: number) => figureOf(precisionAtTop(labels, probabilities, count));
  return {
    auc: figureOf(areaUnderRocScore(labels, probabilities)),
    averagePrecision: figureOf(averagePrecisionScore(labels, probabilities)),
    brier: figureOf(brierLoss(labels, probabilities)),
    logLoss: figureOf(logLoss(labels, probabilities)),
    ece: figureOf(expectedCalibrationError(labels, probabilities)),
    eceNoiseFloor: figureOf(expectedCalibrationNoiseFloor(probabilities)),
    ...probabilityFigures(labels, probabilities),
    precisionAtTop: Object.fromEntries(SHARES.map((share) => [share, atTop(topCount(Number(share), labels.length))])),
    ...(flagged === undefined ? {} : { flagged }),
    ...(ruleCount === undefined ? {} : { precisionAtRuleCount: atTop(ruleCount) }),
    fitSeconds,
    predictSeconds,
  };
}
