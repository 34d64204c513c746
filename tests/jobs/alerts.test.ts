import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { requestDeliveries, scheduleAlerts } from "../../jobs/alerts.ts";
import { createProcessor } from "../../jobs/handlers.ts";
import type { QueueClient, QueueHome } from "../../jobs/queue.ts";
import { openQueue, openWorker } from "../../jobs/queue.ts";
import { addWebhook, messagesWaiting } from "../../src/engine/alerts/webhooks.ts";
import { receiveResponses } from "../../src/engine/intake/responses.ts";
import { answer, school } from "../engine/alerts/school.ts";
import { useCairn } from "../engine/district.ts";
import { cleanUp, query } from "../records/import/deliveries.ts";
import { storedIn } from "./stores.ts";

const cairn = useCairn();
cleanUp();

let refuse = true;
const received: string[] = [];
const server = createServer((request, response) => {
  request.resume();
  request.on("end", () => {
    received.push(String(request.headers["cairn-delivery"]));
    response.writeHead(refuse ? 503 : 204).end();
    refuse = false; // the receiver was starting
  });
});
let url: string;
let home: QueueHome;
let client: QueueClient;
beforeAll(async () => {
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  home = { backend: "postgres", url: cairn().databaseUrl };
  client = await openQueue(home);
});
afterAll(async () => {
  await client.close();
  await new Promise((done) => server.close(done));
});

test("a message that was refused is sent again by the queue until it is taken; its job holds ids and no learner", async () => {
  const tenantId = await school(cairn().database);
  await addWebhook(cairn(), tenantId, { url, createdBy: "office" });
  await receiveResponses(
    cairn(),
    tenantId,
    [0, 1, 2, 3, 4].map((minute) => answer("1001", "2025-12-12", minute, 0)),
  );
  expect(await requestDeliveries(cairn(), client, tenantId)).toBe(1);
  expect(await requestDeliveries(cairn(), client, tenantId)).toBe(1); // the same job
  expect(await client.queue.getJobCountByTypes("waiting", "delayed", "prioritized")).toBe(1);
  const secrets = await query<{ one: string | null }>(
    cairn().database,
    tenantId,
    "select given_name as one from person union select family_name from person union select person_id from person",
  );
  const stored = await storedIn(home);
  for (const { one } of secrets) if (one !== null) expect(stored).not.toContain(one);

  const worker = openWorker(home, createProcessor(cairn(), client), 1);
  worker.on("error", () => undefined);
  try {
    while ((await messagesWaiting(cairn(), tenantId)).length > 0) await new Promise((done) => setTimeout(done, 200));
  } finally {
    await worker.close();
  }
  expect(received).toHaveLength(2);
  expect(new Set(received).size).toBe(1);
  expect(
    await query(cairn().database, tenantId, "select attempts, last_status, dead_at from webhook_delivery"),
  ).toEqual([{ attempts: 2, last_status: 204, dead_at: null }]);
}, 60_000);

test("a schedule looks for alerts again and again, and there is one of a district", async () => {
  await scheduleAlerts(client, "north", 15);
  await scheduleAlerts(client, "north", 30);
  const schedules = await client.queue.getJobSchedulers();
  expect(schedules.map(({ key, every }) => ({ key, every: Number(every) }))).toEqual([
    { key: "alerts-north", every: 1_800_000 },
  ]);
  const [job] = await client.queue.getJobs(["waiting", "delayed", "prioritized"]);
  expect(job).toMatchObject({ name: "alerts", data: { tenantId: "north" } });
  expect(await createProcessor(cairn(), client)(job!)).toMatchObject({ absences: 0, messages: 0 });
});
