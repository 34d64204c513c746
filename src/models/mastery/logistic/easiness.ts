import type { ItemResponseLog } from "../item-log.ts";
import type { EasinessOf } from "./design.ts";

const ITEM_STRENGTH = 6; // imagined responses at the rate of the item's skills
const SKILL_STRENGTH = 10; // imagined responses at the overall rate

/** Right answers and answers per item and per skill, of the training log. */
export interface SuccessCounts {
  /** Shape (items) each. */
  readonly itemWins: Float64Array;
  readonly itemCount: Float64Array;
  /** Shape (skills) each. */
  readonly skillWins: Float64Array;
  readonly skillCount: Float64Array;
  readonly rate: number;
}

/** Counts a log's right answers. */
export function countSuccesses(log: ItemResponseLog): SuccessCounts {
  const itemWins = new Float64Array(log.items.length);
  const itemCount = new Float64Array(log.items.length);
  const skillWins = new Float64Array(log.skills.length);
  const skillCount = new Float64Array(log.skills.length);
  let wins = 0;
  for (let row = 0; row < log.outcome.length; row++) {
    const outcome = log.outcome[row]!;
    wins += outcome;
    itemCount[log.item[row]!]!++;
    itemWins[log.item[row]!]! += outcome;
    for (let at = log.skillPtr[log.skillSet[row]!]!; at < log.skillPtr[log.skillSet[row]! + 1]!; at++) {
      skillCount[log.skillIdx[at]!]!++;
      skillWins[log.skillIdx[at]!]! += outcome;
    }
  }
  return { itemWins, itemCount, skillWins, skillCount, rate: wins / log.outcome.length };
}

/**
 * Log-odds of a right answer from counts: the item's own rate, drawn towards its skills' (their mean), and theirs towards
 * the overall rate.
 */
export function easiness(counts: SuccessCounts, item: number, skills: readonly number[], own: OwnCounts): number {
  const { itemWins, itemCount, skillWins, skillCount, rate } = counts;
  let skillRate = 0;
  let known = 0;
  for (const skill of skills) {
    if (skill < 0) continue;
    const mine = own.skills.get(skill);
    skillRate +=
      (skillWins[skill]! - (mine?.wins ?? 0) + SKILL_STRENGTH * rate) /
      (skillCount[skill]! - (mine?.count ?? 0) + SKILL_STRENGTH);
    known++;
  }
  skillRate = known === 0 ? rate : skillRate / known;
  const mine = own.items.get(item);
  const wins = item < 0 ? 0 : itemWins[item]! - (mine?.wins ?? 0);
  const count = item < 0 ? 0 : itemCount[item]! - (mine?.count ?? 0);
  const q = (wins + ITEM_STRENGTH * skillRate) / (count + ITEM_STRENGTH);
  return Math.log(q / (1 - q));
}

/** What one learner contributed to the counts. */
export interface OwnCounts {
  readonly items: ReadonlyMap<number, { readonly wins: number; readonly count: number }>;
  readonly skills: ReadonlyMap<number, { readonly wins: number; readonly count: number }>;
}

/** A learner who contributed nothing: everyone outside the training log. */
export const NO_ONE: OwnCounts = { items: new Map(), skills: new Map() };

/**
 * Easiness for the training log itself: the learner's own answers are taken out of the counts first, so that training rows
 * look like those of a new learner.
 */
export function leaveLearnerOut(log: ItemResponseLog, counts: SuccessCounts): EasinessOf {
  let current = -1;
  let own: OwnCounts = NO_ONE;
  const sets = skillLists(log);
  return (row, learner) => {
    if (learner !== current) {
      current = learner;
      own = countOwn(log, learner, sets);
    }
    return easiness(counts, log.item[row]!, sets[log.skillSet[row]!]!, own);
  };
}

/** The skills of each set, as lists. */
export function skillLists(log: ItemResponseLog): (readonly number[])[] {
  return Array.from({ length: log.skillPtr.length - 1 }, (_, set) =>
    Array.from(log.skillIdx.subarray(log.skillPtr[set]!, log.skillPtr[set + 1]!)),
  );
}

function countOwn(log: ItemResponseLog, learner: number, sets: readonly (readonly number[])[]): OwnCounts {
  const items = new Map<number, { wins: number; count: number }>();
  const skills = new Map<number, { wins: number; count: number }>();
  const add = (map: typeof items, key: number, outcome: number): void => {
    const record = map.get(key);
    if (record === undefined) map.set(key, { wins: outcome, count: 1 });
    else {
      record.wins += outcome;
      record.count++;
    }
  };
  for (let row = log.learnerStart[learner]!; row < log.learnerStart[learner + 1]!; row++) {
    add(items, log.item[row]!, log.outcome[row]!);
    for (const skill of sets[log.skillSet[row]!]!) add(skills, skill, log.outcome[row]!);
  }
  return { items, skills };
}
