import type { Job } from "bullmq";
import { UnrecoverableError } from "bullmq";
import { sendMessage } from "../src/engine/alerts/webhooks.ts";
import { prepareRun, scorePartition } from "../src/engine/batch/run.ts";
import type { Cairn } from "../src/engine/runtime.ts";
import type { ErrorCode } from "../src/errors.ts";
import { CairnError } from "../src/errors.ts";
import { checkAndSend, publishAndTell } from "./alerts.ts";
import { refuseCancelled } from "./cancel.ts";
import { batchFlow } from "./flow.ts";
import type { JobName } from "./payloads.ts";
import { payloads, readPayload } from "./payloads.ts";
import type { QueueClient } from "./queue.ts";
import { requestNight } from "./schedule.ts";

/**
 * Trying again helps when a server was away, or when a partition may still land; it cannot mend an input that is wrong, nor
 * make a school year begin.
 */
function worthRetrying(code: ErrorCode, job: string): boolean {
  return code === "UNAVAILABLE" || code === "INTERNAL" || (code === "CONFLICT" && job === "publish");
}

/** The function that does a job: reads its payload, calls one engine function, returns ids and counts. */
export function createProcessor(cairn: Cairn, client: QueueClient): (job: Job) => Promise<unknown> {
  return async (job) => {
    try {
      return await handle(cairn, client, job);
    } catch (error) {
      const code = error instanceof CairnError ? error.code : "INTERNAL";
      const reason = `${code}: ${reasonOf(error)}`;
      const failure = worthRetrying(code, job.name) ? new Error(reason) : new UnrecoverableError(reason);
      failure.stack = [reason, ...framesOf(error)].join("\n");
      throw failure;
    }
  };
}

/**
 * What of an error may stay in the queue's store and the log. A query that failed quotes the rows it carried, and the server's
 * answer may quote a value: of those only the server's code and the names of table and constraint are kept.
 */
function reasonOf(error: unknown): string {
  if (error instanceof CairnError) return error.message;
  let cause = error;
  while (cause instanceof Error && cause.cause instanceof Error) cause = cause.cause;
  const { severity, code, table_name, constraint_name } = (cause ?? {}) as Record<string, unknown>;
  if (severity === undefined) return cause instanceof Error ? cause.message : String(cause);
  const where = [table_name, constraint_name].filter((name) => name !== undefined).join(", ");
  return `the database refused a query with ${String(code)}${where === "" ? "" : ` (${where})`}`;
}

/** Where it happened, without the message that a stack begins with. */
function framesOf(error: unknown): string[] {
  const stack = error instanceof Error ? (error.stack ?? "") : "";
  return stack.split("\n").filter((line) => /^\s+at /.test(line));
}

async function handle(cairn: Cairn, client: QueueClient, job: Job): Promise<unknown> {
  const onProgress = progressOf(client, job);
  const name = jobName(job.name);
  await refuseCancelled(client, job);
  switch (name) {
    case "night":
      return requestNight(client, job, readPayload(name, job.data));
    case "prepare": {
      const prepared = await prepareRun(cairn, readPayload(name, job.data), onProgress);
      const flow = batchFlow(prepared, readPayload(name, job.data).tenantId, String(job.id));
      await client.addFlow(flow);
      return { runId: prepared.runId, publishJobId: flow.opts.jobId };
    }
    case "score":
      return scorePartition(cairn, readPayload(name, job.data));
    case "publish":
      return publishAndTell(cairn, client, readPayload(name, job.data));
    case "alerts":
      return checkAndSend(cairn, client, readPayload(name, job.data));
    case "deliver": {
      const last = job.attemptsMade + 1 >= (job.opts.attempts ?? 1);
      return { sent: await sendMessage(cairn, readPayload(name, job.data), { last }) };
    }
  }
}

function jobName(name: string): JobName {
  if (Object.hasOwn(payloads, name)) return name as JobName;
  throw new CairnError("BAD_INPUT", `expected one of the jobs ${Object.keys(payloads).join(", ")}, got "${name}"`, {
    hint: "run workers of the same version as the process that adds jobs",
  });
}

/**
 * Tells the progress of a job when it has changed (each report is a write to the queue's store), and looks each time whether its
 * batch was told to stop: then the next report throws `CANCELLED`, which ends the work where it stands.
 */
function progressOf(client: QueueClient, job: Job): (step: string, fraction: number) => void {
  let reported = "";
  let stop: CairnError | undefined;
  return (step, fraction) => {
    if (stop !== undefined) throw stop;
    const state = `${step} ${Math.floor(fraction * 20)}`;
    if (state === reported) return;
    reported = state;
    job.updateProgress({ step, fraction }).catch(() => undefined); // progress is a courtesy: losing one report harms nothing
    refuseCancelled(client, job).catch((error: unknown) => {
      if (error instanceof CairnError && error.code === "CANCELLED") stop = error; // a store that was away is asked again
    });
  };
}
