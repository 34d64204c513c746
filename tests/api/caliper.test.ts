import { SignJWT } from "jose";
import { pino } from "pino";
import { beforeAll, beforeEach, expect, test } from "vitest";
import { createApp } from "../../src/api/app.ts";
import { allowedReceivers } from "../../src/api/auth.ts";
import { problemSchema } from "../../src/api/schemas.ts";
import type { Role } from "../../src/engine/access/keys.ts";
import { createKey, personalRoles, roles } from "../../src/engine/access/keys.ts";
import { resolveActivity } from "../../src/engine/intake/activity-streams.ts";
import { createTenant } from "../../src/records/database.ts";
import { importOneRoster } from "../../src/records/import/oneroster/import.ts";
import { useCairn } from "../engine/district.ts";
import { cleanUp, query, roster, unpacked } from "../records/import/deliveries.ts";

const cairn = useCairn();
cleanUp();

let tenantId = "";
let key = "";
let app: ReturnType<typeof createApp>;
let districts = 0;

beforeAll(() => {
  app = createApp(cairn(), { version: "9.9.9", log: pino({ level: "silent" }) });
});
beforeEach(async () => {
  tenantId = `sensors-${++districts}`;
  await createTenant(cairn().database, { id: tenantId, name: tenantId });
  key = await createKey(cairn(), tenantId, "platform", "tests");
  await importOneRoster(cairn().database, {
    tenantId,
    path: await unpacked(roster()),
    receivedAt: new Date("2025-12-01T08:00:00Z"),
  });
});

const event = (changes: object = {}) => ({
  id: "urn:uuid:1",
  type: "AssignableEvent",
  actor: { id: "urn:cairn:student:1001", type: "Person", name: "Ada Quillfeather" },
  action: "Completed",
  object: { id: "urn:cairn:activity:a1", type: "AssignableDigitalResource" },
  eventTime: "2025-12-10T10:00:00Z",
  ...changes,
});
const envelope = (...data: unknown[]) => ({
  sensor: "urn:sensor",
  sendTime: "2025-12-11T10:00:00Z",
  dataVersion: "http://purl.imsglobal.org/ctx/caliper/v1p2",
  data,
});
const post = (body: unknown, headers: Record<string, string> = {}) =>
  Promise.resolve(
    app.request("/caliper", {
      method: "POST",
      headers: { authorization: `Bearer ${key}`, "content-type": "application/json", ...headers },
      body: typeof body === "string" ? body : JSON.stringify(body),
    }),
  );

test("the roles of the table are let in, nobody else, and no Basic authentication", async () => {
  for (const role of roles) {
    const its = await createKey(
      cairn(),
      tenantId,
      role,
      "tests",
      personalRoles.includes(role) ? "somebody" : undefined,
    );
    const expected = (allowedReceivers["/caliper"] as readonly Role[]).includes(role) ? 200 : 403;
    expect({ role, status: (await post(envelope(event()), { authorization: `Bearer ${its}` })).status }).toEqual({
      role,
      status: expected,
    });
  }
  expect((await post(envelope(event()), { authorization: `Basic ${btoa(`x:${key}`)}` })).status).toBe(401);
});

test("one event, again, and the evidence it leaves, known from the day it was sent", async () => {
  expect(await (await post(envelope(event()))).json()).toMatchObject({
    events: 1,
    stored: 1,
    unchanged: 0,
    waiting: 0,
    refused: [],
  });
  expect(await (await post(envelope(event()))).json()).toMatchObject({ events: 1, stored: 0, unchanged: 1 });
  expect(
    await query(cairn().database, tenantId, "select activity, verb, at, known_on, sensor, class from activity_event"),
  ).toEqual([
    {
      activity: "a1",
      verb: "completed",
      at: "2025-12-10 10:00:00",
      known_on: "2025-12-11",
      sensor: "urn:sensor",
      class: "contributed",
    },
  ]);
});

test("a mixed batch: good events go in, the others are told by place and path, and kept", async () => {
  const response = await post(
    envelope(
      event(),
      { id: "urn:p", type: "Person" },
      event({ id: "2", eventTime: "soon" }),
      event({ id: "3", actor: "https://example.edu/users/4711" }),
      event({ id: "4", actor: "http://purl.imsglobal.org/caliper/Person" }),
      event({ id: "5", type: "Quillfeather Event" }),
    ),
  );
  expect(response.status).toBe(200);
  expect(await response.json()).toMatchObject({
    events: 4,
    stored: 1,
    waiting: 1,
    refusedCount: 2,
    refused: [
      { event: 2, path: "data[2].eventTime", code: "BAD_VALUE" },
      {
        event: 5,
        path: "data[5].type",
        code: "UNKNOWN_EVENT",
        reason: "expected an event type of Caliper 1.1 or 1.2, got another word",
      },
    ],
  });
  expect(await query(cairn().database, tenantId, "select line, code from import_refusal order by line")).toEqual([
    { line: 3, code: "BAD_VALUE" },
    { line: 4, code: "DANGLING" },
    { line: 6, code: "UNKNOWN_EVENT" },
  ]);
});

test("wrong data is a problem that says which event and path, without a word of the data", async () => {
  const wrong: [unknown, RegExp][] = [
    ["{Quillfeather", /expected an envelope as JSON/],
    ['"Quillfeather"', /expected an envelope as JSON/],
    [envelope(), /at least one event or entity/],
    [envelope(event({ eventTime: "Quillfeather" })), /eventTime.*\(event 0, eventTime\)/],
    [envelope("x", event({ action: 7 })), /expected an event.*\(event 0, data\[0\]\)/],
    [envelope(event({ actor: { name: "Quillfeather" } })), /\(event 0, actor\)/],
  ];
  for (const [body, detail] of wrong) {
    const response = await post(body);
    const problem = problemSchema.parse(await response.json());
    expect(problem).toMatchObject({ status: 422, code: "BAD_INPUT", detail: expect.stringMatching(detail) });
    expect(JSON.stringify(problem)).not.toContain("Quillfeather");
  }
});

test("an envelope signed as a JWT with the key of the request; any other signature is refused", async () => {
  const signed = (secret: string, algorithm = "HS256") =>
    new SignJWT(envelope(event()) as unknown as Record<string, unknown>)
      .setProtectedHeader({ alg: algorithm })
      .sign(new TextEncoder().encode(secret));
  const jwt = { "content-type": "application/jwt" };
  expect(await (await post(await signed(key), jwt)).json()).toMatchObject({ stored: 1 });
  expect(await (await post(await signed(key, "HS512"), jwt)).json()).toMatchObject({ unchanged: 1 });
  expect((await post(await signed("another key of the same kind of length"), jwt)).status).toBe(401);
  const unsigned = `${btoa('{"alg":"none"}').replace("=", "")}.${btoa(JSON.stringify(envelope(event()))).replaceAll("=", "")}.`;
  expect((await post(unsigned, jwt)).status).toBe(401);
});

test("a district's events are its own: the same actor number elsewhere is somebody else", async () => {
  await createTenant(cairn().database, { id: `${tenantId}-other`, name: "Other" });
  const theirs = await createKey(cairn(), `${tenantId}-other`, "platform", "tests");
  expect(await (await post(envelope(event()), { authorization: `Bearer ${theirs}` })).json()).toMatchObject({
    stored: 0,
    waiting: 1,
  });
  expect(await query(cairn().database, tenantId, "select 1 from activity_event")).toEqual([]);
});

test("an event of somebody nobody knows yet is kept and goes in once the roster knows the person; it waits once", async () => {
  await createTenant(cairn().database, { id: `${tenantId}-new`, name: "New" });
  tenantId = `${tenantId}-new`;
  key = await createKey(cairn(), tenantId, "platform", "tests");
  const body = envelope(event(), event({ id: "2", actor: "https://example.edu/users/4711" }));
  expect(await (await post(body)).json()).toMatchObject({ stored: 0, waiting: 2 });
  await importOneRoster(cairn().database, {
    tenantId,
    path: await unpacked(roster()),
    receivedAt: new Date("2025-12-14T08:00:00Z"),
  });
  expect((await resolveActivity(cairn(), tenantId)).events).toEqual({ resolved: 1, waiting: 1 });
  expect(
    await query(cairn().database, tenantId, "select source_record_id, sensor, known_on from activity_event"),
  ).toEqual([{ source_record_id: "urn:uuid:1", sensor: "urn:sensor", known_on: "2025-12-13" }]);
  expect((await resolveActivity(cairn(), tenantId)).events).toEqual({ resolved: 0, waiting: 1 });
  expect(await (await post(envelope(event()))).json()).toMatchObject({ unchanged: 1 });
});
