import { logit } from "../../numeric/log-odds.ts";
import type { Tensors } from "../artifact.ts";
import type { Classifier, FittedClassifier } from "../estimator.ts";
import { requireArray, requireKind } from "./artifact-fields.ts";
import { checkCancelled, checkQuestion, checkTraining } from "./checks.ts";

const KIND = "off-track/base-rate";

/**
 * Gives everyone the share of bad outcomes in training: the least a model must beat. It reads no column and ranks no one.
 * `fit` throws `SINGLE_CLASS`, because a rate of 0 or 1 has no log-odds.
 */
export function baseRate(): Classifier {
  return {
    kind: KIND,
    parameters: {},
    fit(input, context) {
      checkCancelled(context);
      const rate = checkTraining(input) / input.labels.length;
      context.onProgress?.(1);
      return fittedBaseRate(rate);
    },
    decode(tensors) {
      requireKind(tensors, KIND);
      return fittedBaseRate(requireArray(tensors, "rate", Float64Array, 1)[0]!);
    },
  };
}

function fittedBaseRate(rate: number): FittedClassifier {
  const features: readonly string[] = Object.freeze([]);
  return {
    kind: KIND,
    features,
    predict(matrix, out) {
      checkQuestion(matrix, features, out.length, 1);
      out.fill(rate);
    },
    explain(matrix, out) {
      checkQuestion(matrix, features, out.length, 1);
      out.fill(logit(rate));
    },
    encode: (): Tensors => ({ metadata: { kind: KIND }, arrays: { rate: Float64Array.of(rate) } }),
  };
}
