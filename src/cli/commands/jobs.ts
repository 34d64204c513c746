import type { Command } from "commander";
import { createBatchQueue } from "../../../jobs/batch-queue.ts";
import { batchIdOf } from "../../../jobs/flow.ts";
import type { JobLine } from "../../../jobs/look.ts";
import { dropJob, listJobs, retryJob, showJob } from "../../../jobs/look.ts";
import type { QueueClient } from "../../../jobs/queue.ts";
import { openQueue } from "../../../jobs/queue.ts";
import type { BatchStatus } from "../../engine/batch/batch-queue.ts";
import type { Context } from "../context.ts";
import { createContext } from "../context.ts";
import { jsonOption, parseCount } from "../options.ts";
import { queueHome } from "../queue-home.ts";
import { registerSchedule } from "./jobs-schedule.ts";

interface ListOptions {
  json?: boolean;
  tenant?: string;
  limit: number;
}

/** `cairn jobs`: what waits, runs and failed; taking up again and stopping; the nights that come by themselves. */
export function registerJobs(program: Command): void {
  const parent = program.command("jobs").description("the queue: look, take up again, stop, schedule");
  for (const [name, description] of [
    ["list", "what runs and waits, and what failed"],
    ["failed", "what failed for good, with its reason"],
  ] as const) {
    parent
      .command(name)
      .description(description)
      .option("--tenant <name>", "only of this district")
      .option("--limit <n>", "the newest so many of each state", parseCount, 50)
      .addOption(jsonOption())
      .action((options: ListOptions) =>
        withQueue(options, async ({ client, context }) => {
          const { limit, tenant: tenantId } = options;
          const found = await listJobs(client, { failed: name === "failed", limit, tenantId });
          const counts = Object.entries(found.counts).filter(([, count]) => count > 0);
          context.say(counts.map(([state, count]) => `${state} ${count}`).join(", ") || "the queue is empty");
          for (const line of found.jobs) context.say(describe(line));
          context.answer(found);
        }),
      );
  }
  const onOne = (
    name: string,
    description: string,
    work: (client: QueueClient, jobId: string, context: Context) => Promise<void>,
  ): void => {
    parent
      .command(name)
      .description(description)
      .argument("<id>", "the job, as `cairn jobs list` shows it")
      .addOption(jsonOption())
      .action((jobId: string, options: { json?: boolean }) =>
        withQueue(options, ({ client, context }) => work(client, jobId, context)),
      );
  };
  onOne("show", "one job, and how its batch stands", async (client, jobId, context) => {
    const job = await showJob(client, jobId);
    const batch = job.batchId === null ? null : await batchOf(client, job, job.batchId);
    context.say(describe(job));
    if (batch !== null) context.say(describeBatch(batch));
    context.answer({ job, batch });
  });
  onOne("retry", "take a failed or cancelled job up again; of a batch, all of it", async (client, jobId, context) => {
    const retried = await retryJob(client, jobId);
    context.say(`${retried} is taken up again`);
    context.answer({ jobId: retried });
  });
  onOne("cancel", "stop a batch before its next partition, or drop another job that waits", cancel);
  registerSchedule(parent);
}

async function cancel(client: QueueClient, jobId: string, context: Context): Promise<void> {
  const job = await showJob(client, jobId);
  const batchId = batchIdOf({ name: job.name, id: job.jobId });
  if (batchId === undefined) {
    await dropJob(client, jobId);
    context.say(`${jobId} is taken out of the queue`);
    context.answer({ jobId });
    return;
  }
  const batch = await createBatchQueue(client).cancel(job.tenantId, batchId);
  context.say(describeBatch(batch));
  context.answer({ jobId: batchId, batch });
}

/** How a job's batch stands; null when its preparing job has been forgotten, which happens before a failed part of it is. */
async function batchOf(client: QueueClient, { tenantId }: JobLine, batchId: string): Promise<BatchStatus | null> {
  if ((await client.queue.getJobState(batchId)) === "unknown") return null;
  return createBatchQueue(client).read(tenantId, batchId);
}

function describe({ jobId, name, state, tenantId, attempts, mostAttempts, step, fraction, reason }: JobLine): string {
  const progress = step === null || state !== "active" ? "" : `, ${step} ${Math.round((fraction ?? 0) * 100)} %`;
  const tried = attempts === 0 ? "" : `, ${attempts} of ${mostAttempts} attempts failed`;
  return `${state} ${name} ${jobId} of ${tenantId}${progress}${tried}${reason === null ? "" : `\n  ${reason}`}`;
}

function describeBatch({ jobId, asOf, state, step, partitions, failure }: BatchStatus): string {
  const { done, total, failed } = partitions;
  const scored = total === 0 ? (step ?? "not begun") : `${done} of ${total} partitions scored, ${failed} failed`;
  const why = failure === null ? "" : `\n  ${failure.code}: ${failure.message}`;
  return `batch ${jobId} as of ${asOf} is ${state}: ${scored}${why}`;
}

/** Runs work with the open queue of this installation. */
async function withQueue(
  { json }: { json?: boolean },
  work: (open: { client: QueueClient; context: Context }) => Promise<void>,
): Promise<void> {
  const context = createContext({ json: json ?? false });
  await context.withCairn(async (cairn) => {
    const client = await openQueue(queueHome(context.configuration, cairn));
    await work({ client, context }).finally(() => client.close());
  });
}
