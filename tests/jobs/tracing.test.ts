import { context, propagation, trace } from "@opentelemetry/api";
import { InMemorySpanExporter, NodeTracerProvider, SimpleSpanProcessor } from "@opentelemetry/sdk-trace-node";
import { pino } from "pino";
import { afterAll, afterEach, expect, test } from "vitest";
import { createBatchQueue } from "../../jobs/batch-queue.ts";
import { openQueue, openWorker, type QueueHome } from "../../jobs/queue.ts";
import { createApp } from "../../src/api/app.ts";
import { createKey } from "../../src/engine/access/keys.ts";
import { asOf, tenantId, useInstallation } from "./installation.ts";

const exporter = new InMemorySpanExporter();
const provider = new NodeTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
provider.register();
afterAll(async () => {
  await provider.shutdown();
  trace.disable();
  context.disable();
  propagation.disable();
});
afterEach(() => exporter.reset());

const cairn = useInstallation();
const silent = pino({ level: "silent" });

test("a span of a request has the route's pattern, the caller's trace, and nothing of the learner", async () => {
  const key = await createKey(cairn(), tenantId, "operator", "tests");
  const app = createApp(cairn(), { version: "1", log: silent });
  const traceId = "0af7651916cd43dd8448eb211c80319c";
  await app.request("/v1/learners/7700123/standards?secret=7700123", {
    headers: { authorization: `Bearer ${key}`, traceparent: `00-${traceId}-b7ad6b7169203331-01` },
  });
  const [span] = exporter.getFinishedSpans();
  expect(span?.name).toBe("GET /v1/learners/:learner/standards");
  expect(span?.attributes["http.response.status_code"]).toBe(404);
  expect(span?.spanContext().traceId).toBe(traceId);
  const { name, attributes, events, status } = span!;
  expect(JSON.stringify({ name, attributes, events, status })).not.toContain("7700123");
  expect(JSON.stringify({ attributes, events })).not.toContain(key);
});

test("the spans of a batch's jobs belong to the trace of the request that asked for it", async () => {
  const key = await createKey(cairn(), tenantId, "operator", "tests");
  const home: QueueHome = { backend: "postgres", url: cairn().databaseUrl };
  const client = await openQueue(home);
  const app = createApp(cairn(), { version: "1", log: silent, batches: createBatchQueue(client) });
  const asked = await app.request("/v1/jobs", {
    method: "POST",
    headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
    body: JSON.stringify({ kind: "batch", asOf }),
  });
  expect(asked.status).toBe(202);
  const worker = openWorker(home, async () => "done", 1);
  worker.on("error", () => undefined);
  try {
    await expect.poll(() => exporter.getFinishedSpans().some(({ name }) => name.startsWith("process"))).toBe(true);
  } finally {
    await worker.close();
    await client.queue.obliterate({ force: true });
    await client.close();
  }
  const request = exporter.getFinishedSpans().find(({ name }) => name === "POST /v1/jobs");
  const processed = exporter.getFinishedSpans().filter(({ name }) => name.startsWith("process"));
  for (const span of processed) expect(span.spanContext().traceId).toBe(request!.spanContext().traceId);
});
