import { randomBytes, randomUUID } from "node:crypto";
import { CairnError } from "../../errors.ts";
import type { DeadLetter, ListedWebhook } from "../../records/alerts/webhooks.ts";
import {
  deadLetters,
  endWebhook,
  insertWebhook,
  listWebhooks,
  messageToSend,
  noteAttempt,
  reviveLetter,
  waitingMessages,
} from "../../records/alerts/webhooks.ts";
import { inTenant } from "../../records/database.ts";
import type { Cairn } from "../runtime.ts";
import { signMessage } from "./signature.ts";

export type { DeadLetter, ListedWebhook };

const SECRET_BYTES = 32;
const PATIENCE_MILLISECONDS = 10_000; // a receiver says "taken" and works afterwards

/** A webhook with its secret, which is shown this once. */
export interface NewWebhook {
  readonly webhookId: string;
  readonly secret: string;
}

/**
 * Adds an address that is told what happens to alerts.
 * @throws CairnError `BAD_INPUT` for an address that is none, or that others on the way could read
 */
export async function addWebhook(
  cairn: Cairn,
  tenantId: string,
  { url, createdBy }: { readonly url: string; readonly createdBy: string },
): Promise<NewWebhook> {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  const isHere = parsed !== undefined && ["localhost", "127.0.0.1", "[::1]"].includes(parsed.hostname);
  if (parsed === undefined || !(parsed.protocol === "https:" || (parsed.protocol === "http:" && isHere))) {
    throw new CairnError("BAD_INPUT", "expected an https address (or http on this machine), got another text");
  }
  if (parsed.username !== "" || parsed.password !== "") {
    throw new CairnError("BAD_INPUT", "expected an address without a password, got one with it", {
      hint: "the signature tells the receiver who sends",
    });
  }
  const added = { webhookId: randomUUID(), secret: `whsec_${randomBytes(SECRET_BYTES).toString("base64url")}` };
  await inTenant(cairn.database, tenantId, (tx) => insertWebhook(tx, { ...added, url, createdBy }, cairn.now()));
  return added;
}

/** The webhooks of a district, without their secrets. */
export function readWebhooks(cairn: Cairn, tenantId: string): Promise<ListedWebhook[]> {
  return inTenant(cairn.database, tenantId, listWebhooks);
}

/** Ends a webhook. What waits for it is not sent. @throws CairnError `NOT_FOUND` */
export async function stopWebhook(cairn: Cairn, tenantId: string, webhookId: string): Promise<void> {
  const ended = await inTenant(cairn.database, tenantId, (tx) => endWebhook(tx, webhookId, cairn.now()));
  if (!ended) throw new CairnError("NOT_FOUND", "expected a webhook of the district, got no such id");
}

/** The messages that wait to be sent, oldest first. */
export function messagesWaiting(cairn: Cairn, tenantId: string): Promise<string[]> {
  return inTenant(cairn.database, tenantId, waitingMessages);
}

/**
 * Sends one message, signed. Sent again it is the same message under the same id (header `cairn-delivery`), by which a receiver
 * tells that it has it already. One that has arrived, was given up, or whose webhook has ended is not sent.
 * @param last - whether no further attempt will be made: then it becomes a dead letter
 * @returns whether it was sent now
 * @throws CairnError `UNAVAILABLE` when the receiver did not take it
 */
export async function sendMessage(
  cairn: Cairn,
  { tenantId, deliveryId }: { readonly tenantId: string; readonly deliveryId: string },
  { last }: { readonly last: boolean },
): Promise<boolean> {
  const message = await inTenant(cairn.database, tenantId, (tx) => messageToSend(tx, deliveryId));
  if (message === undefined) return false;
  const status = await post(message.url, message.body, {
    "content-type": "application/json",
    "cairn-delivery": deliveryId,
    "cairn-signature": signMessage(message.secret, message.body, cairn.now()),
  });
  const taken = status !== null && status >= 200 && status < 300;
  const outcome = taken ? "delivered" : last ? "dead" : "waits";
  const now = cairn.now();
  await inTenant(cairn.database, tenantId, (tx) => noteAttempt(tx, deliveryId, { status, outcome, now }));
  if (taken) return true;
  throw new CairnError("UNAVAILABLE", `expected the receiver to take a message, got ${status ?? "no answer"}`, {
    hint: last ? "see `cairn alerts dead`" : "it will be tried again",
  });
}

/** The status of the answer; null when there was none in time. Nobody is followed elsewhere: the address was chosen. */
async function post(url: string, body: string, headers: Record<string, string>): Promise<number | null> {
  try {
    const signal = AbortSignal.timeout(PATIENCE_MILLISECONDS);
    const answer = await fetch(url, { method: "POST", body, headers, signal, redirect: "manual" });
    await answer.body?.cancel();
    return answer.status;
  } catch {
    return null; // refused, no such host, too slow: the reason quotes the address, and the attempt is noted anyway
  }
}

/** The messages that were given up. */
export function readDeadLetters(cairn: Cairn, tenantId: string): Promise<DeadLetter[]> {
  return inTenant(cairn.database, tenantId, deadLetters);
}

/** Lets a dead letter be sent again. @throws CairnError `NOT_FOUND` */
export async function retryDeadLetter(cairn: Cairn, tenantId: string, deliveryId: string): Promise<void> {
  const revived = await inTenant(cairn.database, tenantId, (tx) => reviveLetter(tx, deliveryId));
  if (!revived) throw new CairnError("NOT_FOUND", "expected a dead letter, got no such id");
}
