import type { FlowJob } from "bullmq";
import type { PreparedRun } from "../src/engine/batch/run.ts";
import type { Payload } from "./payloads.ts";
import type { QueueClient } from "./queue.ts";
import { queueName } from "./queue.ts";

const DAY_SECONDS = 86_400;
// What ended is kept long enough to be looked at, not for ever.
const attempts = {
  attempts: 5,
  backoff: { type: "exponential", delay: 1000 },
  removeOnComplete: { age: 7 * DAY_SECONDS },
  removeOnFail: { age: 30 * DAY_SECONDS },
} as const;

/**
 * The tree of a batch: `publish` waits for every partition. Job ids follow from the preparing job's id, so a `prepare`
 * that died after adding its flow adds nothing twice when it runs again.
 */
export function batchFlow(
  run: PreparedRun,
  tenantId: string,
  prepareJobId: string,
): FlowJob & { opts: { jobId: string } } {
  return {
    name: "publish",
    queueName,
    data: { tenantId, runId: run.runId } satisfies Payload<"publish">,
    opts: { ...attempts, jobId: `${prepareJobId}-publish` },
    children: run.partitions.map(({ kind, partition }) => ({
      name: "score",
      queueName,
      data: { tenantId, runId: run.runId, kind, partition } satisfies Payload<"score">,
      opts: { ...attempts, jobId: `${prepareJobId}-${kind}-${partition}`, failParentOnFailure: true },
    })),
  };
}

/** Asks for a batch as of a day. @returns the id of the preparing job */
export async function requestBatch(client: QueueClient, payload: Payload<"prepare">): Promise<string> {
  const job = await client.queue.add("prepare", payload, attempts);
  return String(job.id);
}
