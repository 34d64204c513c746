import type { ResponseLog } from "./response-log.ts";

/**
 * The distinct sequences of outcomes on one skill (one learner's answers to it are one sequence), in lexicographic order,
 * with the number of learners behind each. Many learners answer alike, so there are far fewer sequences than learners; and
 * since the order is that of the outcomes, the order of the learners cannot change a sum.
 */
export interface SkillSequences {
  /** Shape (start[count]): outcomes of all sequences, one after another. */
  readonly outcome: Float64Array;
  /** Shape (count + 1): first outcome of each sequence. */
  readonly start: Int32Array;
  /** Shape (count): learners with exactly this sequence. */
  readonly weight: Float64Array;
  /** Responses in the log, weights counted. */
  readonly responses: number;
  /** Outcomes in the longest sequence. */
  readonly longest: number;
}

/** Splits a checked log into one {@link SkillSequences} per skill of `log.skills`. */
export function groupBySkill(log: ResponseLog): SkillSequences[] {
  const { outcome, starts } = sortBySkill(log);
  return starts.map((start) => mergeEqual(outcome, start));
}

/** Outcomes sorted by skill, learners kept together; per skill the first position of each sequence and, last, its end. */
function sortBySkill(log: ResponseLog): { outcome: Float64Array; starts: number[][] } {
  const rows = log.outcome.length;
  const next = new Int32Array(log.skills.length + 1);
  for (let row = 0; row < rows; row++) next[log.skill[row]! + 1]!++;
  for (let skill = 0; skill < log.skills.length; skill++) next[skill + 1]! += next[skill]!;
  const starts: number[][] = log.skills.map(() => []);
  const last = new Int32Array(log.skills.length).fill(-1);
  const outcome = new Float64Array(rows);
  for (let learner = 0; learner + 1 < log.learnerStart.length; learner++) {
    for (let row = log.learnerStart[learner]!; row < log.learnerStart[learner + 1]!; row++) {
      const skill = log.skill[row]!;
      const position = next[skill]!++;
      outcome[position] = log.outcome[row]!;
      if (last[skill] !== learner) starts[skill]!.push(position);
      last[skill] = learner;
    }
  }
  for (const [skill, list] of starts.entries()) list.push(next[skill]!); // by now the end of the skill
  return { outcome, starts };
}

function mergeEqual(outcome: Float64Array, start: readonly number[]): SkillSequences {
  const sequences = start.slice(0, -1).map((from, i) => outcome.subarray(from, start[i + 1]));
  sequences.sort(compare);
  const distinct: Float64Array[] = [];
  const weights: number[] = [];
  for (const sequence of sequences) {
    const previous = distinct.at(-1);
    if (previous !== undefined && compare(previous, sequence) === 0) weights[weights.length - 1]!++;
    else {
      distinct.push(sequence);
      weights.push(1);
    }
  }
  return pack(distinct, weights);
}

function pack(distinct: readonly Float64Array[], weights: readonly number[]): SkillSequences {
  const starts = new Int32Array(distinct.length + 1);
  let responses = 0;
  let longest = 0;
  for (const [i, sequence] of distinct.entries()) {
    starts[i + 1] = starts[i]! + sequence.length;
    responses += sequence.length * weights[i]!;
    longest = Math.max(longest, sequence.length);
  }
  const packed = new Float64Array(starts[distinct.length]!);
  for (const [i, sequence] of distinct.entries()) packed.set(sequence, starts[i]!);
  return { outcome: packed, start: starts, weight: Float64Array.from(weights), responses, longest };
}

function compare(a: Float64Array, b: Float64Array): number {
  const shared = Math.min(a.length, b.length);
  for (let i = 0; i < shared; i++) {
    if (a[i] !== b[i]) return a[i]! - b[i]!;
  }
  return a.length - b.length;
}
