import { CairnError } from "../../../errors.ts";
import type { Tensors } from "../../artifact.ts";
import { checkItemLog } from "../item-log.ts";
import { decodeNames, encodeNames, positionsOf, requireArtifactKind, requireTensor } from "../names.ts";
import type { FittedNextResponse } from "../next-response.ts";
import { abilityGrid, believe, successTable } from "./ability-grid.ts";

/** The kind of an item response model. */
export const ITEM_RESPONSE = "mastery/item-response";

/** One item of a fitted item response model. */
export interface ItemParameters {
  readonly item: string;
  /** How much a standard deviation of ability moves the log-odds. */
  readonly slope: number;
  /** Log-odds of a right answer by an average learner; minus easiness/slope is the usual difficulty. */
  readonly easiness: number;
}

/** A fitted item response model. */
export interface FittedItemResponse extends FittedNextResponse {
  readonly items: readonly ItemParameters[];
  /** ln of the marginal likelihood of the training log, at the parameters before the last M-step. */
  readonly logLikelihood: number;
  readonly iterations: number;
}

/** What a fitted item response model is made of. */
export interface ItemResponseParts {
  readonly names: readonly string[];
  /** Shape (items) each. */
  readonly slope: Float64Array;
  readonly easiness: Float64Array;
  /** Log-odds of the overall share of right answers: the easiness of an unknown item. */
  readonly start: number;
  readonly logLikelihood: number;
  readonly iterations: number;
}

/** Puts the parts together; they must not be changed afterwards. */
export function fittedItemResponse(parts: ItemResponseParts): FittedItemResponse {
  const { names, slope, easiness, start, logLikelihood, iterations } = parts;
  const grid = abilityGrid();
  const nodes = grid.prior.length;
  // One row more than items: the average item stands in for those training never saw.
  const table = successTable(grid, slopesWithUnknown(slope), withLast(easiness, start));
  return {
    kind: ITEM_RESPONSE,
    logLikelihood,
    iterations,
    items: Object.freeze(names.map((item, at) => ({ item, slope: slope[at]!, easiness: easiness[at]! }))),
    predictNext(log, out) {
      checkItemLog(log);
      if (out.length !== log.outcome.length)
        throw new CairnError("SHAPE_MISMATCH", `expected ${log.outcome.length} places to write to, got ${out.length}`);
      const known = positionsOf(log.items, names);
      const belief = new Float64Array(nodes);
      for (let learner = 0; learner + 1 < log.learnerStart.length; learner++) {
        belief.set(grid.prior);
        for (let row = log.learnerStart[learner]!; row < log.learnerStart[learner + 1]!; row++) {
          const item = known[log.item[row]!]!;
          const offset = (item < 0 ? names.length : item) * nodes;
          let right = 0;
          for (let node = 0; node < nodes; node++) right += belief[node]! * table[offset + node]!;
          out[row] = Math.min(1, right);
          believe(belief, table, offset, log.outcome[row]!);
        }
      }
    },
    encode: () => ({
      metadata: { kind: ITEM_RESPONSE },
      arrays: {
        items: encodeNames(names),
        slope: slope.slice(),
        easiness: easiness.slice(),
        fit: Float64Array.of(start, logLikelihood, iterations),
      },
    }),
  };
}

/** The slopes and, last, their mean. */
function slopesWithUnknown(slope: Float64Array): Float64Array {
  return withLast(slope, slope.reduce((sum, value) => sum + value, 0) / slope.length);
}

function withLast(values: Float64Array, last: number): Float64Array {
  const longer = new Float64Array(values.length + 1);
  longer.set(values);
  longer[values.length] = last;
  return longer;
}

/**
 * The way back from `encode`.
 * @throws CairnError `ARTIFACT_CORRUPT` when the artifact is of another kind or its arrays do not fit together
 */
export function decodeItemResponse(tensors: Tensors): FittedItemResponse {
  requireArtifactKind(tensors, ITEM_RESPONSE);
  const names = decodeNames(tensors, "items");
  const [start, logLikelihood, iterations] = requireTensor(tensors, "fit", Float64Array, 3);
  return fittedItemResponse({
    names,
    slope: requireTensor(tensors, "slope", Float64Array, names.length),
    easiness: requireTensor(tensors, "easiness", Float64Array, names.length),
    start: start!,
    logLikelihood: logLikelihood!,
    iterations: iterations!,
  });
}
