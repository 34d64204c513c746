import { type FeatureBlock, recordLogit } from "./block.ts";
import { sameSkills, skillForm } from "./history.ts";

/** Ability and form against the difficulty of what was asked, and the streak on the current skills. */
export const abilityBlock: FeatureBlock = {
  name: "ability",
  layout: "shared",
  columns: () => 8,
  write(history, { skills }, { rate }, push) {
    const form = skillForm(history, skills);
    push(0, history.ability);
    push(1, form);
    push(2, history.ability / (1 + history.count));
    const same = sameSkills(history.lastSkills, skills);
    const streak = same ? history.streak : 0;
    const wins = same ? history.streakWins : 0;
    push(3, Math.log1p(streak));
    push(4, streak === 0 ? 1 : 0);
    push(5, recordLogit(wins, streak, rate));
    push(6, streak === 0 && history.count > 0 ? history.lastOutcome : 0);
    push(7, history.items.get(-1)?.count ?? 0);
  },
};

/** Per skill: a slope of ability and of form, as in a two-parameter item response model. */
export const skillAbilityBlock: FeatureBlock = {
  name: "skill ability",
  layout: "skill",
  columns: ({ skills }) => 2 * skills,
  write(history, { skills, skillColumns }, _vocabulary, push) {
    for (let i = 0; i < skills.length; i++) {
      if (skillColumns[i]! < 0) continue;
      push(2 * skillColumns[i]!, history.ability);
      push(2 * skillColumns[i]! + 1, history.skills.get(skills[i]!)?.form ?? 0);
    }
  },
};

const COUNTS = 8;
/** Attempts so far on the skill (in doubling steps) × its last three outcomes: one weight each. */
export const attemptBlock: FeatureBlock = {
  name: "attempts",
  layout: "indicator",
  columns: () => COUNTS * 27,
  write(history, { skills }, _vocabulary, push) {
    for (const skill of skills) {
      const record = history.skills.get(skill);
      const bucket = Math.min(COUNTS - 1, Math.floor(Math.log2(1 + (record?.count ?? 0))));
      push(bucket * 27 + Math.floor((record?.code ?? 0) / 27), 1 / skills.length);
    }
  },
};

/** Per skill: its last three outcomes, one weight per sequence. */
export const skillSequenceBlock: FeatureBlock = {
  name: "skill sequences",
  layout: "indicator",
  columns: ({ skills }) => 27 * skills,
  write(history, { skills, skillColumns }, _vocabulary, push) {
    for (let i = 0; i < skills.length; i++) {
      if (skillColumns[i]! < 0) continue;
      push(27 * skillColumns[i]! + Math.floor((history.skills.get(skills[i]!)?.code ?? 0) / 27), 1);
    }
  },
};
