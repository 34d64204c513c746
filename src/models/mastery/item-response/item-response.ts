import { CairnError } from "../../../errors.ts";
import { logit } from "../../../numeric/log-odds.ts";
import type { Estimator, FitContext } from "../../estimator.ts";
import { checkItemLog, type ItemResponseLog, requireBothClasses } from "../item-log.ts";
import { abilityGrid } from "./ability-grid.ts";
import {
  decodeItemResponse,
  type FittedItemResponse,
  fittedItemResponse,
  ITEM_RESPONSE,
} from "./fitted-item-response.ts";
import { expectAnswers, ITEM_PRIOR, maximizeItems, maximizeSharedSlope } from "./marginal-likelihood.ts";

/** Settings of {@link itemResponse}. */
export interface ItemResponseOptions {
  /** 1: items differ in difficulty only; 2: also in how sharply they tell learners apart. Default 2. */
  readonly itemParameters?: 1 | 2;
  /** Most EM iterations, 1 or more; default 100. */
  readonly iterations?: number;
  /** Relative change of the marginal log-likelihood that ends EM, in (0, 1); default 1e-6. */
  readonly tolerance?: number;
}

/**
 * Item response theory: P(right) = σ(slope·θ + easiness) with one standard normal ability θ per learner, fitted by marginal
 * maximum likelihood (EM over a grid of abilities, mild normal priors on the items). A learner's ability is followed by
 * Bayes from answer to answer. Deterministic: the random stream is not used.
 *
 * Not for learning over time: an ability does not change, and all skills share it.
 * @throws CairnError `BAD_INPUT` when a setting is out of range; `fit` throws `SHAPE_MISMATCH`, `BAD_INPUT` (also for a log
 * without responses), `SINGLE_CLASS`, `CANCELLED`
 * @see Bock and Aitkin (1981), Psychometrika 46(4)
 */
export function itemResponse(options: ItemResponseOptions = {}): Estimator<ItemResponseLog, FittedItemResponse> {
  const { itemParameters = 2, iterations = 100, tolerance = 1e-6 } = options;
  requireSetting("1 or 2 item parameters", itemParameters, itemParameters === 1 || itemParameters === 2);
  requireSetting("one iteration or more", iterations, Number.isInteger(iterations) && iterations >= 1);
  requireSetting("a tolerance in (0, 1)", tolerance, tolerance > 0 && tolerance < 1);
  const parameters = { itemParameters, iterations, tolerance };
  return {
    kind: ITEM_RESPONSE,
    parameters,
    fit: (log, context) => fitItems(log, parameters, context),
    decode: decodeItemResponse,
  };
}

function requireSetting(expected: string, got: number, holds: boolean): void {
  if (!holds)
    throw new CairnError("BAD_INPUT", `expected ${expected}, got ${got}`, { hint: "leave it out to use the default" });
}

function fitItems(
  log: ItemResponseLog,
  { itemParameters, iterations, tolerance }: Required<ItemResponseOptions>,
  { signal, onProgress }: FitContext,
): FittedItemResponse {
  requireBothClasses(checkItemLog(log));
  const grid = abilityGrid();
  const start = logit(log.outcome.reduce((sum, outcome) => sum + outcome, 0) / log.outcome.length);
  const slope = new Float64Array(log.items.length).fill(ITEM_PRIOR.slope);
  const easiness = new Float64Array(log.items.length).fill(start);
  const maximize = itemParameters === 2 ? maximizeItems : maximizeSharedSlope;
  let logLikelihood = Number.NEGATIVE_INFINITY;
  let iteration = 0;
  for (let settled = false; !settled && iteration < iterations; iteration++) {
    if (signal?.aborted) throw new CairnError("CANCELLED", "expected to finish the fit, got a request to stop");
    onProgress?.(iteration / iterations);
    const expected = expectAnswers(log, grid, slope, easiness);
    settled = Math.abs(expected.logLikelihood - logLikelihood) <= tolerance * Math.abs(expected.logLikelihood);
    logLikelihood = expected.logLikelihood;
    if (!settled) maximize(expected, grid, start, slope, easiness);
  }
  onProgress?.(1);
  return fittedItemResponse({ names: [...log.items], slope, easiness, start, logLikelihood, iterations: iteration });
}
