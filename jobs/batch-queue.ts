import type { Job, JobState } from "bullmq";
import type { BatchQueue, BatchState, BatchStatus } from "../src/engine/batch/batch-queue.ts";
import { endedStates } from "../src/engine/batch/batch-queue.ts";
import { CairnError } from "../src/errors.ts";
import { isCancelled, markCancelled } from "./cancel.ts";
import { publishIdOf, requestBatch } from "./flow.ts";
import { readPayload } from "./payloads.ts";
import type { QueueClient, QueueHome } from "./queue.ts";
import { openQueue } from "./queue.ts";
import { readReason, rootReason } from "./reasons.ts";

/** The batches of a queue, as the API and the command line ask for them. */
export function createBatchQueue(client: QueueClient): BatchQueue {
  const read = async (tenantId: string, jobId: string) => statusOf(client, await findBatch(client, jobId, tenantId));
  return {
    request: async (tenantId, asOf) => read(tenantId, await requestBatch(client, { tenantId, asOf })),
    read,
    cancel: async (tenantId, jobId) => {
      const batch = await findBatch(client, jobId, tenantId);
      const { state } = await statusOf(client, batch);
      if (endedStates.includes(state)) {
        throw new CairnError("CONFLICT", `expected a batch that waits or runs, got ${jobId}, which is ${state}`, {
          hint: "there is nothing to stop",
        });
      }
      await markCancelled(batch.prepare.job, true);
      return read(tenantId, jobId);
    },
  };
}

/** A queue that is opened by the first request for it: a service that is only read from needs none, and starts without. */
export function openOnDemand(home: QueueHome): { readonly batches: BatchQueue; close(): Promise<void> } {
  let opening: Promise<QueueClient> | undefined;
  const opened = async (): Promise<BatchQueue> => {
    opening ??= openQueue(home);
    try {
      return createBatchQueue(await opening);
    } catch (cause) {
      opening = undefined; // the next request tries again
      throw new CairnError("UNAVAILABLE", "expected the queue's store to answer, got nothing", { cause });
    }
  };
  return {
    batches: {
      request: async (tenantId, asOf) => (await opened()).request(tenantId, asOf),
      read: async (tenantId, jobId) => (await opened()).read(tenantId, jobId),
      cancel: async (tenantId, jobId) => (await opened()).cancel(tenantId, jobId),
    },
    close: async () => (await opening)?.close(),
  };
}

/**
 * Takes up a batch that failed or was cancelled: its preparing job runs again, finds what is finished, and adds the partitions
 * anew. Interrupted between its steps, it can be asked for again.
 * @throws CairnError `NOT_FOUND`, or `CONFLICT` while it runs or once it has ended well
 */
export async function retryBatch(client: QueueClient, jobId: string): Promise<void> {
  const batch = await findBatch(client, jobId);
  const { state } = await statusOf(client, batch);
  if (state !== "failed" && state !== "cancelled") {
    throw new CairnError("CONFLICT", `expected a batch that failed or was cancelled, got ${jobId}, which is ${state}`, {
      hint: "wait for its end, or ask for another one with `cairn score`",
    });
  }
  const { prepare, publish } = batch;
  // A preparing job that still waits has never begun: without its mark it simply goes on.
  const waits = prepare.state !== "failed" && prepare.state !== "completed";
  if (publish !== undefined) {
    await publish.job.remove({ removeChildren: true }).catch((cause: unknown) => {
      throw new CairnError("CONFLICT", `expected that no partition of ${jobId} is being scored, got one that is`, {
        hint: "wait a minute and try again",
        cause,
      });
    });
  }
  await markCancelled(prepare.job, false);
  if (!waits) await prepare.job.retry(prepare.state as "failed" | "completed", { resetAttemptsMade: true });
}

interface Seen {
  readonly job: Job;
  readonly state: JobState | "unknown";
}

interface Batch {
  readonly prepare: Seen;
  /** The root of the partitions; none before the preparing job has ended. */
  readonly publish: Seen | undefined;
}

/** @param tenantId - whose it must be; anybody's when left out, for the operator of the installation */
async function findBatch(client: QueueClient, jobId: string, tenantId?: string): Promise<Batch> {
  const prepare = await see(client, jobId);
  if (prepare?.job.name !== "prepare" || (tenantId !== undefined && prepare.job.data.tenantId !== tenantId)) {
    throw new CairnError("NOT_FOUND", `expected the id of a batch, got "${jobId}"`, {
      hint: "what ended well is forgotten after a week, what failed after a month",
    });
  }
  return { prepare, publish: await see(client, publishIdOf(jobId)) };
}

async function see(client: QueueClient, id: string): Promise<Seen | undefined> {
  // The state first: a job read before it ended would show neither what it returned nor why it failed.
  const state = await client.queue.getJobState(id);
  const job: Job | undefined = await client.queue.getJob(id);
  return job === undefined ? undefined : { job, state };
}

async function statusOf(client: QueueClient, { prepare, publish }: Batch): Promise<BatchStatus> {
  const { asOf } = readPayload("prepare", prepare.job.data);
  const partitions = publish === undefined ? { total: 0, done: 0, failed: 0 } : await countPartitions(publish.job);
  const last = publish ?? prepare;
  const state = await stateOf(client, prepare, publish);
  const reason = last.state === "failed" && state === "failed" ? await rootReason(client, last.job) : undefined;
  const progress = prepare.job.progress as { step?: string; fraction?: number };
  const scoring = publish !== undefined;
  const ended = endedStates.includes(state) ? last.job.finishedOn : undefined;
  return {
    jobId: String(prepare.job.id),
    asOf,
    state,
    step: scoring ? "scoring every learner" : (progress?.step ?? null),
    fraction: scoring ? partitions.done / Math.max(partitions.total, 1) : (progress?.fraction ?? 0),
    runId: publish?.job.data.runId ?? null,
    partitions,
    attempts: prepare.job.attemptsMade,
    requestedAt: new Date(prepare.job.timestamp).toISOString(),
    endedAt: ended === undefined || ended === null ? null : new Date(ended).toISOString(),
    failure: reason === undefined ? null : readReason(reason),
  };
}

/** Between the preparing job's end and its partitions' beginning there is nothing: `publish` was added before it ended. */
async function stateOf(client: QueueClient, prepare: Seen, publish: Seen | undefined): Promise<BatchState> {
  if (publish?.state === "completed") return "completed";
  if (isCancelled(prepare.job)) return (await isWorkedOn(client, prepare, publish)) ? "cancelling" : "cancelled";
  if (prepare.state === "failed" || publish?.state === "failed") return "failed";
  if (publish === undefined && prepare.state !== "active" && prepare.state !== "completed") return "waiting";
  // Retried at a later time than the flow was removed: nothing publishes it any more.
  return publish === undefined && prepare.state === "completed" ? "failed" : "running";
}

async function isWorkedOn(client: QueueClient, prepare: Seen, publish: Seen | undefined): Promise<boolean> {
  if (prepare.state === "active" || publish?.state === "active") return true;
  const active = (await client.queue.getJobs(["active"])) as Job[];
  return active.some(({ parent }) => parent?.id === publish?.job.id && parent !== undefined);
}

async function countPartitions(publish: Job): Promise<BatchStatus["partitions"]> {
  const counts = await publish.getDependenciesCount({ processed: true, unprocessed: true, failed: true });
  const done = counts.processed ?? 0;
  const failed = counts.failed ?? 0;
  return { total: done + failed + (counts.unprocessed ?? 0), done, failed };
}
