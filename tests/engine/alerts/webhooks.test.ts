import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { isSigned, signMessage } from "../../../src/engine/alerts/signature.ts";
import {
  addWebhook,
  messagesWaiting,
  readDeadLetters,
  readWebhooks,
  retryDeadLetter,
  sendMessage,
  stopWebhook,
} from "../../../src/engine/alerts/webhooks.ts";
import { receiveResponses } from "../../../src/engine/intake/responses.ts";
import { cleanUp, query } from "../../records/import/deliveries.ts";
import { refusal, useCairn } from "../district.ts";
import { answer, school } from "./school.ts";

const cairn = useCairn();
cleanUp();

interface Received {
  readonly body: string;
  readonly signature: string;
  readonly delivery: string;
}
const received: Received[] = [];
let status = 200;
const server = createServer((request, response) => {
  let body = "";
  request.on("data", (chunk) => {
    body += String(chunk);
  });
  request.on("end", () => {
    const header = (name: string): string => String(request.headers[name] ?? "");
    received.push({ body, signature: header("cairn-signature"), delivery: header("cairn-delivery") });
    response.writeHead(status, { location: "/elsewhere" }).end();
  });
});
let url: string;
beforeAll(async () => {
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`;
});
afterAll(() => new Promise((done) => server.close(done)));

/** Ada gets five answers wrong. */
async function trouble(tenantId: string): Promise<void> {
  const log = [0, 1, 2, 3, 4].map((minute) => answer("1001", "2025-12-12", minute, 0));
  await receiveResponses(cairn(), tenantId, log);
}

test("a message is signed, names nobody, comes once, and under the same id when it is sent again", async () => {
  const tenantId = await school(cairn().database);
  const { secret } = await addWebhook(cairn(), tenantId, { url, createdBy: "office" });
  await trouble(tenantId);
  await trouble(tenantId);
  const [deliveryId, ...others] = await messagesWaiting(cairn(), tenantId);
  expect(others).toEqual([]);
  status = 503;
  const sent = () => sendMessage(cairn(), { tenantId, deliveryId: deliveryId! }, { last: false });
  expect(await refusal(sent())).toMatchObject({
    code: "UNAVAILABLE",
    message: expect.not.stringContaining("127.0.0.1"),
  });
  status = 200;
  expect(await sent()).toBe(true);
  expect(await sent()).toBe(false); // it has arrived
  expect(await messagesWaiting(cairn(), tenantId)).toEqual([]);
  const [first, second] = received.splice(0) as [Received, Received];
  expect(second.delivery).toBe(first.delivery);
  expect(second.body).toBe(first.body);
  expect(JSON.parse(second.body)).toEqual({
    type: "alerts.opened",
    at: expect.any(String),
    alerts: [{ alertId: expect.stringMatching(/^[0-9a-f]{64}$/), rule: "wrong-answers" }],
  });
  const secrets = await query<{ one: string }>(
    cairn().database,
    tenantId,
    "select given_name as one from person union select person_id from person union select value from identifier",
  );
  for (const { one } of secrets.filter((row) => row.one !== null)) expect(second.body).not.toContain(one);
  const now = cairn().now();
  expect(isSigned(secret, second.body, second.signature, now)).toBe(true);
  expect(isSigned(secret, `${second.body} `, second.signature, now)).toBe(false);
  expect(isSigned(`${secret}x`, second.body, second.signature, now)).toBe(false);
  expect(isSigned(secret, second.body, second.signature, new Date(now.getTime() + 3_600_000))).toBe(false);
  expect(isSigned(secret, second.body, "t=1,v1=abc", now)).toBe(false);
});

test("what nobody takes is a dead letter, which can wait again; a webhook that has ended is sent nothing", async () => {
  const tenantId = await school(cairn().database);
  const { webhookId } = await addWebhook(cairn(), tenantId, { url, createdBy: "office" });
  await trouble(tenantId);
  const deliveryId = (await messagesWaiting(cairn(), tenantId))[0]!;
  status = 302; // nobody is followed elsewhere
  await refusal(sendMessage(cairn(), { tenantId, deliveryId }, { last: true }));
  status = 200;
  expect(await messagesWaiting(cairn(), tenantId)).toEqual([]);
  expect(await readDeadLetters(cairn(), tenantId)).toMatchObject([{ deliveryId, attempts: 1, lastStatus: 302 }]);
  await retryDeadLetter(cairn(), tenantId, deliveryId);
  expect(await messagesWaiting(cairn(), tenantId)).toEqual([deliveryId]);
  await stopWebhook(cairn(), tenantId, webhookId);
  expect(await messagesWaiting(cairn(), tenantId)).toEqual([]);
  expect(await sendMessage(cairn(), { tenantId, deliveryId }, { last: false })).toBe(false);
  expect(await readWebhooks(cairn(), tenantId)).toEqual([]);
  for (const work of [stopWebhook, retryDeadLetter]) {
    expect((await refusal(work(cairn(), tenantId, webhookId))).code).toBe("NOT_FOUND");
  }
});

test("an address is https, or on this machine, and holds no password; its secret is not listed", async () => {
  const add = (address: string) => addWebhook(cairn(), "north", { url: address, createdBy: "office" });
  for (const bad of ["http://example.org/hook", "ftp://example.org", "hook", "https://me:secret@example.org/"]) {
    expect((await refusal(add(bad))).code, bad).toBe("BAD_INPUT");
  }
  const { secret } = await add("https://example.org/hook");
  expect(JSON.stringify(await readWebhooks(cairn(), "north"))).not.toContain(secret);
  expect(await readWebhooks(cairn(), "south")).toEqual([]);
});

test("the signature is the documented one", () => {
  // printf '1700000000.{}' | openssl dgst -sha256 -hmac secret
  expect(signMessage("secret", "{}", new Date(1_700_000_000_000))).toBe(
    "t=1700000000,v1=b8569b78799ff9e3cbff0fc2d63a33a2b57f3282abd07c37ae5e8e7d79a5f163",
  );
});
