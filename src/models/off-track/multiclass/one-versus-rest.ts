import { CairnError } from "../../../errors.ts";
import type { Classifier, FittedClassifier } from "../../estimator.ts";
import { requireJson, requireKind } from "../artifact-fields.ts";
import { nestedContext, nestedParameters, nestedTensors, nestTensors } from "../calibration/nested.ts";
import { checkCancelled } from "../checks.ts";
import type { FittedMulticlass, MulticlassClassifier, MulticlassMatrix } from "./multiclass.ts";

const KIND = "off-track/one-versus-rest";

/**
 * One yes/no model per class, against all others; their probabilities are divided by their sum. Chosen over one softmax model
 * because every yes/no recipe, calibrated ones too, works in it unchanged, and its exact reasons answer the question a
 * counselor asks ("why drop-out?", not "why drop-out rather than graduation?").
 * `fit` throws what the recipe throws (`SINGLE_CLASS` when a class has no rows, or all), `BAD_INPUT`, `SHAPE_MISMATCH` and
 * `CANCELLED`.
 * @see Rifkin and Klautau (2004), In defense of one-vs-all classification; Zadrozny and Elkan (2002), section 5
 */
export function oneVersusRest(recipe: Classifier): MulticlassClassifier {
  return {
    kind: KIND,
    parameters: nestedParameters(recipe.kind, recipe.parameters),
    fit(input, context) {
      checkCancelled(context);
      checkClasses(input);
      const models = input.classes.map((name, category) => {
        const labels = input.labels.map((label) => (label === category ? 1 : 0));
        return recipe.fit(
          { matrix: input.matrix, labels },
          nestedContext(context, name, category, input.classes.length),
        );
      });
      context.onProgress?.(1);
      return fittedOneVersusRest([...input.classes], models);
    },
    decode(tensors) {
      requireKind(tensors, KIND);
      const classes = requireJson(tensors, "classes", areNames);
      return fittedOneVersusRest(
        classes,
        classes.map((_, category) => recipe.decode(nestedTensors(tensors, `${category}`))),
      );
    },
  };
}

const areNames = (value: unknown): value is string[] =>
  Array.isArray(value) && value.length >= 2 && value.every((name) => typeof name === "string");

function checkClasses({ matrix, labels, classes }: MulticlassMatrix): void {
  if (classes.length < 2 || new Set(classes).size !== classes.length) {
    throw new CairnError("BAD_INPUT", `expected at least two different classes, got ${classes.length}`, {
      hint: "give each class one name",
    });
  }
  if (labels.length !== matrix.rows) {
    throw new CairnError(
      "SHAPE_MISMATCH",
      `expected one label per row, got ${matrix.rows} rows and ${labels.length} labels`,
    );
  }
  const wrong = labels.findIndex((label) => label >= classes.length);
  if (wrong >= 0) {
    throw new CairnError("BAD_INPUT", `expected labels below ${classes.length}, got ${labels[wrong]} in row ${wrong}`);
  }
}

function fittedOneVersusRest(classes: readonly string[], models: readonly FittedClassifier[]): FittedMulticlass {
  const width = classes.length;
  return {
    kind: KIND,
    classes,
    features: Object.freeze([...new Set(models.flatMap(({ features }) => features))]),
    predict(matrix, out) {
      if (out.length !== matrix.rows * width) {
        throw new CairnError(
          "SHAPE_MISMATCH",
          `expected room for ${matrix.rows} × ${width} numbers, got ${out.length}`,
          { hint: "give an output of exactly that length" },
        );
      }
      const own = new Float64Array(matrix.rows);
      for (let category = 0; category < width; category++) {
        models[category]!.predict(matrix, own);
        for (let row = 0, at = category; row < matrix.rows; row++, at += width) out[at] = own[row]!;
      }
      normaliseRows(out, width);
    },
    explain(matrix, category, out) {
      const model = models[category];
      if (model === undefined)
        throw new CairnError("BAD_INPUT", `expected a class from 0 to ${width - 1}, got ${category}`);
      model.explain(matrix, out);
    },
    encode: () =>
      nestTensors(
        { kind: KIND, classes: JSON.stringify(classes) },
        Object.fromEntries(models.map((model, category) => [category, model.encode()])),
      ),
  };
}

/** Divides every row by its sum; a row of zeros, which only underflow can make, becomes equal shares. */
function normaliseRows(out: Float64Array, width: number): void {
  for (let offset = 0; offset < out.length; offset += width) {
    let sum = 0;
    for (let at = offset; at < offset + width; at++) sum += out[at]!;
    for (let at = offset; at < offset + width; at++) out[at] = sum > 0 ? out[at]! / sum : 1 / width;
  }
}
