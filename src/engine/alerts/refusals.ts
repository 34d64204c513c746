import type { DataClass } from "../../records/consent/data-classes.ts";
import { decide } from "../../records/consent/decide.ts";
import { dayOf } from "../../records/consent/own-version.ts";
import { provisionsFor } from "../../records/consent/provisions.ts";
import type { TenantTransaction } from "../../records/database.ts";
import { canonicalPersons } from "../../records/identity/links.ts";

/** Whom a family may say no to by name: `the school` ends the looking itself, `the family` only the notices home. */
export type AlertParty = "the school" | "the family";

/**
 * Whose family says no to early warning today, by the kind of data an alert rests on. Asked when an alert is raised and at
 * every read: a family that decides later takes back what was raised before.
 * @param about - the learners that are asked about
 * @returns whether an alert about a learner (by any of her ids) that rests on a kind of data is silenced
 */
export async function silencedLearners(
  tx: TenantTransaction,
  about: readonly { readonly personId: string | null }[],
  now: Date,
  party: AlertParty = "the school",
): Promise<(personId: string, dataClass: string) => boolean> {
  const asked = new Set(about.flatMap(({ personId }) => personId ?? []));
  if (asked.size === 0) return () => false;
  const canonical = await canonicalPersons(tx);
  const ids = [...asked].flatMap((id) => {
    const stands = canonical.get(id);
    return stands === undefined ? [id] : [...canonical].flatMap(([own, as]) => (as === stands ? [own] : []));
  });
  const decisions = await provisionsFor(tx, "early-warning", [...new Set(ids)]);
  const on = dayOf(now);
  return (personId, dataClass) => {
    const learner = decisions.get(canonical.get(personId) ?? personId);
    if (learner === undefined) return false;
    const { provisions, majorityOn } = learner;
    const request = { purpose: "early-warning", actor: party, party, on, majorityOn } as const;
    // Who may not be known to be enrolled is in no list of the school's looking out: see the snapshot.
    return (["enrolment", dataClass] as DataClass[]).some(
      (one) => !decide(provisions, { ...request, dataClass: one }).allowed,
    );
  };
}
