import { CairnError } from "../../../errors.ts";
import { logit, sigmoid } from "../../../numeric/log-odds.ts";
import type { Classifier, FittedClassifier } from "../../estimator.ts";
import { requireKind } from "../artifact-fields.ts";
import { checkCancelled, checkQuestion, checkTraining } from "../checks.ts";
import { nestedContext, nestedParameters, nestedTensors, nestTensors } from "./nested.ts";

const KIND = "off-track/blend";
const FURTHEST = 1e-15; // probabilities are read as log-odds within ±34.5

/**
 * The mean of several models' log-odds: models that err differently (straight lines and steps) are more often right together
 * than either alone. Equal weights, so there is nothing to overfit. Reasons are the means of the models' reasons.
 * `fit` throws what the recipes throw.
 * @param recipes - by name, at least one
 * @throws CairnError `BAD_INPUT` without a recipe
 * @see Genest and Zidek (1986), Combining probability distributions (the logarithmic opinion pool)
 */
export function blend(recipes: Readonly<Record<string, Classifier>>): Classifier {
  const entries = Object.entries(recipes);
  if (entries.length === 0) throw new CairnError("BAD_INPUT", "expected at least one recipe to blend, got none");
  const nested = entries.flatMap(([name, { kind, parameters }]) =>
    Object.entries(nestedParameters(kind, parameters)).map(([key, value]) => [`${name}.${key}`, value] as const),
  );
  return {
    kind: KIND,
    parameters: Object.fromEntries(nested),
    fit(input, context) {
      checkCancelled(context);
      checkTraining(input);
      const models = entries.map(([name, recipe], index): [string, FittedClassifier] => [
        name,
        recipe.fit(input, nestedContext(context, name, index, entries.length)),
      ]);
      context.onProgress?.(1);
      return fittedBlend(models);
    },
    decode(tensors) {
      requireKind(tensors, KIND);
      return fittedBlend(entries.map(([name, recipe]) => [name, recipe.decode(nestedTensors(tensors, name))]));
    },
  };
}

function fittedBlend(models: readonly (readonly [string, FittedClassifier])[]): FittedClassifier {
  const features = Object.freeze([...new Set(models.flatMap(([, model]) => model.features))]);
  const predictLogOdds = (matrix: Parameters<FittedClassifier["predict"]>[0], out: Float64Array): void => {
    checkQuestion(matrix, features, out.length, 1);
    out.fill(0);
    const own = new Float64Array(out.length);
    for (const [, model] of models) {
      model.predict(matrix, own);
      for (let row = 0; row < own.length; row++)
        out[row]! += logit(Math.min(Math.max(own[row]!, FURTHEST), 1 - FURTHEST)) / models.length;
    }
  };
  return {
    kind: KIND,
    features,
    predict(matrix, out) {
      predictLogOdds(matrix, out);
      for (let row = 0; row < out.length; row++) out[row] = sigmoid(out[row]!);
    },
    explain(matrix, out) {
      const width = features.length + 1;
      checkQuestion(matrix, features, out.length, width);
      const base = new Float64Array(matrix.rows);
      predictLogOdds(matrix, base);
      out.fill(0);
      for (const [, model] of models) {
        const places = model.features.map((name) => features.indexOf(name));
        const own = new Float64Array(matrix.rows * (places.length + 1));
        model.explain(matrix, own);
        for (let row = 0, at = 0; row < matrix.rows; row++, at++) {
          for (const place of places) {
            const share = own[at++]! / models.length;
            out[row * width + place]! += share;
            base[row]! -= share; // what is left is the mean base, up to the clipping of certain probabilities
          }
        }
      }
      for (let row = 0; row < matrix.rows; row++) out[row * width + features.length] = base[row]!;
    },
    encode: () =>
      nestTensors({ kind: KIND }, Object.fromEntries(models.map(([name, model]) => [name, model.encode()]))),
  };
}
