import { setTimeout as wait } from "node:timers/promises";
import { beforeAll, expect, test } from "vitest";
import { createKey } from "../../../src/engine/access/keys.ts";
import { receiveResponses } from "../../../src/engine/intake/responses.ts";
import { carryOn, lockedStandings, standingOf } from "../../../src/engine/playlists/live/keep.ts";
import { learnerOfNumber } from "../../../src/engine/playlists/live/learner.ts";
import { withLiveModels } from "../../../src/engine/playlists/live/models.ts";
import { storeStanding } from "../../../src/engine/playlists/live/standing.ts";
import { connectDatabase, createTenant } from "../../../src/records/database.ts";
import { importOneRoster } from "../../../src/records/import/oneroster/import.ts";
import type { Running } from "../../e2e/cairn-process.ts";
import { eventually, freshHome, startCairn } from "../../e2e/cairn-process.ts";
import { deliverFlat } from "../../records/family.ts";
import { cleanUp, query, roster, unpacked } from "../../records/import/deliveries.ts";
import { useCairn } from "../district.ts";

const cairn = useCairn();
cleanUp();

const tenantId = "hilltop";
let key: string;

beforeAll(async () => {
  const { database } = cairn();
  await createTenant(database, { id: tenantId, name: "Hilltop" });
  await importOneRoster(database, { tenantId, path: await unpacked(roster()), receivedAt: new Date("2025-08-20") });
  await deliverFlat(
    database,
    tenantId,
    "standards",
    "standard,label,subject,grade\nN1,Count,math,08\nN2,Add,math,08\n",
  );
  await deliverFlat(database, tenantId, "prerequisites", "standard,requires\nN2,N1\n");
  const library = "activity,title,standard,modality,minutes,difficulty\nc1,Count,N1,game,10,0\na1,Add,N2,game,10,0\n";
  await deliverFlat(database, tenantId, "activities", library);
  key = await createKey(cairn(), tenantId, "platform", "two servers");
});

interface Server extends Running {
  readonly url: string;
}

/** A server process of its own on the database of the tests. */
async function serve(): Promise<Server> {
  const environment = { CAIRN_HOME: await freshHome(), CAIRN_PORT: "0", DATABASE_URL: cairn().databaseUrl };
  const running = startCairn(["serve", "--json", "--tenant", tenantId], environment);
  const said = await eventually("the address of the service", () => {
    if (running.child.exitCode !== null) throw new Error(running.stderr());
    return running.stdout().endsWith("}\n") ? running.stdout() : undefined;
  });
  return { ...running, url: (JSON.parse(said) as { url: string }).url };
}

/** The answer of a learner at a place of the series: both learners give the same ones. */
const answer = (learner: string, at: number) => ({
  id: `${learner}-${at}`,
  learner,
  item: `item-${at % 7}`,
  standard: at % 3 === 0 ? "N2" : "N1",
  answeredAt: new Date(Date.UTC(2025, 11, 12, 9, 0, at)).toISOString(),
  correct: at % 4 === 0 ? 0 : 1,
});

/** Sends an answer and asks for the next list; undefined when nobody answered. */
async function send(
  { url }: Server,
  learner: string,
  at: number,
): Promise<{ stored: number; unchanged: number } | undefined> {
  const response = await fetch(`${url}/v1/responses`, {
    method: "POST",
    headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
    body: JSON.stringify({ responses: [answer(learner, at)], next: { learner } }),
  }).catch(() => undefined);
  const receipt = (await response?.json().catch(() => undefined)) as { stored: number; unchanged: number } | undefined;
  if (response !== undefined && receipt !== undefined) expect(response.status, JSON.stringify(receipt)).toBe(200);
  return receipt;
}

/** The stored standing of a learner, without the count of its changes. */
async function stored(learner: string): Promise<unknown> {
  const { personId } = (await withLiveModels(cairn(), tenantId, (tx) => learnerOfNumber(tx, learner)))!;
  const [row] = await query<{ state: unknown }>(
    cairn().database,
    tenantId,
    `select state from learner_standing where person_id = '${personId}'`,
  );
  return row?.state;
}

const answersIn = async (learner: string): Promise<string[]> =>
  (
    await query<{ id: string }>(
      cairn().database,
      tenantId,
      `select source_record_id as id from item_response where source_record_id like '${learner}-%' order by version_id`,
    )
  ).map(({ id }) => id);

test("two server processes in turns leave what one leaves; one killed in the middle loses nothing and doubles nothing", async () => {
  const [first, second] = await Promise.all([serve(), serve()]);
  for (let at = 0; at < 30; at++) {
    expect(await send(at % 2 === 0 ? first : second, "1001", at)).toMatchObject({ stored: 1, unchanged: 0 });
    expect(await send(first, "1002", at)).toMatchObject({ stored: 1, unchanged: 0 });
  }
  expect(await stored("1001")).toEqual(await stored("1002"));

  // Twenty answers are under way at the second when it dies: what it said yes to is in, of the others nobody knows.
  const underway = Array.from({ length: 20 }, (_, index) => send(second, "1001", 30 + index));
  await Promise.race([underway[0], wait(2000)]); // one has been answered: others are between their first query and the commit
  second.child.kill("SIGKILL");
  const told = await Promise.all(underway);
  await second.finished;
  const confirmed = told.flatMap((receipt, index) => (receipt === undefined ? [] : [`1001-${30 + index}`]));
  expect(await answersIn("1001")).toEqual(expect.arrayContaining(confirmed));
  expect(confirmed.length).toBeLessThan(20); // else nothing was under way and the test says nothing

  // The platform sends all of them again to the server that lives, as platforms do.
  let again = 0;
  for (let at = 30; at < 50; at++) {
    const receipt = (await send(first, "1001", at))!;
    expect(receipt.stored + receipt.unchanged).toBe(1);
    again += receipt.unchanged;
    await send(first, "1002", at);
  }
  expect(again).toBeGreaterThanOrEqual(confirmed.length);
  const ids = await answersIn("1001");
  expect([new Set(ids).size, ids.length]).toEqual([50, 50]);
  expect(await stored("1001")).toEqual(await stored("1002"));
  first.child.kill("SIGTERM");
  expect((await first.finished).code).toBe(0);
}, 300_000);

test("a standing that was rolled back is never answered from, not even by the process that wrote it", async () => {
  const live = <T>(work: Parameters<typeof withLiveModels<T>>[2]) => withLiveModels(cairn(), tenantId, work);
  const current = () =>
    live(async (tx, models) => {
      const learner = (await learnerOfNumber(tx, "1002"))!;
      return storeStanding(await standingOf(cairn().database, tx, learner, models, cairn().now()), models);
    });
  await receiveResponses(cairn(), tenantId, [answer("1002", 100)], { learner: "1002" });
  const before = await current();
  const wrong = { standard: 0, outcome: 0, at: Date.UTC(2025, 11, 12, 10), item: "never", source: "response" as const };
  const fails = live(async (tx, models) => {
    const learner = (await learnerOfNumber(tx, "1002"))!;
    const [row] = await lockedStandings(tx, [learner.personId]);
    await carryOn(tx, row!, [wrong], models, cairn().now());
    const own = await standingOf(cairn().database, tx, learner, models, cairn().now());
    expect(storeStanding(own, models)).not.toBe(before); // the transaction itself sees what it wrote
    throw new Error("the disk is full");
  });
  await expect(fails).rejects.toThrow("the disk is full");
  expect(await current()).toBe(before);
  // The next change, by another process, has the version that was rolled back: it must not be taken for it.
  const other = { ...cairn(), database: connectDatabase(cairn().databaseUrl) };
  try {
    await receiveResponses(other, tenantId, [answer("1002", 101)]);
  } finally {
    await other.database.close();
  }
  expect(JSON.parse(await current())).toEqual(await stored("1002"));
}, 60_000);
