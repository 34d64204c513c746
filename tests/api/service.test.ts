import { gunzipSync } from "node:zlib";
import { parse } from "csv-parse/sync";
import fc from "fast-check";
import { pino } from "pino";
import { beforeAll, expect, test } from "vitest";
import { createApp } from "../../src/api/app.ts";
import type { ServiceTexts } from "../../src/api/settings.ts";
import { readServiceSettings } from "../../src/api/settings.ts";
import { TokenBuckets } from "../../src/api/token-bucket.ts";
import { createKey } from "../../src/engine/access/keys.ts";
import type { Ranking } from "../../src/engine/early-warning/ranking.ts";
import { readRanking } from "../../src/engine/early-warning/ranking.ts";
import { rankingCsv } from "../../src/engine/early-warning/ranking-csv.ts";
import { listPlaylists } from "../../src/engine/playlists/read.ts";
import type { Cairn } from "../../src/engine/runtime.ts";
import { connectDatabase } from "../../src/records/database.ts";
import { asOf, deliver, runNight, useCairn, useDistrictFiles } from "../engine/district.ts";
import { openEmptyDatabase } from "../support/database.ts";

const cairn = useCairn();
const files = useDistrictFiles();
let operator: string;
let platform: string;
let learner: string;

beforeAll(async () => {
  await deliver(cairn(), "north", files());
  await runNight(cairn(), "north", asOf);
  operator = await createKey(cairn(), "north", "operator", "tests");
  platform = await createKey(cairn(), "north", "platform", "tests");
  learner = [...(await listPlaylists(cairn(), "north")).keys()][0] ?? "";
});

function open(texts: ServiceTexts = {}, as: Cairn = cairn()) {
  const log = pino({ level: "silent" });
  return createApp(as, { version: "1", log, settings: readServiceSettings({ CAIRN_RATE_LIMIT: "0", ...texts }) });
}
const as = (key: string, headers: Record<string, string> = {}) => ({
  headers: { authorization: `Bearer ${key}`, ...headers },
});

test("in any stretch of time a sender passes at most the burst and what was refilled, and is told when to come again", () => {
  const gaps = fc.array(fc.double({ min: 0, max: 2, noNaN: true }), { minLength: 1, maxLength: 200 });
  const rates = fc.record({
    rate: fc.double({ min: 0.1, max: 50, noNaN: true }),
    burst: fc.integer({ min: 1, max: 20 }),
  });
  fc.assert(
    fc.property(rates, gaps, ({ rate, burst }, waits) => {
      const buckets = new TokenBuckets({ rate, burst });
      const passed: number[] = [];
      let now = 0;
      for (const wait of waits) {
        now += wait;
        const { isAdmitted, remaining, waitSeconds } = buckets.take("a", now);
        if (isAdmitted) passed.push(now);
        expect(remaining).toBeLessThan(burst);
        if (!isAdmitted) {
          expect(waitSeconds).toBeGreaterThan(0);
          now += waitSeconds + 1e-6; // the next one passes, as it was told
          expect(buckets.take("a", now).isAdmitted).toBe(true);
          passed.push(now);
        }
      }
      for (let i = 0; i < passed.length; i++) {
        const most = burst + rate * (passed.at(-1)! - passed[i]!) + 1e-3;
        expect(passed.length - i).toBeLessThanOrEqual(most);
      }
      expect(buckets.take("b", now).isAdmitted).toBe(true); // nobody pays for another
    }),
  );
});

test("a key that asks too often gets 429 with when to come again; another key and /health do not notice", async () => {
  const app = open({ CAIRN_RATE_LIMIT: "0.001", CAIRN_RATE_BURST: "3" });
  const statuses: number[] = [];
  for (let i = 0; i < 5; i++) statuses.push((await app.request("/v1/rankings", as(operator))).status);
  expect(statuses).toEqual([200, 200, 200, 429, 429]);
  const refused = await app.request("/v1/rankings", as(operator));
  expect(refused.headers.get("content-type")).toBe("application/problem+json");
  expect(refused.headers.get("cache-control")).toBe("no-store");
  expect(await refused.json()).toMatchObject({ status: 429, code: "TOO_MANY_REQUESTS" });
  expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(900);
  expect(refused.headers.get("ratelimit")).toMatch(/^"key";r=0;t=\d+$/);
  const other = await app.request(`/v1/playlists/${learner}`, as(platform));
  expect([other.status, other.headers.get("ratelimit")]).toEqual([200, '"key";r=2;t=0']);
  expect(other.headers.get("ratelimit-policy")).toBe('"key";q=3;w=3000');
  expect((await app.request("/health")).status).toBe(200);
});

test("a request that takes too long is answered 504 and ends what it began: sent again, its answer is there", async () => {
  const app = open({ CAIRN_TIME_LIMIT_SECONDS: "0.001" });
  const headers = {
    ...as(platform).headers,
    "content-type": "application/json",
    "idempotency-key": "0123456789abcdef",
  };
  const send = (to = app) =>
    to.request("/v1/playlists", { method: "POST", headers, body: JSON.stringify({ learner }) });
  const late = await send();
  expect(late.status).toBe(504);
  expect(await late.json()).toMatchObject({ code: "TIMED_OUT" });
  let again = await send(open());
  while (again.status === 409) again = await send(open()); // under way
  expect([again.status, again.headers.get("idempotency-replayed")]).toEqual([200, "true"]);
});

test("answers are compressed when asked, to the same bytes; a document of xAPI is not, nor a small one refused", async () => {
  const plain = await open().request("/v1/rankings", as(operator));
  expect(plain.headers.get("content-encoding")).toBeNull();
  const packed = await open().request("/v1/rankings", as(operator, { "accept-encoding": "gzip" }));
  expect(packed.headers.get("content-encoding")).toBe("gzip");
  expect(packed.headers.get("vary")).toMatch(/accept-encoding/i);
  expect(gunzipSync(await packed.arrayBuffer()).toString()).toBe(await plain.text());
  const about = await open().request("/xapi/about", { headers: { "accept-encoding": "gzip" } });
  expect(about.headers.get("content-encoding")).toBeNull();
});

test("what was published is not sent twice: its ETag answers 304, which may be kept as little as the answer", async () => {
  for (const [path, key] of [
    ["/v1/rankings?limit=5", operator],
    ["/v1/rankings/thriving", operator],
    [`/v1/playlists/${learner}`, platform],
  ] as const) {
    const first = await open().request(path, as(key));
    const tag = first.headers.get("etag") ?? "";
    expect(tag).toMatch(/^"[0-9a-f]{40}"$/);
    const second = await open().request(path, as(key, { "if-none-match": tag }));
    expect([second.status, await second.text()]).toEqual([304, ""]);
    expect(second.headers.get("cache-control")).toBe("no-store");
    const packed = await open().request(path, as(key, { "if-none-match": `W/${tag}`, "accept-encoding": "gzip" }));
    expect(packed.status).toBe(304);
    expect((await open().request(path, as(key, { "if-none-match": '"other"' }))).status).toBe(200);
    expect((await open().request(path, { headers: { "if-none-match": tag } })).status).toBe(401); // a tag is no key
  }
});

test("the ranking as CSV: the lines of the JSON answer, and no cell a spreadsheet would run", async () => {
  const json = (await (await open().request("/v1/rankings?limit=9", as(operator))).json()) as Ranking;
  const answer = await open().request("/v1/rankings?limit=9", as(operator, { accept: "text/csv" }));
  expect(answer.headers.get("content-type")).toMatch(/^text\/csv; charset=utf-8/);
  expect(answer.headers.get("content-disposition")).toBe(`attachment; filename="ranking-${asOf}.csv"`);
  expect(answer.headers.get("vary")).toMatch(/accept/i);
  const bytes = Buffer.from(await answer.arrayBuffer());
  expect(bytes.subarray(0, 3)).toEqual(Buffer.from([0xef, 0xbb, 0xbf]));
  const rows = parse(bytes, { bom: true, columns: true }) as Record<string, string>[];
  expect(rows.map(({ rank, learner: number, probability }) => [Number(rank), number, Number(probability)])).toEqual(
    json.entries.map((entry) => [entry.rank, entry.learner, entry.probability]),
  );
  const browser = await open().request("/v1/rankings", as(operator, { accept: "text/html,*/*;q=0.8" }));
  expect(browser.headers.get("content-type")).toBe("application/json");
});

test("whatever a name holds, the CSV has one cell for it, and it does not begin as a formula", async () => {
  const ranking = await readRanking(cairn(), "north", { limit: 1 });
  const entry = ranking.entries[0]!;
  const sign = fc.constantFrom("=", "+", "-", "@", "\t", "\r", "\n", " =", "＝", '"', ",", "");
  fc.assert(
    fc.property(sign, fc.string(), (first, rest) => {
      const name = `${first}${rest}`;
      const [row] = parse(rankingCsv({ ...ranking, entries: [{ ...entry, name }] }), { bom: true, columns: true }) as {
        name: string;
      }[];
      expect([name, `'${name}`]).toContain(row?.name);
      if (!/^[+-]?\d+([.,]\d+)?$/.test(name)) expect(row?.name).not.toMatch(/^\s*[=+\-@＝＋－＠]|^[\t\r\n]/);
    }),
  );
});

test("ready says what health does not: the database answers, and has every migration", async () => {
  expect(await (await open().request("/ready")).json()).toEqual({ status: "ready", version: "1" });
  const away = connectDatabase("postgres://nobody@127.0.0.1:9/nothing");
  const alone = open({}, { ...cairn(), database: away });
  expect((await alone.request("/health")).status).toBe(200);
  const refused = await alone.request("/ready");
  expect([refused.status, refused.headers.get("content-type")]).toEqual([503, "application/problem+json"]);
  await away.close();
  const empty = await openEmptyDatabase();
  const bare = connectDatabase(empty.url);
  expect((await open({}, { ...cairn(), database: bare }).request("/ready")).status).toBe(503);
  await bare.close();
  await empty.drop();
});

test("metrics open to their own key alone, and count by the route's pattern: no learner, no key, no invented method", async () => {
  const metricsKey = "a-key-of-the-scraper";
  const app = open({ CAIRN_METRICS_KEY: metricsKey });
  await app.request(`/v1/playlists/${learner}`, as(platform));
  await app.request("/v1/playlists/Quillfeather", as(platform));
  await app.request("/Quillfeather/home");
  await app.request("/health", { method: "QUILLFEATHER" });
  expect((await app.request("/metrics")).status).toBe(401);
  expect((await app.request("/metrics", as(operator))).status).toBe(401);
  expect((await open().request("/metrics", as(operator))).status).toBe(404);
  const text = await (await app.request("/metrics", as(metricsKey))).text();
  const count = (status: number) =>
    `cairn_http_request_duration_seconds_count{method="GET",route="/v1/playlists/:learner",status="${status}"} 1`;
  expect(text).toContain(count(200));
  expect(text).toContain(count(404));
  expect(text).toContain("nodejs_eventloop_lag_seconds");
  for (const word of [learner, /Quillfeather/i, platform, "north"]) expect(text).not.toMatch(word);
});

test("settings that are wrong are all named at once, without their values", () => {
  const wrong = { CAIRN_RATE_LIMIT: "-1", CAIRN_TIME_LIMIT_SECONDS: "soon", CAIRN_METRICS_KEY: "secret" };
  expect(() => readServiceSettings(wrong)).toThrow(
    /^(?!.*secret)(?=.*CAIRN_RATE_LIMIT)(?=.*CAIRN_TIME_LIMIT_SECONDS)(?=.*CAIRN_METRICS_KEY)/,
  );
  expect(readServiceSettings({ CAIRN_RATE_LIMIT: "" })).toEqual(readServiceSettings({}));
});
