import { CairnError } from "../../../errors.ts";
import type { Classifier, FittedClassifier } from "../../estimator.ts";
import { requireArray, requireKind } from "../artifact-fields.ts";
import { nestedContext, nestedParameters, nestedTensors, nestTensors } from "../calibration/nested.ts";
import { logOddsOf, weighLogOdds } from "../calibration/weigh-log-odds.ts";
import { checkCancelled, checkTraining } from "../checks.ts";
import { type HoldOut, holdOut } from "./held-out.ts";
import { MOST_SCORES, type ScoreWeights, weighNonNegatively } from "./non-negative.ts";

const KIND = "off-track/stacked";

/** What {@link stacked} takes. */
export interface StackedOptions {
  /** Parts of the training rows that are held out in turn, 2 to 20; default 5. Not used with `period`. */
  readonly folds?: number;
  /** A column whose rows of one value are held out together, such as the person; no feature. Not used with `period`. */
  readonly group?: string;
  /** A column that orders rows in time: every period is predicted by models of the earlier ones; no feature. */
  readonly period?: string;
}

/**
 * Several models as one weighted sum of log-odds; the weights, none below 0, and the intercept are fitted on predictions for
 * rows the models had not seen: parts in turn, people in turn, or later periods. Then every model is fitted on all rows. The
 * weights also calibrate: models that are too sure together get weights that sum to less than one. Reasons are the weighted sum
 * of the models' reasons, exactly. With few rows the equal weights of `blend` are safer.
 * `fit` throws what the recipes throw, `UNKNOWN_FEATURE` for a column that is not there, and `SINGLE_CLASS` when no rows of
 * both outcomes can be held out.
 * @param recipes - by name, 1 to 6
 * @throws CairnError `BAD_INPUT` for folds out of range or another number of recipes
 * @see Wolpert (1992), Stacked generalization; Breiman (1996), Stacked regressions
 */
export function stacked(
  recipes: Readonly<Record<string, Classifier>>,
  { folds = 5, group, period }: StackedOptions = {},
): Classifier {
  const entries = Object.entries(recipes);
  if (entries.length === 0 || entries.length > MOST_SCORES)
    throw new CairnError("BAD_INPUT", `expected 1 to ${MOST_SCORES} recipes to stack, got ${entries.length}`);
  if (!(Number.isInteger(folds) && folds >= 2 && folds <= 20))
    throw new CairnError("BAD_INPUT", `expected 2 to 20 folds, got ${folds}`);
  const way: HoldOut = {
    folds,
    ...(group === undefined ? {} : { group }),
    ...(period === undefined ? {} : { period }),
  };
  const nested = entries.flatMap(([name, { kind, parameters }]) =>
    Object.entries(nestedParameters(kind, parameters)).map(([key, value]) => [`${name}.${key}`, value] as const),
  );
  return {
    kind: KIND,
    parameters: { folds, group: group ?? null, period: period ?? null, ...Object.fromEntries(nested) },
    fit(input, context) {
      checkCancelled(context);
      checkTraining(input);
      const { all, parts } = holdOut(input, way, context.rng);
      const steps = entries.length * (parts.length + 1);
      const scores = entries.map(([name, recipe], index) =>
        join(
          parts.map(({ fit, asked }, part) => {
            const step = index * parts.length + part;
            return logOddsOf(recipe.fit(fit, nestedContext(context, `${name} ${part}`, step, steps)), asked.matrix);
          }),
        ),
      );
      const weights = weighNonNegatively(scores, Uint8Array.from(parts.flatMap(({ asked }) => [...asked.labels])));
      const models = entries.map(([name, recipe], index): [string, FittedClassifier] => [
        name,
        recipe.fit(all, nestedContext(context, name, parts.length * entries.length + index, steps)),
      ]);
      context.onProgress?.(1);
      return fittedStack(models, weights);
    },
    decode(tensors) {
      requireKind(tensors, KIND);
      const own = nestedTensors(tensors, "stack");
      const weights = [...requireArray(own, "weights", Float64Array, entries.length)];
      const [intercept = 0] = requireArray(own, "intercept", Float64Array, 1);
      return fittedStack(
        entries.map(([name, recipe]) => [name, recipe.decode(nestedTensors(tensors, `model ${name}`))]),
        { weights, intercept },
      );
    },
  };
}

function fittedStack(
  models: readonly (readonly [string, FittedClassifier])[],
  { weights, intercept }: ScoreWeights,
): FittedClassifier {
  const parts = Object.fromEntries(models.map(([name, model]) => [`model ${name}`, model]));
  return {
    kind: KIND,
    ...weighLogOdds(
      models.map(([, model]) => model),
      weights,
      intercept,
    ),
    encode: () =>
      nestTensors(
        { kind: KIND },
        {
          stack: {
            metadata: {},
            arrays: { weights: Float64Array.from(weights), intercept: Float64Array.of(intercept) },
          },
          ...Object.fromEntries(Object.entries(parts).map(([name, model]) => [name, model.encode()])),
        },
      ),
  };
}

function join(parts: readonly Float64Array[]): Float64Array {
  const whole = new Float64Array(parts.reduce((sum, { length }) => sum + length, 0));
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
}
