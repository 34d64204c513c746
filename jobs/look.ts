import type { Job, JobState, JobType } from "bullmq";
import { CairnError } from "../src/errors.ts";
import { retryBatch } from "./batch-queue.ts";
import { batchIdOf } from "./flow.ts";
import type { QueueClient } from "./queue.ts";

/** One job as an operator sees it: ids and counts, nothing of a learner. */
export interface JobLine {
  readonly jobId: string;
  readonly name: string;
  readonly state: JobState | "unknown";
  readonly tenantId: string;
  /** The batch it is a part of, by the id of its preparing job; null for others. */
  readonly batchId: string | null;
  /** Attempts that ended badly, and how many there may be. */
  readonly attempts: number;
  readonly mostAttempts: number;
  readonly step: string | null;
  readonly fraction: number | null;
  /** The code and words of the last failure; null when there was none. */
  readonly reason: string | null;
  readonly addedAt: string;
}

const openStates: readonly JobType[] = ["active", "waiting", "prioritized", "delayed", "waiting-children"];

/** Jobs by state: what runs and waits, or what failed for good (the dead letters), the newest `limit` of each state. */
export async function listJobs(
  client: QueueClient,
  { failed, limit, tenantId }: { failed: boolean; limit: number; tenantId?: string | undefined },
): Promise<{ readonly counts: Readonly<Record<string, number>>; readonly jobs: readonly JobLine[] }> {
  const states = failed ? (["failed"] as const) : [...openStates, "failed" as const];
  const jobs: JobLine[] = [];
  for (const state of states) {
    const found = (await client.queue.getJobs([state], 0, limit - 1, false)) as (Job | undefined)[];
    // A job that ended between the two reads of the store is not there any more; one is waiting and prioritized at once.
    for (const job of found) {
      if (job === undefined || (tenantId !== undefined && job.data.tenantId !== tenantId)) continue;
      if (!jobs.some(({ jobId }) => jobId === job.id)) jobs.push(lineOf(job, state as JobState));
    }
  }
  return { counts: await client.queue.getJobCounts(...openStates, "completed", "failed"), jobs };
}

/** One job. @throws CairnError `NOT_FOUND` */
export async function showJob(client: QueueClient, jobId: string): Promise<JobLine> {
  const state = await client.queue.getJobState(jobId);
  return lineOf(await findJob(client, jobId), state);
}

/**
 * Takes a failed job up again, with all its attempts; of a job of a batch the whole batch, because its other parts wait for it.
 * @returns the id of what runs again
 * @throws CairnError `NOT_FOUND`, or `CONFLICT` for a job that did not fail
 */
export async function retryJob(client: QueueClient, jobId: string): Promise<string> {
  const job = await findJob(client, jobId);
  const batchId = batchIdOf(job);
  if (batchId !== undefined) {
    await retryBatch(client, batchId);
    return batchId;
  }
  if ((await client.queue.getJobState(jobId)) !== "failed") throw notNow(jobId, "that failed");
  await job.retry("failed", { resetAttemptsMade: true });
  return jobId;
}

/**
 * Takes a job of no batch out of the queue before it begins.
 * @throws CairnError `NOT_FOUND`, or `CONFLICT` for one that runs or has ended
 */
export async function dropJob(client: QueueClient, jobId: string): Promise<void> {
  const job = await findJob(client, jobId);
  const state = await client.queue.getJobState(jobId);
  if (!(["waiting", "prioritized", "delayed"] as readonly string[]).includes(state)) throw notNow(jobId, "that waits");
  await job.remove();
}

async function findJob(client: QueueClient, jobId: string): Promise<Job> {
  const job: Job | undefined = await client.queue.getJob(jobId);
  if (job !== undefined) return job;
  throw new CairnError("NOT_FOUND", `expected a job ${jobId}, got none`, {
    hint: "`cairn jobs list` shows those there are",
  });
}

function notNow(jobId: string, expected: string): CairnError {
  return new CairnError("CONFLICT", `expected a job ${expected}, got ${jobId}, which is in another state`, {
    hint: `look at it with \`cairn jobs show ${jobId}\``,
  });
}

function lineOf(job: Job, state: JobState | "unknown"): JobLine {
  const progress = job.progress as { step?: string; fraction?: number };
  return {
    jobId: String(job.id),
    name: job.name,
    state,
    tenantId: String(job.data.tenantId),
    batchId: batchIdOf(job) ?? null,
    attempts: job.attemptsMade,
    mostAttempts: job.opts.attempts ?? 1,
    step: progress?.step ?? null,
    fraction: progress?.fraction ?? null,
    reason: job.failedReason ?? null,
    addedAt: new Date(job.timestamp).toISOString(),
  };
}
