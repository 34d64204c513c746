import type { Job } from "bullmq";
import type { ReportProgress } from "../src/engine/progress.ts";
import type { Cairn } from "../src/engine/runtime.ts";
import { CairnError } from "../src/errors.ts";
import { requestBatch } from "./flow.ts";
import { createProcessor } from "./handlers.ts";
import type { Payload } from "./payloads.ts";
import type { QueueClient, QueueHome } from "./queue.ts";
import { openQueue, openWorker } from "./queue.ts";
import { readReason, rootReason } from "./reasons.ts";

/** What a batch left behind. */
export interface BatchResult {
  readonly runId: string;
}

const POLL_MILLISECONDS = 100;

/**
 * Asks for a batch, works on it in this process until it is published (other workers may share it), and tells how far it is.
 * @throws CairnError with the code of the job that failed for good; `CANCELLED` when `signal` aborts (what landed stays valid)
 */
export async function runBatch(
  cairn: Cairn,
  home: QueueHome,
  payload: Payload<"prepare">,
  { onProgress, signal }: { onProgress: ReportProgress; signal: AbortSignal },
): Promise<BatchResult> {
  const client = await openQueue(home);
  const worker = openWorker(home, createProcessor(cairn, client), 1);
  worker.on("error", () => undefined); // a lost connection is retried by BullMQ; a failed job is seen below
  try {
    const prepareId = await requestBatch(client, payload);
    const prepared = (await untilDone(client, prepareId, signal, (job) => {
      const progress = job.progress as { step?: string; fraction?: number };
      if (progress?.step !== undefined) onProgress(progress.step, progress.fraction ?? 0);
    })) as { runId: string; publishJobId: string };
    await untilDone(client, prepared.publishJobId, signal, () => onProgress("scoring every learner", 0));
    onProgress("scoring every learner", 1);
    return { runId: prepared.runId };
  } finally {
    await worker.close();
    await client.close();
  }
}

async function untilDone(
  client: QueueClient,
  id: string,
  signal: AbortSignal,
  report: (job: Job) => void,
): Promise<unknown> {
  for (;;) {
    if (signal.aborted) {
      throw new CairnError("CANCELLED", "expected to finish the batch, got a request to stop", {
        hint: "start it again: what is finished is kept",
      });
    }
    // The state first: a job read before it ended would show neither what it returned nor why it failed.
    const state = await client.queue.getJobState(id);
    const job: Job | undefined = await client.queue.getJob(id);
    if (job === undefined) throw new CairnError("INTERNAL", `expected the job ${id} in the queue, got nothing`);
    if (state === "completed") return job.returnvalue;
    if (state === "failed") {
      const { code, message } = readReason(await rootReason(client, job));
      throw new CairnError(code, `${job.name}: ${message}`, {
        hint: "mend what it names and start the batch again: what is finished is kept",
      });
    }
    report(job);
    await new Promise((resolve) => setTimeout(resolve, POLL_MILLISECONDS));
  }
}
