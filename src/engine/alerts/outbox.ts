import { insertMessages } from "../../records/alerts/webhooks.ts";
import type { TenantTransaction } from "../../records/database.ts";

/** Something that happened to an alert. */
export interface AlertNews {
  readonly alertId: string;
  readonly rule: string;
  readonly event: "opened" | "acknowledged" | "assigned" | "closed";
  readonly at: Date;
}

/**
 * Writes what webhooks are to be told in the transaction in which it happened: nothing is told that was rolled back, and
 * nothing that happened stays untold. A message holds the alert's id, its rule and what happened: who it is about is read at
 * `GET /v1/alerts` by somebody who may.
 */
export function queueMessages(tx: TenantTransaction, news: readonly AlertNews[], now: Date): Promise<void> {
  const bodies = news.map(({ alertId, rule, event, at }) =>
    JSON.stringify({ type: `alert.${event}`, alertId, rule, at: at.toISOString() }),
  );
  return insertMessages(tx, bodies, now);
}
