import { type FeatureBlock, recordLogit } from "./block.ts";
import { OVERALL_DECAYS, SKILL_DECAYS } from "./history.ts";

const UNSEEN = OVERALL_DECAYS.length + SKILL_DECAYS.length;
const GAPS = UNSEEN + 1;
const BITS = GAPS + 9;
const RUNS = BITS + 8;
const SHARED = RUNS + 8;
const CODES = 3 ** 6;

/** Recent form over all skills and on the item's skills, time since, last three outcomes and run: one weight each. */
export const recencyBlock: FeatureBlock = {
  name: "recency",
  layout: "shared",
  columns: () => SHARED,
  write(history, { skills }, { rate }, push) {
    for (let d = 0; d < OVERALL_DECAYS.length; d++)
      push(d, recordLogit(history.successes[d]!, history.weights[d]!, rate));
    const share = 1 / Math.max(1, skills.length);
    let unseen = 0;
    for (let d = 0; d < SKILL_DECAYS.length; d++) {
      let sum = 0;
      for (const skill of skills) {
        const record = history.skills.get(skill);
        sum += recordLogit(record?.successes[d] ?? 0, record?.weights[d] ?? 0, rate);
      }
      push(OVERALL_DECAYS.length + d, sum * share);
    }
    for (const skill of skills) {
      const record = history.skills.get(skill);
      if (record === undefined) {
        unseen += share;
        continue;
      }
      const gap = Math.min(9, Math.floor(Math.log2(1 + history.count - record.lastPosition)));
      push(GAPS + gap - 1, share);
      if (record.count >= 3) push(BITS + lastThree(record.code), share);
      push(RUNS + (record.run > 0 ? Math.min(record.run, 4) - 1 : 3 + Math.min(-record.run, 4)), share);
    }
    push(UNSEEN, unseen);
  },
};

/** The three newest outcomes of a code of six as bits, the newest the lowest. */
function lastThree(code: number): number {
  const newest = Math.floor(code / 243) - 1;
  const second = (Math.floor(code / 81) % 3) - 1;
  const third = (Math.floor(code / 27) % 3) - 1;
  return newest + 2 * second + 4 * third;
}

/** Per skill: weights of its two success records, and of the last answer on it (wrong or right). */
export const skillRecencyBlock: FeatureBlock = {
  name: "skill recency",
  layout: "skill",
  columns: ({ skills }) => 4 * skills,
  write(history, { skills, skillColumns }, { rate }, push) {
    for (let i = 0; i < skills.length; i++) {
      if (skillColumns[i]! < 0) continue;
      const offset = 4 * skillColumns[i]!;
      const record = history.skills.get(skills[i]!);
      for (let d = 0; d < SKILL_DECAYS.length; d++)
        push(offset + d, recordLogit(record?.successes[d] ?? 0, record?.weights[d] ?? 0, rate));
      if (record !== undefined) push(offset + (record.run > 0 ? 3 : 2), 1);
    }
  },
};

/** The last six outcomes, over all skills and on the item's first skill: one weight per sequence. */
export const ngramBlock: FeatureBlock = {
  name: "n-grams",
  layout: "indicator",
  columns: () => 2 * CODES,
  write(history, { skills }, _vocabulary, push) {
    push(history.code, 1);
    const record = skills.length === 0 ? undefined : history.skills.get(skills[0]!);
    if (record !== undefined) push(CODES + record.code, 1);
  },
};
