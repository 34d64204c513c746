import type { Job } from "bullmq";
import type { ReportProgress } from "../src/engine/progress.ts";
import type { Cairn } from "../src/engine/runtime.ts";
import { CairnError } from "../src/errors.ts";
import { requestBatch } from "./flow.ts";
import { createProcessor } from "./handlers.ts";
import type { Payload } from "./payloads.ts";
import type { QueueHome } from "./queue.ts";
import { openQueue, openWorker } from "./queue.ts";

/** What a batch left behind. */
export interface BatchResult {
  readonly runId: string;
}

const POLL_MILLISECONDS = 100;

/**
 * Asks for a batch, works on it in this process until it is published (other workers may share it), and tells how far it is.
 * @throws CairnError `INTERNAL` when a job failed for good, `CANCELLED` when `signal` aborts; what landed stays valid
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
    const watch = async (id: string, report: (job: Job) => void): Promise<unknown> => {
      for (;;) {
        if (signal.aborted)
          throw new CairnError("CANCELLED", "the batch was stopped", {
            hint: "start it again: finished partitions are kept",
          });
        const job: Job | undefined = await client.queue.getJob(id);
        if (job === undefined) throw new CairnError("INTERNAL", `job ${id} is gone from the queue`);
        const state = await job.getState();
        if (state === "completed") return job.returnvalue;
        if (state === "failed") {
          throw new CairnError("INTERNAL", `job ${job.name} failed: ${await reasonOf(job)}`, {
            hint: "mend what it names and start the batch again",
          });
        }
        report(job);
        await new Promise((resolve) => setTimeout(resolve, POLL_MILLISECONDS));
      }
    };
    const prepared = (await watch(prepareId, (job) => {
      const progress = job.progress as { step?: string; fraction?: number };
      if (progress?.step !== undefined) onProgress(progress.step, progress.fraction ?? 0);
    })) as { runId: string; publishJobId: string };
    await watch(prepared.publishJobId, () => onProgress("scoring every learner", 0));
    onProgress("scoring every learner", 1);
    return { runId: prepared.runId };
  } finally {
    await worker.close();
    await client.close();
  }
}

/** A parent that failed because a child did names only the child: the child's own words say more. */
async function reasonOf(job: Job): Promise<string> {
  const { failed } = await job.getDependencies({ failed: { count: 1 } }).catch(() => ({ failed: undefined }));
  return failed?.[0] === undefined
    ? (job.failedReason ?? "no reason given")
    : `${job.failedReason ?? ""} (${failed[0]})`;
}
