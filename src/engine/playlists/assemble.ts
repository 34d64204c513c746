/** One activity of the content library, by the index of its standard in the framework. */
export interface LibraryActivity {
  readonly activity: string;
  readonly title: string;
  readonly standard: number;
  readonly modality: string;
  readonly minutes: number;
}

/** A framework and library in index form: what the assembler reads for every learner. */
export interface Curriculum {
  readonly standards: readonly { readonly standard: string; readonly label: string; readonly grade: string }[];
  /** Per standard, the standards that come before it. */
  readonly prerequisites: readonly (readonly number[])[];
  readonly activities: readonly LibraryActivity[];
}

/** What is known of one learner when a playlist is put together. */
export interface LearnerState {
  /** Shape (standards): probability that the standard is mastered, in [0, 1]. */
  readonly mastery: Float64Array;
  /** Shape (standards): chance that the next answer is right, in [0, 1]. */
  readonly success: Float64Array;
  /** Shape (activities): collaborative-filtering score, any scale. */
  readonly collaborative: Float64Array;
  /** Activities already completed. */
  readonly completed: ReadonlySet<number>;
  /** The learner's grade as a number; NaN when unknown. */
  readonly grade: number;
}

/** What a school decides about playlists. Every number is a stated default, none is hidden. */
export interface PlaylistPolicy {
  /** Minutes the playlist may take in all. */
  readonly minutes: number;
  /** Mastery every prerequisite must reach before an activity is offered (recommenders handbook 2.6: hard gate). */
  readonly prerequisiteMastery: number;
  /** Mastery from which a standard counts as known, so that nobody waits for what they know. */
  readonly masteredAt: number;
  /** Centre and width of the zone of proximal development, as chance of success. */
  readonly targetSuccess: number;
  readonly successWidth: number;
  /** At most this many activities on one standard. */
  readonly perStandard: number;
  /** Weights of the utility's terms. */
  readonly weights: { readonly collaborative: number; readonly proximal: number; readonly remediation: number };
}

/**
 * The shipped policy: 30 minutes; gate and mastery at .95, success around .8 (handbook 2.6). The weights were chosen on a
 * synthetic district of their own (docs/decisions/0009-playlist-weights.md).
 */
export const defaultPlaylistPolicy: PlaylistPolicy = {
  minutes: 30,
  prerequisiteMastery: 0.95,
  masteredAt: 0.95,
  targetSuccess: 0.8,
  successWidth: 0.12,
  perStandard: 2,
  weights: { collaborative: 0.2, proximal: 0.5, remediation: 1 },
};

/** One chosen activity with the terms behind it. */
export interface PlaylistItem {
  readonly activity: number;
  readonly score: number;
  readonly terms: { readonly collaborative: number; readonly proximal: number; readonly remediation: number };
}

/** A playlist and how it came to be: `rung` names the step of the fallback ladder that was needed. */
export interface Playlist {
  readonly items: readonly PlaylistItem[];
  readonly minutes: number;
  readonly rung: "gated" | "review" | "empty";
}

/**
 * Puts a playlist together. Gates come before scores, so an activity whose prerequisites are not mastered cannot appear:
 * not completed, standard not yet mastered, no more than one grade ahead, every prerequisite at or above the gate. Then the
 * best by utility, taking at most `perStandard` of one standard and never more minutes than there are. When the gates leave
 * nothing, mastered standards of the learner's grade come back for review.
 * @see recommenders handbook 2.6; utility v = w_c·CF + w_z·exp(−((p − target)/width)²) + w_r·(1 − mastery)
 */
export function assemblePlaylist(curriculum: Curriculum, learner: LearnerState, policy: PlaylistPolicy): Playlist {
  const open = curriculum.activities.flatMap((_, index) => (isOpen(curriculum, learner, policy, index) ? [index] : []));
  if (open.length > 0) return { ...select(curriculum, learner, policy, open), rung: "gated" };
  const review = curriculum.activities.flatMap((_, index) =>
    isReview(curriculum, learner, policy, index) ? [index] : [],
  );
  if (review.length > 0) return { ...select(curriculum, learner, policy, review), rung: "review" };
  return { items: [], minutes: 0, rung: "empty" };
}

function isOpen(curriculum: Curriculum, learner: LearnerState, policy: PlaylistPolicy, index: number): boolean {
  const { standard, minutes } = curriculum.activities[index]!;
  if (learner.completed.has(index) || minutes > policy.minutes) return false;
  if (learner.mastery[standard]! >= policy.masteredAt) return false;
  if (Number(curriculum.standards[standard]!.grade) > learner.grade + 1) return false;
  return prerequisitesMet(curriculum, learner.mastery, policy, standard);
}

function isReview(curriculum: Curriculum, learner: LearnerState, policy: PlaylistPolicy, index: number): boolean {
  const { standard, minutes } = curriculum.activities[index]!;
  if (minutes > policy.minutes || learner.mastery[standard]! < policy.masteredAt) return false;
  return prerequisitesMet(curriculum, learner.mastery, policy, standard);
}

function prerequisitesMet(
  curriculum: Curriculum,
  mastery: Float64Array,
  policy: PlaylistPolicy,
  standard: number,
): boolean {
  return curriculum.prerequisites[standard]!.every((required) => mastery[required]! >= policy.prerequisiteMastery);
}

function select(
  curriculum: Curriculum,
  learner: LearnerState,
  policy: PlaylistPolicy,
  candidates: readonly number[],
): { items: PlaylistItem[]; minutes: number } {
  const { mean, deviation } = moments(learner.collaborative, candidates);
  const scored = candidates.map((activity): PlaylistItem => {
    const { standard } = curriculum.activities[activity]!;
    const distance = (learner.success[standard]! - policy.targetSuccess) / policy.successWidth;
    const terms = {
      collaborative:
        deviation > 0 ? (policy.weights.collaborative * (learner.collaborative[activity]! - mean)) / deviation : 0,
      proximal: policy.weights.proximal * Math.exp(-distance * distance),
      remediation: policy.weights.remediation * (1 - learner.mastery[standard]!),
    };
    return { activity, terms, score: terms.collaborative + terms.proximal + terms.remediation };
  });
  // Ties by position in the library, so that the same state always gives the same playlist.
  scored.sort((a, b) => b.score - a.score || a.activity - b.activity);
  const perStandard = new Map<number, number>();
  const items: PlaylistItem[] = [];
  let minutes = 0;
  for (const item of scored) {
    const { standard, minutes: needed } = curriculum.activities[item.activity]!;
    const taken = perStandard.get(standard) ?? 0;
    if (taken >= policy.perStandard || minutes + needed > policy.minutes) continue;
    perStandard.set(standard, taken + 1);
    minutes += needed;
    items.push(item);
  }
  return { items, minutes };
}

function moments(values: Float64Array, at: readonly number[]): { mean: number; deviation: number } {
  let sum = 0;
  for (const index of at) sum += values[index]!;
  const mean = sum / at.length;
  let squares = 0;
  for (const index of at) squares += (values[index]! - mean) ** 2;
  return { mean, deviation: Math.sqrt(squares / at.length) };
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

/** Standards in an order in which every standard comes before its prerequisites (depth-first, no recursion limit in practice: the graph is shallow). */
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
