import { CairnError } from "../../errors.ts";
import { requireCapacity } from "../consent/acting.ts";
import { dayOf, ownVersion } from "../consent/own-version.ts";
import type { TenantTransaction } from "../database.ts";
import { canonicalPersons } from "../identity/links.ts";
import { directoryOptOut } from "../schema/index.ts";

const FIRST_MONTH = 7; // a school year runs from July to June: summer work belongs to the year that begins

/** The school year of a day, named by the year it ends in. */
export function schoolYearOf(day: string): number {
  const [year, month] = day.split("-").map(Number) as [number, number];
  return month >= FIRST_MONTH ? year + 1 : year;
}

/**
 * Refuses directory information for a school year (34 CFR 99.37). The same family saying it again changes nothing.
 * @param asked - `actorId` is a guardian or the learner of 18; absent where the office records a paper form
 * @throws CairnError `FORBIDDEN` when it is not hers to refuse, `BAD_INPUT` for a year that is none
 */
export async function optOutOfDirectory(
  tx: TenantTransaction,
  asked: { personId: string; schoolYear: number; actorId?: string; recordedBy: string; now: Date },
): Promise<void> {
  const { personId, schoolYear, actorId, now } = asked;
  if (!Number.isInteger(schoolYear) || schoolYear < 2000 || schoolYear > 2200) {
    throw new CairnError("BAD_INPUT", `expected the year in which a school year ends, such as 2026, got ${schoolYear}`);
  }
  if (actorId !== undefined) await requireCapacity(tx, { actorId, personId, on: dayOf(now) });
  if (await optedOutIn(tx, [personId], schoolYear)) return;
  const values = { personId, schoolYear, categories: null, decidedBy: actorId ?? asked.recordedBy };
  const own = ownVersion(tx.tenantId, `directory:${personId}:${schoolYear}`, values, now);
  await tx.orm.insert(directoryOptOut).values({ ...own, ...values });
}

/** Whether a learner's family refuses directory information in the school year of a day. */
export function hasOptedOut(tx: TenantTransaction, ids: readonly string[], on: string): Promise<boolean> {
  return optedOutIn(tx, ids, schoolYearOf(on));
}

/** The learners, by the ids that stand for them, whose families refuse directory information in the school year of a day. */
export async function optedOutLearners(tx: TenantTransaction, on: string): Promise<Set<string>> {
  const rows = await tx.sql<{ personId: string }[]>`
    select person_id as "personId" from (
      select distinct on (record_key) * from directory_opt_out order by record_key, known_on desc, version_id desc
    ) newest where retracted_at is null and school_year = ${schoolYearOf(on)}`;
  const canonical = await canonicalPersons(tx);
  return new Set(rows.map(({ personId }) => canonical.get(personId) ?? personId));
}

async function optedOutIn(tx: TenantTransaction, ids: readonly string[], schoolYear: number): Promise<boolean> {
  const rows = await tx.sql`
    select 1 from (
      select distinct on (record_key) * from directory_opt_out where person_id = any(${[...ids]})
      order by record_key, known_on desc, version_id desc
    ) newest where retracted_at is null and school_year = ${schoolYear} limit 1`;
  return rows.length > 0;
}
