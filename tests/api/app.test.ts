import { Writable } from "node:stream";
import { createRoute, z } from "@hono/zod-openapi";
import { DrizzleQueryError } from "drizzle-orm/errors";
import { pino } from "pino";
import { beforeAll, expect, test } from "vitest";
import { createApp } from "../../src/api/app.ts";
import { allowed } from "../../src/api/auth.ts";
import { playlistSchema, problemSchema, rankingSchema } from "../../src/api/schemas.ts";
import type { Role } from "../../src/engine/access/keys.ts";
import { createKey, roles } from "../../src/engine/access/keys.ts";
import { readRanking } from "../../src/engine/early-warning/ranking.ts";
import { monitorDistrict } from "../../src/engine/monitoring/monitor.ts";
import { listPlaylists } from "../../src/engine/playlists/read.ts";
import type { ErrorCode } from "../../src/errors.ts";
import { CairnError, httpStatus } from "../../src/errors.ts";
import { asOf, deliver, runNight, useCairn, useDistrictFiles } from "../engine/district.ts";

const cairn = useCairn();
const files = useDistrictFiles();

/** Every code there is; the compiler refuses a list that lacks one. */
const codes: Readonly<Record<ErrorCode, true>> = {
  BAD_INPUT: true,
  BAD_CONFIGURATION: true,
  SHAPE_MISMATCH: true,
  NOT_FINITE: true,
  SINGLE_CLASS: true,
  NOT_CONVERGED: true,
  SINGULAR: true,
  UNKNOWN_FEATURE: true,
  NOT_FOUND: true,
  CONFLICT: true,
  UNAUTHENTICATED: true,
  FORBIDDEN: true,
  UNREADABLE_FILE: true,
  ARTIFACT_CORRUPT: true,
  UNAVAILABLE: true,
  CANCELLED: true,
  INTERNAL: true,
};

/** Keys of the school; a family's and a teacher's key are a person's, and have tests of their own (families, alerts). */
const schoolRoles = roles.filter((role) => role !== "family" && role !== "teacher");

const keys: Partial<Record<`${"north" | "south"} ${Role}`, string>> = {};
let learner = "";

beforeAll(async () => {
  for (const tenant of ["north", "south"] as const) {
    for (const role of schoolRoles) keys[`${tenant} ${role}`] = await createKey(cairn(), tenant, role, "tests");
  }
  await deliver(cairn(), "north", files());
  await runNight(cairn(), "north", asOf);
  await monitorDistrict(cairn(), "north", { asOf, weeks: 1 });
  learner = [...(await listPlaylists(cairn(), "north")).keys()][0] ?? "";
});

/** The app and the lines it logs. */
function open() {
  const lines: Record<string, unknown>[] = [];
  const sink = new Writable({
    write(chunk, _, done) {
      lines.push(JSON.parse(String(chunk)));
      done();
    },
  });
  return { app: createApp(cairn(), { version: "9.9.9", log: pino({ level: "trace" }, sink) }), lines };
}

const bearer = (key: string | undefined) => ({ headers: { authorization: `Bearer ${key}` } });
const pathOf = (route: string) => (route.split(" ")[1] ?? "").replace("{learner}", encodeURIComponent(learner));

async function problemOf(response: Response) {
  expect(response.headers.get("content-type")).toBe("application/problem+json");
  const problem = problemSchema.strict().parse(await response.json());
  expect(problem.status).toBe(response.status);
  return problem;
}

test("every route lets in the roles of the table and nobody else", async () => {
  const { app } = open();
  for (const [route, mayCall] of Object.entries(allowed)) {
    if (/\/v1\/(families|alerts|groups|jobs|responses|models|outcomes|interventions)/.test(route)) continue; // families.test.ts, alerts.test.ts, jobs.test.ts
    if (route === "POST /v1/playlists" || route.includes("/overrides")) continue; // playlists.test.ts
    expect((await app.request(pathOf(route))).status).toBe(401);
    expect((await app.request(pathOf(route), bearer("cairn_nobody"))).status).toBe(401);
    expect(
      (await app.request(pathOf(route), { headers: { authorization: `Basic ${keys["north operator"]}` } })).status,
    ).toBe(401);
    for (const role of schoolRoles) {
      const expected = (mayCall as readonly Role[]).includes(role) ? 200 : 403;
      const { status } = await app.request(pathOf(route), bearer(keys[`north ${role}`]));
      expect({ route, role, status }).toEqual({ route, role, status: expected });
    }
  }
});

test("every route of the API but its description, health and readiness is in the table, with its key in the description", async () => {
  const document = await description();
  const described = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ route: `${method.toUpperCase()} ${path}`, operation })),
  );
  const guarded = described.filter(({ route }) => !["GET /health", "GET /ready"].includes(route));
  expect(guarded.map(({ route }) => route).sort()).toEqual(Object.keys(allowed).sort());
  for (const { operation } of guarded) expect(operation.security).toEqual([{ key: [] }]);
});

test("who is not let in learns nothing: the key is asked for before the request is read", async () => {
  const { app } = open();
  expect((await problemOf(await app.request("/v1/rankings?limit=nonsense"))).code).toBe("UNAUTHENTICATED");
  const forbidden = await problemOf(await app.request("/v1/rankings?limit=nonsense", bearer(keys["north platform"])));
  expect(forbidden).toMatchObject({
    code: "FORBIDDEN",
    detail: "expected one of the roles counselor, operator, got platform",
  });
  const unauthenticated = await app.request("/v1/rankings");
  expect(unauthenticated.headers.get("www-authenticate")).toBe("Bearer");
  const lower = { headers: { authorization: `bearer ${keys["north counselor"]}` } }; // RFC 9110, 11.1: schemes have no case
  expect((await app.request("/v1/rankings", lower)).status).toBe(200);
});

test("every answer fits its schema, and is what the engine says", async () => {
  const { app } = open();
  const response = await app.request("/v1/rankings?limit=7", bearer(keys["north counselor"]));
  const ranking = rankingSchema.strict().parse(await response.json());
  expect(ranking).toEqual(await readRanking(cairn(), "north", { limit: 7 }));
  expect(ranking.entries).toHaveLength(7);
  const school = ranking.entries[0]?.school ?? "";
  const one = await app.request(`/v1/rankings?school=${encodeURIComponent(school)}`, bearer(keys["north counselor"]));
  const entries = rankingSchema.parse(await one.json()).entries;
  expect(entries.map((entry) => entry.school)).toEqual(entries.map(() => school));
  expect(entries.map((entry) => entry.rank)).toEqual(entries.map((_, index) => index + 1));
  const playlist = await app.request(`/v1/playlists/${learner}`, bearer(keys["north platform"]));
  const parsed = playlistSchema.strict().parse(await playlist.json());
  expect(parsed.learner).toBe(learner);
  expect(parsed.minutes).toBe(parsed.items.reduce((total, item) => total + item.minutes, 0));
  expect(await (await app.request("/health")).json()).toEqual({ status: "ok", version: "9.9.9" });
});

test("the district comes from the key: nothing in the request reaches another one's", async () => {
  const { app } = open();
  const asked = `/v1/playlists/${learner}?tenant=north&tenantId=north`;
  const headers = { authorization: `Bearer ${keys["south operator"]}`, "x-tenant": "north", "cairn-tenant": "north" };
  expect((await problemOf(await app.request(asked, { headers }))).code).toBe("NOT_FOUND");
  expect((await problemOf(await app.request("/v1/rankings?tenant=north", { headers }))).code).toBe("NOT_FOUND");
});

test("a learner nobody has, a query that does not fit, a route there is not: problems that say what to try", async () => {
  const { app, lines } = open();
  const unknown = await problemOf(await app.request("/v1/playlists/Quillfeather-4711", bearer(keys["north platform"])));
  expect(unknown.code).toBe("NOT_FOUND");
  for (const query of ["limit=0", "limit=501", "limit=1.5", "limit=many"]) {
    const problem = await problemOf(await app.request(`/v1/rankings?${query}`, bearer(keys["north operator"])));
    expect(problem).toMatchObject({ code: "BAD_INPUT", status: 422, detail: expect.stringContaining("limit") });
  }
  expect((await problemOf(await app.request("/v2/anything"))).code).toBe("NOT_FOUND");
  expect(
    (await problemOf(await app.request("/v1/rankings", { method: "POST", ...bearer(keys["north operator"]) }))).status,
  ).toBe(404);
  expect(lines.length).toBeGreaterThan(4);
  expect(JSON.stringify(lines)).not.toContain("Quillfeather");
  expect(lines[0]).toMatchObject({ method: "GET", route: "/v1/playlists/:learner", status: 404, code: "NOT_FOUND" });
});

/** An app with one more route, which throws. */
function failing(error: unknown) {
  const opened = open();
  const route = createRoute({
    method: "get",
    path: "/v1/boom/{who}",
    request: { params: z.object({ who: z.string() }) },
    responses: { 200: { description: "never" } },
  });
  opened.app.openapi(route, () => {
    throw error;
  });
  return opened;
}

test("every code has its problem; a fault of our own shows no word of it", async () => {
  for (const code of Object.keys(codes) as ErrorCode[]) {
    const { app, lines } = failing(new CairnError(code, "secret words", { hint: "secret hint" }));
    const response = await app.request("/v1/boom/Quillfeather");
    const status = httpStatus(code);
    const problem = await problemOf(response);
    expect({ code, status: problem.status }).toEqual({ code, status });
    expect(problem.title.length).toBeGreaterThan(3);
    if (status < 500) {
      expect(problem).toMatchObject({ code, detail: "secret words", hint: "secret hint" });
      expect(lines).toMatchObject([{ code, status, msg: "request refused" }]);
    } else {
      expect(problem.code).toBe(code === "UNAVAILABLE" ? code : "INTERNAL");
      expect(JSON.stringify(problem)).not.toContain("secret");
      expect(lines).toMatchObject([{ status, msg: "request failed", error: `${code}: secret words` }]); // the operator reads it
    }
    expect(JSON.stringify(lines)).not.toContain("Quillfeather");
  }
});

test("the words of a foreign error, which may hold a row, reach neither the client nor the log", async () => {
  const refused = Object.assign(new Error('invalid input syntax: "Ada Quillfeather"'), { code: "22P02" });
  const foreign = [
    new DrizzleQueryError("select 1", ["Ada Quillfeather"], refused),
    refused,
    new TypeError("Quillfeather"),
  ];
  for (const error of foreign) {
    const { app, lines } = failing(error);
    const response = await app.request("/v1/boom/x");
    expect(await problemOf(response)).toEqual({
      type: "about:blank",
      title: "Our fault",
      status: 500,
      detail: "the request could not be answered",
      code: "INTERNAL",
    });
    expect(JSON.stringify(lines)).not.toContain("Quillfeather");
    expect(lines[0]).toMatchObject({
      route: "/v1/boom/:who",
      error: expect.stringMatching(/Error/),
      at: expect.any(Array),
    });
  }
  const { app, lines } = failing(foreign[0]);
  await app.request("/v1/boom/x");
  expect(lines[0]?.error).toBe("Error (Error 22P02)");
  expect(lines[0]).toMatchObject({ at: expect.arrayContaining([expect.stringMatching(/^at /)]) });
});

test("a body that is too large is refused before it is read", async () => {
  const { app, lines } = open();
  const response = await app.request("/v1/rankings", { method: "POST", body: "x".repeat(1_000_001) });
  expect((await problemOf(response)).status).toBe(413);
  expect(lines).toMatchObject([{ status: 413, msg: "request refused" }]);
});

test("answers, refusals and errors all carry the security headers, and none that names a child may be kept", async () => {
  const { app } = open();
  const asked: [string, RequestInit][] = [
    ["/health", {}],
    ["/nowhere", {}],
    ["/v1/rankings", {}],
    ["/v1/rankings", bearer(keys["north counselor"])],
    [`/v1/playlists/${learner}`, bearer(keys["north platform"])],
    ["/v1/rankings", { method: "POST", body: "x".repeat(1_000_001) }],
  ];
  for (const [path, init] of asked) {
    const { headers } = await app.request(path, init);
    expect(headers.get("x-content-type-options")).toBe("nosniff");
    expect(headers.get("x-frame-options")).toBe("SAMEORIGIN");
    expect(headers.get("strict-transport-security")).toMatch(/^max-age=/);
    expect(headers.get("referrer-policy")).toBe("no-referrer");
    expect(headers.get("x-request-id")).toMatch(/^[\w-]{8,}$/);
    if (path.startsWith("/v1/") && init.method === undefined) expect(headers.get("cache-control")).toBe("no-store");
  }
});

interface Operation {
  readonly security?: unknown;
  readonly parameters?: readonly { readonly name: string; readonly in: string; readonly required?: boolean }[];
  readonly responses: Readonly<Record<string, { readonly description: string }>>;
}
interface Description {
  readonly openapi: string;
  readonly info: { readonly title: string; readonly version: string };
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}
async function description(): Promise<Description> {
  return (await open().app.request("/openapi.json")).json() as Promise<Description>;
}

test("the description is OpenAPI 3.1: every reference resolves, every path parameter is declared, nothing of 3.0 is left", async () => {
  const document = await description();
  expect(document.openapi).toBe("3.1.0");
  expect(document.info).toMatchObject({ title: "cairn", version: "9.9.9" });
  const references: string[] = [];
  const walk = (value: unknown): void => {
    if (typeof value !== "object" || value === null) return;
    for (const [key, inner] of Object.entries(value)) {
      if (key === "$ref") references.push(String(inner));
      expect(["nullable", "example"].includes(key) && typeof inner === "boolean").toBe(false);
      if (key === "exclusiveMinimum" || key === "exclusiveMaximum") expect(typeof inner).toBe("number");
      walk(inner);
    }
  };
  walk(document);
  expect(references.length).toBeGreaterThan(3);
  for (const reference of references) {
    const target = reference
      .replace(/^#\//, "")
      .split("/")
      .reduce<unknown>((at, key) => (at as Record<string, unknown>)?.[key], document);
    expect({ reference, found: typeof target }).toEqual({ reference, found: "object" });
  }
  for (const [path, methods] of Object.entries(document.paths)) {
    for (const operation of Object.values(methods)) {
      const declared = (operation.parameters ?? []).filter((parameter) => parameter.in === "path");
      expect(declared.map(({ name, required }) => [name, required])).toEqual(
        [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => [name, true]),
      );
      for (const answer of Object.values(operation.responses)) expect(answer.description).not.toBe("");
    }
  }
  expect(document.components.securitySchemes).toEqual({ key: { type: "http", scheme: "bearer" } });
});
