import type { Classifier } from "../../models/estimator.ts";
import { takeColumns } from "../../numeric/matrix.ts";

/**
 * A recipe that learns from some of the columns only, whatever else the matrix holds.
 * `fit` throws `UNKNOWN_FEATURE` when one of them is not there.
 */
export function onColumns(recipe: Classifier, columns: readonly string[]): Classifier {
  return {
    kind: recipe.kind,
    parameters: { ...recipe.parameters, columns },
    fit: ({ matrix, labels }, context) => recipe.fit({ matrix: takeColumns(matrix, columns), labels }, context),
    decode: (tensors) => recipe.decode(tensors),
  };
}
