import type { FlowJob } from "bullmq";
import type { PreparedRun } from "../src/engine/batch/run.ts";
import type { Payload } from "./payloads.ts";
import { priorities } from "./payloads.ts";
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
    opts: { ...attempts, priority: priorities.publish, jobId: publishIdOf(prepareJobId) },
    children: run.partitions.map(({ kind, partition }) => ({
      name: "score",
      queueName,
      data: { tenantId, runId: run.runId, kind, partition } satisfies Payload<"score">,
      opts: {
        ...attempts,
        priority: priorities.score,
        jobId: `${prepareJobId}-${kind}-${partition}`,
        failParentOnFailure: true,
      },
    })),
  };
}

/** The id of the job that publishes the batch of a preparing job. */
export const publishIdOf = (prepareJobId: string): string => `${prepareJobId}-publish`;

/** The id of the preparing job of the batch a job belongs to, which names the batch; none for jobs that are of no batch. */
export function batchIdOf({
  name,
  id,
}: {
  readonly name: string;
  readonly id?: string | undefined;
}): string | undefined {
  if (name === "prepare") return id;
  if (name !== "score" && name !== "publish") return undefined;
  return id?.replace(/-(?:publish|(?:risk|playlist)-\d+)$/, "");
}

/**
 * Asks for a batch as of a day.
 * @param jobId - a name of its own, so that asking twice gives one; a number from the queue when left out
 * @returns the id of the preparing job
 */
export async function requestBatch(client: QueueClient, payload: Payload<"prepare">, jobId?: string): Promise<string> {
  const options = { ...attempts, priority: priorities.prepare, ...(jobId === undefined ? {} : { jobId }) };
  const job = await client.queue.add("prepare", payload, options);
  return String(job.id);
}
