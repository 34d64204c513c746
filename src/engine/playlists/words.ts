import type { Curriculum, LearnerState, PlaylistItem } from "./assemble.ts";

const WORTH_SAYING = 0.05; // of a term's share of the score

/** Why an activity is on the list, in words a student and a teacher understand; the strongest reason first. */
export function playlistReasons(
  curriculum: Curriculum,
  learner: LearnerState,
  item: PlaylistItem,
  peersFrom: readonly string[],
): string[] {
  const { standard } = curriculum.activities[item.activity]!;
  const label = curriculum.standards[standard]!.label;
  const success = Math.round(learner.success[standard]! * 100);
  const required = curriculum.prerequisites[standard]!;
  const reasons: { weight: number; words: string }[] = [
    {
      weight: item.terms.proximal,
      words: `Within reach: about ${success} in 100 answers on "${label}" would be right today.`,
    },
    {
      weight: item.terms.remediation,
      words: `Not yet secure: mastery of "${label}" is ${learner.mastery[standard]!.toFixed(2)}.`,
    },
  ];
  if (item.terms.collaborative > WORTH_SAYING && peersFrom.length > 0) {
    reasons.push({
      weight: item.terms.collaborative,
      words: `Students who completed ${peersFrom.map((title) => `"${title}"`).join(" and ")} went on with this.`,
    });
  }
  reasons.sort((a, b) => b.weight - a.weight);
  const words = reasons.filter(({ weight }) => weight > WORTH_SAYING).map((reason) => reason.words);
  if (required.length > 0) {
    const weakest = Math.min(...required.map((prerequisite) => learner.mastery[prerequisite]!));
    const names = required.map((prerequisite) => `"${curriculum.standards[prerequisite]!.label}"`);
    words.push(`Ready for it: ${names.join(", ")} mastered at ${weakest.toFixed(2)} or better.`);
  }
  return words;
}
