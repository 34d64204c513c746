import { logit, sigmoid } from "../../../numeric/log-odds.ts";
import type { FeatureMatrix } from "../../../numeric/matrix.ts";
import type { FittedClassifier } from "../../estimator.ts";
import { checkQuestion } from "../checks.ts";

const FURTHEST = 1e-15; // probabilities are read as log-odds within ±34.5

/**
 * The log-odds of a model, kept finite.
 * @param out - shape (matrix.rows), overwritten
 * @returns `out`
 * @throws CairnError as the model's `predict`
 */
export function logOddsOf(
  model: FittedClassifier,
  matrix: FeatureMatrix,
  out: Float64Array = new Float64Array(matrix.rows),
): Float64Array {
  model.predict(matrix, out);
  for (let row = 0; row < out.length; row++) out[row] = logit(Math.min(Math.max(out[row]!, FURTHEST), 1 - FURTHEST));
  return out;
}

/**
 * Several models as one: the weighted sum of their log-odds and an intercept. All reasons are in log-odds, so the reasons of
 * the whole are the same weighted sum of theirs, exactly; the base takes up the models' bases and the intercept.
 * @param models - at least one
 * @param weights - one per model, finite
 */
export function weighLogOdds(
  models: readonly FittedClassifier[],
  weights: readonly number[],
  intercept: number,
): Pick<FittedClassifier, "features" | "predict" | "explain"> {
  const features = Object.freeze([...new Set(models.flatMap((model) => model.features))]);
  const writeLogOdds = (matrix: FeatureMatrix, out: Float64Array): void => {
    checkQuestion(matrix, features, out.length, 1);
    const own = new Float64Array(out.length);
    out.fill(intercept);
    for (const [index, model] of models.entries()) {
      logOddsOf(model, matrix, own);
      for (let row = 0; row < own.length; row++) out[row]! += weights[index]! * own[row]!;
    }
  };
  return {
    features,
    predict(matrix, out) {
      writeLogOdds(matrix, out);
      for (let row = 0; row < out.length; row++) out[row] = sigmoid(out[row]!);
    },
    explain(matrix, out) {
      const width = features.length + 1;
      checkQuestion(matrix, features, out.length, width);
      const base = new Float64Array(matrix.rows);
      writeLogOdds(matrix, base);
      out.fill(0);
      for (const [index, model] of models.entries()) {
        const places = model.features.map((name) => features.indexOf(name));
        const own = new Float64Array(matrix.rows * (places.length + 1));
        model.explain(matrix, own);
        for (let row = 0, at = 0; row < matrix.rows; row++, at++) {
          for (const place of places) {
            const share = weights[index]! * own[at++]!;
            out[row * width + place]! += share;
            base[row]! -= share; // what is left is the weighted base, up to the clipping of certain probabilities
          }
        }
      }
      for (let row = 0; row < matrix.rows; row++) out[row * width + features.length] = base[row]!;
    },
  };
}
