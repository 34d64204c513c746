import { CairnError } from "../../../errors.ts";
import type { Classifier, FitContext } from "../../../models/estimator.ts";
import { additive } from "../../../models/off-track/additive/additive.ts";
import { baseRate } from "../../../models/off-track/base-rate.ts";
import { boostedTrees } from "../../../models/off-track/boosted-trees/boosted-trees.ts";
import { blend } from "../../../models/off-track/calibration/blend.ts";
import { calibrated } from "../../../models/off-track/calibration/calibrated.ts";
import { logistic } from "../../../models/off-track/logistic.ts";
import { oneVersusRest } from "../../../models/off-track/multiclass/one-versus-rest.ts";
import type { FeatureMatrix } from "../../../numeric/matrix.ts";

/** The models any table can be given, the simplest first: inside the noise of the validation the earlier one is chosen. */
export function tableModels(): Readonly<Record<string, Classifier>> {
  return {
    baseRate: baseRate(),
    logistic: logistic(),
    additive: additive(),
    boostedTrees: boostedTrees(),
    boostedTreesCalibrated: calibrated(boostedTrees(), "platt"),
    blend: blend({ logistic: logistic(), boostedTrees: boostedTrees() }),
  };
}

/** The models that only show what others must beat: measured, never chosen. */
export const yardsticks: readonly string[] = ["baseRate"];

/**
 * Picks models by name, in the order of the candidates.
 * @throws CairnError `BAD_INPUT` for a name there is not
 */
export function pickModels(
  candidates: Readonly<Record<string, Classifier>>,
  names: readonly string[] | undefined,
): Readonly<Record<string, Classifier>> {
  const unknown = names?.find((name) => !Object.hasOwn(candidates, name));
  if (unknown !== undefined || names?.length === 0) {
    throw new CairnError(
      "BAD_INPUT",
      `expected models by name, got ${unknown === undefined ? "none" : `"${unknown}"`}`,
      {
        hint: `choose from ${Object.keys(candidates).join(", ")}`,
      },
    );
  }
  return Object.fromEntries(Object.entries(candidates).filter(([name]) => names?.includes(name) ?? true));
}

/** Rows of a table with one class each. */
export interface ClassedRows {
  readonly matrix: FeatureMatrix;
  /** Shape (rows), indices into the classes; with two classes 1 is the outcome that is predicted. */
  readonly labels: Uint8Array;
}

/**
 * Fits a recipe to two classes or, one against the rest, to several.
 * @returns what predicts: shape (rows) for two classes, (rows × classes) for more
 */
export function fitClasses(
  recipe: Classifier,
  rows: ClassedRows,
  classes: readonly string[],
  context: FitContext,
): (matrix: FeatureMatrix) => Float64Array {
  const width = widthOf(classes);
  const fitted = width === 1 ? recipe.fit(rows, context) : oneVersusRest(recipe).fit({ ...rows, classes }, context);
  return (matrix) => {
    const out = new Float64Array(matrix.rows * width);
    fitted.predict(matrix, out);
    return out;
  };
}

/** Numbers per row that {@link fitClasses} predicts. */
export function widthOf(classes: readonly string[]): number {
  return classes.length === 2 ? 1 : classes.length;
}
