import type { ResponseLog } from "../../../src/models/mastery/response-log.ts";

/** One learner's answers: pairs of skill and outcome, in the order they were given. */
export type Answers = readonly (readonly [skill: number, outcome: number])[];

/** A log of the given learners' answers; skills are named `skill-0`, `skill-1`, … */
export function logOf(learners: readonly Answers[], skills = 3): ResponseLog {
  const flat = learners.flat();
  const learnerStart = new Int32Array(learners.length + 1);
  for (const [learner, answers] of learners.entries())
    learnerStart[learner + 1] = learnerStart[learner]! + answers.length;
  return {
    learner: Int32Array.from(learners.flatMap((answers, learner) => answers.map(() => learner))),
    skill: Int32Array.from(flat, ([skill]) => skill),
    outcome: Float64Array.from(flat, ([, outcome]) => outcome),
    learnerStart,
    skills: Array.from({ length: skills }, (_, skill) => `skill-${skill}`),
  };
}
