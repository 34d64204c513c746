import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { serve } from "@hono/node-server";
import { pino } from "pino";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createApp } from "../../src/api/app.ts";
import type { CairnClient } from "../../src/client/index.ts";
import { CairnProblem, createClient } from "../../src/client/index.ts";
import { createKey } from "../../src/engine/access/keys.ts";
import { createTenant } from "../../src/records/database.ts";
import { importOneRoster } from "../../src/records/import/oneroster/import.ts";
import { useCairn } from "../engine/district.ts";
import { deliverFlat } from "../records/family.ts";
import { cleanUp, query, roster, unpacked } from "../records/import/deliveries.ts";

/** Tyler's and Madeline's mornings as another program lives them: over HTTP, with the typed client alone. */
const cairn = useCairn();
cleanUp();

const tenantId = "lakeside";
let server: ReturnType<typeof serve>;
let baseUrl: string;
let as: Record<"platform" | "teacher" | "counselor" | "parent", CairnClient>;

const users =
  "sourcedId,status,dateLastModified,enabledUser,username,userIds,givenName,familyName,middleName,identifier,grades,agentSourcedIds\n" +
  "u1,,,true,tyler,{DistrictId:1001},Tyler,Vandermolen,,1001,04,u7\nu2,,,true,ana,{DistrictId:1002},Ana,Castellanos,,1002,04,\n" +
  "u3,,,true,mad,{DistrictId:1003},Madeline,Quillfeather,,1003,04,\n" +
  "u7,,,true,dad,,Ruud,Vandermolen,,P7,,\nu9,,,true,tess,,Tess,Zimmerwald,,T9,,\n";
const roles =
  "sourcedId,status,dateLastModified,userSourcedId,roleType,role,beginDate,endDate,orgSourcedId,userProfileSourcedId\n" +
  ["u1,student", "u2,student", "u3,student", "u7,parent", "u9,teacher"]
    .map((pair) => pair.split(","))
    .map(([user, role]) => `r-${user},,,${user},primary,${role},2025-08-18,,s1,\n`)
    .join("");
const enrollments =
  "sourcedId,status,dateLastModified,classSourcedId,schoolSourcedId,userSourcedId,role,primary,beginDate,endDate,metadata.exitKind\n" +
  ["u1", "u2", "u3"].map((user) => `e-${user},,,k26,s1,${user},student,false,2025-08-18,,\n`).join("") +
  "e9,,,k26,s1,u9,teacher,true,2025-08-18,,\n";
const names = ["A", "B", "C"];

beforeAll(async () => {
  const { database } = cairn();
  await createTenant(database, { id: tenantId, name: "Lakeside Schools" });
  const empty = ["lineItems.csv", "results.csv", "resultLearningObjectiveIds.csv", "demographics.csv"];
  const bare = Object.fromEntries(empty.map((file) => [file, `${String(roster()[file]).split("\n")[0]}\n`]));
  const files = roster({ ...bare, "users.csv": users, "roles.csv": roles, "enrollments.csv": enrollments });
  await importOneRoster(database, {
    tenantId,
    path: await unpacked(files),
    receivedAt: new Date("2025-08-20T08:00:00Z"),
  });
  const flat = {
    standards: `standard,label,subject,grade\n${names.map((name) => `4.${name},Fractions ${name},math,04\n`).join("")}`,
    prerequisites: "standard,requires\n4.B,4.A\n4.C,4.B\n",
    activities: `activity,title,standard,modality,minutes,difficulty\n${names
      .flatMap((name) => ["video", "game"].map((kind) => `${name}-${kind},${name} ${kind},4.${name},${kind},10,0\n`))
      .join("")}`,
  } as const;
  for (const profile of ["standards", "prerequisites", "activities"] as const)
    await deliverFlat(database, tenantId, profile, flat[profile]);
  const people = await query<{ id: string; name: string }>(
    database,
    tenantId,
    "select person_id as id, given_name as name from person",
  );
  const idOf = (name: string) => people.find((person) => person.name === name)!.id;
  const app = createApp(cairn(), { version: "1", log: pino({ level: "silent" }) });
  server = serve({ fetch: app.fetch, hostname: "127.0.0.1", port: 0 });
  await new Promise((listening) => server.once("listening", listening));
  baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const client = async (role: keyof typeof as | "family", person?: string) =>
    createClient({
      baseUrl,
      key: await createKey(cairn(), tenantId, role === "parent" ? "family" : role, role, person && idOf(person)),
    });
  as = {
    platform: await client("platform"),
    counselor: await client("counselor"),
    teacher: await client("teacher", "Tess"),
    parent: await client("parent", "Ruud"),
  };
});
afterAll(() => new Promise((closed) => server.close(closed)));

const answered = (learner: string, standard: string, pattern: string) =>
  [...pattern].map((mark, index) => ({
    id: `${learner}-${standard}-${index}`,
    learner,
    item: `${standard}-${index}`,
    standard,
    answeredAt: `2025-12-12T10:${String(index).padStart(2, "0")}:00`,
    correct: Number(mark),
  }));

async function problem(call: Promise<unknown>): Promise<CairnProblem> {
  const caught = await call.then(
    () => undefined,
    (error: unknown) => error,
  );
  expect(caught).toBeInstanceOf(CairnProblem);
  return caught as CairnProblem;
}

test("Tyler: his answers go in, his teacher is told, a group forms, she writes down what she did, his father reads plain words", async () => {
  const responses = ["1001", "1002"].flatMap((learner) => answered(learner, "4.A", "01000"));
  expect(await as.platform.post("/v1/responses", { body: { responses } })).toMatchObject({ stored: 10, refused: [] });
  const { alerts } = await as.teacher.get("/v1/alerts");
  const alert = alerts.find(({ learner }) => learner?.number === "1001")!;
  expect(alert.headline).toBe("Tyler is stuck on “Fractions A”");
  const { standards } = await as.teacher.get("/v1/groups", { params: { query: { smallest: 2, largest: 5 } } });
  expect(standards[0]!.groups[0]!.map(({ number }) => number).sort()).toEqual(["1001", "1002"]);
  await as.teacher.post("/v1/alerts/{alertId}/steps", {
    params: { path: { alertId: alert.alertId } },
    body: { step: "acknowledged" },
  });
  const { alerts: notices } = await as.parent.get("/v1/alerts");
  expect(notices.map(({ headline }) => headline)).toEqual(["Tyler finds “Fractions A” hard right now"]);
  const { answers } = await as.parent.get("/v1/learners/{learner}/answers", { params: { path: { learner: "1001" } } });
  expect(answers.length).toBeGreaterThan(3);
});

test("Madeline: her list begins where she is, and moves on with what she answers", async () => {
  const ask = { body: { learner: "1003", minutes: 20 } };
  const first = await as.platform.post("/v1/playlists", ask);
  expect(first.items[0]).toMatchObject({ standard: "4.A" });
  const sent = await as.platform.post("/v1/responses", {
    body: { responses: answered("1003", "4.A", "1111111111"), next: { learner: "1003", minutes: 20 } },
  });
  expect(sent.playlist?.items[0]).toMatchObject({ standard: "4.B" });
  const known = await as.teacher.get("/v1/learners/{learner}/standards", { params: { path: { learner: "1003" } } });
  expect(known.standards.map(({ standard }) => standard)).toEqual(["4.A", "4.B", "4.C"]);
  expect(known.standards[0]!.mastery).toBeGreaterThan(0.9);
});

test("what is refused is a problem with its code and hint, and what is no answer of cairn's is told apart", async () => {
  const noRun = await problem(as.counselor.get("/v1/rankings"));
  expect(noRun).toMatchObject({ name: "CairnProblem", code: "NOT_FOUND", status: 404 });
  expect(noRun.message).toMatch(/^expected .+, got /);
  expect(noRun.hint).toMatch(/\w/);
  expect(noRun.requestId).toMatch(/^[\w-]{36}$/);
  expect(await problem(as.platform.get("/v1/groups"))).toMatchObject({ code: "FORBIDDEN", status: 403 });
  const limit = { params: { query: { limit: 0 } } };
  expect(await problem(as.counselor.get("/v1/rankings", limit))).toMatchObject({ code: "BAD_INPUT", status: 422 });
  const stranger = createClient({ baseUrl, key: () => Promise.resolve("cairn_nobody") });
  expect(await problem(stranger.get("/v1/models"))).toMatchObject({ code: "UNAUTHENTICATED", status: 401 });
  const { response } = await as.teacher.http.GET("/v1/alerts");
  const headers = { "if-none-match": response.headers.get("etag")! };
  expect(await problem(as.teacher.get("/v1/alerts", { headers }))).toMatchObject({ code: "NOT_MODIFIED", status: 304 });
  const gone = createClient({ baseUrl: "http://127.0.0.1:1", key: "k" });
  const unreached = await problem(gone.get("/health"));
  expect(unreached).toMatchObject({ code: "UNREACHABLE", status: 0 });
  const stopped = { signal: AbortSignal.abort() };
  expect(await problem(as.counselor.get("/v1/models", stopped))).toMatchObject({ code: "UNREACHABLE", status: 0 });
});

test("the page of a proxy is no answer, whatever its status", async () => {
  const proxy = createServer((request, response) => {
    response.statusCode = request.url === "/health" ? 200 : 502;
    response.end("<html>Please sign in to the network</html>");
  }).listen(0, "127.0.0.1");
  await new Promise((listening) => proxy.once("listening", listening));
  const client = createClient({ baseUrl: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`, key: "k" });
  expect(await problem(client.get("/health"))).toMatchObject({ code: "UNREADABLE_ANSWER", status: 200 });
  expect(await problem(client.get("/v1/models"))).toMatchObject({ code: "UNREADABLE_ANSWER", status: 502 });
  await new Promise((closed) => proxy.close(closed));
});
