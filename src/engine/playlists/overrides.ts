import { createHash, randomUUID } from "node:crypto";
import { CairnError } from "../../errors.ts";
import { learnersIn, sectionsTaught } from "../../records/alerts/caseload.ts";
import { dayOf } from "../../records/consent/own-version.ts";
import type { TenantTransaction } from "../../records/database.ts";
import { inTenant } from "../../records/database.ts";
import { canonicalPersons, idsOf } from "../../records/identity/links.ts";
import { personByNumber } from "../../records/identity/people.ts";
import { playlistOverride } from "../../records/schema/index.ts";
import type { Caller } from "../access/keys.ts";
import type { Cairn } from "../runtime.ts";

/** What a teacher or the school decides about a learner's playlists. */
export interface OverrideDecision {
  readonly kind: "pin" | "require" | "ban";
  /** What is pinned, required or banned. */
  readonly activity?: string;
  /** For a ban: every activity on this standard. */
  readonly standard?: string;
  /** Place among what is pinned, smaller first. */
  readonly position?: number;
  /** Why, in words the learner may read. */
  readonly reason: string;
  /** The last day it holds (YYYY-MM-DD). */
  readonly until?: string;
}

/** A decision as it stands in the record. */
export interface StoredOverride {
  readonly key: string;
  readonly kind: "pin" | "require" | "ban";
  readonly activity: string | null;
  readonly standard: string | null;
  readonly position: number | null;
  readonly reason: string;
  readonly decidedBy: string;
  /** ISO 8601, UTC. */
  readonly decidedAt: string;
  readonly until: string | null;
}

const AUTHORITY = "cairn:playlists";

/**
 * Records a decision about a learner's playlists: it holds from the next list on, until its last day or until it is taken back.
 * @param learner - the district's own number of the learner
 * @returns the decision with its key
 * @throws CairnError `NOT_FOUND` for a learner whom the caller does not teach or who is not there, an activity or a standard that
 * the library does not have; `BAD_INPUT` for a pin of nothing
 */
export function decideOverride(
  cairn: Cairn,
  caller: Caller,
  learner: string,
  decision: OverrideDecision,
): Promise<StoredOverride> {
  const { kind, activity, standard } = decision;
  if (!["pin", "require", "ban"].includes(kind)) {
    throw new CairnError("BAD_INPUT", `expected pin, require or ban, got ${JSON.stringify(kind)}`);
  }
  if ((activity === undefined) === (standard === undefined) || (standard !== undefined && kind !== "ban")) {
    throw new CairnError(
      "BAD_INPUT",
      "expected an activity, or for a ban an activity or a standard, got neither or both",
    );
  }
  return inTenant(cairn.database, caller.tenantId, async (tx) => {
    const now = cairn.now();
    const { personId } = await learnerFor(tx, caller, learner, now);
    await requireKnown(tx, decision);
    const values = {
      personId,
      kind,
      activity: activity ?? null,
      standard: standard ?? null,
      position: decision.position ?? null,
      reason: decision.reason,
      decidedBy: caller.personId ?? `a key of role ${caller.role}`,
      decidedAt: now,
      endsOn: decision.until ?? null,
    };
    const id = randomUUID();
    await tx.orm.insert(playlistOverride).values({ ...versionOf(tx.tenantId, id, values, now), ...values });
    return toStored(`${AUTHORITY}:${id}`, values);
  });
}

/** The decisions about a learner that hold today, oldest first. @throws CairnError `NOT_FOUND` as {@link decideOverride} */
export function listOverrides(cairn: Cairn, caller: Caller, learner: string): Promise<StoredOverride[]> {
  return inTenant(cairn.database, caller.tenantId, async (tx) => {
    const { ids } = await learnerFor(tx, caller, learner, cairn.now());
    return overridesInForce(tx, ids, cairn.now());
  });
}

/**
 * Takes a decision back: it holds no longer, and the record keeps that it did.
 * @throws CairnError `NOT_FOUND` when there is no such decision in force about this learner
 */
export function withdrawOverride(cairn: Cairn, caller: Caller, learner: string, key: string): Promise<StoredOverride> {
  return inTenant(cairn.database, caller.tenantId, async (tx) => {
    const now = cairn.now();
    const { personId, ids } = await learnerFor(tx, caller, learner, now);
    const standing = (await overridesInForce(tx, ids, now)).find((one) => one.key === key);
    if (standing === undefined) {
      throw new CairnError("NOT_FOUND", "expected a decision in force about this learner, got none of that key", {
        hint: "list what holds with GET /v1/playlists/{learner}/overrides",
      });
    }
    const { kind, activity, standard, position, reason } = standing;
    const values = { personId, kind, activity, standard, position, reason, endsOn: standing.until };
    const by = { decidedBy: caller.personId ?? `a key of role ${caller.role}`, decidedAt: now };
    await tx.orm.insert(playlistOverride).values({
      ...versionOf(tx.tenantId, key.slice(AUTHORITY.length + 1), { ...values, ...by, retracted: true }, now),
      ...values,
      ...by,
      retractedAt: now,
    });
    return standing;
  });
}

/**
 * The decisions that hold on a day, oldest first.
 * @param ids - every id of the learner
 */
export async function overridesInForce(
  tx: TenantTransaction,
  ids: readonly string[],
  now: Date,
): Promise<StoredOverride[]> {
  const rows = await tx.sql<(Omit<StoredOverride, "decidedAt"> & { decidedAt: string })[]>`
    select record_key as key, kind, activity, standard, position, reason, decided_by as "decidedBy", decided_at as "decidedAt",
      ends_on as until
    from (
      select distinct on (record_key) * from playlist_override where person_id = any(${[...ids]})
      order by record_key, known_on desc, version_id desc
    ) n where retracted_at is null and (ends_on is null or ends_on >= ${dayOf(now)}) order by decided_at, version_id`;
  return rows.map((row) => ({ ...row, decidedAt: new Date(row.decidedAt).toISOString() }));
}

/** The learner of a number, as far as she is the caller's to decide about: a teacher's are those of her sections today. */
async function learnerFor(
  tx: TenantTransaction,
  { role, personId }: Caller,
  learner: string,
  now: Date,
): Promise<{ personId: string; ids: string[] }> {
  const found = await personByNumber(tx, learner);
  const nobody = new CairnError("NOT_FOUND", "expected a learner of yours, got nobody of that number", {
    hint: "check the district's number of the learner",
  });
  if (found === undefined) throw nobody;
  if (role !== "teacher") return { personId: found, ids: await idsOf(tx, found) };
  const on = dayOf(now);
  const taught = await sectionsTaught(tx, await idsOf(tx, personId!), on);
  const canonical = await canonicalPersons(tx);
  const pupils = await learnersIn(
    tx,
    taught.map(({ sectionKey }) => sectionKey),
    on,
  );
  if (!pupils.some((pupil) => (canonical.get(pupil.personId) ?? pupil.personId) === found)) throw nobody;
  return { personId: found, ids: await idsOf(tx, found) };
}

async function requireKnown(tx: TenantTransaction, { activity, standard }: OverrideDecision): Promise<void> {
  const rows =
    activity === undefined
      ? await tx.sql`select 1 from standard where standard = ${standard!} limit 1`
      : await tx.sql`select 1 from activity where activity = ${activity} limit 1`;
  if (rows.length > 0) return;
  throw new CairnError(
    "NOT_FOUND",
    `expected ${activity === undefined ? "a standard" : "an activity"} of the library, got another`,
    {
      hint: "import the library, or check the id",
    },
  );
}

function versionOf(tenantId: string, id: string, values: unknown, now: Date) {
  return {
    tenantId,
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

function toStored(
  key: string,
  values: Omit<StoredOverride, "key" | "decidedAt" | "until"> & { decidedAt: Date; endsOn: string | null },
): StoredOverride {
  const { kind, activity, standard, position, reason, decidedBy, decidedAt, endsOn } = values;
  return {
    key,
    kind,
    activity,
    standard,
    position,
    reason,
    decidedBy,
    decidedAt: decidedAt.toISOString(),
    until: endsOn,
  };
}
