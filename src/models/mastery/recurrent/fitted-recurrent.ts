import { CairnError } from "../../../errors.ts";
import { networkRunner, predictSequences } from "../../../numeric/network/forward.ts";
import { type NetworkWeights, zeroWeights } from "../../../numeric/network/shape.ts";
import type { Tensors } from "../../artifact.ts";
import { readHistory } from "../history/history-reader.ts";
import { checkItemLog } from "../item-log.ts";
import { decodeNames, encodeNames, requireArtifactKind, requireTensor } from "../names.ts";
import type { FittedNextResponse } from "../next-response.ts";
import { encodeLog, type RecurrentWidths, shapeOf } from "./encode-log.ts";
import type { RecurrentVocabulary } from "./vocabulary.ts";

/** The kind of a recurrent mastery model. */
export const RECURRENT_MASTERY = "mastery/recurrent";

/** A fitted recurrent mastery model. */
export interface FittedRecurrentMastery extends FittedNextResponse {
  /** Walks over the training rows that were made. */
  readonly epochs: number;
  /** Mean log loss on the training learners that decided when to stop, in nats; NaN when there were too few. */
  readonly validationLoss: number;
}

/** What a fitted recurrent mastery model is made of. */
export interface RecurrentParts {
  readonly vocabulary: RecurrentVocabulary;
  readonly widths: RecurrentWidths;
  readonly weights: NetworkWeights;
  readonly epochs: number;
  readonly validationLoss: number;
}

/** Puts the parts together; they must not be changed afterwards. */
export function fittedRecurrentMastery(parts: RecurrentParts): FittedRecurrentMastery {
  const { vocabulary, widths, weights, epochs, validationLoss } = parts;
  const shape = shapeOf(vocabulary, widths);
  return {
    kind: RECURRENT_MASTERY,
    epochs,
    validationLoss,
    predictNext(log, out) {
      checkItemLog(log);
      if (out.length !== log.outcome.length) {
        throw new CairnError("SHAPE_MISMATCH", `expected ${log.outcome.length} places to write to, got ${out.length}`);
      }
      predictSequences(networkRunner(shape, weights), encodeLog(log, vocabulary, readHistory(log, vocabulary)), out);
    },
    encode: () => encode(parts),
  };
}

const WEIGHTS = [
  "inputWeights",
  "inputBias",
  "recurrentWeights",
  "recurrentBias",
  "headWeights",
  "headBias",
  "out",
  "skip",
  "bias",
] as const;

function encode({ vocabulary, widths, weights, epochs, validationLoss }: RecurrentParts): Tensors {
  const { items, skills, sets, counts } = vocabulary;
  const { hidden, head, setWidth } = widths;
  return {
    metadata: { kind: RECURRENT_MASTERY },
    arrays: {
      items: encodeNames(items),
      skills: encodeNames(skills),
      sets: encodeNames(sets),
      itemWins: counts.itemWins.slice(),
      itemCount: counts.itemCount.slice(),
      skillWins: counts.skillWins.slice(),
      skillCount: counts.skillCount.slice(),
      widths: Int32Array.of(hidden, head, setWidth),
      fit: Float64Array.of(counts.rate, epochs, validationLoss),
      ...Object.fromEntries(WEIGHTS.map((name) => [name, weights[name].slice()])),
      ...Object.fromEntries(weights.tables.map((table, index) => [`table${index}`, table.slice()])),
    },
  };
}

/**
 * The way back from `encode`.
 * @throws CairnError `ARTIFACT_CORRUPT` when the artifact is of another kind or its arrays do not fit together
 */
export function decodeRecurrentMastery(tensors: Tensors): FittedRecurrentMastery {
  requireArtifactKind(tensors, RECURRENT_MASTERY);
  const items = decodeNames(tensors, "items");
  const skills = decodeNames(tensors, "skills");
  const [rate, epochs, validationLoss] = requireTensor(tensors, "fit", Float64Array, 3);
  const [hidden, head, setWidth] = requireTensor(tensors, "widths", Int32Array, 3);
  const vocabulary: RecurrentVocabulary = {
    items,
    skills,
    sets: decodeNames(tensors, "sets"),
    counts: {
      itemWins: requireTensor(tensors, "itemWins", Float64Array, items.length),
      itemCount: requireTensor(tensors, "itemCount", Float64Array, items.length),
      skillWins: requireTensor(tensors, "skillWins", Float64Array, skills.length),
      skillCount: requireTensor(tensors, "skillCount", Float64Array, skills.length),
      rate: rate!,
    },
  };
  const widths = { hidden: hidden!, head: head!, setWidth: setWidth! };
  const sizes = zeroWeights(shapeOf(vocabulary, widths));
  const weights: NetworkWeights = {
    ...sizes,
    ...Object.fromEntries(
      WEIGHTS.map((name) => [name, requireTensor(tensors, name, Float32Array, sizes[name].length)]),
    ),
    tables: sizes.tables.map((table, index) => requireTensor(tensors, `table${index}`, Float32Array, table.length)),
  };
  return fittedRecurrentMastery({ vocabulary, widths, weights, epochs: epochs!, validationLoss: validationLoss! });
}
