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

/**
 * Mastery moves down the prerequisite graph: whoever masters a standard is taken to master what it rests on, at least as
 * surely, where there is no evidence of its own. Without this a newcomer would be sent back to the first grade.
 * @param mastery - shape (standards), changed in place
 * @param evidence - shape (standards), number of answers seen on each standard
 */
export function inferPrerequisites(curriculum: Curriculum, mastery: Float64Array, evidence: Int32Array): void {
  for (const standard of dependentsFirst(curriculum.prerequisites)) {
    for (const required of curriculum.prerequisites[standard]!) {
      if (evidence[required] === 0) mastery[required] = Math.max(mastery[required]!, mastery[standard]!);
    }
  }
}

/** Standards in an order in which every standard comes before its prerequisites (depth-first: the graph is shallow). */
function dependentsFirst(prerequisites: readonly (readonly number[])[]): number[] {
  const order: number[] = [];
  const visited = new Uint8Array(prerequisites.length);
  const visit = (standard: number): void => {
    if (visited[standard] !== 0) return;
    visited[standard] = 1;
    for (const required of prerequisites[standard]!) visit(required);
    order.push(standard);
  };
  for (let standard = 0; standard < prerequisites.length; standard++) visit(standard);
  return order.reverse();
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
