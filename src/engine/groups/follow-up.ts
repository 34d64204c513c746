import type { Interest, LibraryActivity } from "../../records/alerts/follow-ups.ts";

/** Something to do at home, and why this. */
export interface FollowUp {
  /** Null: the library has nothing that fits, and `reason` says so. */
  readonly activity: {
    readonly activity: string;
    readonly title: string;
    readonly minutes: number | null;
    readonly uri: string | null;
  } | null;
  /** In words a child and her family understand. */
  readonly reason: string;
}

/** What is known of the learner when a follow-up is chosen. */
export interface FollowUpFor {
  readonly givenName: string | null;
  readonly interests: readonly Pick<Interest, "value" | "strength">[];
  /** Activities she has completed. */
  readonly completed: ReadonlySet<string>;
  /** The standard's name, as a family would call it; null: not known. */
  readonly label: string | null;
}

/**
 * The activity for home that suits what a learner likes best: about the standard, not done yet, fit for home, about nothing she
 * dislikes. Among equals the easier comes first, for she is stuck, then the shorter.
 */
export function chooseFollowUp(library: readonly LibraryActivity[], learner: FollowUpFor): FollowUp {
  const who = learner.givenName ?? "the learner";
  const about = learner.label === null ? "it" : `“${learner.label}”`;
  const strength = new Map(learner.interests.map((interest) => [interest.value.toLowerCase(), interest.strength ?? 1]));
  const liking = ({ topics }: LibraryActivity) =>
    topics.map((topic) => ({ topic, strength: strength.get(topic.toLowerCase()) ?? 0 }));
  const fit = library.filter(
    (one) =>
      (one.setting === null || /home|anywhere|alone/i.test(one.setting)) &&
      !learner.completed.has(one.activity) &&
      liking(one).every((topic) => topic.strength >= 0),
  );
  const liked = (one: LibraryActivity): number => Math.max(0, ...liking(one).map((topic) => topic.strength));
  const [best] = [...fit].sort(
    (a, b) =>
      liked(b) - liked(a) ||
      (a.difficulty ?? Number.POSITIVE_INFINITY) - (b.difficulty ?? Number.POSITIVE_INFINITY) ||
      (a.minutes ?? Number.POSITIVE_INFINITY) - (b.minutes ?? Number.POSITIVE_INFINITY) ||
      (a.activity < b.activity ? -1 : 1),
  );
  if (best === undefined) {
    return {
      activity: null,
      reason: `The library has nothing about ${about} that ${who} can do at home and has not done.`,
    };
  }
  const { activity, title, minutes, uri } = best;
  const topic = liking(best).sort((a, b) => b.strength - a.strength)[0];
  return {
    activity: { activity, title: title ?? activity, minutes, uri },
    reason:
      topic !== undefined && topic.strength > 0
        ? `It practices ${about} with ${topic.topic.toLowerCase()}, which ${who} likes.`
        : `It practices ${about}. Nothing about what ${who} likes is in the library yet.`,
  };
}
