import type { FeatureBlock, Vocabulary } from "./block.ts";
import { skillForm } from "./history.ts";

const SLOPE_PENALTY = 20; // items have a dozen answers each: a weight must earn its place

/** Whether items tell more than their skills: where every item is a skill of its own, the skill's columns say it all. */
function haveOwnItems({ items, skills }: Vocabulary): boolean {
  return items > skills;
}

/** Per item: how much the learner's ability counts (its discrimination), and what the last answer says about it. */
export const itemSlopeBlock: FeatureBlock = {
  name: "item slopes",
  layout: "indicator",
  penalty: SLOPE_PENALTY,
  columns: (vocabulary) => (haveOwnItems(vocabulary) ? 2 * vocabulary.items : 0),
  write(history, { itemColumn, skills }, vocabulary, push) {
    if (itemColumn < 0 || !haveOwnItems(vocabulary)) return;
    push(2 * itemColumn, history.ability + skillForm(history, skills));
    const last = history.recent[0];
    if (last !== undefined) push(2 * itemColumn + 1, 2 * last.outcome - 1);
  },
};

const PAIR_COLUMNS = 2 ** 18; // pairs of items that follow each other share columns by their hash
const PAIR_PENALTY = 10;
const SKILL_PENALTY = 3;

/** What the item before and its answer say about this very item: one weight per pair of items and outcome. */
export const itemPairBlock: FeatureBlock = {
  name: "item pairs",
  layout: "indicator",
  penalty: PAIR_PENALTY,
  columns: (vocabulary) => (haveOwnItems(vocabulary) ? 2 * Math.min(vocabulary.items ** 2, PAIR_COLUMNS) : 0),
  write({ recent: [last] }, { itemColumn }, vocabulary, push) {
    if (last === undefined || last.itemColumn < 0 || itemColumn < 0 || !haveOwnItems(vocabulary)) return;
    const { items } = vocabulary;
    const width = Math.min(items * items, PAIR_COLUMNS);
    const pair =
      width === items * items ? last.itemColumn * items + itemColumn : hash(last.itemColumn, itemColumn) % width;
    push(2 * pair + last.outcome, 1);
  },
};

function hash(a: number, b: number): number {
  const mixed = Math.imul(a + 1, 0x9e3779b1) ^ Math.imul(b + 1, 0x85ebca6b);
  return (mixed ^ (mixed >>> 15)) >>> 0;
}

/** Per skill: how much ability, form on the skill and the time since it count. */
export const skillSlopeBlock: FeatureBlock = {
  name: "skill slopes",
  layout: "skill",
  penalty: SKILL_PENALTY,
  columns: ({ skills }) => 3 * skills,
  write(history, { skills, skillColumns }, _vocabulary, push) {
    for (let i = 0; i < skills.length; i++) {
      if (skillColumns[i]! < 0) continue;
      const record = history.skills.get(skills[i]!);
      const offset = 3 * skillColumns[i]!;
      push(offset, history.ability);
      push(offset + 1, record?.form ?? 0);
      push(offset + 2, record === undefined ? 0 : Math.log1p(history.count - record.lastPosition) / 3);
    }
  },
};
