import type { ItemResponseLog } from "../../../src/models/mastery/item-log.ts";

/** One learner's answers: pairs of item and outcome, in the order they were given. */
export type ItemAnswers = readonly (readonly [item: number, outcome: number])[];

/** A log of the given learners' answers; item i is about the skills `tags[i]`. */
export function itemLogOf(learners: readonly ItemAnswers[], tags: readonly (readonly number[])[]): ItemResponseLog {
  const flat = learners.flat();
  const learnerStart = new Int32Array(learners.length + 1);
  for (const [learner, answers] of learners.entries())
    learnerStart[learner + 1] = learnerStart[learner]! + answers.length;
  const skillPtr = new Int32Array(tags.length + 1);
  for (const [set, skills] of tags.entries()) skillPtr[set + 1] = skillPtr[set]! + skills.length;
  const skills = 1 + Math.max(...tags.flat());
  return {
    item: Int32Array.from(flat, ([item]) => item),
    skillSet: Int32Array.from(flat, ([item]) => item),
    outcome: Uint8Array.from(flat, ([, outcome]) => outcome),
    learnerStart,
    items: tags.map((_, item) => `item-${item}`),
    skills: Array.from({ length: skills }, (_, skill) => `skill-${skill}`),
    skillPtr,
    skillIdx: Int32Array.from(tags.flat()),
  };
}
