import type { ItemResponseLog } from "../item-log.ts";
import type { Translation } from "../logistic/design.ts";
import {
  countSuccesses,
  easiness,
  leaveLearnerOut,
  NO_ONE,
  type SuccessCounts,
  skillLists,
} from "../logistic/easiness.ts";
import { positionsOf } from "../names.ts";
import { historyColumns } from "./history-columns.ts";

/** What is needed to read history columns: names, and how often each item and skill was answered right in training. */
export interface HistoryKnowledge {
  readonly items: readonly string[];
  readonly skills: readonly string[];
  readonly counts: SuccessCounts;
}

/** Reads the history columns of logs with the knowledge of one training log. */
export interface HistoryReader {
  /** The columns of the training log itself: each learner's own answers are left out of the easiness. */
  ofTraining(): Float32Array;
  /** The columns of any other log; items and skills are matched by name. */
  of(log: ItemResponseLog): Float32Array;
}

/** A reader that knows a training log; the log must not be changed while it is used. */
export function historyReader(training: ItemResponseLog): HistoryReader {
  const counts = countSuccesses(training);
  const knowledge: HistoryKnowledge = { items: training.items, skills: training.skills, counts };
  const same = (count: number): Int32Array => Int32Array.from({ length: count }, (_, i) => i);
  return {
    ofTraining: () =>
      historyColumns(
        training,
        { items: same(training.items.length), skills: same(training.skills.length) },
        counts.rate,
        leaveLearnerOut(training, counts),
      ),
    of: (log) => readHistory(log, knowledge),
  };
}

/** The history columns of a log training did not see. @returns shape (rows × HISTORY_WIDTH), row-major */
export function readHistory(log: ItemResponseLog, { items, skills, counts }: HistoryKnowledge): Float32Array {
  const translation: Translation = { items: positionsOf(log.items, items), skills: positionsOf(log.skills, skills) };
  const sets = skillLists(log).map((set) => set.map((skill) => translation.skills[skill]!));
  return historyColumns(log, translation, counts.rate, (row) =>
    easiness(counts, translation.items[log.item[row]!]!, sets[log.skillSet[row]!]!, NO_ONE),
  );
}
