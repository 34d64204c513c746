import type { HistoryKnowledge } from "../history/history-reader.ts";
import { type ItemResponseLog, skillSetsAsSkills } from "../item-log.ts";
import { countSuccesses } from "../logistic/easiness.ts";
import { positionsOf } from "../names.ts";

/** What a recurrent model knows by name, and how often it was answered right. */
export interface RecurrentVocabulary extends HistoryKnowledge {
  /** Names of the distinct sets of skills: what a response is about. */
  readonly sets: readonly string[];
}

/** The vocabulary of a training log. */
export function vocabularyOf(log: ItemResponseLog): RecurrentVocabulary {
  return {
    items: [...log.items],
    skills: [...log.skills],
    sets: skillSetsAsSkills(log).skills,
    counts: countSuccesses(log),
  };
}

/** Per response the row of its set of skills in the model's tables, −1 for a set training never saw; shape (rows). */
export function setRowsOf(log: ItemResponseLog, { sets }: RecurrentVocabulary): Int32Array {
  const own = skillSetsAsSkills(log);
  const known = positionsOf(own.skills, sets);
  return own.skill.map((skill) => known[skill]!);
}
