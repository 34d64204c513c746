import type { FeatureBlock } from "./block.ts";

/** One weight per item: its easiness. */
export const itemBlock: FeatureBlock = {
  name: "items",
  layout: "indicator",
  columns: ({ items }) => items,
  write(_history, { itemColumn }, _vocabulary, push) {
    if (itemColumn >= 0) push(itemColumn, 1);
  },
};

/** Per skill: its easiness, and weights of ln(1 + wins) and ln(1 + attempts) on it: performance factors. */
export const practiceBlock: FeatureBlock = {
  name: "practice",
  layout: "skill",
  columns: ({ skills }) => 3 * skills,
  write(history, { skills, skillColumns }, _vocabulary, push) {
    for (let i = 0; i < skills.length; i++) {
      if (skillColumns[i]! < 0) continue;
      const offset = 3 * skillColumns[i]!;
      const record = history.skills.get(skills[i]!);
      push(offset, 1);
      push(offset + 1, Math.log1p(record?.wins ?? 0));
      push(offset + 2, Math.log1p(record?.count ?? 0));
    }
  },
};

/** ln(1 + wins) and ln(1 + attempts) on the item itself and over all items, one weight each: with the above, Best-LR. */
export const totalsBlock: FeatureBlock = {
  name: "totals",
  layout: "shared",
  columns: () => 4,
  write(history, { item }, _vocabulary, push) {
    const record = history.items.get(item);
    push(0, Math.log1p(record?.wins ?? 0));
    push(1, Math.log1p(record?.count ?? 0));
    push(2, Math.log1p(history.wins));
    push(3, Math.log1p(history.count));
  },
};
