import { CairnError } from "../../errors.ts";
import { learnersIn, sectionsTaught } from "../../records/alerts/caseload.ts";
import { capacityOf } from "../../records/consent/acting.ts";
import { dayOf } from "../../records/consent/own-version.ts";
import type { TenantTransaction } from "../../records/database.ts";
import { canonicalPersons, idsOf } from "../../records/identity/links.ts";
import type { Caller } from "../access/keys.ts";
import { learnersOfCounselor } from "../early-warning/ranking/own-learners.ts";
import { type LearnerIds, learnerOfNumber } from "../playlists/live/learner.ts";

/**
 * The learner of a number, as far as the caller may see what she knows: a teacher's are those of her sections today, a family's
 * those it decides about, a counselor's own caseload where the key is hers, everybody's for the district's other keys.
 * @throws CairnError `NOT_FOUND` when there is none, or not the caller's: the two look alike
 */
export async function learnerOfCaller(
  tx: TenantTransaction,
  caller: Pick<Caller, "role" | "personId">,
  number: string,
  now: Date,
): Promise<LearnerIds> {
  const learner = await learnerOfNumber(tx, number);
  const isSeen = await isOf(tx, caller, learner, dayOf(now));
  if (learner === undefined || !isSeen) throw nobody();
  return learner;
}

async function isOf(
  tx: TenantTransaction,
  { role, personId }: Pick<Caller, "role" | "personId">,
  learner: LearnerIds | undefined,
  on: string,
): Promise<boolean> {
  if (role === "counselor" && personId !== undefined) {
    // Asked of nobody too: one without a caseload hears the same of every number.
    return (await learnersOfCounselor(tx, personId, learner === undefined ? [] : [learner.personId])).length > 0;
  }
  if (learner === undefined) return false;
  if (role === "teacher") return teaches(tx, personId ?? "", learner, on);
  if (role !== "family") return true;
  return (await capacityOf(tx, { actorId: personId ?? "", personId: learner.personId, on })) !== undefined;
}

async function teaches(tx: TenantTransaction, teacherId: string, learner: LearnerIds, on: string): Promise<boolean> {
  const taught = await sectionsTaught(tx, await idsOf(tx, teacherId), on);
  const canonical = await canonicalPersons(tx);
  const keys = taught.map(({ sectionKey }) => sectionKey);
  const pupils = await learnersIn(tx, keys, on);
  return pupils.some((pupil) => (canonical.get(pupil.personId) ?? pupil.personId) === learner.personId);
}

/** What everybody hears who asks for a learner that is not there, not theirs, or does not take part. */
export function nobody(): CairnError {
  return new CairnError("NOT_FOUND", "expected a learner of yours who takes part, got nobody of that number", {
    hint: "check the district's number of the learner; not everybody takes part",
  });
}
