import type { FittedModel } from "../../../models/estimator.ts";
import { historyColumnNames } from "../../../models/mastery/history/history-columns.ts";
import { historyReader } from "../../../models/mastery/history/history-reader.ts";
import { checkItemLog, type ItemResponseLog, requireBothClasses } from "../../../models/mastery/item-log.ts";
import type { FittedNextResponse } from "../../../models/mastery/next-response.ts";
import { boostedTrees } from "../../../models/off-track/boosted-trees/boosted-trees.ts";
import type { FeatureMatrix } from "../../../numeric/matrix.ts";
import type { NextResponseRecipe } from "./recipe.ts";

// Chosen on learners held out of the training rows of ASSISTments 2009.
const TREES = { trees: 300, learningRate: 0.06, maximumLeaves: 31, minimumLeafRows: 50 } as const;

/**
 * Boosted trees over the history columns: what interactions of recent form, ability and difficulty bring. Composed here,
 * because families of models do not know each other.
 */
export function historyTrees(): NextResponseRecipe {
  return {
    fit(log, context): FittedModel & Pick<FittedNextResponse, "predictNext"> {
      requireBothClasses(checkItemLog(log));
      const reader = historyReader(log);
      const fitted = boostedTrees(TREES).fit(
        { matrix: matrixOf(reader.ofTraining(), log.outcome.length), labels: log.outcome },
        context,
      );
      return {
        kind: fitted.kind,
        encode: fitted.encode,
        predictNext: (asked: ItemResponseLog, out) =>
          fitted.predict(matrixOf(reader.of(checkItemLog(asked)), asked.outcome.length), out),
      };
    },
  };
}

function matrixOf(values: Float32Array, rows: number): FeatureMatrix {
  const width = historyColumnNames.length;
  return {
    rows,
    columns: historyColumnNames.map((name, column) => ({
      name,
      kind: "numeric",
      values: Float64Array.from({ length: rows }, (_, row) => values[row * width + column]!),
    })),
  };
}
