import { type FeatureMatrix, takeColumns, takeRows } from "../../../numeric/matrix.ts";
import { trainNetwork } from "../../../numeric/network/train.ts";
import type { Classifier, LabelledMatrix } from "../../estimator.ts";
import { contentOrder } from "../calibration/content-folds.ts";
import { nestedContext } from "../calibration/nested.ts";
import { checkCancelled, checkTraining } from "../checks.ts";
import { planDesign } from "../design.ts";
import { decodeRecurrent, fittedRecurrent, RECURRENT } from "./model.ts";
import { type RecurrentOptions, type RecurrentSettings, recurrentParameters, recurrentSettings } from "./options.ts";
import { encodeRows, type RowPlan, sequencesOf, seriesMoments, shapeOf } from "./rows.ts";

/**
 * A gated recurrent unit over weekly series, read together with the static columns by one layer more: it sees in which order
 * things happened, which columns of totals do not say. Numbers are standardised, categories become 0/1 columns; a missing cell
 * of a series is 0 beside a flag, and a week of which nothing is known is skipped. The mean log-odds of several starts. Rows are
 * put in an order of their own before training, so theirs does not matter; equal seeds give equal bytes on one backend (see
 * `src/numeric/network/products.ts`), and predictions need none.
 * Reasons walk from an average learner to this one column by column, forwards and backwards: they add up exactly, and for a
 * network without interactions they are its terms.
 * `fit` throws `SINGLE_CLASS`, `UNKNOWN_FEATURE` for a series column that is not there, `BAD_INPUT` for one that is no number,
 * `NOT_FINITE`, `NOT_CONVERGED` and `CANCELLED`. Small tables are better served by straight lines and trees.
 * @throws CairnError `BAD_INPUT` for options out of range
 * @see Cho et al. (2014), Learning phrase representations using RNN encoder–decoder, arXiv 1406.1078v3
 */
export function recurrent(options: RecurrentOptions = {}): Classifier {
  const settings = recurrentSettings(options);
  return {
    kind: RECURRENT,
    parameters: recurrentParameters(settings),
    fit(input, context) {
      checkCancelled(context);
      checkTraining(input);
      const { matrix, labels } = inOrder(input);
      const plan = planRows(matrix, settings);
      const names = [...plan.design.features.map(({ name }) => name), ...plan.seriesColumns];
      const sequences = { ...sequencesOf(plan, encodeRows(plan, takeColumns(matrix, names))), labels };
      const shape = shapeOf(plan, settings.hidden, settings.head);
      const networks = Array.from({ length: settings.starts }, (_, start) => {
        const own = nestedContext(context, `start ${start}`, start, settings.starts);
        return trainNetwork(shape, sequences, settings.training, own).weights;
      });
      context.onProgress?.(1);
      return fittedRecurrent(plan, networks, settings);
    },
    decode: (tensors) => decodeRecurrent(tensors, settings),
  };
}

/** The rows in an order that follows from what they hold: sums round and batches fall alike however they came. */
function inOrder(input: LabelledMatrix): LabelledMatrix {
  const order = contentOrder(input);
  return { matrix: takeRows(input.matrix, order), labels: Uint8Array.from(order, (row) => input.labels[row]!) };
}

function planRows(matrix: FeatureMatrix, { series, minimumCategoryRows }: RecurrentSettings): RowPlan {
  const lists = Object.values(series);
  const seriesColumns = lists.flat();
  const weeks = lists[0]?.length ?? 0;
  const inSeries = new Set(seriesColumns);
  const statics = { rows: matrix.rows, columns: matrix.columns.filter(({ name }) => !inSeries.has(name)) };
  return {
    design: planDesign(statics, minimumCategoryRows),
    seriesColumns,
    weeks,
    ...seriesMoments(takeColumns(matrix, seriesColumns).columns, weeks),
  };
}
