import { areaUnderRocScore } from "../../../numeric/metrics/area-under-roc.ts";
import { averagePrecisionScore } from "../../../numeric/metrics/average-precision.ts";
import { brierLoss } from "../../../numeric/metrics/brier.ts";
import { expectedCalibrationError, expectedCalibrationNoiseFloor } from "../../../numeric/metrics/calibration-error.ts";
import { logLoss } from "../../../numeric/metrics/log-loss.ts";
import { precisionAtTop, topCount } from "../../../numeric/metrics/precision-at-top.ts";
import { type Figure, figureOf, type ModelEvaluation, probabilityFigures } from "../../evaluation/evaluation.ts";
import { answersOf } from "./answers.ts";

const SHARES = ["0.05", "0.1", "0.2"]; // of all rows
const CLIP = 1e-12; // as in the log loss of two classes

/** The figures of one yes/no outcome. */
export type OutcomeFigures = Omit<
  ModelEvaluation,
  "flagged" | "precisionAtRuleCount" | "fitSeconds" | "predictSeconds"
>;

/** How one class did, as a yes/no outcome and as an answer. */
export interface ClassFigures extends OutcomeFigures {
  /** 2·TP/(2·TP + FP + FN) of the answers. */
  readonly f1: Figure;
}

/** The figures of several classes: everything but accuracy, macro-F1 and log loss is the plain mean over the classes. */
export interface MulticlassFigures extends OutcomeFigures {
  /** Share of rows whose most probable class is the true one. */
  readonly accuracy: Figure;
  /** Plain mean of the classes' F1. */
  readonly macroF1: Figure;
  /** The same when the answer is the most probable class. */
  readonly macroF1OfMostProbable: Figure;
  readonly classes: Readonly<Record<string, ClassFigures>>;
}

/**
 * Measures probabilities of a yes/no outcome.
 * @param labels - shape (n), each 0 or 1
 * @param probabilities - shape (n)
 */
export function measureOutcome(labels: Uint8Array, probabilities: Float64Array): OutcomeFigures {
  return {
    auc: figureOf(areaUnderRocScore(labels, probabilities)),
    averagePrecision: figureOf(averagePrecisionScore(labels, probabilities)),
    brier: figureOf(brierLoss(labels, probabilities)),
    logLoss: figureOf(logLoss(labels, probabilities)),
    ece: figureOf(expectedCalibrationError(labels, probabilities)),
    eceNoiseFloor: figureOf(expectedCalibrationNoiseFloor(probabilities)),
    ...probabilityFigures(labels, probabilities),
    precisionAtTop: Object.fromEntries(
      SHARES.map((share) => [
        share,
        figureOf(precisionAtTop(labels, probabilities, topCount(Number(share), labels.length))),
      ]),
    ),
  };
}

/**
 * Measures probabilities of several classes: each against the rest, their means, the multinomial log loss, accuracy of
 * the most probable class (the first of equal ones) and F1 of the answers.
 * @param labels - shape (n), indices into `classes`
 * @param probabilities - shape (n × classes), row-major
 * @param answers - shape (n), indices into `classes`: what F1 judges; the most probable class when left out
 */
export function measureClasses(
  labels: Uint8Array,
  probabilities: Float64Array,
  classes: readonly string[],
  answers: Uint8Array = answersOf(probabilities, classes.length),
): MulticlassFigures {
  const width = classes.length;
  const mostProbable = answersOf(probabilities, width);
  const own = classes.map((_, category): ClassFigures => {
    const isOwn = labels.map((label) => (label === category ? 1 : 0));
    const column = Float64Array.from(labels, (_label, row) => Math.min(1, probabilities[row * width + category]!));
    return { ...measureOutcome(isOwn, column), f1: f1Of(labels, answers, category) };
  });
  const mean = (pick: (figures: ClassFigures) => Figure): Figure => meanOf(own.map(pick));
  return {
    auc: mean(({ auc }) => auc),
    averagePrecision: mean(({ averagePrecision }) => averagePrecision),
    brier: mean(({ brier }) => brier),
    logLoss: multinomialLogLoss(labels, probabilities, width),
    ece: mean(({ ece }) => ece),
    eceNoiseFloor: mean(({ eceNoiseFloor }) => eceNoiseFloor),
    precisionAtTop: Object.fromEntries(SHARES.map((share) => [share, mean((one) => one.precisionAtTop[share]!)])),
    accuracy:
      labels.length === 0
        ? noRows
        : mostProbable.filter((answer, row) => answer === labels[row]).length / labels.length,
    macroF1: meanOf(own.map(({ f1 }) => f1)),
    macroF1OfMostProbable: meanOf(classes.map((_, category) => f1Of(labels, mostProbable, category))),
    classes: Object.fromEntries(classes.map((name, category) => [name, own[category]!])),
  };
}

const noRows: Figure = { status: "undefined", reason: "no rows" };

function f1Of(labels: Uint8Array, answers: Uint8Array, category: number): Figure {
  let hits = 0;
  let mentions = 0; // 2·TP + FP + FN
  for (let row = 0; row < labels.length; row++) {
    if (labels[row] === category) mentions += 1;
    if (answers[row] === category) mentions += 1;
    if (labels[row] === category && answers[row] === category) hits += 1;
  }
  if (mentions === 0) return { status: "undefined", reason: "no row has this class, and none was said to" };
  return (2 * hits) / mentions;
}

function multinomialLogLoss(labels: Uint8Array, probabilities: Float64Array, width: number): Figure {
  if (labels.length === 0) return noRows;
  let sum = 0;
  for (let row = 0; row < labels.length; row++)
    sum -= Math.log(Math.max(probabilities[row * width + labels[row]!]!, CLIP));
  return sum / labels.length;
}

/** The plain mean; undefined, with the first reason, when one figure is. */
function meanOf(figures: readonly Figure[]): Figure {
  const missing = figures.find((figure) => typeof figure !== "number");
  if (missing !== undefined) return missing;
  return figures.reduce<number>((sum, figure) => sum + (figure as number), 0) / figures.length;
}
