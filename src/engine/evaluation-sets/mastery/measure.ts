import { areaUnderRocScore } from "../../../numeric/metrics/area-under-roc.ts";
import { brierLoss } from "../../../numeric/metrics/brier.ts";
import { expectedCalibrationError } from "../../../numeric/metrics/calibration-error.ts";
import { logLoss } from "../../../numeric/metrics/log-loss.ts";
import { type Figure, figureOf } from "../../evaluation/evaluation.ts";
import type { Blend } from "./blend.ts";

/** How one model did on the test rows. */
export interface MasteryFigures {
  /** Area under the ROC curve, over all test rows together. */
  readonly auc: Figure;
  readonly rmse: Figure;
  readonly logLoss: Figure;
  /** Expected calibration error, ten equal-mass bins. */
  readonly ece: Figure;
  /** Of a blend: fitting its models twice, once to learn the weights. */
  readonly fitSeconds: number;
  readonly predictSeconds: number;
  /** Of a blend: how far each model is listened to. With folds, each fold has its own. */
  readonly blend?: Blend;
}

/** One split: how many rows, and how each model did. */
export interface MasterySplit {
  readonly rows: { readonly train: number; readonly test: number };
  readonly models: Readonly<Record<string, MasteryFigures>>;
}

/** How long a model took. */
export type Seconds = Pick<MasteryFigures, "fitSeconds" | "predictSeconds">;

/** All figures of one model's predictions. */
export function measure(outcome: Uint8Array, predicted: Float64Array, seconds: Seconds): MasteryFigures {
  const brier = figureOf(brierLoss(outcome, predicted));
  return {
    auc: figureOf(areaUnderRocScore(outcome, predicted)),
    rmse: typeof brier === "number" ? Math.sqrt(brier) : brier,
    logLoss: figureOf(logLoss(outcome, predicted)),
    ece: figureOf(expectedCalibrationError(outcome, predicted)),
    ...seconds,
  };
}

/** Means over splits, rows rounded; a figure that is undefined in one is undefined. */
export function meanOf(splits: readonly MasterySplit[]): MasterySplit {
  const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
  const meanFigure = (figures: readonly Figure[]): Figure => {
    const missing = figures.find((figure) => typeof figure !== "number");
    return missing ?? mean(figures as readonly number[]);
  };
  const models = Object.keys(splits[0]!.models).map((name): [string, MasteryFigures] => {
    const own = splits.map((split) => split.models[name]!);
    return [
      name,
      {
        auc: meanFigure(own.map(({ auc }) => auc)),
        rmse: meanFigure(own.map(({ rmse }) => rmse)),
        logLoss: meanFigure(own.map((figures) => figures.logLoss)),
        ece: meanFigure(own.map(({ ece }) => ece)),
        fitSeconds: mean(own.map(({ fitSeconds }) => fitSeconds)),
        predictSeconds: mean(own.map(({ predictSeconds }) => predictSeconds)),
      },
    ];
  });
  const rows = (name: "train" | "test"): number => Math.round(mean(splits.map((split) => split.rows[name])));
  return { rows: { train: rows("train"), test: rows("test") }, models: Object.fromEntries(models) };
}
