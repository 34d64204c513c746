import { createHash } from "node:crypto";
import { CairnError } from "../../errors.ts";
import { dayOf } from "../../records/consent/own-version.ts";
import type { TenantTransaction } from "../../records/database.ts";
import { inTenant } from "../../records/database.ts";
import { personByNumber } from "../../records/identity/people.ts";
import { timeZoneOf } from "../../records/import/core/time-zone.ts";
import { readMoment } from "../../records/import/core/values.ts";
import { itemResponse } from "../../records/schema/index.ts";
import { raiseForAnswers } from "../alerts/raise.ts";
import type { Cairn } from "../runtime.ts";

/** An answer as a platform sends it. */
export interface SentResponse {
  /** The platform's own id of the answer: the same id again is the same answer, so a request may be sent twice. */
  readonly id: string;
  /** The district's own number of the learner. */
  readonly learner: string;
  readonly item: string;
  readonly standard?: string;
  /** ISO 8601: with a zone it becomes the district's wall clock, without one it is that. */
  readonly answeredAt: string;
  /** 0 to 1. */
  readonly correct: number;
  readonly attempts?: number;
  readonly hints?: number;
  readonly seconds?: number;
}

/** What became of the answers of one request. */
export interface ResponseReceipt {
  readonly stored: number;
  /** Were in already, word for word. */
  readonly unchanged: number;
  /** Not taken, with the reason; the others are in. */
  readonly refused: readonly { readonly id: string; readonly reason: string }[];
}

const AUTHORITY = "cairn:responses";
const AHEAD_MILLISECONDS = 86_400_000; // a wall clock is up to 14 hours ahead of UTC

/**
 * Takes in answers of practice, as what the platform says (contributed), and raises in the same transaction what the district's
 * rules make of them: when the request is answered, the teacher's alert is there.
 * @throws CairnError `NOT_FOUND` when the district is not registered
 */
export async function receiveResponses(
  cairn: Cairn,
  tenantId: string,
  sent: readonly SentResponse[],
): Promise<ResponseReceipt> {
  const timeZone = await timeZoneOf(cairn.database, tenantId);
  if (timeZone === undefined) throw new CairnError("NOT_FOUND", "expected a registered district, got another");
  return inTenant(cairn.database, tenantId, async (tx) => {
    const now = cairn.now();
    const { rows, refused } = await readResponses(tx, sent, timeZone, now);
    await lockLearners(
      tx,
      rows.map(({ personId }) => personId),
    );
    const { fresh, clashing, unchanged } = await sortOut(tx, rows);
    if (fresh.length > 0) await tx.orm.insert(itemResponse).values(fresh);
    const standards = [...new Set(fresh.flatMap(({ standard }) => standard ?? []))];
    const personIds = [...new Set(fresh.map(({ personId }) => personId))];
    if (standards.length > 0) await raiseForAnswers(tx, { personIds, standards }, now);
    return { stored: fresh.length, unchanged, refused: [...refused, ...clashing] };
  });
}

type Row = typeof itemResponse.$inferInsert;

async function readResponses(tx: TenantTransaction, sent: readonly SentResponse[], timeZone: string, now: Date) {
  const people = new Map<string, string | undefined>();
  const rows = new Map<string, Row>();
  const refused: { id: string; reason: string }[] = [];
  for (const response of sent) {
    const { id, learner, answeredAt } = response;
    const refuse = (reason: string): void => void refused.push({ id, reason });
    if (!people.has(learner)) people.set(learner, await personByNumber(tx, learner));
    const personId = people.get(learner);
    const at = readMoment(answeredAt, timeZone);
    if (personId === undefined) refuse("expected a learner of the district, got nobody of that number");
    else if (at === undefined) refuse("expected a moment that exists as ISO 8601, got another text");
    else if (Date.parse(`${at.replace(" ", "T")}Z`) > now.getTime() + AHEAD_MILLISECONDS) {
      refuse("expected an answer that has been given, got one of the future");
    } else if (rows.has(id)) refuse("expected an id of its own for every answer, got the same twice");
    else rows.set(id, rowOf(tx.tenantId, response, personId, at, now));
  }
  // As they happened: a platform may send a morning at once, in any order.
  return { rows: [...rows.values()].sort((a, b) => a.answeredAt.getTime() - b.answeredAt.getTime()), refused };
}

function rowOf(tenantId: string, sent: SentResponse, personId: string, at: string, now: Date): Row {
  const values = {
    personId,
    item: sent.item,
    standard: sent.standard ?? null,
    answeredAt: new Date(`${at.replace(" ", "T")}Z`),
    correct: sent.correct,
    attempts: sent.attempts ?? null,
    hints: sent.hints ?? null,
    seconds: sent.seconds ?? null,
  };
  return {
    ...values,
    tenantId,
    recordKey: `${AUTHORITY}:${sent.id}`,
    contentHash: createHash("sha256").update(JSON.stringify(values)).digest("hex"),
    class: "contributed",
    authority: AUTHORITY,
    batchId: AUTHORITY,
    sourceRecordId: sent.id,
    knownOn: dayOf(now),
    receivedAt: now,
    validFrom: at.slice(0, 10),
  };
}

/** One request at a time about a learner: of two the second sees the answers of the first, so that an episode opens once. */
async function lockLearners(tx: TenantTransaction, personIds: readonly string[]): Promise<void> {
  for (const personId of [...new Set(personIds)].sort()) {
    await tx.sql`select pg_advisory_xact_lock(hashtext('cairn.responses'), hashtext(${personId}))`;
  }
}

/** What is new, what was there, and what would say something else under an id that is taken. */
async function sortOut(tx: TenantTransaction, rows: readonly Row[]) {
  const known = new Map<string, string>();
  const stored = await tx.sql<{ key: string; hash: string }[]>`
    select distinct on (record_key) record_key as key, content_hash as hash from item_response
    where record_key = any(${rows.map(({ recordKey }) => recordKey)}) order by record_key, known_on desc, version_id desc`;
  for (const { key, hash } of stored) known.set(key, hash);
  const fresh = rows.filter(({ recordKey }) => !known.has(recordKey));
  const clashing = rows
    .filter(({ recordKey, contentHash }) => known.has(recordKey) && known.get(recordKey) !== contentHash)
    .map(({ sourceRecordId }) => ({
      id: sourceRecordId,
      reason: "expected the answer this id stands for, got another",
    }));
  return { fresh, clashing, unchanged: rows.length - fresh.length - clashing.length };
}
