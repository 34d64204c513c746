import { connect } from "node:net";
import { beforeAll, describe, expect, test } from "vitest";
import { allowed } from "../../src/api/auth.ts";
import type { DemoResult } from "../../src/cli/demo/describe.ts";
import type { Ranking } from "../../src/engine/early-warning/ranking.ts";
import { version } from "../../src/version.ts";
import type { Running } from "./cairn-process.ts";
import { documentOf, eventually, freshHome, processesIn, runCairn, serverPid, startCairn } from "./cairn-process.ts";

interface Service extends Running {
  readonly url: string;
  readonly key: string | null;
}

/** Starts an API process and waits until it has said where it answers. */
async function serve(home: string, ...options: string[]): Promise<Service> {
  const running = startCairn(["serve", "--json", ...options], { CAIRN_HOME: home, CAIRN_PORT: "0" });
  const said = await eventually("the address of the service", () => {
    if (running.child.exitCode !== null) throw new Error(running.stderr());
    return running.stdout().endsWith("}\n") ? running.stdout() : undefined;
  });
  return { ...running, ...(JSON.parse(said) as { url: string; key: string | null }) };
}

async function stop(service: Service): Promise<void> {
  service.child.kill("SIGTERM");
  expect((await service.finished).code).toBe(0);
}

let home: string;
let north: DemoResult; // two districts of one installation; their learners bear the same numbers
let south: DemoResult;
let service: Service;
const keys = { operator: "", counselor: "", platform: "", south: "" };

beforeAll(async () => {
  home = await freshHome();
  const demo = (seed: string) => runCairn(["demo", "--students", "90", "--seed", seed, "--json"], { CAIRN_HOME: home });
  // At once: they share the server and the queue, and each may score what the other asked for.
  [north, south] = (await Promise.all([demo("1"), demo("2")])).map((run) => documentOf<DemoResult>(run)) as [
    DemoResult,
    DemoResult,
  ];
  service = await serve(home, "--tenant", north.tenant);
  keys.operator = service.key!;
  const others = await Promise.all([
    serve(home, "--tenant", north.tenant, "--new-key", "counselor"),
    serve(home, "--tenant", north.tenant, "--new-key", "platform"),
    serve(home, "--tenant", south.tenant),
  ]);
  [keys.counselor, keys.platform, keys.south] = others.map(({ key }) => key!) as [string, string, string];
  await Promise.all(others.map(stop));
});

const ask = (path: string, key?: string, init: RequestInit = {}): Promise<Response> =>
  fetch(`${service.url}${path}`, { ...init, headers: key === undefined ? {} : { authorization: `Bearer ${key}` } });

const read = async <T>(path: string, key: string): Promise<T> => {
  const response = await ask(path, key);
  expect(response.status, path).toBe(200);
  return (await response.json()) as T;
};

async function expectProblem(response: Response, status: number, code: string): Promise<void> {
  expect(response.status).toBe(status);
  expect(response.headers.get("content-type")).toMatch(/^application\/problem\+json/);
  const problem = (await response.json()) as Record<string, unknown>;
  expect(problem).toMatchObject({ type: "about:blank", status, code });
  expect(problem.title).toMatch(/\w/);
  expect(problem.detail).toMatch(/\w/);
}

describe("what needs no key", () => {
  test("health says the version", async () => {
    const response = await ask("/health");
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({ status: "ok", version });
  });

  test("the API describes itself as OpenAPI 3.1, with every route and its problems", async () => {
    const response = await ask("/openapi.json");
    const document = (await response.json()) as {
      openapi: string;
      info: { version: string };
      paths: Record<string, Record<string, { responses: Record<string, { content: Record<string, unknown> }> }>>;
    };
    expect(document.openapi).toMatch(/^3\.1\./);
    expect(document.info.version).toBe(version);
    const routes = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, { responses }]) => ({
        route: `${method.toUpperCase()} ${path}`,
        responses,
      })),
    );
    const open = ["GET /health", "GET /ready"]; // asked by whoever watches the process: no key, and nothing of a district
    expect(routes.map(({ route }) => route).sort()).toEqual([...open, ...Object.keys(allowed)].sort());
    for (const { route, responses } of routes.filter((one) => !open.includes(one.route))) {
      expect(responses.default!.content, route).toHaveProperty("application/problem+json");
    }
  });
});

describe("what is refused is refused as a problem document", () => {
  test("401 without a key, with half a key and with a key nobody made; the answers tell nothing apart", async () => {
    for (const path of ["/v1/rankings", "/v1/playlists/1000001", "/v1/rankings?limit=nonsense"]) {
      const response = await ask(path);
      expect(response.headers.get("www-authenticate")).toBe("Bearer");
      await expectProblem(response, 401, "UNAUTHENTICATED");
    }
    const texts = await Promise.all(
      ["cairn_", `cairn_${"A".repeat(43)}`, keys.operator.slice(0, -1)].map(async (key) => {
        const response = await ask("/v1/rankings", key);
        await expectProblem(response.clone(), 401, "UNAUTHENTICATED");
        return response.text();
      }),
    );
    expect(new Set(texts).size).toBe(1);
  });

  test("403 for a role that may not", async () => {
    await expectProblem(await ask("/v1/rankings", keys.platform), 403, "FORBIDDEN");
    await expectProblem(await ask(`/v1/playlists/${north.playlist!.learner}`, keys.counselor), 403, "FORBIDDEN");
  });

  test("404 for a route, a method and a learner that are not there", async () => {
    await expectProblem(await ask("/v1/nowhere", keys.operator), 404, "NOT_FOUND");
    await expectProblem(await ask("/v1/rankings", keys.operator, { method: "DELETE" }), 404, "NOT_FOUND");
    await expectProblem(await ask("/v1/playlists/nobody", keys.operator), 404, "NOT_FOUND");
  });

  test("422 for a query that does not fit, 413 for a body over the limit", async () => {
    for (const limit of ["0", "501", "1.5", "many", "-1"]) {
      await expectProblem(await ask(`/v1/rankings?limit=${limit}`, keys.operator), 422, "BAD_INPUT");
    }
    await expectProblem(await ask(`/v1/playlists/${"9".repeat(201)}`, keys.operator), 422, "BAD_INPUT");
    const body = "x".repeat(1_100_000);
    await expectProblem(await ask("/v1/rankings", keys.operator, { method: "POST", body }), 413, "BAD_INPUT");
  });
});

describe("what is answered", () => {
  test("the ranking is what the demo printed, for those who may see it", async () => {
    for (const key of [keys.operator, keys.counselor]) {
      expect(await read<Ranking>("/v1/rankings?limit=10", key)).toEqual(north.ranking);
    }
  });

  test("the capacity cuts the ranking; a school is ranked by itself", async () => {
    const all = await read<Ranking>("/v1/rankings?limit=500", keys.counselor);
    expect(all.entries).toHaveLength(all.learners);
    expect((await read<Ranking>("/v1/rankings?limit=3", keys.counselor)).entries).toEqual(all.entries.slice(0, 3));
    expect((await read<Ranking>("/v1/rankings", keys.counselor)).entries).toEqual(all.entries.slice(0, 25));
    const { school } = all.entries[0]!;
    const ofSchool = await read<Ranking>(`/v1/rankings?limit=500&school=${encodeURIComponent(school)}`, keys.counselor);
    const expected = all.entries.filter((entry) => entry.school === school);
    expect(ofSchool.entries).toEqual(expected.map((entry, index) => ({ ...entry, rank: index + 1 })));
  });

  test("the playlist is what the demo printed, for those who may ask for it", async () => {
    for (const key of [keys.operator, keys.platform]) {
      expect(await read(`/v1/playlists/${north.playlist!.learner}`, key)).toEqual(north.playlist);
    }
  });

  test("a key of another district sees nothing of the first, not even by its learners' numbers", async () => {
    const ours = await read<Ranking>("/v1/rankings?limit=500", keys.operator);
    const theirs = await read<Ranking>("/v1/rankings?limit=500", keys.south);
    expect(theirs.provenance.runId).toBe(south.ranking.provenance.runId);
    expect(theirs.provenance.runId).not.toBe(ours.provenance.runId);
    expect(theirs.entries.slice(0, 10)).toEqual(south.ranking.entries);
    const person = ({ learner, name }: Ranking["entries"][number]): string => `${learner} ${name}`;
    const known = new Set(ours.entries.map(person));
    expect(theirs.entries.filter((entry) => known.has(person(entry)))).toEqual([]);
    const number = north.playlist!.learner;
    const answer = await ask(`/v1/playlists/${number}`, keys.south);
    if (answer.status !== 404) {
      expect(((await answer.json()) as { provenance: object }).provenance).toMatchObject({
        runId: south.ranking.provenance.runId,
      });
    }
    // Nothing in a request chooses the district.
    const asked = await fetch(`${service.url}/v1/rankings?limit=500&tenant=${north.tenant}&tenantId=${north.tenant}`, {
      headers: { authorization: `Bearer ${keys.south}`, "x-tenant": north.tenant },
    });
    expect(await asked.json()).toEqual(theirs);
  });
});

describe("how it ends", () => {
  test("the log names no learner and shows no key", () => {
    const lines = service
      .stderr()
      .split("\n")
      .filter((line) => line.startsWith("{"));
    expect(lines.length).toBeGreaterThan(5);
    const log = service.stderr();
    for (const secret of [...Object.values(keys), "nobody", north.playlist!.learner]) expect(log).not.toContain(secret);
    for (const { name, learner } of north.ranking.entries) {
      expect(log).not.toContain(name);
      expect(log).not.toContain(learner);
    }
  });

  test("an address that is taken is said in words, and no key is made that nobody would see", async () => {
    const environment = { CAIRN_HOME: home, CAIRN_PORT: new URL(service.url).port };
    const run = await runCairn(["serve", "--json", "--tenant", north.tenant, "--new-key", "counselor"], environment);
    expect(run.code).toBe(1);
    expect(JSON.parse(run.stdout)).toMatchObject({
      error: { code: "UNAVAILABLE", hint: expect.stringMatching("CAIRN_PORT") },
    });
    expect(run.stdout + run.stderr).not.toMatch(/cairn_\w{20}|at Server/);
  });

  test("SIGTERM ends it with exit code 0 though clients keep their connections, and the server with it", async () => {
    const later = await serve(home, "--tenant", north.tenant);
    expect(later.key).toBeNull(); // a key is shown once
    const { hostname, port } = new URL(service.url);
    const silent = connect(Number(port), hostname);
    await new Promise((done) => silent.once("connect", done));
    await stop(service);
    silent.destroy();
    expect(await serverPid(home), "the other process still needs the server").toBeDefined();
    expect(
      (await fetch(`${later.url}/v1/rankings`, { headers: { authorization: `Bearer ${keys.operator}` } })).status,
    ).toBe(200);
    await stop(later);
    expect(await serverPid(home)).toBeUndefined();
    expect(await processesIn(home)).toEqual([]);
  });
});
