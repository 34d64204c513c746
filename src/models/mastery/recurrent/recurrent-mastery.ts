import { CairnError } from "../../../errors.ts";
import { trainNetwork } from "../../../numeric/network/train.ts";
import type { Estimator, FitContext } from "../../estimator.ts";
import { historyReader } from "../history/history-reader.ts";
import { checkItemLog, type ItemResponseLog, requireBothClasses } from "../item-log.ts";
import { encodeLog, type RecurrentWidths, shapeOf } from "./encode-log.ts";
import {
  decodeRecurrentMastery,
  type FittedRecurrentMastery,
  fittedRecurrentMastery,
  RECURRENT_MASTERY,
} from "./fitted-recurrent.ts";
import { vocabularyOf } from "./vocabulary.ts";

/** Settings of {@link recurrentMastery}; the defaults were chosen on learners held out of the training rows. */
export interface RecurrentMasteryOptions {
  /** Width of the state that is kept per learner, 1 or more; default 64. */
  readonly hidden?: number;
  /** Units between state and answer, 1 or more; default 32. */
  readonly head?: number;
  /** Walks over the data at most, 1 or more; default 12. Training ends earlier when held-out learners are predicted worse. */
  readonly epochs?: number;
  /** Adam's, above 0; default 0.001. */
  readonly learningRate?: number;
  /** Share of the state left out of each answer while training, in [0, 1); default 0.5. */
  readonly dropout?: number;
}

/**
 * Deep knowledge tracing: a gated recurrent unit over the learner's responses, and a head that answers from its state, the
 * item's skills and difficulty, and the same history columns the other models see. A tenth of the training learners decide
 * when to stop. Trains on the registered tensors (see `useTensors`), predicts in plain TypeScript.
 *
 * Says how likely the next answer is right, not why: use the logistic model where reasons are owed.
 * @throws CairnError `BAD_INPUT` when a setting is out of range; `fit` throws `SHAPE_MISMATCH`, `BAD_INPUT` (also for a log
 * without responses), `SINGLE_CLASS`, `NOT_CONVERGED`, `CANCELLED`
 * @see Piech et al. (2015), Deep knowledge tracing, NeurIPS 28
 */
export function recurrentMastery(
  options: RecurrentMasteryOptions = {},
): Estimator<ItemResponseLog, FittedRecurrentMastery> {
  const { hidden = 64, head = 32, epochs = 12, learningRate = 0.001, dropout = 0.5 } = options;
  for (const [name, value] of Object.entries({ hidden, head, epochs }))
    requireSetting(`one or more of ${name}`, value, Number.isInteger(value) && value >= 1);
  requireSetting("a learning rate above 0", learningRate, learningRate > 0);
  requireSetting("a dropout in [0, 1)", dropout, dropout >= 0 && dropout < 1);
  const parameters = { hidden, head, epochs, learningRate, dropout };
  return {
    kind: RECURRENT_MASTERY,
    parameters,
    fit: (log, context) => fitLog(log, parameters, context),
    decode: decodeRecurrentMastery,
  };
}

function requireSetting(expected: string, got: number, holds: boolean): void {
  if (!(holds && Number.isFinite(got)))
    throw new CairnError("BAD_INPUT", `expected ${expected}, got ${got}`, { hint: "leave it out to use the default" });
}

const PREPARING = 0.05; // share of the work before training

function fitLog(
  log: ItemResponseLog,
  { hidden, head, epochs, learningRate, dropout }: Required<RecurrentMasteryOptions>,
  { rng, signal, onProgress }: FitContext,
): FittedRecurrentMastery {
  checkItemLog(log);
  requireBothClasses(log);
  const vocabulary = vocabularyOf(log);
  const widths: RecurrentWidths = { hidden, head, setWidth: SET_WIDTH };
  const shape = shapeOf(vocabulary, widths);
  const sequences = encodeLog(log, vocabulary, historyReader(log).ofTraining());
  const trained = trainNetwork(
    shape,
    { ...sequences, labels: log.outcome },
    { epochs, learningRate, dropout, batch: batchOf(log), ...TRAINING },
    {
      rng,
      ...(signal === undefined ? {} : { signal }),
      onProgress: (share) => onProgress?.(PREPARING + (1 - PREPARING) * share),
    },
  );
  return fittedRecurrentMastery({
    vocabulary,
    widths,
    weights: trained.weights,
    epochs: trained.epochs,
    validationLoss: trained.validationLoss,
  });
}

const SET_WIDTH = 16;
const TRAINING = { window: 100, tableDecay: 0.5, patience: 2 } as const;
const RESPONSES_PER_BATCH = 2300; // 32 learners of ASSISTments 2009, where the size was tried
const [FEWEST_LEARNERS, MOST_LEARNERS] = [16, 256];

/** Learners per batch: about as many responses in every one, whether a set has short histories or long ones. */
function batchOf({ learnerStart, outcome }: ItemResponseLog): number {
  const learners = Math.round((RESPONSES_PER_BATCH * (learnerStart.length - 1)) / outcome.length);
  return Math.min(MOST_LEARNERS, Math.max(FEWEST_LEARNERS, learners));
}
