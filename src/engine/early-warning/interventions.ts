import { createHash } from "node:crypto";
import { CairnError } from "../../errors.ts";
import { dayOf } from "../../records/consent/own-version.ts";
import type { TenantTransaction } from "../../records/database.ts";
import { inTenant } from "../../records/database.ts";
import { idsOf } from "../../records/identity/links.ts";
import { personByNumber } from "../../records/identity/people.ts";
import { dose, intervention } from "../../records/schema/index.ts";
import type { Cairn } from "../runtime.ts";
import { learnersOfCounselor } from "./ranking/own-learners.ts";

/** One time somebody of the school helped, or meant to. */
export interface GivenHelp {
  /** The sender's own id of the entry: the same id again is the same entry, so a request may be sent twice. */
  readonly id: string;
  /** The district's own number of the learner. */
  readonly learner: string;
  /** The district's id of what was done; one that is new becomes an intervention of the district. */
  readonly intervention: string;
  /** What people call it, for one that is new. */
  readonly name?: string;
  /** A calendar day, not of the future. */
  readonly on: string;
  readonly minutes?: number;
  /** Whether the learner was there; default true. */
  readonly attended?: boolean;
}

/** What became of the entries of one request. */
export interface HelpReceipt {
  readonly stored: number;
  /** Were in already, word for word. */
  readonly unchanged: number;
  /** Not taken, with the reason; the others are in. */
  readonly refused: readonly { readonly id: string; readonly reason: string }[];
}

const AUTHORITY = "cairn:interventions";

/**
 * Logs help as the school's own word (contributed): a dose each, which features of doses, studies and the judgement of past rankings
 * read. An entry is never changed; one that was wrong gets another id and the source takes the first back.
 * @param by - who says so: a person's id, or the key
 * @param counselor - the counselor whose own key it is: learners who are not of her caseload are refused as if there were none
 * @throws CairnError `NOT_FOUND` when that counselor has no caseload
 */
export function logHelp(
  cairn: Cairn,
  tenantId: string,
  given: readonly GivenHelp[],
  by: string,
  counselor?: string,
): Promise<HelpReceipt> {
  return inTenant(cairn.database, tenantId, async (tx) => {
    const now = cairn.now();
    // Of two requests with the same ids the second must see the first.
    await tx.sql`select pg_advisory_xact_lock(hashtext('cairn.interventions'), hashtext(${tenantId}))`;
    const learners = await learnersOf(tx, given, counselor);
    const refused: { id: string; reason: string }[] = [];
    let [stored, unchanged] = [0, 0];
    for (const help of given) {
      const outcome = await logOne(tx, help, learners.get(help.learner), { by, now });
      if (outcome === "stored") stored += 1;
      else if (outcome === "unchanged") unchanged += 1;
      else refused.push({ id: help.id, reason: outcome.reason });
    }
    return { stored, unchanged, refused };
  });
}

/** The learners of the entries, by number; without those who are not the counselor's, where it is one who writes. */
async function learnersOf(
  tx: TenantTransaction,
  given: readonly Pick<GivenHelp, "learner">[],
  counselor: string | undefined,
): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>();
  for (const number of new Set(given.map(({ learner }) => learner))) {
    const personId = await personByNumber(tx, number);
    if (personId !== undefined) found.set(number, personId);
  }
  if (counselor === undefined) return found;
  const hers = new Set(await learnersOfCounselor(tx, counselor, [...new Set(found.values())]));
  return new Map([...found].filter(([, personId]) => hers.has(personId)));
}

async function logOne(
  tx: TenantTransaction,
  help: GivenHelp,
  personId: string | undefined,
  { by, now }: { readonly by: string; readonly now: Date },
): Promise<"stored" | "unchanged" | { readonly reason: string }> {
  if (personId === undefined) return { reason: "expected a learner of the district, got nobody of that number" };
  if (!isDay(help.on) || help.on > dayOf(now)) {
    return { reason: "expected a day that exists and is not of the future, got another text" };
  }
  const values = {
    personId,
    intervention: help.intervention,
    onDate: help.on,
    minutes: help.minutes ?? null,
    attended: help.attended ?? true,
    deliveredBy: by,
  };
  const version = own(tx, `dose ${help.id}`, { ...values, deliveredBy: null }, now);
  const [known] = await tx.sql<{ hash: string }[]>`
    select content_hash as hash from dose where record_key = ${version.recordKey} order by version_id desc limit 1`;
  if (known !== undefined) {
    return known.hash === version.contentHash
      ? "unchanged"
      : { reason: "expected the entry this id stands for, got another" };
  }
  const named = await tx.sql`select 1 from intervention where intervention = ${help.intervention} limit 1`;
  if (named.length === 0) {
    const words = { intervention: help.intervention, name: help.name ?? help.intervention };
    await tx.orm.insert(intervention).values({ ...own(tx, `intervention ${help.intervention}`, words, now), ...words });
  }
  await tx.orm.insert(dose).values({ ...version, ...values });
  return "stored";
}

function isDay(text: string): boolean {
  const day = /^\d{4}-\d{2}-\d{2}$/.test(text) ? new Date(`${text}T00:00:00Z`) : undefined;
  return day !== undefined && !Number.isNaN(day.getTime()) && day.toISOString().startsWith(text);
}

/** The provenance of what somebody of the school said. */
function own(tx: TenantTransaction, id: string, values: unknown, now: Date) {
  return {
    tenantId: tx.tenantId,
    recordKey: `${AUTHORITY}:${id}`,
    contentHash: createHash("sha256").update(JSON.stringify(values)).digest("hex"),
    class: "contributed" as const,
    authority: AUTHORITY,
    batchId: AUTHORITY,
    sourceRecordId: id,
    knownOn: dayOf(now),
    receivedAt: now,
  };
}

/** One time of help as it is read back, whoever recorded it. */
export interface LoggedHelp {
  readonly intervention: string;
  readonly name: string;
  readonly on: string;
  readonly minutes: number | null;
  readonly attended: boolean | null;
  /** certified (the system of record), contributed (somebody of the school) or derived. */
  readonly class: string;
  readonly knownOn: string;
}

/**
 * What a learner got, the newest first, from every source.
 * @param learner - the district's own number
 * @param counselor - the counselor whose own key it is: only her caseload
 * @throws CairnError `NOT_FOUND` when there is nobody of that number, or not of that caseload: the two look alike
 */
export function listHelp(cairn: Cairn, tenantId: string, learner: string, counselor?: string): Promise<LoggedHelp[]> {
  return inTenant(cairn.database, tenantId, async (tx) => {
    const personId = (await learnersOf(tx, [{ learner }], counselor)).get(learner);
    if (personId === undefined) {
      throw new CairnError("NOT_FOUND", "expected a learner of the district, got nobody of that number", {
        hint: "check the district's number",
      });
    }
    const ids = await idsOf(tx, personId);
    return tx.sql<LoggedHelp[]>`
      select d.intervention, coalesce(n.name, d.intervention) as name, d.on_date::text as on, d.minutes, d.attended, d.class,
        d.known_on::text as "knownOn"
      from (
        select distinct on (record_key) * from dose where person_id = any(${ids})
        order by record_key, known_on desc, version_id desc
      ) d left join (
        select distinct on (intervention) intervention, name from intervention order by intervention, known_on desc, version_id desc
      ) n using (intervention)
      where d.retracted_at is null order by d.on_date desc, d.intervention, d.record_key`;
  });
}
