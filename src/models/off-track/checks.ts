import { CairnError } from "../../errors.ts";
import { checkMatrix, type FeatureMatrix, takeColumns } from "../../numeric/matrix.ts";
import type { FitContext, LabelledMatrix } from "../estimator.ts";

/**
 * Checks what a classifier is to learn from, once.
 * @returns the number of rows whose label is 1
 * @throws CairnError `SHAPE_MISMATCH`, `NOT_FINITE`, `BAD_INPUT`, and `SINGLE_CLASS` when the labels do not hold both classes
 */
export function checkTraining({ matrix, labels }: LabelledMatrix): number {
  checkMatrix(matrix);
  if (labels.length !== matrix.rows) {
    throw new CairnError(
      "SHAPE_MISMATCH",
      `expected one label per row, got ${matrix.rows} rows and ${labels.length} labels`,
    );
  }
  if (matrix.rows === 0) {
    throw new CairnError("BAD_INPUT", "expected rows to learn from, got none", {
      hint: "check the cohort and its as-of date",
    });
  }
  let positives = 0;
  for (let row = 0; row < labels.length; row++) {
    if (labels[row]! > 1)
      throw new CairnError("BAD_INPUT", `expected labels 0 and 1, got ${labels[row]} in row ${row}`);
    positives += labels[row]!;
  }
  if (positives === 0 || positives === labels.length) {
    throw new CairnError(
      "SINGLE_CLASS",
      `expected both outcomes, got ${labels.length} labels that are all ${labels[0]}`,
      {
        hint: "widen the cohort until both outcomes occur",
      },
    );
  }
  return positives;
}

/**
 * The columns a fitted model reads, checked, in its own order.
 * @param length - of the output the caller gave
 * @param width - numbers per row the output must have room for
 * @throws CairnError `UNKNOWN_FEATURE`, `SHAPE_MISMATCH`, `NOT_FINITE`, `BAD_INPUT`
 */
export function checkQuestion(
  matrix: FeatureMatrix,
  features: readonly string[],
  length: number,
  width: number,
): FeatureMatrix {
  if (length !== matrix.rows * width) {
    throw new CairnError("SHAPE_MISMATCH", `expected room for ${matrix.rows} × ${width} numbers, got ${length}`, {
      hint: "give an output of exactly that length",
    });
  }
  return checkMatrix(takeColumns(matrix, features));
}

/**
 * Ends a fit whose caller has given up.
 * @throws CairnError `CANCELLED`
 */
export function checkCancelled({ signal }: FitContext): void {
  if (signal?.aborted) throw new CairnError("CANCELLED", "expected to fit to the end, got a request to stop");
}
