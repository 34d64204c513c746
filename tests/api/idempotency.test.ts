import { randomUUID } from "node:crypto";
import fc from "fast-check";
import { pino } from "pino";
import { beforeAll, expect, test } from "vitest";
import { createApp } from "../../src/api/app.ts";
import { forgetAnswers } from "../../src/engine/access/idempotency.ts";
import { createKey } from "../../src/engine/access/keys.ts";
import { listPlaylists } from "../../src/engine/playlists/read.ts";
import type { Cairn } from "../../src/engine/runtime.ts";
import { inTenant } from "../../src/records/database.ts";
import { erasePerson } from "../../src/records/erasure/erase.ts";
import { asOf, deliver, runNight, useCairn, useDistrictFiles } from "../engine/district.ts";

const cairn = useCairn();
const files = useDistrictFiles(60);
const tenantId = "north";
let keys: Record<"platform" | "other" | "operator" | "south", string>;
let learners: string[];

beforeAll(async () => {
  await deliver(cairn(), tenantId, files());
  await runNight(cairn(), tenantId, asOf);
  keys = {
    platform: await createKey(cairn(), tenantId, "platform", "tests"),
    other: await createKey(cairn(), tenantId, "platform", "tests"),
    operator: await createKey(cairn(), tenantId, "operator", "tests"),
    south: await createKey(cairn(), "south", "operator", "tests"),
  };
  learners = [...(await listPlaylists(cairn(), tenantId)).keys()];
});

interface Sent {
  readonly key?: string;
  readonly who?: keyof typeof keys;
  readonly path?: string;
  readonly as?: Cairn;
}

async function post(body: unknown, { key, who = "platform", path = "/v1/playlists", as = cairn() }: Sent) {
  const app = createApp(as, { version: "1", log: pino({ level: "silent" }) });
  const response = await app.request(path, {
    method: "POST",
    headers: {
      authorization: `Bearer ${keys[who]}`,
      "content-type": "application/json",
      ...(key === undefined ? {} : { "idempotency-key": key }),
    },
    body: JSON.stringify(body),
  });
  const { status, headers } = response;
  const bytes = Buffer.from(await response.arrayBuffer());
  return {
    status,
    bytes: bytes.toString("base64"),
    body: JSON.parse(bytes.toString()),
    replayed: headers.get("idempotency-replayed"),
    type: headers.get("content-type"),
    cache: headers.get("cache-control"),
  };
}

/** Effects of the requests so far: every list that is given out is logged as a decision. */
const decisions = async (): Promise<number> =>
  inTenant(cairn().database, tenantId, async ({ sql }) => {
    const [row] = await sql<{ n: number }[]>`select count(*)::int as n from playlist_decision`;
    return row!.n;
  });

const kept = () => inTenant(cairn().database, tenantId, ({ sql }) => sql`select * from idempotent_request`);

test("the same key and body give the first answer byte for byte, and do nothing; without the header nothing is kept", async () => {
  const ask = { learner: learners[0] };
  const key = randomUUID();
  const first = await post(ask, { key });
  expect(first).toMatchObject({ status: 200, replayed: null });
  const before = await decisions();
  const again = await post(ask, { key });
  expect(again).toEqual({ ...first, replayed: "true" });
  expect(again.cache).toBe("no-store");
  expect(await post(ask, { key: `"${key}"` })).toEqual(again); // as the draft quotes it
  expect(await decisions()).toBe(before);
  const rows = (await kept()).length;
  await post(ask, {});
  expect(await decisions()).toBe(before + 1);
  expect(await kept()).toHaveLength(rows);
});

test("whatever is sent twice under one key takes effect once, and another body never passes for it", async () => {
  const asked = fc.record({ learner: fc.nat(200), minutes: fc.integer({ min: 1, max: 60 }) });
  await fc.assert(
    fc.asyncProperty(asked, asked, fc.uuid(), async (one, two, key) => {
      const body = ({ learner, minutes }: typeof one) => ({ learner: learners[learner % learners.length], minutes });
      const [a, b] = [body(one), body(two)];
      const own = `${key}-${randomUUID()}`;
      const first = await post(a, { key: own });
      const before = await decisions();
      const second = await post(b, { key: own });
      if (JSON.stringify(a) === JSON.stringify(b)) expect(second.bytes).toBe(first.bytes);
      else expect(second).toMatchObject({ status: 422, body: { code: "BAD_INPUT" } });
      expect(await decisions()).toBe(before);
    }),
    { numRuns: 25 },
  );
});

test("ten at once: one effect; the others are told to wait or get the answer", async () => {
  const key = randomUUID();
  const before = await decisions();
  const answers = await Promise.all(Array.from({ length: 10 }, () => post({ learner: learners[1] }, { key })));
  expect(await decisions()).toBe(before + 1);
  const done = answers.filter(({ status }) => status === 200);
  expect(done.length).toBeGreaterThan(0);
  expect(new Set(done.map(({ bytes }) => bytes)).size).toBe(1);
  for (const { status, body } of answers) if (status !== 200) expect([status, body.code]).toEqual([409, "CONFLICT"]);
});

test("a key is its caller's: another key of the district, another district and another route do not meet it", async () => {
  const ask = { learner: learners[2] };
  const key = randomUUID();
  const first = await post(ask, { key });
  expect(await post(ask, { key, who: "other" })).toMatchObject({ status: 200, replayed: null });
  expect(await post(ask, { key, who: "south" })).toMatchObject({ status: 404, replayed: null });
  expect(await post(ask, { key, path: "/v1/playlists?again" })).toMatchObject({ status: 422, replayed: null });
  expect((await post(ask, { key })).bytes).toBe(first.bytes);
});

test("a refusal did nothing: the key is free for the request as it should have been", async () => {
  const key = randomUUID();
  expect((await post({ learner: 7 }, { key })).status).toBe(422);
  expect((await post({ learner: "nobody" }, { key })).status).toBe(404);
  expect(await post({ learner: learners[3] }, { key })).toMatchObject({ status: 200, replayed: null });
});

test("a key that can be guessed is none", async () => {
  for (const key of ["1", "short", "a".repeat(256), "with a blank in its middle"]) {
    expect(await post({ learner: learners[0] }, { key })).toMatchObject({ status: 422, body: { code: "BAD_INPUT" } });
  }
});

test("a process that dies half-way leaves the key taken, for nobody knows what it did", async () => {
  const key = randomUUID();
  const ask = { learner: learners[4] };
  const dies: Cairn = {
    ...cairn(),
    now: () => {
      throw new Error("gone");
    },
  };
  // The clock is read before the key is taken: nothing has begun, and the key is free.
  expect((await post(ask, { key, as: dies })).status).toBe(500);
  expect((await post(ask, { key })).status).toBe(200);
  await inTenant(
    cairn().database,
    tenantId,
    ({ sql }) => sql`update idempotent_request set status = null, answer = null`,
  );
  const before = await decisions();
  expect(await post(ask, { key })).toMatchObject({ status: 409, body: { code: "CONFLICT" } });
  expect(await decisions()).toBe(before);
});

test("the table holds no word of the answer, the request or the key", async () => {
  const key = randomUUID();
  const learner = learners[5]!;
  const { body } = await post({ learner }, { key });
  expect(JSON.stringify(body)).toContain(learner);
  const text = (await kept())
    .map((row) =>
      Object.values(row)
        .map((cell) => (Buffer.isBuffer(cell) ? cell.toString("latin1") : String(cell)))
        .join(" "),
    )
    .join("\n");
  expect(text).toContain("/v1/playlists");
  for (const word of [learner, key, body.decisionId, body.headline]) expect(text).not.toContain(word);
});

test("nothing that was answered before somebody is erased is answered again, and nothing is done again", async () => {
  const key = randomUUID();
  const ask = { learner: learners[6] };
  expect((await post(ask, { key })).status).toBe(200);
  await inTenant(cairn().database, tenantId, async (tx) => {
    const [row] = await tx.sql<
      { id: string }[]
    >`select person_id as id from identifier where value = ${learners[6]!} limit 1`;
    await erasePerson(tx, { personId: row!.id, cause: "asked", decidedBy: "tests", now: new Date() });
  });
  expect((await kept()).filter(({ answer }) => answer !== null)).toEqual([]);
  const before = await decisions();
  expect(await post(ask, { key })).toMatchObject({ status: 409, body: { detail: expect.stringContaining("kept") } });
  expect(await decisions()).toBe(before);
});

test("after a day the key is new, and no row is left", async () => {
  const key = randomUUID();
  const ask = { learner: learners[7] };
  const at = (hours: number): Cairn => ({ ...cairn(), now: () => new Date(Date.UTC(2025, 11, 14, hours)) });
  const first = await post(ask, { key, as: at(0) });
  expect((await post(ask, { key, as: at(23) })).bytes).toBe(first.bytes);
  expect(await post(ask, { key, as: at(25) })).toMatchObject({ status: 200, replayed: null });
  expect(await forgetAnswers(at(50))).toBeGreaterThan(0);
  expect(await kept()).toEqual([]);
});
