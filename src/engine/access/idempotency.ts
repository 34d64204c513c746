import { createCipheriv, createDecipheriv, createHash, createHmac, hkdfSync, randomBytes } from "node:crypto";
import { CairnError } from "../../errors.ts";
import { inTenant, listTenants } from "../../records/database.ts";
import type { Cairn } from "../runtime.ts";
import type { Caller } from "./keys.ts";

/** A request that says it may be sent twice and must take effect once. */
export interface KeyedRequest {
  readonly caller: Caller;
  /** What the caller proved herself with; two keys of a district do not share their requests. */
  readonly credential: string;
  /** The value of Idempotency-Key: 16 to 255 visible characters of ASCII, drawn by the client. */
  readonly key: string;
  /** The pattern of the route, without the learner it names. */
  readonly route: string;
  /** Method, address with its query, and the content type of the body. */
  readonly target: string;
  readonly body: Uint8Array;
}

/** An answer as it went out, to be given again byte for byte. */
export interface KeptAnswer {
  readonly status: number;
  readonly contentType: string | null;
  readonly body: Uint8Array;
}

const KEPT_MILLISECONDS = 24 * 3600 * 1000;
const SWEPT_AT_ONCE = 1000; // rows one request may have to clear away: it stays quick

/**
 * Does a request once. Sent again with the same body within a day it gets the first answer, byte for byte; nothing is done.
 * The promise is "at most once": when a process ends half-way, the key stays taken, since nobody knows what was done. A refusal
 * (400 to 499) did nothing and sets the key free.
 *
 * Nothing that is stored can be read without the key, which is not stored: hashes stand for the request, and the answer is sealed
 * (AES-256-GCM) under a secret drawn from the key (HKDF-SHA-256, RFC 5869). Answers are dropped when somebody is erased or a family
 * decides, see the triggers of `idempotent_request`.
 * @param work - does the request and says what was answered
 * @throws CairnError `BAD_INPUT` when the key is none, or came with another request before; `CONFLICT` while the first is under way,
 * when its process ended without an answer, and when its answer is no longer kept
 */
export async function answerOnce(
  cairn: Cairn,
  request: KeyedRequest,
  work: () => Promise<KeptAnswer>,
): Promise<{ readonly answer: KeptAnswer; readonly isReplay: boolean }> {
  if (!/^[\x21-\x7e]{16,255}$/.test(request.key)) {
    throw new CairnError("BAD_INPUT", "expected an Idempotency-Key of 16 to 255 visible characters, got another", {
      hint: "draw a new UUID for every request, and send it again only with the same request",
    });
  }
  const sealed = sealOf(request);
  const earlier = await begin(cairn, request, sealed);
  if (earlier !== undefined) return { answer: earlier, isReplay: true };
  const answer = await work();
  await end(cairn, request, sealed, answer);
  return { answer, isReplay: false };
}

/** Takes the key. @returns the earlier answer when the request was done before */
async function begin(cairn: Cairn, request: KeyedRequest, seal: Seal): Promise<KeptAnswer | undefined> {
  const now = cairn.now();
  const { tenantId } = request.caller;
  const row = await inTenant(cairn.database, tenantId, async ({ sql }) => {
    await sql`delete from idempotent_request where lookup in (
      select lookup from idempotent_request where started_at < ${expiredBefore(now)}::timestamptz
      limit ${SWEPT_AT_ONCE} for update skip locked)`;
    const taken = await sql`
      insert into idempotent_request (tenant_id, lookup, route, fingerprint, started_at)
      values (${tenantId}, ${seal.lookup}, ${request.route}, ${seal.fingerprint}, ${now.toISOString()}::timestamptz)
      on conflict do nothing returning 1`;
    if (taken.length > 0) return undefined;
    const rows = await sql<{ fingerprint: string; status: number | null; answer: Buffer | null }[]>`
      select fingerprint, status, answer from idempotent_request where lookup = ${seal.lookup}`;
    return rows[0] ?? "released";
  });
  if (row === undefined) return undefined;
  if (row !== "released" && row.fingerprint !== seal.fingerprint) {
    throw new CairnError("BAD_INPUT", "expected the request this Idempotency-Key came with before, got another", {
      hint: "draw a new key for a new request",
    });
  }
  if (row === "released" || row.status === null) {
    throw new CairnError("CONFLICT", "expected the first request with this Idempotency-Key to be answered, got none", {
      hint: "send it again in a moment; if it stays so, the process ended half-way: look at what was recorded, then send a new key",
    });
  }
  if (row.answer === null) {
    throw new CairnError("CONFLICT", "expected the first answer to be kept, got one made before a family decided", {
      hint: "the request was done: do not send it again, read what you need anew",
    });
  }
  return open(seal, row.status, row.answer);
}

/** Keeps the answer, or sets the key free when nothing was done. */
async function end(cairn: Cairn, { caller }: KeyedRequest, seal: Seal, answer: KeptAnswer): Promise<void> {
  const kept = close(seal, answer);
  await inTenant(cairn.database, caller.tenantId, ({ sql }) =>
    answer.status >= 400 && answer.status < 500
      ? sql`delete from idempotent_request where lookup = ${seal.lookup}`
      : sql`update idempotent_request set status = ${answer.status},
          answer = case when is_withheld then null else ${kept}::bytea end where lookup = ${seal.lookup}`,
  );
}

/** Deletes what is older than a day in every district, also in those that send no keys any more. @returns rows deleted */
export async function forgetAnswers(cairn: Cairn): Promise<number> {
  const before = expiredBefore(cairn.now());
  let deleted = 0;
  for (const { id } of await listTenants(cairn.database)) {
    const gone = await inTenant(
      cairn.database,
      id,
      ({ sql }) => sql`delete from idempotent_request where started_at < ${before}::timestamptz`,
    );
    deleted += gone.count;
  }
  return deleted;
}

const expiredBefore = (now: Date): string => new Date(now.getTime() - KEPT_MILLISECONDS).toISOString();

interface Seal {
  readonly lookup: string;
  readonly fingerprint: string;
  readonly secret: Uint8Array;
}

function sealOf({ caller, credential, key, target, body }: KeyedRequest): Seal {
  // A person's token is renewed within the hour: she is known by who she is, a machine by its key.
  const who = JSON.stringify([caller.tenantId, caller.role, caller.personId ?? null, caller.personId ?? credential]);
  const drawn = (use: string): Buffer => Buffer.from(hkdfSync("sha256", key, who, use, 32));
  return {
    lookup: createHash("sha256").update(drawn("lookup")).digest("hex"),
    // The target ends where a line does: no body can pass for a part of it.
    fingerprint: createHmac("sha256", drawn("fingerprint")).update(`${target}\n`).update(body).digest("hex"),
    secret: drawn("answer"),
  };
}

const NONCE_BYTES = 12; // of GCM
const TAG_BYTES = 16;

function close({ lookup, secret }: Seal, { contentType, body }: KeptAnswer): Buffer {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv("aes-256-gcm", secret, nonce).setAAD(Buffer.from(lookup));
  const plain = Buffer.concat([Buffer.from(`${contentType ?? ""}\n`), body]);
  const hidden = Buffer.concat([cipher.update(plain), cipher.final()]);
  return Buffer.concat([nonce, cipher.getAuthTag(), hidden]);
}

function open({ lookup, secret }: Seal, status: number, kept: Buffer): KeptAnswer {
  const decipher = createDecipheriv("aes-256-gcm", secret, kept.subarray(0, NONCE_BYTES)).setAAD(Buffer.from(lookup));
  decipher.setAuthTag(kept.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES));
  const plain = Buffer.concat([decipher.update(kept.subarray(NONCE_BYTES + TAG_BYTES)), decipher.final()]);
  const line = plain.indexOf(10);
  const contentType = plain.subarray(0, line).toString();
  return {
    status,
    contentType: contentType === "" ? null : contentType,
    body: new Uint8Array(plain.subarray(line + 1)),
  };
}
