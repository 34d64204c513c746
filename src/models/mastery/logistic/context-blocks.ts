import { type FeatureBlock, type Push, recordLogit, type Vocabulary } from "./block.ts";
import { type Question, type RecentResponse, sameSkills, skillForm } from "./history.ts";

/**
 * Ability and form against the difficulty of what was asked (so that right answers to hard items count for more), and the
 * streak of responses on exactly the current skills: one weight each.
 */
export const abilityBlock: FeatureBlock = {
  name: "ability",
  layout: "shared",
  columns: () => 7,
  write(history, { skills }, { rate }, push) {
    const last = history.recent[0];
    const streak = last !== undefined && sameSkills(last.skills, skills) ? history.streak : 0;
    push(0, history.ability);
    push(1, skillForm(history, skills));
    push(2, history.ability / (1 + history.count));
    push(3, Math.log1p(streak));
    push(4, streak === 0 ? 1 : 0);
    push(5, recordLogit(streak === 0 ? 0 : history.streakWins, streak, rate));
    push(6, streak === 0 && last !== undefined ? last.outcome : 0);
  },
};

const LAGS = 2;
const WIDEST = 2 ** 17; // pairs of skills; above 362 skills, pairs share columns
const PAIR_PENALTY = 5; // chosen among 1, 5 and 10 by learners held out of the training rows

/**
 * What a right or wrong answer to one skill says about the next on another: one weight per pair of skills and outcome, for the
 * last response and the one before. This is where related skills show.
 */
export const transitionBlock: FeatureBlock = {
  name: "transitions",
  layout: "indicator",
  penalty: PAIR_PENALTY,
  columns: ({ skills }) => LAGS * 2 * pairsOf(skills),
  write(history, question, vocabulary, push) {
    for (let lag = 0; lag < history.recent.length; lag++)
      writePairs(history.recent[lag]!, question, vocabulary, 2 * lag * pairsOf(vocabulary.skills), push);
  },
};

function pairsOf(skills: number): number {
  return Math.min(skills * skills, WIDEST);
}

function writePairs(
  { skillColumns: columns, outcome }: RecentResponse,
  { skillColumns }: Question,
  { skills }: Vocabulary,
  first: number,
  push: Push,
): void {
  const share = 1 / Math.max(1, columns.length * skillColumns.length);
  for (const before of columns) {
    if (before < 0) continue;
    for (const now of skillColumns) {
      if (now >= 0) push(first + 2 * ((before * skills + now) % pairsOf(skills)) + outcome, share);
    }
  }
}

const ITEM_PENALTY = 20; // chosen against 1 by learners held out of the training rows: with 1 it does harm

/** What a right or wrong answer to the item before says: one weight per item and outcome. */
export const previousItemBlock: FeatureBlock = {
  name: "previous item",
  layout: "indicator",
  penalty: ITEM_PENALTY,
  columns: ({ items }) => 2 * items,
  write({ recent: [last] }, _question, _vocabulary, push) {
    if (last !== undefined && last.itemColumn >= 0) push(2 * last.itemColumn + last.outcome, 1);
  },
};
