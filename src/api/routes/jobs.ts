import type { OpenAPIHono } from "@hono/zod-openapi";
import { createRoute, z } from "@hono/zod-openapi";
import type { SSEStreamingApi } from "hono/streaming";
import { streamSSE } from "hono/streaming";
import type { BatchQueue, BatchStatus } from "../../engine/batch/batch-queue.ts";
import { endedStates } from "../../engine/batch/batch-queue.ts";
import type { Cairn } from "../../engine/runtime.ts";
import { CairnError } from "../../errors.ts";
import type { ApiEnvironment } from "../auth.ts";
import { requireRole } from "../auth.ts";
import { problemSchema } from "../schemas.ts";
import { answers, json, withKey } from "./families/route.ts";
import { jobIdSchema, jobRequestSchema, jobSchema } from "./jobs-schemas.ts";

const params = z.object({ jobId: jobIdSchema });
const LOOK_MILLISECONDS = 250;
const HEARTBEAT_LOOKS = 40; // every ten seconds: proxies close what is silent for half a minute

/**
 * `/v1/jobs`: asking for a batch, looking how it stands, following it until it ends.
 * @param batches - the queue; without one (an application that only reads) every request is answered with 503
 */
export function jobRoutes(app: OpenAPIHono<ApiEnvironment>, cairn: Cairn, batches: BatchQueue | undefined): void {
  const queue = (): BatchQueue => {
    if (batches !== undefined) return batches;
    throw new CairnError("UNAVAILABLE", "expected a queue behind this service, got none");
  };
  cancellation(app, cairn, queue);

  const ask = createRoute({
    method: "post",
    path: "/v1/jobs",
    summary: "Ask for the batch as of a day",
    security: withKey,
    middleware: [requireRole(cairn, "POST /v1/jobs")] as const,
    request: { body: json(jobRequestSchema) },
    responses: {
      202: {
        description: "It is asked for; `Location` is where to look",
        content: { "application/json": { schema: jobSchema } },
      },
      default: { description: "A problem", content: { "application/problem+json": { schema: problemSchema } } },
    },
  });
  app.openapi(ask, async (context) => {
    const job = await queue().request(context.get("caller").tenantId, context.req.valid("json").asOf);
    return context.json(job, 202, { location: `/v1/jobs/${job.jobId}` });
  });

  const look = createRoute({
    method: "get",
    path: "/v1/jobs/{jobId}",
    summary: "How a batch of the district stands",
    security: withKey,
    middleware: [requireRole(cairn, "GET /v1/jobs/{jobId}")] as const,
    request: { params },
    responses: answers("Its state, step, partitions, and why it failed", jobSchema),
  });
  app.openapi(look, async (context) =>
    context.json(await queue().read(context.get("caller").tenantId, context.req.valid("param").jobId), 200),
  );

  const follow = createRoute({
    method: "get",
    path: "/v1/jobs/{jobId}/events",
    summary: "Follow a batch until it ends",
    description:
      "An event `progress` at each change and `end` at the end, each with a Job; a comment while nothing changes",
    security: withKey,
    middleware: [requireRole(cairn, "GET /v1/jobs/{jobId}/events")] as const,
    request: { params },
    responses: {
      200: { description: "Server-sent events", content: { "text/event-stream": { schema: z.string() } } },
      default: { description: "A problem", content: { "application/problem+json": { schema: problemSchema } } },
    },
  });
  app.openapi(follow, async (context) => {
    const { tenantId } = context.get("caller");
    const { jobId } = context.req.valid("param");
    const first = await queue().read(tenantId, jobId); // a problem is a problem document, not an event
    context.header("x-accel-buffering", "no"); // a proxy that gathered events would keep them until the end
    return streamSSE(context, (stream) => tellUntilEnded(stream, first, () => queue().read(tenantId, jobId)));
  });
}

/** `POST /v1/jobs/{jobId}/cancel`: what has landed stays; taken up again it goes on from there. */
function cancellation(app: OpenAPIHono<ApiEnvironment>, cairn: Cairn, queue: () => BatchQueue): void {
  const route = createRoute({
    method: "post",
    path: "/v1/jobs/{jobId}/cancel",
    summary: "Stop a batch: what prepares it ends at its next step, no partition is begun any more",
    security: withKey,
    middleware: [requireRole(cairn, "POST /v1/jobs/{jobId}/cancel")] as const,
    request: { params },
    responses: answers("How it stands: `cancelling` until what had begun has ended", jobSchema),
  });
  app.openapi(route, async (context) =>
    context.json(await queue().cancel(context.get("caller").tenantId, context.req.valid("param").jobId), 200),
  );
}

async function tellUntilEnded(
  stream: SSEStreamingApi,
  first: BatchStatus,
  read: () => Promise<BatchStatus>,
): Promise<void> {
  let told = "";
  let silent = 0;
  for (let job = first; ; job = await read()) {
    const data = JSON.stringify(job);
    if (endedStates.includes(job.state)) return stream.writeSSE({ event: "end", data });
    if (data !== told) {
      await stream.writeSSE({ event: "progress", data });
      told = data;
      silent = 0;
    } else if (++silent % HEARTBEAT_LOOKS === 0) await stream.write(": still here\n\n");
    await stream.sleep(LOOK_MILLISECONDS);
    if (stream.aborted) return; // whoever listened has gone
  }
}
