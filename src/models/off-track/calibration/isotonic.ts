import { CairnError } from "../../../errors.ts";
import { logit } from "../../../numeric/log-odds.ts";
import type { Tensors } from "../../artifact.ts";
import { requireArray, requireKind } from "../artifact-fields.ts";
import { checkCancelled } from "../checks.ts";
import {
  type Calibration,
  checkRoom,
  checkScoredRows,
  type FittedCalibration,
  type ScoredRows,
} from "./calibration.ts";

const KIND = "off-track/calibration/isotonic";

/**
 * Isotonic calibration: the never decreasing step function closest to the outcomes (pool adjacent violators), read by linear
 * interpolation over the log-odds between the ends of its steps and constant outside. Probabilities stay between
 * 1/(n+2) and 1 − 1/(n+2), because n rows do not know more. It makes ties, which blur a ranking, and needs about a thousand rows; use
 * Platt below that.
 * `fit` throws `SINGLE_CLASS`, `NOT_FINITE`, `SHAPE_MISMATCH`, `BAD_INPUT` and `CANCELLED`.
 * @see handbook early-warning 3.6.2; Zadrozny and Elkan (2002), Transforming classifier scores into accurate probabilities
 */
export function isotonicCalibration(): Calibration {
  return {
    kind: KIND,
    parameters: {},
    fit(input, context) {
      checkCancelled(context);
      checkScoredRows(input);
      const fitted = fittedIsotonic(poolViolators(input));
      context.onProgress?.(1);
      return fitted;
    },
    decode(tensors) {
      requireKind(tensors, KIND);
      const ends = requireArray(tensors, "ends", Float64Array);
      const chances = requireArray(tensors, "chances", Float64Array, ends.length);
      const isSound =
        ends.length > 0 &&
        ends.every((end, i) => Number.isFinite(end) && (i === 0 || end > ends[i - 1]!)) &&
        chances.every((chance, i) => chance > 0 && chance < 1 && (i === 0 || chance >= chances[i - 1]!));
      if (!isSound) {
        throw new CairnError("ARTIFACT_CORRUPT", "expected the ends of steps that rise, got others", {
          hint: "train the model again",
        });
      }
      return fittedIsotonic({ ends, chances });
    },
  };
}

/** The ends of the steps: scores, strictly rising, and the probability at each. */
interface Steps {
  readonly ends: Float64Array;
  readonly chances: Float64Array;
}

function poolViolators({ scores, labels }: ScoredRows): Steps {
  const order = Int32Array.from(scores.keys()).sort((a, b) => scores[a]! - scores[b]!);
  const blocks: { first: number; last: number; hits: number; rows: number }[] = [];
  for (let i = 0; i < order.length; ) {
    const score = scores[order[i]!]!;
    const block = { first: score, last: score, hits: 0, rows: 0 };
    for (; i < order.length && scores[order[i]!]! === score; i++) {
      block.hits += labels[order[i]!]!;
      block.rows += 1;
    }
    // Whole numbers compare exactly, so ties between means cannot depend on rounding.
    for (let above = blocks.at(-1); above !== undefined && above.hits * block.rows >= block.hits * above.rows; ) {
      block.first = above.first;
      block.hits += above.hits;
      block.rows += above.rows;
      blocks.pop();
      above = blocks.at(-1);
    }
    blocks.push(block);
  }
  const least = 1 / (labels.length + 2);
  const ends: number[] = [];
  const chances: number[] = [];
  for (const { first, last, hits, rows } of blocks) {
    const chance = Math.min(Math.max(hits / rows, least), 1 - least);
    ends.push(first);
    chances.push(chance);
    if (last === first) continue;
    ends.push(last);
    chances.push(chance);
  }
  return { ends: Float64Array.from(ends), chances: Float64Array.from(chances) };
}

function fittedIsotonic({ ends, chances }: Steps): FittedCalibration {
  return {
    kind: KIND,
    calibrate(scores, out) {
      checkRoom(scores, out);
      for (let row = 0; row < out.length; row++) out[row] = logit(chanceAt(ends, chances, scores[row]!));
    },
    encode: (): Tensors => ({
      metadata: { kind: KIND },
      arrays: { ends: ends.slice(), chances: chances.slice() },
    }),
  };
}

function chanceAt(ends: Float64Array, chances: Float64Array, score: number): number {
  let low = 0; // the number of ends at or below the score, by bisection
  let high = ends.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (ends[middle]! <= score) low = middle + 1;
    else high = middle;
  }
  if (low === 0) return chances[0]!;
  if (low === ends.length) return chances[low - 1]!;
  const share = (score - ends[low - 1]!) / (ends[low]! - ends[low - 1]!);
  return chances[low - 1]! + share * (chances[low]! - chances[low - 1]!);
}
