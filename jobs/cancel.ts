import type { Job } from "bullmq";
import { CairnError } from "../src/errors.ts";
import { batchIdOf } from "./flow.ts";
import type { Payload } from "./payloads.ts";
import type { QueueClient } from "./queue.ts";

/** Whether a batch was told to stop. */
export const isCancelled = (prepare: Job): boolean => (prepare.data as Payload<"prepare">).cancelled === true;

/** Tells a batch to stop, or takes that back. The mark stands with the preparing job, where every job of the batch looks. */
export async function markCancelled(prepare: Job, cancelled: boolean): Promise<void> {
  const { tenantId, asOf } = prepare.data as Payload<"prepare">;
  const data: Payload<"prepare"> = cancelled ? { tenantId, asOf, cancelled } : { tenantId, asOf };
  await prepare.updateData(data);
}

/**
 * Refuses to begin a job of a batch that was told to stop. Each job looks for itself, so it does not matter which of them had
 * been added, taken up or handed to another worker when the request came, and what lands has landed whole.
 * @throws CairnError `CANCELLED`
 */
export async function refuseCancelled(client: QueueClient, job: Job): Promise<void> {
  const batchId = batchIdOf(job);
  if (batchId === undefined) return;
  const prepare: Job | undefined = await client.queue.getJob(batchId);
  if (prepare === undefined || !isCancelled(prepare)) return;
  throw new CairnError("CANCELLED", `expected to go on with batch ${batchId}, got a request to stop it`, {
    hint: `take it up again with \`cairn jobs retry ${batchId}\`: what is finished is kept`,
  });
}
