import { pino } from "pino";
import { beforeAll, expect, test } from "vitest";
import { createBatchQueue } from "../../jobs/batch-queue.ts";
import { createProcessor } from "../../jobs/handlers.ts";
import type { QueueClient } from "../../jobs/queue.ts";
import { openQueue, openWorker } from "../../jobs/queue.ts";
import { createApp } from "../../src/api/app.ts";
import { jobSchema } from "../../src/api/routes/jobs-schemas.ts";
import { createKey } from "../../src/engine/access/keys.ts";
import { createTenant } from "../../src/records/database.ts";
import { asOf, tenantId, useInstallation } from "../jobs/installation.ts";

const cairn = useInstallation();

let client: QueueClient;
let keys: Record<"operator" | "counselor" | "south", string>;
beforeAll(async () => {
  client = await openQueue({ backend: "postgres", url: cairn().databaseUrl });
  await createTenant(cairn().database, { id: "south", name: "South district" });
  keys = {
    operator: await createKey(cairn(), tenantId, "operator", "operator"),
    counselor: await createKey(cairn(), tenantId, "counselor", "counselor"),
    south: await createKey(cairn(), "south", "operator", "operator of another district"),
  };
  return () => client.close();
});

function call(who: keyof typeof keys, path: string, body?: unknown): Promise<Response> {
  const log = pino({ level: "silent" });
  const app = createApp(cairn(), { version: "1", log, batches: createBatchQueue(client) });
  const headers = { authorization: `Bearer ${keys[who]}`, "content-type": "application/json" };
  const posted = body === undefined ? {} : { method: "POST", body: JSON.stringify(body) };
  return Promise.resolve(app.request(path, { headers, ...posted }));
}

test("a batch asked for over HTTP is followed to its end, and nobody else's key sees it", async () => {
  const asked = await call("operator", "/v1/jobs", { kind: "batch", asOf });
  expect(asked.status).toBe(202);
  const job = jobSchema.parse(await asked.json());
  expect(asked.headers.get("location")).toBe(`/v1/jobs/${job.jobId}`);
  expect(job).toMatchObject({ asOf, state: "waiting" });
  for (const path of [`/v1/jobs/${job.jobId}`, `/v1/jobs/${job.jobId}/events`]) {
    expect((await call("south", path)).status).toBe(404);
    expect((await call("counselor", path)).status).toBe(403);
  }
  const followed = call("operator", `/v1/jobs/${job.jobId}/events`).then((response) => {
    expect(response.headers.get("content-type")).toMatch(/^text\/event-stream/);
    return response.text();
  });
  const worker = openWorker({ backend: "postgres", url: cairn().databaseUrl }, createProcessor(cairn(), client), 1);
  worker.on("error", () => undefined);
  const events = (await followed)
    .trim()
    .split("\n\n")
    .filter((text) => !text.startsWith(":"));
  await worker.close();
  const told = events.map((text) => {
    const [, event, data] = /^event: (\w+)\ndata: (.*)$/.exec(text) ?? [];
    return { event, job: jobSchema.parse(JSON.parse(data!)) };
  });
  expect(told.map(({ event }) => event)).toEqual([...told.slice(1).map(() => "progress"), "end"]);
  expect(told[0]!.job.state).toBe("waiting");
  expect(told.some(({ job: { state, step } }) => state === "running" && step !== null)).toBe(true);
  const last = told.at(-1)!.job;
  expect(last).toMatchObject({ jobId: job.jobId, state: "completed", fraction: 1, failure: null });
  expect(jobSchema.parse(await (await call("operator", `/v1/jobs/${job.jobId}`)).json())).toEqual(last);
});

test("what cannot be asked for is a problem; what never was is not found", async () => {
  for (const body of [{ kind: "study", asOf }, { kind: "batch" }, { kind: "batch", asOf, learner: "1001" }])
    expect((await call("operator", "/v1/jobs", body)).status).toBe(422);
  expect((await call("counselor", "/v1/jobs", { kind: "batch", asOf })).status).toBe(403);
  for (const path of ["/v1/jobs/none", "/v1/jobs/none/events"]) {
    const missing = await call("operator", path);
    expect(missing.status).toBe(404);
    expect(missing.headers.get("content-type")).toMatch(/problem\+json/);
  }
});

test("a service without a queue says that it is away", async () => {
  const app = createApp(cairn(), { version: "1", log: pino({ level: "silent" }) });
  const answer = await app.request("/v1/jobs/1", { headers: { authorization: `Bearer ${keys.operator}` } });
  expect(answer.status).toBe(503);
});
