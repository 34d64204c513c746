import { createHash } from "node:crypto";
import { Writable } from "node:stream";
import { pino } from "pino";
import { beforeAll, beforeEach, expect, test } from "vitest";
import { createApp } from "../../src/api/app.ts";
import { allowedReceivers } from "../../src/api/auth.ts";
import { problemSchema } from "../../src/api/schemas.ts";
import type { Role } from "../../src/engine/access/keys.ts";
import { createKey, personalRoles, roles } from "../../src/engine/access/keys.ts";
import { resolveActivity } from "../../src/engine/intake/activity-streams.ts";
import { createTenant, inTenant } from "../../src/records/database.ts";
import { importOneRoster } from "../../src/records/import/oneroster/import.ts";
import { useCairn } from "../engine/district.ts";
import { cleanUp, query, roster, unpacked } from "../records/import/deliveries.ts";

const cairn = useCairn();
cleanUp();

let tenantId = "";
let key = "";
let app: ReturnType<typeof createApp>;
const lines: string[] = [];
let districts = 0;

beforeAll(() => {
  const sink = new Writable({
    write(chunk, _, done) {
      lines.push(String(chunk));
      done();
    },
  });
  app = createApp(cairn(), { version: "9.9.9", log: pino({ level: "trace" }, sink) });
});

beforeEach(async () => {
  tenantId = `streams-${++districts}`;
  await createTenant(cairn().database, { id: tenantId, name: tenantId });
  key = await createKey(cairn(), tenantId, "platform", "tests");
});

const enrol = async () =>
  importOneRoster(cairn().database, {
    tenantId,
    path: await unpacked(roster()),
    receivedAt: new Date("2025-12-01T08:00:00Z"),
  });

interface Sent {
  method?: string;
  body?: unknown;
  headers?: Record<string, string>;
  version?: string;
}

function send(path: string, { method = "GET", body, headers = {}, version = "1.0.3" }: Sent = {}): Promise<Response> {
  const content =
    body === undefined
      ? {}
      : { body: typeof body === "string" || body instanceof Uint8Array ? (body as string) : JSON.stringify(body) };
  return Promise.resolve(
    app.request(path, {
      method,
      headers: {
        authorization: `Bearer ${key}`,
        "x-experience-api-version": version,
        ...(body === undefined ? {} : { "content-type": "application/json" }),
        ...headers,
      },
      ...content,
    }),
  );
}
const post = (body: unknown, more: Sent = {}) => send("/xapi/statements", { method: "POST", body, ...more });
const get = (parameters: Record<string, string> = {}, more: Sent = {}) =>
  send(`/xapi/statements?${new URLSearchParams(parameters)}`, more);

async function ids(parameters: Record<string, string> = {}): Promise<string[]> {
  const response = await get(parameters);
  expect(response.status).toBe(200);
  return ((await response.json()) as { statements: { id: string }[] }).statements.map(({ id }) => id);
}

const uuid = (n: number): string => `0a0a0a0a-0000-4000-8000-${String(n).padStart(12, "0")}`;
const ada = {
  objectType: "Agent",
  name: "Ada Quillfeather",
  account: { homePage: "https://sis.example", name: "1001" },
};
const ben = { account: { homePage: "https://sis.example", name: "1002" } };
const stranger = { account: { homePage: "https://sis.example", name: "4711" } };
const statement = (n: number, changes: object = {}) => ({
  id: uuid(n),
  actor: ada,
  verb: { id: "http://adlnet.gov/expapi/verbs/completed" },
  object: { id: "urn:cairn:activity:a1" },
  timestamp: "2025-09-03T10:00:00Z",
  ...changes,
});
const voiding = (n: number, target: number) =>
  statement(n, {
    verb: { id: "http://adlnet.gov/expapi/verbs/voided" },
    object: { objectType: "StatementRef", id: uuid(target) },
  });

test("the roles of the table are let in by bearer or basic key, nobody else", async () => {
  const statusOf = async (authorization: string) =>
    (await app.request("/xapi/statements", { headers: { authorization, "x-experience-api-version": "1.0.3" } })).status;
  for (const role of roles) {
    const its = await createKey(
      cairn(),
      tenantId,
      role,
      "tests",
      personalRoles.includes(role) ? "somebody" : undefined,
    );
    const expected = (allowedReceivers["/xapi"] as readonly Role[]).includes(role) ? 200 : 403;
    expect({ role, status: await statusOf(`Bearer ${its}`) }).toEqual({ role, status: expected });
    expect({ role, status: await statusOf(`Basic ${btoa(`anybody:${its}`)}`) }).toEqual({ role, status: expected });
  }
  expect(await statusOf("Basic bm9jb2xvbg==")).toBe(401);
  expect((await app.request("/xapi/statements")).status).toBe(401);
});

test("every request names its version: 1.0.x and 2.0.x are understood, others refused; about needs none", async () => {
  for (const [version, answer] of [
    ["1.0", "1.0.3"],
    ["1.0.2", "1.0.3"],
    ["2.0.0", "2.0.0"],
  ] as const) {
    const response = await get({}, { version });
    expect([version, response.status, response.headers.get("x-experience-api-version")]).toEqual([
      version,
      200,
      answer,
    ]);
  }
  for (const version of ["0.95", "1.1.0", "3.0.0", ""])
    expect([version, (await get({}, { version })).status]).toEqual([version, 400]);
  const about = await app.request("/xapi/about");
  expect(await about.json()).toEqual({ version: ["1.0.3", "2.0.0"] });
  expect((await get()).headers.get("cache-control")).toBe("no-store");
});

test("a statement goes in, comes back whole with what the receiver adds, and leaves evidence on the person", async () => {
  await enrol();
  const answered = statement(1, {
    verb: { id: "http://adlnet.gov/expapi/verbs/answered" },
    object: { id: "https://content.example/items/7" },
    result: { success: false, duration: "PT9S" },
  });
  const before = new Date(cairn().now()).toISOString();
  expect(
    await (await post([answered, statement(2, { result: { score: { scaled: 0.75 }, completion: true } })])).json(),
  ).toEqual([uuid(1), uuid(2)]);
  const found = (await (await get({ statementId: uuid(1) })).json()) as Record<string, string>;
  expect(found).toMatchObject({
    ...answered,
    version: "1.0.0",
    authority: { account: { homePage: `urn:cairn:tenant:${tenantId}`, name: "platform" } },
  });
  expect(found.stored! > before).toBe(true);
  const people = await query<{ person_id: string }>(
    cairn().database,
    tenantId,
    "select person_id from identifier where value = '1001'",
  );
  const person_id = people[0]?.person_id;
  expect(
    await query(
      cairn().database,
      tenantId,
      "select person_id, item, correct, seconds, answered_at, class from item_response",
    ),
  ).toEqual([
    {
      person_id,
      item: "https://content.example/items/7",
      correct: 0,
      seconds: 9,
      answered_at: "2025-09-03 10:00:00",
      class: "contributed",
    },
  ]);
  expect(
    await query(
      cairn().database,
      tenantId,
      "select person_id, activity, verb, score, completion, at, known_on from activity_event",
    ),
  ).toEqual([
    {
      person_id,
      activity: "a1",
      verb: "completed",
      score: 0.75,
      completion: true,
      at: "2025-09-03 10:00:00",
      known_on: "2025-12-13",
    },
  ]);
});

test("the same batch twice changes nothing; other content under a taken id is a conflict; a batch goes in whole or not at all", async () => {
  await enrol();
  const batch = [statement(1), statement(2, { actor: ben })];
  expect((await post(batch)).status).toBe(200);
  expect((await post(batch)).status).toBe(200);
  expect((await send(`/xapi/statements?statementId=${uuid(1)}`, { method: "PUT", body: statement(1) })).status).toBe(
    204,
  );
  const conflict = await post([statement(3), statement(1, { verb: { id: "urn:other" } })]);
  expect(conflict.status).toBe(409);
  const fault = await post([statement(4), statement(5, { actor: { mbox: "Quillfeather" } })]);
  expect(problemSchema.parse(await fault.json())).toMatchObject({
    status: 400,
    detail: "expected an address as mailto:… at statements[1].actor.mbox",
  });
  expect((await post([statement(6), statement(6)])).status).toBe(400);
  expect(await ids()).toEqual([uuid(2), uuid(1)]);
  for (const table of ["statement", "activity_event"])
    expect(await query(cairn().database, tenantId, `select 1 from ${table}`)).toHaveLength(2);
  expect(lines.join("")).not.toMatch(/Quillfeather|1001/);
});

test("many writers at once take an id once", async () => {
  const answers = await Promise.all([1, 2, 3, 4].map((n) => post(statement(1, { result: { score: { raw: n } } }))));
  expect(answers.map(({ status }) => status).sort()).toEqual([200, 409, 409, 409]);
  expect(await ids()).toEqual([uuid(1)]);
});

test("filters: agent, verb, activity, registration, related ones, since and until; references follow what they are about", async () => {
  const registration = uuid(99);
  await post(statement(1, { context: { registration, contextActivities: { grouping: [{ id: "urn:course" }] } } }));
  await post(statement(2, { actor: ben, verb: { id: "urn:read" }, context: { instructor: ada } }));
  await post(
    statement(3, { actor: ben, verb: { id: "urn:liked" }, object: { objectType: "StatementRef", id: uuid(1) } }),
  );
  await post(
    statement(4, { actor: ben, verb: { id: "urn:liked" }, object: { objectType: "StatementRef", id: uuid(3) } }),
  );
  await post(
    statement(5, { actor: { objectType: "Group", member: [ada, ben] }, object: { objectType: "Agent", ...stranger } }),
  );
  const agent = (value: object) => ({ agent: JSON.stringify(value) });
  const cases: [Record<string, string>, number[]][] = [
    [agent(ada), [5, 4, 3, 1]],
    [{ ...agent(ada), related_agents: "true" }, [5, 4, 3, 2, 1]],
    [agent(stranger), [5]],
    [{ verb: "urn:read" }, [2]],
    [{ verb: "urn:read", ...agent(ada) }, []],
    [{ activity: "urn:cairn:activity:a1" }, [4, 3, 2, 1]],
    [{ activity: "urn:course" }, []],
    [{ activity: "urn:course", related_activities: "true" }, [4, 3, 1]],
    [{ registration }, [4, 3, 1]],
    [{ ascending: "true", limit: "2" }, [1, 2]],
    [{ limit: "2" }, [5, 4]],
  ];
  for (const [parameters, expected] of cases)
    expect({ parameters, found: await ids(parameters) }).toEqual({ parameters, found: expected.map(uuid) });
  const stored = ((await (await get({ statementId: uuid(2) })).json()) as { stored: string }).stored;
  expect(await ids({ since: stored })).toEqual([5, 4, 3].map(uuid));
  expect(await ids({ until: stored })).toEqual([2, 1].map(uuid));
});

test("more leads through every page once, also while others come in", async () => {
  await post([1, 2, 3, 4, 5].map((n) => statement(n)));
  const seen: string[] = [];
  let address = "/xapi/statements?limit=2";
  while (address !== "") {
    const page = (await (await send(address)).json()) as { statements: { id: string }[]; more: string };
    seen.push(...page.statements.map(({ id }) => id));
    address = page.more;
    if (seen.length === 2) await post(statement(9));
  }
  expect([...seen].sort()).toEqual([1, 2, 3, 4, 5].map(uuid));
  expect((await send("/xapi/statements?more=bm9wZQ")).status).toBe(400);
});

test("parameters the specification does not know, or that do not go together, are refused", async () => {
  const bad = [
    "statementId=1",
    `statementId=${uuid(1)}&voidedStatementId=${uuid(1)}`,
    `statementId=${uuid(1)}&limit=1`,
    "limit=-1",
    "StatementId=x",
    "agent={}",
    "verb=read",
    "since=yesterday",
    "format=all",
    "ascending=yes",
    "registration=1",
  ];
  for (const parameters of bad)
    expect([parameters, (await send(`/xapi/statements?${parameters}`)).status]).toEqual([parameters, 400]);
  expect((await post(statement(1), { headers: { "content-type": "text/plain" } })).status).toBe(400);
  expect((await send("/xapi/statements?x=1", { method: "POST", body: [] })).status).toBe(400);
  expect((await send(`/xapi/statements?statementId=${uuid(2)}`, { method: "PUT", body: statement(1) })).status).toBe(
    400,
  );
});

test("voiding: the statement leaves the answers and its evidence is taken back; a voiding is not voided; the order does not matter", async () => {
  await enrol();
  await post(statement(1));
  await post(voiding(10, 1));
  expect((await get({ statementId: uuid(1) })).status).toBe(404);
  expect(((await (await get({ voidedStatementId: uuid(1) })).json()) as { id: string }).id).toBe(uuid(1));
  expect(await ids({ verb: "http://adlnet.gov/expapi/verbs/completed" })).toEqual([uuid(10)]); // it refers to one that completed
  await post(voiding(11, 10));
  expect((await get({ statementId: uuid(10) })).status).toBe(200);
  await post(voiding(12, 2)); // voided before it comes
  await post(statement(2));
  await post([statement(3), voiding(13, 3)]);
  for (const n of [2, 3]) expect((await get({ voidedStatementId: uuid(n) })).status).toBe(200);
  const latest = await query<{ id: string; taken: boolean }>(
    cairn().database,
    tenantId,
    "select distinct on (record_key) source_record_id as id, retracted_at is not null as taken from activity_event where source_record_id = any(array['" +
      [1, 2, 3].map(uuid).join("','") +
      "']) order by record_key, known_on desc, version_id desc",
  );
  expect(latest).toEqual([{ id: uuid(1), taken: true }]);
});

test("an actor nobody knows yet is kept, waits, and finds its person when the roster comes", async () => {
  await post([statement(1), statement(2, { actor: stranger })]);
  expect(await query(cairn().database, tenantId, "select 1 from activity_event")).toEqual([]);
  await enrol();
  expect((await resolveActivity(cairn(), tenantId)).statements).toEqual({ resolved: 1, waiting: 1 });
  expect(
    await query(cairn().database, tenantId, "select source_record_id as id, known_on from activity_event"),
  ).toEqual([{ id: uuid(1), known_on: "2025-12-13" }]);
  expect((await resolveActivity(cairn(), tenantId)).statements).toEqual({ resolved: 0, waiting: 1 });
});

test("people are found by number, by address and by its sum; a provider's own numbers count only under its own name", async () => {
  await enrol();
  await inTenant(cairn().database, tenantId, async ({ sql }) => {
    await sql`
      insert into person (tenant_id, record_key, content_hash, class, authority, batch_id, source_record_id, known_on, received_at, person_id, email)
      values (${tenantId}, 'x:1', 'h', 'certified', 'a', 'b', '1', '2025-01-01', now(), 'someone', 'Some.One@School.example')`;
    await sql`
      insert into identifier (tenant_id, record_key, content_hash, class, authority, batch_id, source_record_id, known_on, received_at, person_id, system, value)
      values (${tenantId}, 'x:2', 'h', 'certified', 'a', 'b', '2', '2025-01-01', now(), 'someone', 'account:https://vendor.example', '1001')`;
  });
  const sum = createHash("sha1").update("mailto:some.one@school.example").digest("hex");
  const actors = [
    { mbox: "mailto:some.one@SCHOOL.example" },
    { mbox_sha1sum: sum },
    { account: { homePage: "https://vendor.example", name: "1001" } },
    { account: { homePage: "https://vendor.example", name: "1002" } },
    ada,
  ];
  await post(actors.map((actor, i) => statement(i + 1, { actor })));
  const owners = await query<{ who: string | null }>(
    cairn().database,
    tenantId,
    "select case when person_id is null then null when person_id = 'someone' then person_id else 'ada' end as who from statement order by statement_id",
  );
  expect(owners.map(({ who }) => who)).toEqual(["someone", "someone", "someone", null, "ada"]);
});

test("files come and go as multipart/mixed, each by its sum", async () => {
  const file = Buffer.from([0, 13, 10, 255, 45, 45]);
  const sha2 = createHash("sha256").update(file).digest("hex");
  const attachment = {
    usageType: "urn:essay",
    display: { en: "Essay" },
    contentType: "application/octet-stream",
    length: file.length,
    sha2,
  };
  const multipart = (sum: string, content: Buffer) =>
    new Uint8Array(
      Buffer.concat([
        Buffer.from(
          `--edge\r\nContent-Type: application/json\r\n\r\n${JSON.stringify(statement(1, { attachments: [attachment] }))}\r\n--edge\r\nContent-Type: application/octet-stream\r\nContent-Transfer-Encoding: binary\r\nX-Experience-API-Hash: ${sum}\r\n\r\n`,
        ),
        content,
        Buffer.from("\r\n--edge--\r\n"),
      ]),
    );
  const headers = { "content-type": 'multipart/mixed; boundary="edge"' };
  expect((await post(statement(1, { attachments: [attachment] }))).status).toBe(400); // its content is missing
  expect((await post(multipart(sha2, Buffer.from("other")), { headers })).status).toBe(400);
  expect((await post(multipart("0".repeat(64), file), { headers })).status).toBe(400);
  expect((await post("--edge\r\n", { headers })).status).toBe(400);
  expect((await post(multipart(sha2, file), { headers })).status).toBe(200);
  const answer = await get({ attachments: "true" });
  expect(answer.headers.get("content-type")).toMatch(/^multipart\/mixed; boundary=/);
  const bytes = Buffer.from(await answer.arrayBuffer());
  expect(bytes.indexOf(file)).toBeGreaterThan(0);
  expect(bytes.toString("latin1")).toContain(`X-Experience-API-Hash: ${sha2}`);
});

test("formats, activities and agents", async () => {
  const name = { en: "Lesson", de: "Stunde" };
  await post(statement(1, { object: { id: "urn:lesson", definition: { name } } }));
  const ofFormat = async (format: string) =>
    (
      (await (
        await get({ format, statementId: uuid(1) }, { headers: { "accept-language": "fr;q=0.9, de;q=0.8" } })
      ).json()) as { object: unknown }
    ).object;
  expect(await ofFormat("ids")).toEqual({ id: "urn:lesson" });
  expect(await ofFormat("canonical")).toEqual({ id: "urn:lesson", definition: { name: { de: "Stunde" } } });
  expect(await ofFormat("exact")).toEqual({ id: "urn:lesson", definition: { name } });
  expect(await (await send("/xapi/activities?activityId=urn:lesson")).json()).toEqual({
    objectType: "Activity",
    id: "urn:lesson",
    definition: { name },
  });
  expect(await (await send("/xapi/activities?activityId=urn:none")).json()).toEqual({
    objectType: "Activity",
    id: "urn:none",
  });
  const { name: _, ...unnamed } = ada;
  expect(await (await send(`/xapi/agents?${new URLSearchParams({ agent: JSON.stringify(unnamed) })}`)).json()).toEqual({
    objectType: "Person",
    name: ["Ada Quillfeather"],
    account: [ada.account],
  });
  expect((await send("/xapi/agents")).status).toBe(400);
});

test("documents: state is replaced and merged; profiles change only for who knows what they replace", async () => {
  const agent = JSON.stringify(ada);
  const state = `/xapi/activities/state?${new URLSearchParams({ activityId: "urn:a", agent, stateId: "place" })}`;
  expect((await send(state)).status).toBe(404);
  expect((await send(state, { method: "PUT", body: { page: 1, mark: "x" } })).status).toBe(204);
  expect((await send(state, { method: "POST", body: { page: 2 } })).status).toBe(204);
  const read = await send(state);
  expect(await read.json()).toEqual({ page: 2, mark: "x" });
  expect(read.headers.get("etag")).toBe(`"${createHash("sha1").update('{"page":2,"mark":"x"}').digest("hex")}"`);
  expect((await send(state, { method: "POST", body: "[1]" })).status).toBe(400);
  expect((await send(state, { method: "POST", body: "text", headers: { "content-type": "text/plain" } })).status).toBe(
    400,
  );
  const listing = `/xapi/activities/state?${new URLSearchParams({ activityId: "urn:a", agent })}`;
  expect(await (await send(listing)).json()).toEqual(["place"]);
  expect((await send(listing, { method: "DELETE" })).status).toBe(204);
  expect((await send(state)).status).toBe(404);

  for (const profile of [
    `/xapi/agents/profile?${new URLSearchParams({ agent, profileId: "p" })}`,
    "/xapi/activities/profile?activityId=urn:a&profileId=p",
  ]) {
    expect(
      (
        await send(profile, {
          method: "PUT",
          body: "one",
          headers: { "content-type": "text/plain", "if-none-match": "*" },
        })
      ).status,
    ).toBe(204);
    const etag = (await send(profile)).headers.get("etag")!;
    expect(
      (await send(profile, { method: "PUT", body: "two", headers: { "content-type": "text/plain" } })).status,
    ).toBe(409);
    expect(
      (
        await send(profile, {
          method: "PUT",
          body: "two",
          headers: { "if-none-match": "*", "content-type": "text/plain" },
        })
      ).status,
    ).toBe(412);
    expect(
      (
        await send(profile, {
          method: "PUT",
          body: "two",
          headers: { "if-match": '"0"', "content-type": "text/plain" },
        })
      ).status,
    ).toBe(412);
    expect(
      (await send(profile, { method: "PUT", body: "two", headers: { "if-match": etag, "content-type": "text/plain" } }))
        .status,
    ).toBe(204);
    expect(await (await send(profile)).text()).toBe("two");
    expect(
      (await send(profile, { headers: { "if-none-match": (await send(profile)).headers.get("etag")! } })).status,
    ).toBe(304);
    expect((await send(profile, { method: "DELETE", headers: { "if-match": etag } })).status).toBe(412);
    expect((await send(profile, { method: "DELETE" })).status).toBe(204);
  }
  for (const bad of [
    "/xapi/activities/state",
    "/xapi/activities/profile?activityId=x",
    "/xapi/agents/profile?agent=1",
    "/xapi/activities/profile?activityId=urn:a&x=1",
  ]) {
    expect([bad, (await send(bad)).status]).toEqual([bad, 400]);
  }
  expect((await send("/xapi/activities/profile?activityId=urn:a", { method: "DELETE" })).status).toBe(400);
});

test("the alternate syntax of 1.0.3 is the request it stands for; 2.0 has none", async () => {
  const form = (fields: Record<string, string>) =>
    Promise.resolve(
      app.request("/xapi/statements?method=PUT", {
        method: "POST",
        headers: { "content-type": "application/x-www-form-urlencoded" },
        body: new URLSearchParams({
          Authorization: `Bearer ${key}`,
          statementId: uuid(1),
          content: JSON.stringify(statement(1)),
          ...fields,
        }).toString(),
      }),
    );
  expect((await form({ "X-Experience-API-Version": "2.0.0" })).status).toBe(400);
  expect((await form({ "X-Experience-API-Version": "1.0.3" })).status).toBe(204);
  expect(await ids()).toEqual([uuid(1)]);
});

test("a district sees its own statements and documents only", async () => {
  await post(statement(1));
  const north = key;
  const state = `/xapi/activities/state?${new URLSearchParams({ activityId: "urn:a", agent: JSON.stringify(ada), stateId: "s" })}`;
  await send(state, { method: "PUT", body: { a: 1 } });
  await createTenant(cairn().database, { id: `${tenantId}-other`, name: "Other" });
  key = await createKey(cairn(), `${tenantId}-other`, "platform", "tests");
  expect(await ids()).toEqual([]);
  expect((await send(state)).status).toBe(404);
  expect((await post(statement(1, { verb: { id: "urn:theirs" } }))).status).toBe(200); // the id is free there
  key = north;
  expect(await ids()).toEqual([uuid(1)]);
});

test("what is consistent is said: everything stored until then is in the answer", async () => {
  await post(statement(1));
  const stored = ((await (await get({ statementId: uuid(1) })).json()) as { stored: string }).stored;
  const through = (await get()).headers.get("x-experience-api-consistent-through")!;
  expect(through >= stored).toBe(true);
});

test("what was read leaves its line in the log of accesses: of whom, where the answer says it; what was sent leaves none", async () => {
  await enrol();
  const line = async (requestId: string) =>
    query(
      cairn().database,
      tenantId,
      `select route, outcome, learners, array(select person_id from learner_accessed w where w.access_id = a.access_id) as persons
       from learner_access a where request_id = '${requestId}'`,
    );
  const [{ id } = { id: "" }] = await query<{ id: string }>(
    cairn().database,
    tenantId,
    "select distinct person_id as id from identifier where value = '1001'",
  );
  await post(statement(900), { headers: { "x-request-id": "sent-1" } });
  expect(await line("sent-1")).toEqual([]);
  await get({ statementId: uuid(900) }, { headers: { "x-request-id": "read-1" } });
  const shown = { route: "/xapi", outcome: "shown" };
  expect(await line("read-1")).toEqual([{ ...shown, learners: 1, persons: [id] }]);
  await post(statement(901, { actor: stranger }));
  await get({ statementId: uuid(901) }, { headers: { "x-request-id": "read-0" } });
  expect(await line("read-0")).toEqual([{ ...shown, learners: null, persons: [] }]); // of somebody nobody knows yet
  await send(`/xapi/agents?${new URLSearchParams({ agent: JSON.stringify(ada) })}`, {
    headers: { "x-request-id": "read-2" },
  });
  expect(await line("read-2")).toEqual([{ ...shown, learners: null, persons: [] }]);
  await get({ statementId: uuid(999) }, { headers: { "x-request-id": "read-3" } });
  expect(await line("read-3")).toEqual([]);
});
