import { CairnError } from "../../errors.ts";
import { learnersOf } from "../../records/consent/acting.ts";
import { dayOf } from "../../records/consent/own-version.ts";
import type { TenantTransaction } from "../../records/database.ts";
import { inTenant } from "../../records/database.ts";
import { canonicalPersons } from "../../records/identity/links.ts";
import type { KnownPerson } from "../../records/identity/people.ts";
import { peopleByIds, personByNumber } from "../../records/identity/people.ts";
import type { DistrictSettings } from "../../records/rights/settings.ts";
import { districtSettings } from "../../records/rights/settings.ts";
import type { Cairn } from "../runtime.ts";

/** Who decides: a guardian or an eligible student, by her own key; or the office, which records what a family signed. */
export interface FamilyActor {
  readonly tenantId: string;
  /** The person of the record; absent: the office. */
  readonly personId?: string;
  /** The account or key, as the logs name it. */
  readonly recordedBy: string;
}

/** The learners a guardian or an eligible student may decide about today. The office sees nobody here: it asks by number. */
export async function listLearners(cairn: Cairn, actor: FamilyActor): Promise<KnownPerson[]> {
  if (actor.personId === undefined) return [];
  const actorId = actor.personId;
  return inTenant(cairn.database, actor.tenantId, async (tx) =>
    peopleByIds(tx, await learnersOf(tx, { actorId, on: dayOf(cairn.now()) })),
  );
}

/**
 * Runs work about one learner in one transaction.
 * @param learner - the district's own number of the learner
 * @throws CairnError `NOT_FOUND` when there is none, or she is not the actor's to decide about: the two look alike
 */
export function aboutLearner<T>(
  cairn: Cairn,
  actor: FamilyActor,
  learner: string,
  work: (tx: TenantTransaction, personId: string) => Promise<T>,
): Promise<T> {
  return inTenant(cairn.database, actor.tenantId, async (tx) => {
    const personId = await personByNumber(tx, learner);
    const own = personId === undefined ? false : await mayDecide(tx, actor, personId, dayOf(cairn.now()));
    if (personId === undefined || !own) {
      throw new CairnError("NOT_FOUND", "expected a learner of yours, got nobody of that number", {
        hint: "see GET /v1/families/learners",
      });
    }
    return work(tx, personId);
  });
}

async function mayDecide(tx: TenantTransaction, actor: FamilyActor, personId: string, on: string): Promise<boolean> {
  if (actor.personId === undefined) return true;
  const canonical = await canonicalPersons(tx);
  const learners = await learnersOf(tx, { actorId: actor.personId, on });
  return learners.some((id) => (canonical.get(id) ?? id) === personId);
}

/** The person who acts, where there is one, as the functions of the record take her. */
export function actorId({ personId }: FamilyActor): { readonly actorId?: string } {
  return personId === undefined ? {} : { actorId: personId };
}

/**
 * The settings of the actor's district.
 * @throws CairnError `NOT_FOUND` when there is no such district
 */
export async function settingsOf(cairn: Cairn, { tenantId }: FamilyActor): Promise<DistrictSettings> {
  const settings = await districtSettings(cairn.database, tenantId);
  if (settings === undefined) throw new CairnError("NOT_FOUND", `expected a registered district, got "${tenantId}"`);
  return settings;
}
