import type { FittedModel } from "../estimator.ts";
import type { ItemResponseLog } from "./item-log.ts";

/** A fitted model of the next response to an item. */
export interface FittedNextResponse extends FittedModel {
  /**
   * Probability of a right answer before each response, from the learner's own earlier rows only; nothing is learned from
   * the log.
   * @param log - items and skills are matched by name; those never seen in training are allowed
   * @param out - shape (rows), overwritten; each in [0, 1]
   * @throws CairnError `SHAPE_MISMATCH`, `BAD_INPUT`
   */
  predictNext(log: ItemResponseLog, out: Float64Array): void;
}
