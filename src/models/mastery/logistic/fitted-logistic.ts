import { CairnError } from "../../../errors.ts";
import { sigmoid } from "../../../numeric/log-odds.ts";
import type { Tensors } from "../../artifact.ts";
import { checkItemLog, type ItemResponseLog } from "../item-log.ts";
import { decodeNames, encodeNames, positionsOf, requireArtifactKind, requireTensor } from "../names.ts";
import type { FittedNextResponse } from "../next-response.ts";
import type { Vocabulary } from "./block.ts";
import { type EasinessOf, type Layout, layOut, type Translation, walk, writeRow } from "./design.ts";
import { easiness, NO_ONE, type SuccessCounts, skillLists } from "./easiness.ts";
import { type MasteryFeatures, masteryFeatures } from "./presets.ts";

/** The kind of a logistic mastery model. */
export const LOGISTIC_MASTERY = "mastery/logistic";

/** A fitted logistic mastery model: the log-odds are a sum of one contribution per feature block. */
export interface FittedLogisticMastery extends FittedNextResponse {
  readonly features: MasteryFeatures;
  /** Names of the blocks, such as `items`, `practice`, `recency`. */
  readonly blocks: readonly string[];
  /** The penalised training objective, in nats, and how many Newton steps led to it. */
  readonly objective: number;
  readonly newtonSteps: number;
  /**
   * Additive reasons in log-odds: per row one contribution per block (in the order of `blocks`) and, last, the base; they sum
   * to the log-odds of the prediction.
   * @param out - shape (rows × (blocks + 1)), row-major, overwritten
   * @throws CairnError `SHAPE_MISMATCH`, `BAD_INPUT`
   */
  explain(log: ItemResponseLog, out: Float64Array): void;
}

/** What a fitted logistic mastery model is made of. */
export interface LogisticMasteryParts {
  readonly features: MasteryFeatures;
  readonly items: readonly string[];
  readonly skills: readonly string[];
  readonly counts: SuccessCounts;
  /** Shape (columns of all blocks and the intercept). */
  readonly weights: Float64Array;
  readonly objective: number;
  readonly newtonSteps: number;
}

/** Puts the parts together; they must not be changed afterwards. */
export function fittedLogisticMastery(parts: LogisticMasteryParts): FittedLogisticMastery {
  const { features, items, skills, counts, weights, objective, newtonSteps } = parts;
  const vocabulary: Vocabulary = { items: items.length, skills: skills.length, rate: counts.rate };
  const layout = layOut(masteryFeatures[features], vocabulary);
  const width = layout.blocks.length + 1;
  return {
    kind: LOGISTIC_MASTERY,
    features,
    objective,
    newtonSteps,
    blocks: Object.freeze(layout.blocks.map(({ block }) => block.name)),
    predictNext(log, out) {
      checkPlaces(checkItemLog(log), out, 1);
      const { translation, easinessOf } = translate(log, parts);
      let z = 0;
      const push = (column: number, value: number): void => {
        z += Math.fround(value) * weights[column]!; // single precision, as in the design it was fitted on
      };
      walk(log, translation, easinessOf, (row, history, question) => {
        z = 0;
        writeRow(layout, history, question, vocabulary, push);
        out[row] = sigmoid(z);
      });
    },
    explain(log, out) {
      checkPlaces(checkItemLog(log), out, width);
      const { translation, easinessOf } = translate(log, parts);
      const blockOf = blockOfColumn(layout);
      out.fill(0);
      let offset = 0;
      const push = (column: number, value: number): void => {
        out[offset + blockOf[column]!]! += Math.fround(value) * weights[column]!;
      };
      walk(log, translation, easinessOf, (row, history, question) => {
        offset = row * width;
        writeRow(layout, history, question, vocabulary, push);
      });
    },
    encode: () => encode(parts),
  };
}

function blockOfColumn({ blocks, cols }: Layout): Uint8Array {
  const blockOf = new Uint8Array(cols).fill(blocks.length);
  for (const [index, { first, width }] of blocks.entries()) blockOf.fill(index, first, first + width);
  return blockOf;
}

function checkPlaces(log: ItemResponseLog, out: Float64Array, perRow: number): void {
  if (out.length !== log.outcome.length * perRow) {
    throw new CairnError(
      "SHAPE_MISMATCH",
      `expected ${log.outcome.length * perRow} places to write to, got ${out.length}`,
    );
  }
}

function translate(
  log: ItemResponseLog,
  { items, skills, counts }: LogisticMasteryParts,
): { translation: Translation; easinessOf: EasinessOf } {
  const translation = { items: positionsOf(log.items, items), skills: positionsOf(log.skills, skills) };
  const sets = skillLists(log).map((set) => set.map((skill) => translation.skills[skill]!));
  return {
    translation,
    easinessOf: (row) => easiness(counts, translation.items[log.item[row]!]!, sets[log.skillSet[row]!]!, NO_ONE),
  };
}

function encode({ features, items, skills, counts, weights, objective, newtonSteps }: LogisticMasteryParts): Tensors {
  const { itemWins, itemCount, skillWins, skillCount, rate } = counts;
  return {
    metadata: { kind: LOGISTIC_MASTERY, features },
    arrays: {
      items: encodeNames(items),
      skills: encodeNames(skills),
      itemWins: itemWins.slice(),
      itemCount: itemCount.slice(),
      skillWins: skillWins.slice(),
      skillCount: skillCount.slice(),
      weights: weights.slice(),
      fit: Float64Array.of(rate, objective, newtonSteps),
    },
  };
}

/**
 * The way back from `encode`.
 * @throws CairnError `ARTIFACT_CORRUPT` when the artifact is of another kind or its arrays do not fit together
 */
export function decodeLogisticMastery(tensors: Tensors): FittedLogisticMastery {
  requireArtifactKind(tensors, LOGISTIC_MASTERY);
  const features = tensors.metadata.features ?? "";
  if (!isMasteryFeatures(features)) {
    throw new CairnError("ARTIFACT_CORRUPT", `expected a known set of features, got "${features}"`, {
      hint: "train the model again",
    });
  }
  const items = decodeNames(tensors, "items");
  const skills = decodeNames(tensors, "skills");
  const [rate, objective, newtonSteps] = requireTensor(tensors, "fit", Float64Array, 3);
  const layout = layOut(masteryFeatures[features], { items: items.length, skills: skills.length, rate: rate! });
  return fittedLogisticMastery({
    features,
    items,
    skills,
    counts: {
      itemWins: requireTensor(tensors, "itemWins", Float64Array, items.length),
      itemCount: requireTensor(tensors, "itemCount", Float64Array, items.length),
      skillWins: requireTensor(tensors, "skillWins", Float64Array, skills.length),
      skillCount: requireTensor(tensors, "skillCount", Float64Array, skills.length),
      rate: rate!,
    },
    weights: requireTensor(tensors, "weights", Float64Array, layout.cols),
    objective: objective!,
    newtonSteps: newtonSteps!,
  });
}

/** Whether a text names a set of feature blocks. */
export function isMasteryFeatures(text: string): text is MasteryFeatures {
  return Object.hasOwn(masteryFeatures, text);
}
