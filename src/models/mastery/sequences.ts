import type { ResponseLog } from "./response-log.ts";

/**
 * The distinct sequences of outcomes on one skill (one learner's answers to it are one sequence), in lexicographic order,
 * with the number of learners behind each. Many learners answer alike, so there are far fewer sequences than learners; and
 * since the order is that of the outcomes, the order of the learners cannot change a sum.
 */
export interface SkillSequences {
  /** Shape (start[count]): outcomes of all sequences, one after another. */
  readonly outcome: Float64Array;
  /** Shape (start[count]): which pair of guess and slip each answer goes by: 0 the skill's own, 1 + c that of item class c. */
  readonly pair: Uint16Array;
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
  const { outcome, pair, starts } = sortBySkill(log);
  return starts.map((start) => mergeEqual(outcome, pair, start));
}

/** Outcomes sorted by skill, learners kept together; per skill the first position of each sequence and, last, its end. */
function sortBySkill(log: ResponseLog): { outcome: Float64Array; pair: Uint16Array; starts: number[][] } {
  const rows = log.outcome.length;
  const next = new Int32Array(log.skills.length + 1);
  for (let row = 0; row < rows; row++) next[log.skill[row]! + 1]!++;
  for (let skill = 0; skill < log.skills.length; skill++) next[skill + 1]! += next[skill]!;
  const starts: number[][] = log.skills.map(() => []);
  const last = new Int32Array(log.skills.length).fill(-1);
  const outcome = new Float64Array(rows);
  const pair = new Uint16Array(rows);
  for (let learner = 0; learner + 1 < log.learnerStart.length; learner++) {
    for (let row = log.learnerStart[learner]!; row < log.learnerStart[learner + 1]!; row++) {
      const skill = log.skill[row]!;
      const position = next[skill]!++;
      outcome[position] = log.outcome[row]!;
      if (log.itemClass !== undefined) pair[position] = log.itemClass.of[row]! + 1;
      if (last[skill] !== learner) starts[skill]!.push(position);
      last[skill] = learner;
    }
  }
  for (const [skill, list] of starts.entries()) list.push(next[skill]!); // by now the end of the skill
  return { outcome, pair, starts };
}

/** A stretch of the sorted answers: one learner's on one skill. */
interface Sequence {
  readonly outcome: Float64Array;
  readonly pair: Uint16Array;
}

function mergeEqual(outcome: Float64Array, pair: Uint16Array, start: readonly number[]): SkillSequences {
  const sequences = start.slice(0, -1).map((from, i): Sequence => {
    const to = start[i + 1];
    return { outcome: outcome.subarray(from, to), pair: pair.subarray(from, to) };
  });
  sequences.sort(compare);
  const distinct: Sequence[] = [];
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

function pack(distinct: readonly Sequence[], weights: readonly number[]): SkillSequences {
  const starts = new Int32Array(distinct.length + 1);
  let responses = 0;
  let longest = 0;
  for (const [i, { outcome }] of distinct.entries()) {
    starts[i + 1] = starts[i]! + outcome.length;
    responses += outcome.length * weights[i]!;
    longest = Math.max(longest, outcome.length);
  }
  const outcome = new Float64Array(starts[distinct.length]!);
  const pair = new Uint16Array(outcome.length);
  for (const [i, sequence] of distinct.entries()) {
    outcome.set(sequence.outcome, starts[i]!);
    pair.set(sequence.pair, starts[i]!);
  }
  return { outcome, pair, start: starts, weight: Float64Array.from(weights), responses, longest };
}

function compare(a: Sequence, b: Sequence): number {
  const shared = Math.min(a.outcome.length, b.outcome.length);
  for (let i = 0; i < shared; i++) {
    if (a.outcome[i] !== b.outcome[i]) return a.outcome[i]! - b.outcome[i]!;
    if (a.pair[i] !== b.pair[i]) return a.pair[i]! - b.pair[i]!;
  }
  return a.outcome.length - b.outcome.length;
}
