import { CairnError } from "../../errors.ts";
import type { TenantTransaction } from "../database.ts";
import { idsOf } from "../identity/links.ts";
import { majorityOf } from "./provisions.ts";

/** In what capacity a person decides about a record. */
export type Capacity = "guardian" | "eligible-student";

/**
 * In what capacity a person may decide about a learner on a day: a guardian who holds the rights, until the learner's 18th
 * birthday; then the learner alone (34 CFR 99.5). A guardianship that does not say who holds the rights gives them: a parent
 * has them unless a court has taken them away (34 CFR 99.4); one that says they are taken away outweighs all others. Only a
 * system of record makes a guardian: a contributed source could name anybody. Whom the school has taken off its roster while
 * the child is on it decides nothing.
 * @returns undefined when she may not
 */
export async function capacityOf(
  tx: TenantTransaction,
  { actorId, personId, on }: { readonly actorId: string; readonly personId: string; readonly on: string },
): Promise<Capacity | undefined> {
  const ids = await idsOf(tx, personId);
  const majority = await majorityOf(tx, ids);
  const ofAge = majority !== null && majority <= on;
  if (ids.includes(actorId)) return ofAge ? "eligible-student" : undefined;
  if (ofAge) return undefined;
  const actorIds = await idsOf(tx, actorId);
  const [standing] = await tx.sql<{ holds: boolean | null }[]>`
    select bool_and(holds_rights is not false) as holds from (
      select distinct on (record_key) * from guardianship where person_id = any(${ids})
      order by record_key, known_on desc, version_id desc
    ) newest
    where retracted_at is null and class = 'certified' and guardian_id = any(${actorIds})
      and (begins_on is null or begins_on <= ${on}) and (ends_on is null or ends_on >= ${on})`;
  return standing?.holds === true && !(await leftAlone(tx, ids, actorIds)) ? "guardian" : undefined;
}

/**
 * Whether the school has taken a guardian off its roster and kept her child there. A family that has left together keeps its
 * rights to the record that stays.
 */
async function leftAlone(tx: TenantTransaction, ids: readonly string[], actorIds: readonly string[]): Promise<boolean> {
  const [row] = await tx.sql<{ child: boolean | null; guardian: boolean | null }[]>`
    select bool_or(retracted_at is null) filter (where person_id = any(${[...ids]})) as child,
      bool_or(retracted_at is null) filter (where person_id = any(${[...actorIds]})) as guardian
    from (
      select distinct on (record_key) * from person where person_id = any(${[...ids, ...actorIds]}) and class = 'certified'
      order by record_key, known_on desc, version_id desc
    ) newest`;
  return row?.child === true && row.guardian === false;
}

/**
 * Like {@link capacityOf}, for those who must.
 * @throws CairnError `FORBIDDEN` when she may not; who does not exist and who is somebody else's look alike
 */
export async function requireCapacity(
  tx: TenantTransaction,
  who: { readonly actorId: string; readonly personId: string; readonly on: string },
): Promise<Capacity> {
  const capacity = await capacityOf(tx, who);
  if (capacity === undefined) {
    throw new CairnError("FORBIDDEN", "expected a guardian of this learner or the learner of 18, got somebody else", {
      hint: "from the 18th birthday on the learner decides; a new guardianship comes with the school's next delivery",
    });
  }
  return capacity;
}

/** The learners a person may decide about on a day, by the id that her guardianships name. */
export async function learnersOf(
  tx: TenantTransaction,
  { actorId, on }: { readonly actorId: string; readonly on: string },
): Promise<string[]> {
  const actorIds = await idsOf(tx, actorId);
  const rows = await tx.sql<{ personId: string }[]>`
    select distinct person_id as "personId" from guardianship where guardian_id = any(${actorIds}) order by 1`;
  const learners: string[] = [];
  for (const personId of new Set([actorId, ...rows.map((row) => row.personId)])) {
    if ((await capacityOf(tx, { actorId, personId, on })) !== undefined) learners.push(personId);
  }
  return learners;
}
