import { CairnError } from "../../../errors.ts";
import { sigmoid } from "../../../numeric/log-odds.ts";
import { takeRows } from "../../../numeric/matrix.ts";
import type { Classifier, FitContext, FittedClassifier, LabelledMatrix } from "../../estimator.ts";
import { requireKind } from "../artifact-fields.ts";
import { checkCancelled, checkTraining } from "../checks.ts";
import { betaCalibration } from "./beta.ts";
import type { Calibration, FittedCalibration, ScoredRows } from "./calibration.ts";
import { contentFolds } from "./content-folds.ts";
import { isotonicCalibration } from "./isotonic.ts";
import { nestedContext, nestedParameters, nestedTensors, nestTensors } from "./nested.ts";
import { periodRows, periodsOf } from "./periods.ts";
import { plattCalibration } from "./platt.ts";
import { logOddsOf } from "./weigh-log-odds.ts";

const KIND = "off-track/calibrated";
const ENOUGH_ROWS = 20_000; // more calibration rows than this would only cost further fits

/** The ways to calibrate. */
export type CalibrationMethod = "platt" | "isotonic" | "beta";

/** Which rows a {@link calibrated} classifier calibrates on. */
export interface CalibratedOptions {
  /** Parts of the training rows that are held out in turn, 2 to 20; default 5. Not used with `period`. */
  readonly folds?: number;
  /**
   * A column that orders the training rows in time: its greatest value (or last category) is the calibration period, the
   * model is fitted on the earlier rows only, and the column is no feature. When left out, the model is fitted on all rows
   * and calibrated on predictions for rows that were held out from models fitted without them.
   */
  readonly period?: string;
}

const methods: Readonly<Record<CalibrationMethod, () => Calibration>> = {
  platt: plattCalibration,
  isotonic: isotonicCalibration,
  beta: betaCalibration,
};

/**
 * A classifier whose probabilities are calibrated on rows it was not fitted on: a later period, or parts held out in turn
 * (as many as give 20,000 rows). Rankings do not change, but isotonic calibration makes ties. Reasons add up to the calibrated
 * log-odds: with Platt each is scaled with the score; with the others, which are no lines, reasons are those of the
 * uncalibrated log-odds and the row's last entry, the base, takes up what calibration adds.
 * `fit` throws what the recipe throws, `UNKNOWN_FEATURE` for a period that is not there, and `SINGLE_CLASS` when the
 * calibration rows, or the rows to fit on, hold one outcome only.
 * @throws CairnError `BAD_INPUT` for folds out of range
 * @see handbook early-warning 3.6
 */
export function calibrated(
  recipe: Classifier,
  method: CalibrationMethod,
  { folds = 5, period }: CalibratedOptions = {},
): Classifier {
  if (!(Number.isInteger(folds) && folds >= 2 && folds <= 20))
    throw new CairnError("BAD_INPUT", `expected 2 to 20 folds, got ${folds}`);
  const calibration = methods[method]();
  return {
    kind: KIND,
    parameters: { method, folds, period: period ?? null, ...nestedParameters(recipe.kind, recipe.parameters) },
    fit(input, context) {
      checkCancelled(context);
      const positives = checkTraining(input);
      const { model, scored } =
        period === undefined
          ? fitHeldOut(recipe, input, Math.min(folds, positives, input.labels.length - positives), context)
          : fitEarlier(recipe, input, period, context);
      const { onProgress: _, ...quiet } = context;
      const fitted = calibration.fit(scored, quiet);
      context.onProgress?.(1);
      return fittedCalibrated(model, fitted);
    },
    decode(tensors) {
      requireKind(tensors, KIND);
      return fittedCalibrated(
        recipe.decode(nestedTensors(tensors, "model")),
        calibration.decode(nestedTensors(tensors, "calibration")),
      );
    },
  };
}

interface Fitted {
  readonly model: FittedClassifier;
  readonly scored: ScoredRows;
}

function fitHeldOut(recipe: Classifier, input: LabelledMatrix, folds: number, context: FitContext): Fitted {
  if (folds < 2) {
    throw new CairnError("SINGLE_CLASS", "expected at least two rows of each outcome to calibrate on, got one", {
      hint: "use the model without calibration, or more rows",
    });
  }
  const fold = contentFolds(input, folds, context.rng.derive("calibration").integer(0x1_0000_0000));
  const used = Math.min(folds, Math.ceil((ENOUGH_ROWS * folds) / fold.length));
  const steps = used + 1;
  const scores: Float64Array[] = [];
  const labels: Uint8Array[] = [];
  for (let held = 0; held < used; held++) {
    const rest = takeLabelled(input, (row) => fold[row] !== held);
    const asked = takeLabelled(input, (row) => fold[row] === held);
    const trial = recipe.fit(rest, nestedContext(context, `without fold ${held}`, held, steps));
    scores.push(logOddsOf(trial, asked.matrix));
    labels.push(asked.labels);
  }
  const model = recipe.fit(input, nestedContext(context, "all rows", used, steps));
  return { model, scored: { scores: concatenate(scores, Float64Array), labels: concatenate(labels, Uint8Array) } };
}

function fitEarlier(recipe: Classifier, input: LabelledMatrix, period: string, context: FitContext): Fitted {
  const { matrix, when } = periodRows(input.matrix, period);
  const last = periodsOf(when).at(-1);
  const earlier = takeLabelled({ matrix, labels: input.labels }, (row) => when[row] !== last);
  const later = takeLabelled({ matrix, labels: input.labels }, (row) => when[row] === last);
  const model = recipe.fit(earlier, nestedContext(context, "earlier rows", 0, 1));
  return { model, scored: { scores: logOddsOf(model, later.matrix), labels: later.labels } };
}

function takeLabelled({ matrix, labels }: LabelledMatrix, wanted: (row: number) => boolean): LabelledMatrix {
  const rows = Int32Array.from(labels.keys()).filter(wanted);
  return { matrix: takeRows(matrix, rows), labels: Uint8Array.from(rows, (row) => labels[row]!) };
}

function concatenate<Values extends Float64Array | Uint8Array>(
  parts: readonly Values[],
  type: { new (length: number): Values },
): Values {
  const whole = new type(parts.reduce((sum, { length }) => sum + length, 0));
  let offset = 0;
  for (const values of parts) {
    whole.set(values, offset);
    offset += values.length;
  }
  return whole;
}

function fittedCalibrated(model: FittedClassifier, calibration: FittedCalibration): FittedClassifier {
  const { features } = model;
  const slope = calibration.slope ?? 1;
  return {
    kind: KIND,
    features,
    predict(matrix, out) {
      calibration.calibrate(logOddsOf(model, matrix, out), out);
      for (let row = 0; row < out.length; row++) out[row] = sigmoid(out[row]!);
    },
    explain(matrix, out) {
      model.explain(matrix, out);
      const logOdds = logOddsOf(model, matrix);
      calibration.calibrate(logOdds, logOdds);
      for (let row = 0, offset = 0; row < matrix.rows; row++, offset += features.length + 1) {
        let base = logOdds[row]!;
        for (let at = offset; at < offset + features.length; at++) {
          out[at]! *= slope;
          base -= out[at]!;
        }
        out[offset + features.length] = base;
      }
    },
    encode: () => nestTensors({ kind: KIND }, { model: model.encode(), calibration: calibration.encode() }),
  };
}
