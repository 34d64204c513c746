import { insertMessages } from "../../records/alerts/webhooks.ts";
import type { TenantTransaction } from "../../records/database.ts";

const ALERTS_AT_ONCE = 200; // a message of about 30 kB: what a receiver reads without a second thought

/**
 * Writes what webhooks are to be told in the transaction in which it happened: nothing is told that was rolled back, and
 * nothing that happened stays untold. What happened together is one message. It holds the alerts' ids and rules: who they are
 * about is read at `GET /v1/alerts` by somebody who may.
 */
export async function queueMessages(
  tx: TenantTransaction,
  event: "opened" | "acknowledged" | "assigned" | "closed",
  alerts: readonly { readonly alertId: string; readonly rule: string }[],
  now: Date,
): Promise<void> {
  const bodies: string[] = [];
  for (let from = 0; from < alerts.length; from += ALERTS_AT_ONCE) {
    const told = alerts.slice(from, from + ALERTS_AT_ONCE).map(({ alertId, rule }) => ({ alertId, rule }));
    bodies.push(JSON.stringify({ type: `alerts.${event}`, at: now.toISOString(), alerts: told }));
  }
  await insertMessages(tx, bodies, now);
}
