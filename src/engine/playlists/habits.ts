import type { Curriculum } from "./curriculum.ts";
import type { LearnerState } from "./learner.ts";
import { preferencesFrom } from "./learner.ts";

/** Which modalities and settings a learner turns to, by what was completed; what was said counts too. */
export function habitsOf(
  { activities }: Curriculum,
  completed: Iterable<number>,
  stated: { readonly modality: ReadonlyMap<string, number>; readonly setting: ReadonlyMap<string, number> } = {
    modality: new Map(),
    setting: new Map(),
  },
): Pick<LearnerState, "modalities" | "settings"> {
  const counts = { modality: new Map<string, number>(), setting: new Map<string, number>() };
  const offered = { modality: new Map<string, number>(), setting: new Map<string, number>() };
  const add = (into: Map<string, number>, kind: string | null | undefined): void => {
    if (kind != null) into.set(kind, (into.get(kind) ?? 0) + 1);
  };
  for (const { modality, setting } of activities) {
    add(offered.modality, modality);
    add(offered.setting, setting);
  }
  for (const index of completed) {
    add(counts.modality, activities[index]!.modality);
    add(counts.setting, activities[index]!.setting);
  }
  return {
    modalities: preferencesFrom(counts.modality, offered.modality, stated.modality),
    settings: preferencesFrom(counts.setting, offered.setting, stated.setting),
  };
}
