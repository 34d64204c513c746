import { createHash } from "node:crypto";
import { CairnError } from "../../errors.ts";
import { dayOf } from "../../records/consent/own-version.ts";
import type { TenantTransaction } from "../../records/database.ts";
import { canonicalPersons } from "../../records/identity/links.ts";
import { personByNumber } from "../../records/identity/people.ts";
import { readMoment } from "../../records/import/core/values.ts";
import type { itemResponse } from "../../records/schema/index.ts";
import type { AccessNote } from "../access/accesses.ts";
import { raiseForAnswers } from "../alerts/raise.ts";
import type { PlaylistAsk } from "../playlists/live/ask.ts";
import { writeBehind } from "../playlists/live/behind.ts";
import type { LivePlaylist } from "../playlists/live/compose.ts";
import { carryOn, lockedStandings, lockLearner, remember } from "../playlists/live/keep.ts";
import { withIds } from "../playlists/live/learner.ts";
import type { LiveModels } from "../playlists/live/models.ts";
import { withLiveModels } from "../playlists/live/models.ts";
import { playlistFor } from "../playlists/live/next.ts";
import type { Standing } from "../playlists/live/standing.ts";
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
  /** The next list, where one was asked for: it knows these answers. */
  readonly playlist?: LivePlaylist;
  /** Why there is none although it was asked for; the answers are in all the same. */
  readonly playlistRefused?: string;
}

const AUTHORITY = "cairn:responses";
const AHEAD_MILLISECONDS = 86_400_000; // a wall clock is up to 14 hours ahead of UTC

/**
 * Takes in answers of practice, as what the platform says (contributed), raises in the same transaction what the district's
 * rules make of them, and carries on where the learners stand: when the request is answered, the teacher's alert is there and
 * the next list knows the answers. All of it is committed or nothing is.
 * @param next - the list that is wanted in the same breath
 * @param access - who is shown that list: the line of the log of accesses is committed with it
 * @throws CairnError `NOT_FOUND` when the district is not registered
 */
export async function receiveResponses(
  cairn: Cairn,
  tenantId: string,
  sent: readonly SentResponse[],
  next?: PlaylistAsk,
  access?: AccessNote,
): Promise<ResponseReceipt> {
  let carried: [personId: string, standing: Standing][] = [];
  const receipt = await withLiveModels(cairn, tenantId, async (tx, models) => {
    const now = cairn.now();
    const { rows, refused, people } = await readResponses(tx, sent, models.timeZone, now);
    const personIds = [...new Set(rows.map(({ personId }) => personId))].sort();
    const [, , sorted, standings] = await Promise.all([
      Promise.all(personIds.map((personId) => lockLearner(tx, personId))),
      tx.sql`select set_config('cairn.standing', 'kept', true)`, // in this transaction: what it writes it carries on itself
      sortOut(tx, rows),
      lockedStandings(tx, personIds),
    ]);
    const { fresh, clashing, unchanged } = sorted;
    if (fresh.length > 0) store(tx, fresh);
    carried = await carryOnAll(tx, standings, fresh, models, now);
    const standards = [...new Set(fresh.flatMap(({ standard }) => standard ?? []))];
    const answered = [...new Set(fresh.map(({ personId }) => personId))];
    const [, list] = await Promise.all([
      standards.length > 0 ? raiseForAnswers(tx, { personIds: answered, standards }, now) : undefined,
      next === undefined ? undefined : nextList(cairn, tx, models, { ask: next, access }, people),
    ]);
    const counts = { stored: fresh.length, unchanged, refused: [...refused, ...clashing] };
    return { ...counts, ...list };
  });
  for (const [personId, standing] of carried) remember(cairn.database, tenantId, personId, standing);
  return receipt;
}

/** One prepared statement, however many they are; what follows reads them, and travels with it. */
function store(tx: TenantTransaction, rows: readonly Row[]): void {
  const values = rows.map(({ answeredAt, receivedAt, ...row }) => ({
    ...row,
    answeredAt: answeredAt.toISOString().slice(0, -1), // the district's wall clock has no zone
    receivedAt: receivedAt.toISOString(),
  }));
  writeBehind(
    tx,
    tx.sql`
    insert into item_response (tenant_id, record_key, content_hash, class, authority, batch_id, source_record_id, known_on, received_at,
      valid_from, person_id, item, standard, answered_at, correct, attempts, hints, seconds)
    select ${tx.tenantId}, "recordKey", "contentHash", class, authority, "batchId", "sourceRecordId", "knownOn", "receivedAt",
      "validFrom", "personId", item, standard, "answeredAt", correct, attempts, hints, seconds
    from jsonb_to_recordset(${JSON.stringify(values)}::jsonb) as r("recordKey" text, "contentHash" text, class text, authority text,
      "batchId" text, "sourceRecordId" text, "knownOn" date, "receivedAt" timestamptz, "validFrom" date, "personId" text, item text,
      standard text, "answeredAt" timestamp, correct float8, attempts int, hints int, seconds float8)`,
  );
}

/** Carries on every stored standing of which answers came in. @returns those to remember once this is committed */
async function carryOnAll(
  tx: TenantTransaction,
  standings: Awaited<ReturnType<typeof lockedStandings>>,
  fresh: readonly Row[],
  models: LiveModels,
  now: Date,
): Promise<[personId: string, standing: Standing][]> {
  const after = await Promise.all(
    standings.map(async (row) => {
      const observations = observationsOf(fresh, row.personId, models);
      return observations.length === 0 ? undefined : carryOn(tx, row, observations, models, now);
    }),
  );
  return after.flatMap((standing, at) => (standing === undefined ? [] : [[standings[at]!.personId, standing]]));
}

/** The next list; that there is none takes no answer back. */
async function nextList(
  cairn: Cairn,
  tx: TenantTransaction,
  models: LiveModels,
  { ask, access }: { readonly ask: PlaylistAsk; readonly access: AccessNote | undefined },
  people: ReadonlyMap<string, string | undefined>,
): Promise<Pick<ResponseReceipt, "playlist" | "playlistRefused">> {
  const [personId, canonical] = await Promise.all([
    people.has(ask.learner) ? people.get(ask.learner) : personByNumber(tx, ask.learner),
    canonicalPersons(tx),
  ]);
  try {
    const learner = personId === undefined ? undefined : withIds(personId, canonical);
    return { playlist: await playlistFor(cairn, tx, models, learner, ask, { access }) };
  } catch (error) {
    if (error instanceof CairnError && (error.code === "NOT_FOUND" || error.code === "BAD_INPUT")) {
      return { playlistRefused: error.message };
    }
    throw error;
  }
}

/** The answers of one learner on standards of the library, in order. */
function observationsOf(rows: readonly Row[], personId: string, { standardAt }: LiveModels) {
  return rows.flatMap(({ personId: of, standard, item, correct, answeredAt }) => {
    const index = of === personId ? standardAt.get(standard ?? "") : undefined;
    if (index === undefined || correct == null) return [];
    return [{ standard: index, item, outcome: correct, at: answeredAt.getTime(), source: "response" as const }];
  });
}

type Row = typeof itemResponse.$inferInsert;

async function readResponses(tx: TenantTransaction, sent: readonly SentResponse[], timeZone: string, now: Date) {
  const numbers = [...new Set(sent.map(({ learner }) => learner))];
  const people = new Map<string, string | undefined>();
  for (const [at, found] of (await Promise.all(numbers.map((number) => personByNumber(tx, number)))).entries()) {
    people.set(numbers[at]!, found);
  }
  const rows = new Map<string, Row>();
  const refused: { id: string; reason: string }[] = [];
  for (const response of sent) {
    const { id, learner, answeredAt } = response;
    const refuse = (reason: string): void => void refused.push({ id, reason });
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
  const ordered = [...rows.values()].sort((a, b) => a.answeredAt.getTime() - b.answeredAt.getTime());
  return { rows: ordered, refused, people };
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
