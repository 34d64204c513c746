/** A learner who is stuck on a standard. */
export interface StuckLearner {
  readonly personId: string;
  /** Of the latest answers on it. */
  readonly wrong: number;
  readonly of: number;
}

/** How many learners work together. */
export interface GroupSize {
  readonly smallest: number;
  readonly largest: number;
}

/**
 * Groups of learners who are stuck on the same standard: as few as the largest size allows, of sizes that differ by one at
 * most, and each with learners who have more and who have less of it already, dealt round like cards and back. The order in
 * which learners come does not matter.
 * @returns every learner in exactly one group; no group at all when no number of groups keeps to both sizes
 */
export function formGroups<Learner extends StuckLearner>(
  stuck: readonly Learner[],
  { smallest, largest }: GroupSize,
): Learner[][] {
  const fewest = Math.ceil(stuck.length / largest);
  if (stuck.length === 0 || Math.floor(stuck.length / fewest) < smallest) return [];
  const groups: Learner[][] = Array.from({ length: fewest }, () => []);
  const ordered = [...stuck].sort((a, b) => a.wrong / a.of - b.wrong / b.of || (a.personId < b.personId ? -1 : 1));
  ordered.forEach((learner, index) => {
    const round = Math.floor(index / fewest);
    const seat = index % fewest;
    groups[round % 2 === 0 ? seat : fewest - 1 - seat]!.push(learner);
  });
  return groups;
}

/** An answer as far as being stuck goes. */
interface Answered {
  readonly happenedAt: string;
  readonly correct: number;
}

const FEWEST_ANSWERS = 3; // two wrong answers are bad luck
const RIGHT = 0.5; // of the points, as in the rule of wrong answers

/**
 * Whether a learner is stuck: more than half of her latest answers on a standard are wrong. It is asked more gently than the
 * alert is raised: who is nearly as stuck as her classmate learns with her.
 * Of her answers it looks at the latest `of`; those of the day `since` or before are too old.
 * @param answers - of one learner on one standard, in any order
 * @returns her standing, or undefined when she is not stuck or too little is known
 */
export function standingOf(
  answers: readonly Answered[],
  { of, since }: { readonly of: number; readonly since: string },
): { readonly wrong: number; readonly of: number } | undefined {
  const recent = answers.filter(({ happenedAt }) => happenedAt.slice(0, 10) > since);
  const latest = recent.sort((a, b) => (a.happenedAt < b.happenedAt ? -1 : 1)).slice(-of);
  const wrong = latest.filter(({ correct }) => correct < RIGHT).length;
  if (latest.length < FEWEST_ANSWERS || wrong * 2 <= latest.length) return undefined;
  return { wrong, of: latest.length };
}
