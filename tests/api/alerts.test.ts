import { pino } from "pino";
import { beforeAll, expect, test } from "vitest";
import { createApp } from "../../src/api/app.ts";
import { allowed } from "../../src/api/auth.ts";
import { alertFeedSchema, digestSchema } from "../../src/api/routes/alerts-schemas.ts";
import type { Role } from "../../src/engine/access/keys.ts";
import { createKey } from "../../src/engine/access/keys.ts";
import { decideRules } from "../../src/engine/alerts/settings.ts";
import { answer, school } from "../engine/alerts/school.ts";
import { refusal, useCairn } from "../engine/district.ts";
import { cleanUp, query } from "../records/import/deliveries.ts";

const cairn = useCairn();
cleanUp();

let tenantId: string;
let elsewhere: string;
const keys = new Map<string, string>();
beforeAll(async () => {
  tenantId = await school(cairn().database);
  elsewhere = await school(cairn().database);
  const find = async (name: string) =>
    (
      await query<{ id: string }>(
        cairn().database,
        tenantId,
        `select person_id as id from person where given_name = '${name}'`,
      )
    )[0]!.id;
  for (const role of ["counselor", "platform", "operator"] as const) {
    keys.set(role, await createKey(cairn(), tenantId, role, role));
  }
  keys.set("teacher", await createKey(cairn(), tenantId, "teacher", "teacher", await find("Tess")));
  keys.set("family", await createKey(cairn(), tenantId, "family", "family", await find("Tess")));
  keys.set("elsewhere", await createKey(cairn(), elsewhere, "counselor", "counselor"));
  await decideRules(cairn(), tenantId, { "wrong-answers": { tell: ["counselor", "teacher", "family"] } }, "board");
  const wrong = (learner: string) => [0, 1, 2, 3, 4].map((minute) => answer(learner, "2025-12-12", minute, 0));
  const sent = await call("platform", "POST /v1/responses", { responses: [...wrong("1001"), ...wrong("1002")] });
  expect(sent.body).toEqual({ stored: 10, unchanged: 0, refused: [] });
});

const app = () => createApp(cairn(), { version: "1", log: pino({ level: "silent" }) });

async function call(who: string, route: string, body?: unknown) {
  const [method, path] = route.split(" ") as [string, string];
  const response = await app().request(path, {
    method,
    headers: { authorization: `Bearer ${keys.get(who)}`, "content-type": "application/json" },
    ...(method === "POST" ? { body: JSON.stringify(body ?? {}) } : {}),
  });
  return {
    status: response.status,
    cache: response.headers.get("cache-control"),
    body: JSON.parse(await response.text()),
  };
}

const mine = Object.entries(allowed).filter(([route]) => /\/v1\/(alerts|groups|responses)/.test(route));

test("every route lets in the roles of the table and nobody else, and asks for the key first", async () => {
  expect(mine).toHaveLength(5);
  for (const [route, roles] of mine) {
    const [method, pattern] = route.split(" ") as [string, string];
    const path = pattern.replace("{alertId}", "none");
    expect((await app().request(path, { method })).status, route).toBe(401);
    for (const role of ["teacher", "counselor", "platform", "operator", "family"] as const) {
      const { status } = await call(role, `${method} ${path}`);
      if ((roles as readonly Role[]).includes(role)) expect([200, 404, 422], `${route} ${role}`).toContain(status);
      else expect(status, `${route} ${role}`).toBe(403);
    }
  }
});

test("a counselor reads the district page by page, a school of it, and no other district; nothing is kept on the way", async () => {
  const first = await call("counselor", "GET /v1/alerts?limit=1");
  expect(first).toMatchObject({ status: 200, cache: "no-store" });
  expect(alertFeedSchema.parse(first.body).alerts).toHaveLength(1);
  const second = await call("counselor", `GET /v1/alerts?limit=1&cursor=${first.body.next}`);
  expect(second.body.next).toBeNull();
  const names = [first, second].map(({ body }) => body.alerts[0].learner.name);
  expect(names.sort()).toEqual(["Ada Quillfeather", "Ben Ostrowski"]);
  // Ben has left; Ada's school year of this December is the one her class of this year gives her.
  const here = (await call("counselor", "GET /v1/alerts?school=Hill%20School")).body.alerts;
  expect(here.map((one: { learner: { number: string } }) => one.learner.number)).toEqual(["1001"]);
  expect((await call("counselor", "GET /v1/alerts?school=Nowhere")).body.alerts).toEqual([]);
  expect((await call("elsewhere", "GET /v1/alerts")).body.alerts).toEqual([]);
  expect((await call("counselor", "GET /v1/alerts?cursor=x")).status).toBe(422);
  expect((await call("counselor", "GET /v1/alerts?state=closed")).body.alerts).toEqual([]);
});

test("a digest puts together what is the same, and leaves out what is closed or older", async () => {
  const since = "2025-12-01T00:00:00Z";
  const { lines } = digestSchema.parse((await call("counselor", `GET /v1/alerts/digest?since=${since}`)).body);
  expect(lines).toMatchObject([{ headline: "2 learners are stuck on “Adding numbers”", rule: "wrong-answers" }]);
  expect(lines[0]!.alerts).toHaveLength(2);
  await call("counselor", `POST /v1/alerts/${lines[0]!.alerts[0]}/steps`, { step: "closed", note: "talked" });
  const rest = (await call("counselor", `GET /v1/alerts/digest?since=${since}`)).body.lines;
  expect(rest).toMatchObject([{ headline: expect.stringContaining("is stuck on") }]);
  expect((await call("counselor", "GET /v1/alerts/digest?since=2026-01-01T00:00:00Z")).body.lines).toEqual([]);
});

test("a teacher's section of last year is not hers to look at any more", async () => {
  // Tess taught both children in 2024-25, without an end; the terms of that class are over.
  expect((await call("teacher", "GET /v1/alerts")).body.alerts).toEqual([]);
  expect((await call("teacher", "GET /v1/groups")).body.standards).toEqual([]);
});

test("a teacher's key is a person's, any other of the school's is nobody's", async () => {
  expect((await refusal(createKey(cairn(), tenantId, "teacher", "no person"))).code).toBe("BAD_INPUT");
  expect((await refusal(createKey(cairn(), tenantId, "platform", "a person", "p1"))).code).toBe("BAD_INPUT");
});
