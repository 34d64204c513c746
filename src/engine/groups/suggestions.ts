import type { LibraryActivity } from "../../records/alerts/follow-ups.ts";
import { activitiesFor, completedBy, interestsOf } from "../../records/alerts/follow-ups.ts";
import type { DataClass } from "../../records/consent/data-classes.ts";
import { decide } from "../../records/consent/decide.ts";
import { dayOf } from "../../records/consent/own-version.ts";
import { provisionsFor } from "../../records/consent/provisions.ts";
import type { TenantTransaction } from "../../records/database.ts";
import type { KnownPerson } from "../../records/identity/people.ts";
import type { FollowUp } from "./follow-up.ts";
import { chooseFollowUp } from "./follow-up.ts";

/** What suggestions are made from: who the learners are, by every id of theirs, and what the standards are called. */
export interface SuggestionsFor {
  readonly ids: readonly string[];
  /** The id that stands for a learner. */
  readonly learnerOf: (id: string) => string;
  readonly people: ReadonlyMap<string, KnownPerson>;
  readonly labels: ReadonlyMap<string, string | null>;
}

/**
 * Prepares follow-ups for learners and standards: what they like, what they have done, what the library has. Whose family
 * refuses suggestions (the use `playlist`) gets none; whose interests may not be read for it gets one without them.
 * @returns the follow-up of a learner on a standard of `labels`
 */
export async function prepareFollowUps(
  tx: TenantTransaction,
  { ids, learnerOf, people, labels }: SuggestionsFor,
  now: Date,
): Promise<(personId: string, standard: string) => FollowUp> {
  const refuses = await suggestionsRefused(tx, ids, learnerOf, now);
  const interests = await interestsOf(tx, ids);
  const completed = await completedBy(tx, ids);
  const library = new Map<string, LibraryActivity[]>();
  for (const standard of labels.keys()) library.set(standard, await activitiesFor(tx, standard));
  return (personId, standard) => {
    if (refuses(personId, "enrolment") || refuses(personId, "practice")) {
      return { activity: null, reason: "The family does not want suggestions." };
    }
    const own = interests.filter((interest) => learnerOf(interest.personId) === personId);
    const done = completed.filter((event) => learnerOf(event.personId) === personId);
    return chooseFollowUp(library.get(standard) ?? [], {
      givenName: people.get(personId)?.givenName ?? null,
      interests: refuses(personId, "goals") ? [] : own,
      completed: new Set(done.map(({ activity }) => activity)),
      label: labels.get(standard) ?? null,
    });
  };
}

async function suggestionsRefused(
  tx: TenantTransaction,
  ids: readonly string[],
  learnerOf: (id: string) => string,
  now: Date,
): Promise<(personId: string, dataClass: DataClass) => boolean> {
  const decisions = await provisionsFor(tx, "playlist", ids);
  return (personId, dataClass) => {
    const learner = decisions.get(learnerOf(personId));
    if (learner === undefined) return false;
    const { provisions, majorityOn } = learner;
    const who = { actor: "the school", party: "the school", on: dayOf(now), majorityOn };
    return !decide(provisions, { ...who, purpose: "playlist", dataClass }).allowed;
  };
}
