import { CairnError } from "../../../errors.ts";
import type { Classifier, FittedClassifier } from "../../estimator.ts";
import { requireKind } from "../artifact-fields.ts";
import { checkCancelled, checkTraining } from "../checks.ts";
import { nestedContext, nestedParameters, nestedTensors, nestTensors } from "./nested.ts";
import { weighLogOdds } from "./weigh-log-odds.ts";

const KIND = "off-track/blend";

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
  return {
    kind: KIND,
    ...weighLogOdds(
      models.map(([, model]) => model),
      models.map(() => 1 / models.length),
      0,
    ),
    encode: () =>
      nestTensors({ kind: KIND }, Object.fromEntries(models.map(([name, model]) => [name, model.encode()]))),
  };
}
