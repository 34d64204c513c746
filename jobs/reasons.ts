import type { Job } from "bullmq";
import type { ErrorCode } from "../src/errors.ts";
import { isErrorCode } from "../src/errors.ts";
import type { QueueClient } from "./queue.ts";

/** Why a job failed, in the words the handlers leave in the queue: the error's code, then its message. */
export function readReason(reason: string): { readonly code: ErrorCode; readonly message: string } {
  const [, code, message] = /^([A-Z_]+): (.*)$/s.exec(reason) ?? [];
  return isErrorCode(code) ? { code, message: message ?? "" } : { code: "INTERNAL", message: reason };
}

/** The words of the job that failed first: a parent that failed because a child did names only the child. */
export async function rootReason(client: QueueClient, job: Job): Promise<string> {
  const child = /child (?:\S+:)?(\S+) failed/.exec(job.failedReason ?? "")?.[1];
  const failed = child === undefined ? undefined : ((await client.queue.getJob(child)) as Job | undefined);
  return failed?.failedReason ?? job.failedReason ?? "no reason given";
}
