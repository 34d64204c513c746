import { pino } from "pino";
import { beforeAll, describe, expect, test } from "vitest";
import { createApp } from "../../src/api/app.ts";
import type { GuardedRoute, RouteRule } from "../../src/api/route-table.ts";
import { routeTable, scopes } from "../../src/api/route-table.ts";
import { accessesSchema } from "../../src/api/routes/accesses.ts";
import type { Role } from "../../src/engine/access/keys.ts";
import { createKey } from "../../src/engine/access/keys.ts";
import { receiveResponses } from "../../src/engine/intake/responses.ts";
import { school } from "../engine/alerts/school.ts";
import { look, useCairn, useDistrictFiles } from "../engine/district.ts";
import { cleanUp } from "../records/import/deliveries.ts";
import type { Ask, AskFrom, EveryRole, Reader, TestLearner } from "./every-route.ts";
import { asks, everyRole, readers } from "./every-route.ts";

/**
 * Drawn from the one table: every route × every role × a learner in scope, one out of it, nobody's number, and another district.
 * Who is let in, what leaves, and the line it leaves in the log of accesses.
 */
const cairn = useCairn();
const files = useDistrictFiles();
cleanUp();

const routes = Object.entries(routeTable) as [GuardedRoute, RouteRule][];
const roleOf = (reader: Reader): Role => (reader === "own counselor" ? "counselor" : reader);
/** Who does not see the whole district; the office's counselor does. */
const narrow = readers.filter((one) => one !== "counselor" && scopes[roleOf(one)] !== "district");

let here: EveryRole;
let elsewhere: Readonly<Record<Reader, string>>;
let drawn = 0;
const fresh = (): string => `drawn-${++drawn}`;

beforeAll(async () => {
  here = await everyRole(cairn(), files());
  const tenantId = await school(cairn().database);
  const [{ person }] = await look(
    cairn(),
    tenantId,
    ({ sql }) => sql<[{ person: string }]>`select person_id as person from person where given_name = 'Tess'`,
  );
  const keys = await Promise.all(
    readers.map(async (reader) => {
      const personId = narrow.includes(reader) ? person : undefined;
      return [reader, await createKey(cairn(), tenantId, roleOf(reader), reader, personId)] as const;
    }),
  );
  elsewhere = Object.fromEntries(keys) as Record<Reader, string>;
}, 120_000);

interface Asked {
  readonly status: number;
  readonly text: string;
  readonly requestId: string;
}

async function send(key: string | undefined, route: GuardedRoute, learner: string, ask: Ask): Promise<Asked> {
  const app = createApp(cairn(), { version: "1", log: pino({ level: "silent" }) });
  const [method, pattern] = route.split(" ") as [string, string];
  const params: Readonly<Record<string, string>> = { learner, ...ask.params };
  const path = pattern.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(params[name] ?? "none"));
  const requestId = fresh();
  const response = await app.request(`${path}?${ask.query ?? ""}`, {
    method,
    headers: {
      "content-type": "application/json",
      "x-request-id": requestId,
      ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
    },
    ...(method === "POST" ? { body: JSON.stringify(ask.body ?? {}) } : {}),
  });
  return { status: response.status, text: await response.text(), requestId };
}

interface Line {
  readonly route: string;
  readonly role: string;
  readonly purpose: string;
  readonly outcome: string;
  readonly learners: number | null;
  readonly runId: string | null;
  readonly credential: string | null;
  readonly persons: readonly string[];
}

/** What a request left in the log of accesses of either district. */
async function linesOf(requestId: string): Promise<Line[]> {
  return cairn().database.sql<Line[]>`
    select route, role, purpose, outcome, learners, run_id as "runId", credential,
      array(select person_id from learner_accessed w where w.access_id = a.access_id order by 1) as persons
    from learner_access a where request_id = ${requestId}`;
}

/** Requests that make what another request is about: a decision, a case, an alert, each of the learner's own. */
async function prepare(route: GuardedRoute, learner: TestLearner): Promise<AskFrom> {
  const made = async (by: Reader, needed: boolean, from: GuardedRoute, field: string): Promise<string> => {
    if (!needed) return "none";
    const { status, text } = await send(here.keys[by], from, learner.number, asks[from](base));
    expect({ from, status, text: status === 200 ? "" : text }).toEqual({ from, status: 200, text: "" });
    return String((JSON.parse(text) as Record<string, unknown>)[field]);
  };
  const [found] = await look(
    cairn(),
    "north",
    ({ sql }) => sql<{ alert: string | null; attendance: string | null }[]>`
    select (select alert_id from alert where person_id = ${learner.personId} order by 1 limit 1) as alert,
      (select record_key from attendance_event where person_id = ${learner.personId} order by 1 limit 1) as attendance`,
  );
  const base: AskFrom = {
    learner: learner.number,
    fresh,
    ...{ override: "none", choice: "none", amendment: "none", accessRequest: "none" },
    alert: found?.alert ?? "none",
    attendance: found?.attendance ?? "none",
    standard: await aStandard(),
  };
  const isOwn = learner === here.own;
  const needsCase = isOwn && route.includes("{caseId}");
  return {
    ...base,
    override: await made(
      "operator",
      route.endsWith("withdraw") && route.includes("overrides"),
      "POST /v1/playlists/{learner}/overrides",
      "key",
    ),
    choice: await made("operator", route.includes("choices/{key}"), "POST /v1/families/{learner}/choices", "key"),
    amendment: await made("family", needsCase, "POST /v1/families/{learner}/amendments", "caseId"),
    accessRequest: await made("family", needsCase, "POST /v1/families/{learner}/access-requests", "caseId"),
  };
}

async function aStandard(): Promise<string> {
  const [{ standard }] = await look(
    cairn(),
    "north",
    ({ sql }) => sql<[{ standard: string }]>`select standard from standard order by 1 limit 1`,
  );
  return standard;
}

const aboutOne = (rule: RouteRule): boolean => ["address", "query", "body", "next"].includes(rule.shows);

function checkLine(route: GuardedRoute, rule: RouteRule, reader: Reader, line: Line): void {
  const role = roleOf(reader);
  const purpose = role === "family" ? "own-access" : rule.purpose;
  expect(line).toMatchObject({ route, role, purpose, outcome: "shown" });
  expect(line.credential).toMatch(/^[0-9a-f]{16}$/);
  if (aboutOne(rule) || rule.shows === "alert") {
    expect(line).toMatchObject({ learners: 1, persons: [here.own.personId] });
    return;
  }
  // Of a list as many as it has, each by her id; whoever reads narrowly finds her own in it.
  expect(line.learners).toBe(line.persons.length);
  if (!/thriving|cases/.test(route)) expect(line.persons).toContain(here.own.personId);
  if (narrow.includes(reader)) expect(line.persons).not.toContain(here.other.personId);
  if (route.includes("rankings")) expect(line.runId).toMatch(/^[0-9a-f]{32}$/);
}

describe.each(routes)("%s", (route, rule) => {
  test("nobody gets in without a key, and no role the table does not name; neither leaves a line", async () => {
    const from = await prepare(route, here.own);
    for (const key of [undefined, "cairn_nobody"]) {
      const { status, requestId } = await send(key, route, here.own.number, asks[route](from));
      expect([status, await linesOf(requestId)]).toEqual([401, []]);
    }
    for (const reader of readers.filter((one) => !rule.roles.includes(roleOf(one)))) {
      const { status, requestId } = await send(here.keys[reader], route, here.own.number, asks[route](from));
      expect([reader, status, await linesOf(requestId)]).toEqual([reader, 403, []]);
    }
  });

  test("whom the table names gets an answer, and what shows a learner leaves its line", async () => {
    for (const reader of readers.filter((one) => rule.roles.includes(roleOf(one)))) {
      const ask = asks[route](await prepare(route, here.own));
      const { status, text, requestId } = await send(here.keys[reader], route, here.own.number, ask);
      expect({ reader, status, text: status === (ask.status ?? 200) ? "" : text }).toEqual({
        reader,
        status: ask.status ?? 200,
        text: "",
      });
      const lines = await linesOf(requestId);
      const isShown = rule.shows !== "nobody" && status === 200;
      expect([reader, lines.length]).toEqual([reader, isShown ? 1 : 0]);
      if (isShown) checkLine(route, rule, reader, lines[0]!);
    }
  });

  test("a learner out of scope and nobody look alike; the attempt on one who is there leaves its line", async () => {
    for (const reader of narrow.filter((one) => rule.roles.includes(roleOf(one)))) {
      const other = await send(
        here.keys[reader],
        route,
        here.other.number,
        asks[route](await prepare(route, here.other)),
      );
      for (const name of here.othersNames) expect([reader, other.text.includes(name)]).toEqual([reader, false]);
      if (!aboutOne(rule)) continue;
      const nobody = await send(
        here.keys[reader],
        route,
        "nobody",
        asks[route]({ ...(await prepare(route, here.other)), learner: "nobody" }),
      );
      if (other.status === 422) continue; // refused before anybody was looked up
      expect([reader, other.status, nobody.status, other.text]).toEqual([reader, 404, 404, nobody.text]);
      expect(await linesOf(other.requestId)).toMatchObject([
        { route, outcome: "refused", persons: [here.other.personId] },
      ]);
      expect(await linesOf(nobody.requestId)).toEqual([]);
    }
  });

  test("another district's keys, of whatever role, get no byte of it and leave no line there", async () => {
    const from = await prepare(route, here.own);
    const words = await namesOf(here.own);
    for (const reader of readers) {
      const { status, text, requestId } = await send(elsewhere[reader], route, here.own.number, asks[route](from));
      expect([reader, status === 403]).toEqual([reader, !rule.roles.includes(roleOf(reader))]);
      for (const name of words) expect([reader, text.includes(name)]).toEqual([reader, false]);
      for (const { persons } of await linesOf(requestId)) expect(persons).not.toContain(here.own.personId);
      if (aboutOne(rule) && rule.shows !== "next" && status !== 422) expect([403, 404]).toContain(status);
    }
  });
});

async function namesOf({ personId }: TestLearner): Promise<string[]> {
  const rows = await look(
    cairn(),
    "north",
    ({ sql }) =>
      sql<
        { name: string }[]
      >`select given_name || ' ' || family_name as name from person where person_id = ${personId}`,
  );
  return [...rows.map(({ name }) => name), personId];
}

test("an answer that is given again leaves a line again", async () => {
  const { number, personId } = here.own;
  const key = { "idempotency-key": `${fresh()}-0123456789abcdef` };
  const app = createApp(cairn(), { version: "1", log: pino({ level: "silent" }) });
  for (const replayed of [null, "true"]) {
    const requestId = fresh();
    const response = await app.request("/v1/playlists", {
      method: "POST",
      headers: {
        authorization: `Bearer ${here.keys.platform}`,
        "content-type": "application/json",
        "x-request-id": requestId,
        ...key,
      },
      body: JSON.stringify({ learner: number }),
    });
    expect([response.status, response.headers.get("idempotency-replayed")]).toEqual([200, replayed]);
    expect(await linesOf(requestId)).toMatchObject([{ outcome: "shown", persons: [personId] }]);
  }
});

test("answers of practice without a wish for a list show nobody; a list that is refused is an attempt", async () => {
  const sent = (next?: object) => ({
    body: {
      responses: [{ id: fresh(), learner: here.own.number, item: "i", answeredAt: "2025-12-12T11:00:00", correct: 1 }],
      ...(next === undefined ? {} : { next }),
    },
  });
  const without = await send(here.keys.platform, "POST /v1/responses", "", sent());
  expect([without.status, await linesOf(without.requestId)]).toEqual([200, []]);
  const refused = await send(
    here.keys.platform,
    "POST /v1/responses",
    "",
    sent({ learner: here.own.number, goal: { standards: ["none"] } }),
  );
  expect(JSON.parse(refused.text)).toMatchObject({ stored: 1, playlistRefused: expect.any(String) });
  expect(await linesOf(refused.requestId)).toMatchObject([{ outcome: "refused", persons: [here.own.personId] }]);
});

test("a line that cannot be written takes the answer with it", async () => {
  const { sql } = cairn().database;
  await sql`alter table learner_access rename to learner_access_away`;
  try {
    for (const [route, reader] of [
      ["GET /v1/playlists/{learner}", "platform"],
      ["POST /v1/playlists", "platform"],
      ["GET /v1/rankings", "counselor"],
    ] as const) {
      const from = { learner: here.own.number } as AskFrom;
      const { status, text } = await send(here.keys[reader], route, here.own.number, asks[route](from));
      expect([route, status]).toEqual([route, 500]);
      expect(text).not.toContain(here.own.number);
    }
  } finally {
    await sql`alter table learner_access_away rename to learner_access`;
  }
});

test("the family reads who was shown its child: by role, name of the school's people and purpose, page by page", async () => {
  const read = async (query: string) => {
    const { text } = await send(here.keys.family, "GET /v1/learners/{learner}/accesses", here.own.number, { query });
    return accessesSchema.parse(JSON.parse(text));
  };
  const first = await read("limit=3");
  expect(first.accesses).toHaveLength(3);
  const second = await read(`limit=500&before=${first.next}`);
  expect(second.next).toBeNull();
  const all = [...first.accesses, ...second.accesses];
  expect(new Set(all.map(({ accessId }) => accessId)).size).toBe(all.length);
  expect(all.map(({ at }) => at)).toEqual(
    all
      .map(({ at }) => at)
      .sort()
      .reverse(),
  );
  const byTeacher = all.find(({ role }) => role === "teacher");
  expect(byTeacher?.reader).toMatch(/\S+ \S+/);
  for (const { role, reader } of all) if (role === "family" || role === "platform") expect(reader).toBeNull();
  expect(new Set(all.map(({ role }) => role))).toEqual(
    new Set(["teacher", "counselor", "family", "platform", "operator"]),
  );
});

test("in the engine alone nothing is noted: a program that embeds it keeps its own log", async () => {
  const before = await cairn().database.sql`select count(*) from learner_access`;
  await receiveResponses(cairn(), "north", [], { learner: here.own.number });
  expect(await cairn().database.sql`select count(*) from learner_access`).toEqual(before);
});
