import { createHash } from "node:crypto";
import type { TenantTransaction } from "../database.ts";
import { webhook, webhookDelivery } from "../schema/index.ts";

/** Where a district wants to be told. The secret is not among what is listed. */
export interface ListedWebhook {
  readonly webhookId: string;
  readonly url: string;
  readonly createdBy: string;
  readonly createdAt: string;
}

/** Adds a webhook. */
export async function insertWebhook(
  tx: TenantTransaction,
  added: { readonly webhookId: string; readonly url: string; readonly secret: string; readonly createdBy: string },
  now: Date,
): Promise<void> {
  await tx.orm.insert(webhook).values({ ...added, tenantId: tx.tenantId, createdAt: now });
}

/** The webhooks that have not ended. */
export async function listWebhooks(tx: TenantTransaction): Promise<ListedWebhook[]> {
  const rows = await tx.sql<ListedWebhook[]>`
    select webhook_id as "webhookId", url, created_by as "createdBy", created_at as "createdAt" from webhook
    where ended_at is null order by created_at, webhook_id`;
  return rows.map((row) => ({ ...row, createdAt: new Date(row.createdAt).toISOString() }));
}

/** Ends a webhook: nothing more is sent to it. @returns whether it was there */
export async function endWebhook(tx: TenantTransaction, webhookId: string, now: Date): Promise<boolean> {
  const rows = await tx.sql`
    update webhook set ended_at = ${now.toISOString()} where webhook_id = ${webhookId} and ended_at is null returning 1`;
  return rows.length > 0;
}

/**
 * Writes a message for every webhook of the district. The id is the hash of webhook and body: the same news is written once.
 */
export async function insertMessages(tx: TenantTransaction, bodies: readonly string[], now: Date): Promise<void> {
  if (bodies.length === 0) return;
  const hooks = await listWebhooks(tx);
  const rows = hooks.flatMap(({ webhookId }) =>
    bodies.map((body) => {
      const deliveryId = createHash("sha256").update(`${webhookId}\n${body}`).digest("hex");
      return { tenantId: tx.tenantId, deliveryId, webhookId, body, createdAt: now };
    }),
  );
  if (rows.length > 0) await tx.orm.insert(webhookDelivery).values(rows).onConflictDoNothing();
}

/** A message that is to be sent. */
export interface MessageToSend {
  readonly deliveryId: string;
  readonly url: string;
  readonly secret: string;
  readonly body: string;
}

/** A message with where it goes; undefined when it has arrived, was given up, or its webhook has ended. */
export async function messageToSend(tx: TenantTransaction, deliveryId: string): Promise<MessageToSend | undefined> {
  const [row] = await tx.sql<MessageToSend[]>`
    select delivery_id as "deliveryId", url, secret, body from webhook_delivery join webhook using (tenant_id, webhook_id)
    where delivery_id = ${deliveryId} and delivered_at is null and dead_at is null and ended_at is null`;
  return row;
}

/** The messages that wait to be sent, oldest first. */
export async function waitingMessages(tx: TenantTransaction): Promise<string[]> {
  const rows = await tx.sql<{ id: string }[]>`
    select delivery_id as id from webhook_delivery join webhook using (tenant_id, webhook_id)
    where delivered_at is null and dead_at is null and ended_at is null order by webhook_delivery.created_at, delivery_id`;
  return rows.map(({ id }) => id);
}

/** Notes how an attempt ended. @param status - of the answer; null when there was none */
export async function noteAttempt(
  tx: TenantTransaction,
  deliveryId: string,
  { status, outcome, now }: { status: number | null; outcome: "delivered" | "waits" | "dead"; now: Date },
): Promise<void> {
  const at = now.toISOString();
  await tx.sql`
    update webhook_delivery set attempts = attempts + 1, last_tried_at = ${at}, last_status = ${status},
      delivered_at = ${outcome === "delivered" ? at : null}, dead_at = ${outcome === "dead" ? at : null}
    where delivery_id = ${deliveryId} and delivered_at is null`;
}

/** A message that was given up. */
export interface DeadLetter {
  readonly deliveryId: string;
  readonly webhookId: string;
  readonly attempts: number;
  readonly lastStatus: number | null;
  readonly deadAt: string;
}

/** The messages that were given up, newest first. */
export async function deadLetters(tx: TenantTransaction): Promise<DeadLetter[]> {
  const rows = await tx.sql<DeadLetter[]>`
    select delivery_id as "deliveryId", webhook_id as "webhookId", attempts, last_status as "lastStatus", dead_at as "deadAt"
    from webhook_delivery where dead_at is not null order by dead_at desc, delivery_id`;
  return rows.map((row) => ({ ...row, deadAt: new Date(row.deadAt).toISOString() }));
}

/** Lets a dead letter wait again. @returns whether there was one */
export async function reviveLetter(tx: TenantTransaction, deliveryId: string): Promise<boolean> {
  const rows = await tx.sql`
    update webhook_delivery set dead_at = null where delivery_id = ${deliveryId} and dead_at is not null returning 1`;
  return rows.length > 0;
}
