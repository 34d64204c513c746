import { Writable } from "node:stream";
import { generateKeyPair, SignJWT, UnsecuredJWT } from "jose";
import { pino } from "pino";
import { beforeAll, expect, test } from "vitest";
import { createApp } from "../../src/api/app.ts";
import { readConfiguration } from "../../src/configuration.ts";
import { createKey } from "../../src/engine/access/keys.ts";
import { openIssuer } from "../../src/engine/access/oidc.ts";
import { useIssuer } from "../engine/access/token-issuer.ts";
import { useCairn } from "../engine/district.ts";
import type { FamilyDistrict } from "../records/family.ts";
import { deliverFlat, familyDistrict } from "../records/family.ts";
import { cleanUp } from "../records/import/deliveries.ts";

const cairn = useCairn();
const issuer = useIssuer();
cleanUp();

let here: FamilyDistrict;
const logged: string[] = [];
const sink = new Writable({
  write(chunk, _, done) {
    logged.push(String(chunk));
    done();
  },
});

const three = new Date("2025-12-13T03:00:00Z");

/** An installation as its environment describes it; the keys are asked for again without a pause unless one is given. */
function service(cooldownMilliseconds = 0, environment: Record<string, string> = {}) {
  const settings = { CAIRN_OIDC_ISSUER: issuer().url, CAIRN_OIDC_AUDIENCE: "cairn", ...environment };
  const opened = openIssuer(readConfiguration(settings).oidc!, { cooldownMilliseconds });
  const app = createApp(
    { ...cairn(), issuer: opened, now: () => three },
    { version: "1", log: pino({ level: "trace" }, sink) },
  );
  return async (credential: string, path = "/v1/learners/1001/standards") => {
    const response = await app.request(path, { headers: { authorization: `Bearer ${credential}` } });
    const body = (await response.json()) as { code?: string; detail?: string; hint?: string };
    return { status: response.status, ...body };
  };
}

const claims = { cairn_tenant: "", cairn_role: "family", cairn_person: "P8" };

beforeAll(async () => {
  here = await familyDistrict(cairn().database);
  claims.cairn_tenant = here.tenantId;
  const standards = "standard,label,subject,grade\n7.NS.A.1,Adding numbers,math,07\n";
  await deliverFlat(cairn().database, here.tenantId, "standards", standards);
});

test("a guardian signs in and sees her own child and no other; a key opens the same doors as before", async () => {
  const ask = service();
  const token = await issuer().sign(claims);
  expect((await ask(token)).status).toBe(200);
  expect((await ask(token, "/v1/families/learners")).status).toBe(200);
  expect((await ask(token, "/v1/learners/1002/standards")).status).toBe(404);
  expect(await ask(token, "/v1/models")).toMatchObject({ status: 403, code: "FORBIDDEN" });
  expect((await ask(await createKey(cairn(), here.tenantId, "platform", "platform"))).status).toBe(200);
  expect((await ask("cairn_nobody")).status).toBe(401);
  const office = { ...claims, cairn_role: "operator", cairn_person: undefined };
  expect((await ask(await issuer().sign(office), "/v1/models")).status).toBe(200);
});

test("the issuer's own names for claims: another name, a path, one role among many, a number", async () => {
  const ask = service(0, {
    CAIRN_OIDC_ROLE_CLAIM: "realm_access.roles",
    CAIRN_OIDC_TENANT_CLAIM: "https://d.example/id",
  });
  const said = {
    "https://d.example/id": here.tenantId,
    realm_access: { roles: ["offline", "family"] },
    cairn_person: "P8",
  };
  expect((await ask(await issuer().sign(said))).status).toBe(200);
  const two = { ...said, realm_access: { roles: ["teacher", "family"] } };
  expect(await ask(await issuer().sign(two))).toMatchObject({
    status: 403,
    detail: expect.stringContaining("teacher and family"),
  });
  // 1001 is Ada herself: she may not decide yet, so she is nobody's family.
  expect((await ask(await issuer().sign({ ...said, cairn_person: 1001 }))).status).toBe(404);
});

test("a token that does not hold is refused with 401, and says why without repeating it", async () => {
  const ask = service();
  const { sign, keys, url } = issuer();
  const others = await generateKeyPair("ES256");
  const body = { iss: url, aud: "cairn", exp: Date.UTC(2026, 0, 1) / 1000, ...claims };
  const publicText = new TextEncoder().encode(JSON.stringify(keys()[0]));
  const { kid } = keys()[0]!;
  const bad = {
    "of another issuer": await sign({ ...claims, iss: "https://issuer.example" }),
    "for another audience": await sign({ ...claims, aud: "gradebook" }),
    "that has expired": await sign(claims, { issuedAt: new Date("2025-12-13T02:45:00Z") }),
    "that holds only later": await sign({ ...claims, nbf: Date.UTC(2025, 11, 13, 4) / 1000 }),
    "of another type": await sign(claims, { typ: "logout+jwt" }),
    "signed in a way that is not allowed": await new SignJWT(body)
      .setProtectedHeader({ alg: "HS256", kid: kid! })
      .sign(publicText),
    "that the issuer did not sign, or not in this form": await sign(claims, { key: others.privateKey }),
  };
  for (const [words, token] of Object.entries(bad)) {
    const { status, code, detail } = await ask(token);
    expect({ status, code, detail }).toEqual({
      status: 401,
      code: "UNAUTHENTICATED",
      detail: `expected a token that holds here and now, got one ${words}`,
    });
  }
  const good = await sign(claims);
  const [head, payload, signature] = good.split(".") as [string, string, string];
  const forged = Buffer.from(JSON.stringify({ ...body, cairn_person: "T9" })).toString("base64url");
  const more = [
    new UnsecuredJWT(body).encode(), // alg none
    `${Buffer.from('{"alg":"none"}').toString("base64url")}.${payload}.${signature}`,
    `${head}.${forged}.${signature}`,
    `${head}.${payload}.`,
    await sign({ ...claims, exp: undefined } as never),
    await sign(claims, { kid: "nobody's" }),
    "a.b.c",
  ];
  for (const token of more) expect(await ask(token)).toMatchObject({ status: 401, code: "UNAUTHENTICATED" });
  for (const token of [...Object.values(bad), ...more, good]) {
    const payloadPart = token.split(".")[1]!;
    if (payloadPart.length > 10) expect(logged.join("")).not.toContain(payloadPart);
  }
});

test("clocks may differ by a minute", async () => {
  const ask = service();
  const at = (time: string) => issuer().sign(claims, { issuedAt: new Date(time) }); // it is 03:00, and they live ten minutes
  expect((await ask(await at("2025-12-13T02:49:30Z"))).status).toBe(200);
  expect((await ask(await at("2025-12-13T02:48:30Z"))).status).toBe(401);
});

test("a token that holds and does not say who bears it is 403, with what was expected in which claim", async () => {
  const ask = service();
  const refused = async (changed: Record<string, unknown>) => {
    const { status, code, detail } = await ask(await issuer().sign({ ...claims, ...changed }));
    expect({ status, code }).toEqual({ status: 403, code: "FORBIDDEN" });
    return detail;
  };
  expect(await refused({ cairn_tenant: undefined })).toBe(
    "expected the id of a district in the token's claim cairn_tenant, got none",
  );
  expect(await refused({ cairn_tenant: "nowhere" })).toContain("registered district");
  for (const role of [undefined, "principal", "", ["x"], { family: true }, "platform"])
    expect(await refused({ cairn_role: role })).toMatch(
      /one of the roles counselor, teacher, family, operator .+ got none/,
    );
  for (const person of [undefined, "", "nobody", "\0", {}]) {
    expect(await refused({ cairn_person: person })).toContain("a person of the district's record");
    expect(await refused({ cairn_role: "counselor", cairn_person: person })).toContain("for the role counselor");
  }
});

test("the district is the token's: the same number in another district is nobody's there", async () => {
  const ask = service();
  const there = await issuer().sign({ ...claims, cairn_tenant: "north" });
  expect(await ask(there)).toMatchObject({ status: 403, detail: expect.stringContaining("got one of nobody") });
  const office = await issuer().sign({ cairn_tenant: "north", cairn_role: "operator" });
  expect((await ask(office)).status).toBe(404); // 1001 is a learner of the first district alone
});

test("a key that is taken back and replaced: the new one is asked for, the old one no longer holds", async () => {
  const ask = service();
  const before = await issuer().sign(claims);
  expect((await ask(before)).status).toBe(200);
  await issuer().rotate();
  const after = await issuer().sign(claims);
  expect((await ask(after)).status).toBe(200);
  expect((await ask(before)).status).toBe(401);
});

test("keys that nobody has are asked for once in a while, not with every token", async () => {
  const ask = service(30_000);
  expect((await ask(await issuer().sign(claims))).status).toBe(200);
  const asked = issuer().asked();
  for (let n = 0; n < 5; n++)
    expect((await ask(await issuer().sign(claims, { kid: `made-up-${n}` }))).status).toBe(401);
  expect(issuer().asked()).toBe(asked);
});

test("without its issuer the service starts, lets keys in, answers 503 to tokens, and recovers; known keys go on", async () => {
  const ask = service();
  const key = await createKey(cairn(), here.tenantId, "platform", "platform");
  issuer().away(true);
  expect(await ask(await issuer().sign(claims))).toMatchObject({ status: 503, code: "UNAVAILABLE" });
  expect((await ask(key)).status).toBe(200);
  issuer().away(false);
  expect((await ask(await issuer().sign(claims))).status).toBe(200);
  issuer().away(true);
  expect((await ask(await issuer().sign(claims, { kid: "unknown" }))).status).toBe(503);
  expect((await ask(await issuer().sign(claims))).status).toBe(200);
  issuer().away(false);
});

test("an installation without an issuer takes no token", async () => {
  const app = createApp(cairn(), { version: "1", log: pino({ level: "silent" }) });
  const headers = { authorization: `Bearer ${await issuer().sign(claims)}` };
  expect((await app.request("/v1/learners/1001/standards", { headers })).status).toBe(401);
});

test("an issuer without an audience, or without https beyond this machine, is a fault of the configuration", () => {
  const read = (environment: Record<string, string>) => () => readConfiguration(environment);
  const [CAIRN_OIDC_ISSUER, CAIRN_OIDC_AUDIENCE] = ["https://issuer.example/realm", "cairn"];
  expect(readConfiguration({}).oidc).toBeUndefined();
  expect(readConfiguration({ CAIRN_OIDC_ISSUER, CAIRN_OIDC_AUDIENCE }).oidc).toEqual({
    issuer: CAIRN_OIDC_ISSUER,
    audience: "cairn",
    jwksUrl: undefined,
    claims: { tenant: "cairn_tenant", role: "cairn_role", person: "cairn_person" },
    clockSkewSeconds: 60,
  });
  expect(read({ CAIRN_OIDC_ISSUER })).toThrow(/CAIRN_OIDC_AUDIENCE/);
  expect(read({ CAIRN_OIDC_AUDIENCE, CAIRN_PORT: "many" })).toThrow(/CAIRN_PORT.+CAIRN_OIDC_AUDIENCE/);
  expect(read({ CAIRN_OIDC_ISSUER: "http://issuer.example", CAIRN_OIDC_AUDIENCE })).toThrow(/https/);
  expect(read({ CAIRN_OIDC_ISSUER, CAIRN_OIDC_AUDIENCE, CAIRN_OIDC_JWKS_URL: "http://localhost.example/k" })).toThrow(
    /https/,
  );
});
