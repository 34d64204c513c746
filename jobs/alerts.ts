import type { JobsOptions } from "bullmq";
import { checkAlerts } from "../src/engine/alerts/raise.ts";
import { messagesWaiting } from "../src/engine/alerts/webhooks.ts";
import { publishRun } from "../src/engine/batch/run.ts";
import type { Cairn } from "../src/engine/runtime.ts";
import type { Payload } from "./payloads.ts";
import { priorities } from "./payloads.ts";
import type { QueueClient } from "./queue.ts";

const MINUTE_MILLISECONDS = 60_000;

/** Doubling from five seconds, ten attempts are three quarters of an hour: a receiver that restarts loses nothing. */
const deliveryAttempts = {
  attempts: 10,
  backoff: { type: "exponential", delay: 5000 },
  // What became of a message stands with the message; a job that ended must not keep it from being sent again.
  removeOnComplete: true,
  removeOnFail: true,
  priority: priorities.deliver,
} as const satisfies JobsOptions;

/** Looks for alerts of a district, and adds a job for every message that waits. @returns counts */
export async function checkAndSend(
  cairn: Cairn,
  client: QueueClient,
  { tenantId }: Payload<"alerts">,
): Promise<Readonly<Record<string, number>>> {
  const raised = await checkAlerts(cairn, tenantId);
  return { ...raised, messages: await requestDeliveries(cairn, client, tenantId) };
}

/**
 * Makes a run the one that is shown and tells who has come to stand above a line by it: a night's news is there when its ranking
 * is. Doing it again tells nothing twice.
 */
export async function publishAndTell(
  cairn: Cairn,
  client: QueueClient,
  payload: Payload<"publish">,
): Promise<{ readonly runId: string }> {
  const published = await publishRun(cairn, payload);
  await checkAndSend(cairn, client, { tenantId: payload.tenantId });
  return published;
}

/**
 * Adds a job for every message of a district that waits; one that has its job already gets no second.
 * @returns how many wait
 */
export async function requestDeliveries(cairn: Cairn, client: QueueClient, tenantId: string): Promise<number> {
  const waiting = await messagesWaiting(cairn, tenantId);
  for (const deliveryId of waiting) {
    const payload: Payload<"deliver"> = { tenantId, deliveryId };
    await client.queue.add("deliver", payload, { ...deliveryAttempts, jobId: `deliver-${deliveryId}` });
  }
  return waiting.length;
}

/** Has alerts looked for every so many minutes from now on; asked for again, the newest answer counts. */
export async function scheduleAlerts(client: QueueClient, tenantId: string, minutes: number): Promise<void> {
  const data: Payload<"alerts"> = { tenantId };
  const opts = { priority: priorities.alerts, removeOnComplete: 100, removeOnFail: 100 };
  const template = { name: "alerts", data, opts };
  await client.queue.upsertJobScheduler(`alerts-${tenantId}`, { every: minutes * MINUTE_MILLISECONDS }, template);
}
