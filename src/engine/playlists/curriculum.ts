/** One activity of the content library, by the index of its standard in the framework. */
export interface LibraryActivity {
  readonly activity: string;
  readonly title: string;
  readonly standard: number;
  readonly modality: string;
  readonly minutes: number;
  /** How many learn together, or where: such as alone, pair, small-group, home; null: anywhere. */
  readonly setting?: string | null;
  /** What it is about, beside the standard: what interests are matched with. */
  readonly topics?: readonly string[];
}

/** A framework and library in index form: what the assembler reads for every learner. */
export interface Curriculum {
  readonly standards: readonly { readonly standard: string; readonly label: string; readonly grade: string }[];
  /** Per standard, the standards that come before it. */
  readonly prerequisites: readonly (readonly number[])[];
  readonly activities: readonly LibraryActivity[];
}

/** The standards of a goal with all that they rest on, however far down: the way to the goal is part of it. */
export function wayTo(curriculum: Curriculum, goal: Iterable<number>): ReadonlySet<number> {
  const way = new Set<number>();
  const waiting = [...goal];
  for (let standard = waiting.pop(); standard !== undefined; standard = waiting.pop()) {
    if (way.has(standard)) continue;
    way.add(standard);
    waiting.push(...curriculum.prerequisites[standard]!);
  }
  return way;
}
