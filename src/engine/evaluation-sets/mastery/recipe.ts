import type { Estimator, FittedModel } from "../../../models/estimator.ts";
import type { ItemResponseLog } from "../../../models/mastery/item-log.ts";
import type { FittedNextResponse } from "../../../models/mastery/next-response.ts";

/** A recipe for a model of the next response, as an evaluation needs it. */
export type NextResponseRecipe = Pick<
  Estimator<ItemResponseLog, FittedModel & Pick<FittedNextResponse, "predictNext">>,
  "fit"
>;
