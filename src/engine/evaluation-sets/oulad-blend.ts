import type { Classifier } from "../../models/estimator.ts";
import { boostedTrees } from "../../models/off-track/boosted-trees/boosted-trees.ts";
import { blend } from "../../models/off-track/calibration/blend.ts";
import { logistic } from "../../models/off-track/logistic.ts";
import { recurrent } from "../../models/off-track/recurrent/recurrent.ts";

/**
 * Straight lines and small trees on all columns, held back: many columns say nearly the same, and the next year's courses
 * differ. Settings by leaving one presentation and one course at a time out of the presentations to 2014B (docs/evaluate.md).
 */
export function ouladBlend(): Classifier {
  return blend({
    logistic: logistic({ penalty: 100 }),
    boostedTrees: boostedTrees({
      trees: 300,
      learningRate: 0.03,
      maximumLeaves: 8,
      minimumLeafRows: 60,
      rowShare: 0.7,
      columnShare: 0.4,
      penalty: 5,
    }),
  });
}

/** A small recurrent network over weekly series; its widths are the better of the three that were tried on 2014B. */
export function ouladRecurrent(series: Readonly<Record<string, readonly string[]>>): Classifier {
  return recurrent({ series, starts: 4, hidden: 8, head: 8, dropout: 0.3, learningRate: 0.002 });
}
