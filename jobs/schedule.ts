import type { Job } from "bullmq";
import { localDay } from "../src/engine/batch/night.ts";
import { CairnError } from "../src/errors.ts";
import { requestBatch } from "./flow.ts";
import type { Payload } from "./payloads.ts";
import { priorities } from "./payloads.ts";
import type { QueueClient } from "./queue.ts";

/** A batch that is asked for every night. */
export interface Nightly {
  readonly tenantId: string;
  /** The hour and minute on the wall clock of `zone`, HH:MM. */
  readonly at: string;
  /** An IANA name. */
  readonly zone: string;
  /** The moment of the next one, ISO 8601. */
  readonly next: string | null;
}

const prefix = "nightly-";

/**
 * Has a batch asked for every night from now on; there is one schedule of a district, and the newest answer counts, whoever
 * gives it and however often.
 * @throws CairnError `BAD_INPUT` for a time or a zone that is none
 */
export async function scheduleNightly(
  client: QueueClient,
  { tenantId, at, zone }: { tenantId: string; at: string; zone: string },
): Promise<void> {
  const [, hour, minute] = /^([01]\d|2[0-3]):([0-5]\d)$/.exec(at) ?? [];
  if (hour === undefined || minute === undefined) {
    throw new CairnError("BAD_INPUT", `expected a time such as 02:30, got ${JSON.stringify(at)}`);
  }
  localDay(zone, 0); // refuses a zone that is none, before the queue would in words of its own
  const data: Payload<"night"> = { tenantId, zone };
  const pattern = `${Number(minute)} ${Number(hour)} * * *`;
  await client.queue.upsertJobScheduler(
    `${prefix}${tenantId}`,
    { pattern, tz: zone },
    {
      name: "night",
      data,
      opts: { priority: priorities.night, attempts: 5, backoff: { type: "exponential", delay: 1000 }, ...kept },
    },
  );
}

const kept = { removeOnComplete: 100, removeOnFail: 100 } as const;

/** The nights that are scheduled, by district. */
export async function listNightly(client: QueueClient): Promise<Nightly[]> {
  const found: Nightly[] = [];
  for (const { key, pattern, tz, next } of await client.queue.getJobSchedulers()) {
    if (!key.startsWith(prefix)) continue;
    const [minute = "", hour = ""] = (pattern ?? "").split(" ");
    found.push({
      tenantId: key.slice(prefix.length),
      at: `${hour.padStart(2, "0")}:${minute.padStart(2, "0")}`,
      zone: tz ?? "UTC",
      next: next === undefined ? null : new Date(Number(next)).toISOString(),
    });
  }
  return found.sort((first, second) => (first.tenantId < second.tenantId ? -1 : 1));
}

/** Takes a district's schedule back; a night that has begun goes on. @throws CairnError `NOT_FOUND` when there is none */
export async function removeNightly(client: QueueClient, tenantId: string): Promise<void> {
  if (await client.queue.removeJobScheduler(`${prefix}${tenantId}`)) return;
  throw new CairnError("NOT_FOUND", `expected a nightly schedule of ${tenantId}, got none`, {
    hint: "`cairn jobs schedule` lists those there are",
  });
}

/**
 * Asks for the batch of a night that has come, once: its day is that of the moment it was due, not of the moment a worker took
 * it up, and the batch is named by district and day.
 */
export async function requestNight(
  client: QueueClient,
  job: Job,
  { tenantId, zone }: Payload<"night">,
): Promise<{ readonly batchId: string; readonly asOf: string }> {
  // BullMQ names the jobs of a schedule repeat:<schedule>:<milliseconds it is due>.
  const due = Number(/:(\d+)$/.exec(String(job.id))?.[1] ?? job.timestamp);
  const asOf = localDay(zone, due);
  return { batchId: await requestBatch(client, { tenantId, asOf }, `night-${tenantId}-${asOf}`), asOf };
}
