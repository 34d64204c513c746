import { pino } from "pino";
import { beforeAll, expect, test } from "vitest";
import { createApp } from "../../src/api/app.ts";
import { allowed } from "../../src/api/auth.ts";
import { createKey } from "../../src/engine/access/keys.ts";
import { receiveResponses } from "../../src/engine/intake/responses.ts";
import { nextPlaylist } from "../../src/engine/playlists/live/next.ts";
import type { Cairn } from "../../src/engine/runtime.ts";
import { recordDecision } from "../../src/records/consent/grants.ts";
import type { Database } from "../../src/records/database.ts";
import { connectDatabase, createTenant, inTenant } from "../../src/records/database.ts";
import { linkPersons } from "../../src/records/identity/links.ts";
import { importOneRoster } from "../../src/records/import/oneroster/import.ts";
import { useCairn } from "../engine/district.ts";
import { deliverFlat } from "../records/family.ts";
import { cleanUp, query, roster, unpacked } from "../records/import/deliveries.ts";

/** A small district on a December morning: three standards in a row, two of the eighth grade, and seven activities. */
const cairn = useCairn();
cleanUp();

const tenantId = "hilltop";
let keys: Record<"platform" | "operator" | "teacher" | "counselor", string>;
let ada: string;

const app = (as: Cairn = cairn()) => createApp(as, { version: "1", log: pino({ level: "silent" }) });

async function call(who: keyof typeof keys, route: string, body?: unknown, as?: Cairn) {
  const [method, path] = route.split(" ") as [string, string];
  const response = await app(as).request(path, {
    method,
    headers: { authorization: `Bearer ${keys[who]}`, "content-type": "application/json" },
    ...(method === "POST" ? { body: JSON.stringify(body ?? {}) } : {}),
  });
  const text = await response.text();
  return { status: response.status, body: text === "" ? null : JSON.parse(text) };
}

/** Answers of one learner on one standard: 1 right, 0 wrong, one a minute. */
const answers = (learner: string, standard: string, at: string, pattern: string) =>
  [...pattern].map((mark, index) => ({
    id: `${learner}-${standard}-${at}-${index}`,
    learner,
    item: `${standard}-${index}`,
    standard,
    answeredAt: `${at}:${String(index).padStart(2, "0")}:00`,
    correct: Number(mark),
  }));

const ids = (playlist: { items: { activity: string }[] }): string[] => playlist.items.map(({ activity }) => activity);

beforeAll(async () => {
  const { database } = cairn();
  await createTenant(database, { id: tenantId, name: "Hilltop" });
  const enrollments =
    `${roster()["enrollments.csv"]}e4,,,k26,s1,u2,student,false,2025-08-18,,\ne10,,,k26,s1,u9,teacher,true,2025-08-18,,\n`.replace(
      "2025-03-03,withdrawal",
      ",",
    );
  const classes = String(roster()["classes.csv"]);
  const path = await unpacked(roster({ "enrollments.csv": enrollments, "classes.csv": classes }));
  await importOneRoster(database, { tenantId, path, receivedAt: new Date("2025-08-20T08:00:00Z") });
  const take = (profile: Parameters<typeof deliverFlat>[2], text: string) =>
    deliverFlat(database, tenantId, profile, text);
  await take("standards", "standard,label,subject,grade\nN1,Count,math,08\nN2,Add,math,08\nN3,Multiply,math,08\n");
  await take("prerequisites", "standard,requires\nN2,N1\nN3,N2\n");
  await take(
    "activities",
    "activity,title,standard,modality,minutes,difficulty\n" +
      "c1,Count stones,N1,game,10,0\nc2,Count stars,N1,video,10,0\na1,Add stones,N2,game,10,0\na2,Add stars,N2,video,10,0\n" +
      "m1,Multiply stones,N3,game,10,0\nm2,Multiply stars,N3,video,10,0\nm3,Multiply for long,N3,project,45,0\n",
  );
  await take(
    "preferences",
    "student_id,kind,value,strength,date,said_by,recorded_on\n1001,modality,video,1,2025-09-01,learner,2025-09-01\n",
  );
  const people = await query<{ id: string; name: string }>(
    database,
    tenantId,
    "select person_id as id, given_name as name from person",
  );
  const named = (name: string): string => people.find((person) => person.name === name)!.id;
  ada = named("Ada");
  keys = {
    platform: await createKey(cairn(), tenantId, "platform", "math platform"),
    operator: await createKey(cairn(), tenantId, "operator", "office"),
    counselor: await createKey(cairn(), tenantId, "counselor", "counselor"),
    teacher: await createKey(cairn(), tenantId, "teacher", "Tess", named("Tess")),
  };
});

test("before any run a learner gets a list with its reasons; what is mastered moves it on within the same request", async () => {
  const first = await call("platform", "POST /v1/playlists", { learner: "1001", minutes: 20 });
  expect(first.status).toBe(200);
  expect(ids(first.body).sort()).toEqual(["c1", "c2"]);
  const modality = (activity: string): number =>
    first.body.items.find((item: { activity: string }) => item.activity === activity).terms.modality;
  expect(modality("c2")).toBeGreaterThan(modality("c1")); // she said that she likes videos
  expect(first.body).toMatchObject({
    minutes: 20,
    rung: "gated",
    empty: null,
    headline: "Next steps within reach.",
    provenance: { runId: null, masteryModelId: "cairn:start-values", standingVersion: 1 },
  });
  expect(first.body.items[0].reasons.student).toContain('You are still learning "Count".');
  expect(first.body.items[0].reasons.teacher.join(" ")).toContain("an estimate");

  const sent = await call("platform", "POST /v1/responses", {
    responses: answers("1001", "N1", "2025-12-12T09", "1111111111"),
    next: { learner: "1001", minutes: 20 },
  });
  expect(sent.body).toMatchObject({ stored: 10, unchanged: 0, refused: [] });
  expect(ids(sent.body.playlist).sort()).toEqual(["a1", "a2"]);
  expect(sent.body.playlist.provenance.standingVersion).toBe(2);
  const teacher = sent.body.playlist.items[0].reasons.teacher.join(" ");
  expect(teacher).toMatch(/Ready for it: "Count" mastered at 0\.9/);
  // Whoever asks now, any process, gets the list of the new state.
  expect(ids((await call("platform", "POST /v1/playlists", { learner: "1001" })).body)).toHaveLength(2);
});

test("goal, minutes, setting, candidates: asked for and kept to; a wish the library cannot meet says so", async () => {
  const ask = async (body: object) => (await call("platform", "POST /v1/playlists", { learner: "1001", ...body })).body;
  expect(ids(await ask({ candidates: ["a2", "nowhere"] }))).toEqual(["a2"]);
  expect((await ask({ candidates: ["nowhere"] })).unknown).toEqual(["nowhere"]);
  expect(await ask({ candidates: ["nowhere"] })).toMatchObject({ empty: "no-library", items: [] });
  expect(ids(await ask({ exclude: ["a2"] }))).toEqual(["a1"]);
  expect(await ask({ minutes: 5 })).toMatchObject({ empty: "too-long", minutes: 0 });
  expect(ids(await ask({ goal: { standards: ["N3"] } }))).toContain("a2"); // the way to the goal
  expect(ids(await ask({ goal: { course: { subject: "Math", grades: ["08"] } } }))).toContain("a1");
  expect((await call("platform", "POST /v1/playlists", { learner: "1001", goal: { standards: ["X"] } })).status).toBe(
    422,
  );
  expect((await call("platform", "POST /v1/playlists", { learner: "nobody" })).status).toBe(404);
  expect((await call("platform", "POST /v1/playlists", { learner: "1001", minutes: 0 })).status).toBe(422);
});

test("a teacher's pin, requirement and ban hold from the next list on, in her order, until taken back; the record keeps them", async () => {
  const path = "/v1/playlists/1001/overrides";
  const decide = async (body: object) =>
    (await call("teacher", `POST ${path}`, { reason: "for the exhibition", ...body })).body;
  const list = async (minutes = 40) =>
    (await call("platform", "POST /v1/playlists", { learner: "1001", minutes })).body;
  const second = await decide({ kind: "require", activity: "m1", position: 2 });
  await decide({ kind: "pin", activity: "c1", position: 1, until: "2025-12-31" });
  const ban = await decide({ kind: "ban", activity: "a2" });
  const all = await list();
  expect(ids(all)).toEqual(["c1", "m1", "a1"]); // the places of the pins, then what is left: nothing is by lot
  expect(all.items[1].reasons.student[0]).toBe("Your teacher wants you to do this: for the exhibition");
  expect(all.items[1].reasons.teacher.join(" ")).toMatch(/rests on what is not mastered yet: "Add"/);
  expect(all.items.map(({ propensity }: { propensity: number | null }) => propensity)).toEqual([null, null, 1]);
  // Less time: the first pin, the other waits and is not forgotten.
  expect(await list(15)).toMatchObject({ items: [{ activity: "c1" }], waiting: [{ activity: "m1" }], minutes: 10 });
  const { overrides } = (await call("platform", `GET ${path}`)).body;
  expect(overrides.map(({ kind, activity }: { kind: string; activity: string }) => [kind, activity])).toEqual([
    ["require", "m1"],
    ["pin", "c1"],
    ["ban", "a2"],
  ]);
  for (const { key } of [second, ban]) {
    expect((await call("teacher", `POST ${path}/${key}/withdraw`)).status).toBe(200);
    expect((await call("teacher", `POST ${path}/${key}/withdraw`)).status).toBe(404);
  }
  const [pinned, ...chosen] = ids(await list());
  expect([pinned, chosen.sort()]).toEqual(["c1", ["a1", "a2"]]);
  // Done is done: the platform reports it, and the pin ends.
  await deliverFlat(
    cairn().database,
    tenantId,
    "events",
    "student_id,at,verb,activity,kind,seconds,event_id,source\n1001,2025-12-14T10:00:00,completed,c1,,60,ev1,\n",
  );
  expect(ids(await list())).not.toContain("c1");
  const versions = await query(cairn().database, tenantId, "select 1 from playlist_override");
  expect(versions).toHaveLength(5);
  // Nonsense, and learners of others.
  const refused = async (body: object, route = `POST ${path}`) =>
    (await call("teacher", route, { reason: "x", ...body })).status;
  expect(await refused({ kind: "pin", standard: "N1" })).toBe(422);
  expect(await refused({ kind: "pin", activity: "nowhere" })).toBe(404);
  expect(await refused({ kind: "ban" })).toBe(422);
  expect(await refused({ kind: "ban", activity: "a1" }, "POST /v1/playlists/9999/overrides")).toBe(404);
  expect((await call("counselor", `GET ${path}`)).status).toBe(403);
});

test("how each list came to be is in the log: what could have been chosen, with what chance, by which state", async () => {
  const { decisionId } = (await call("platform", "POST /v1/playlists", { learner: "1002", minutes: 20 })).body;
  const [line] = await query<{ places: { candidates: string[]; propensities: number[]; activity: string }[] }>(
    cairn().database,
    tenantId,
    `select places from playlist_decision where decision_id = '${decisionId}'`,
  );
  expect(line!.places).toHaveLength(2);
  for (const { candidates, propensities, activity } of line!.places) {
    expect(candidates).toContain(activity);
    expect(propensities.reduce((sum, chance) => sum + chance, 0)).toBeCloseTo(1, 9);
    expect(Math.min(...propensities)).toBeGreaterThan(0);
  }
});

test("who may ask and decide is in the table, and nobody else does", async () => {
  const routes = Object.entries(allowed).filter(
    ([route]) => route === "POST /v1/playlists" || route.includes("/overrides"),
  );
  expect(routes).toHaveLength(4);
  for (const [route, mayCall] of routes) {
    const path = route.replace("{learner}", "1001").replace("{key}", "none");
    for (const who of Object.keys(keys) as (keyof typeof keys)[]) {
      const { status } = await call(who, path, { learner: "nobody" });
      expect([route, who, status === 403]).toEqual([route, who, !(mayCall as readonly string[]).includes(who)]);
    }
    const [method, address] = path.split(" ") as [string, string];
    expect((await app().request(address, { method })).status).toBe(401);
  }
});

/** A second server process, as far as what is remembered goes: another pool of connections, another memory. */
async function withOtherProcess<T>(work: (other: Cairn) => Promise<T>): Promise<T> {
  const database: Database = connectDatabase(cairn().databaseUrl, { maxConnections: 4 });
  try {
    return await work({ ...cairn(), database });
  } finally {
    await database.close();
  }
}

const versionOf = (playlist: { provenance: { standingVersion: number } }): number =>
  playlist.provenance.standingVersion;

test("two processes answer from one state, whoever took the answer in; at once from both, none is lost", async () => {
  await withOtherProcess(async (other) => {
    const ask = { learner: "1002", minutes: 20 };
    const here = await nextPlaylist(cairn(), tenantId, ask);
    const there = await nextPlaylist(other, tenantId, ask);
    expect(versionOf(there)).toBe(versionOf(here));
    await receiveResponses(other, tenantId, answers("1002", "N1", "2025-12-12T09", "1111111111"));
    const after = await nextPlaylist(cairn(), tenantId, ask);
    expect(versionOf(after)).toBe(versionOf(here) + 1);
    expect(after.items.map(({ standard }) => standard)).toEqual(["N2", "N2"]);
    // Forty answers from both at once, in order of time or not: every one is in the state as in the record.
    const minutes = Array.from(
      { length: 40 },
      (_, minute) => answers("1002", "N2", `2025-12-12T1${minute % 9}`, "1")[0]!,
    );
    const sent = minutes.map((one, at) => ({
      ...one,
      id: `both-${at}`,
      answeredAt: `2025-12-12T10:${String(at).padStart(2, "0")}:00`,
    }));
    const receipts = await Promise.all(
      sent.map((one, at) => receiveResponses(at % 2 === 0 ? cairn() : other, tenantId, [one])),
    );
    expect(receipts.reduce((sum, { stored }) => sum + stored, 0)).toBe(40);
    const [mine, theirs] = [await nextPlaylist(cairn(), tenantId, ask), await nextPlaylist(other, tenantId, ask)];
    expect(versionOf(mine)).toBe(versionOf(theirs));
    const stored = (database: Database) =>
      query<{ state: unknown }>(database, tenantId, "select state from learner_standing order by person_id");
    const live = await stored(cairn().database);
    // Thrown away and worked out from the record it is the same to the last byte.
    await inTenant(cairn().database, tenantId, (tx) => tx.sql`delete from learner_standing`);
    await nextPlaylist(cairn(), tenantId, ask);
    await nextPlaylist(cairn(), tenantId, { learner: "1001" });
    expect(await stored(cairn().database)).toEqual(live);
  });
});

test("a late answer, a file, a link between two records: the next list knows, by whichever way it came", async () => {
  const ask = { learner: "1002", minutes: 20 };
  const before = versionOf(await nextPlaylist(cairn(), tenantId, ask));
  await receiveResponses(cairn(), tenantId, answers("1002", "N1", "2025-10-01T09", "0"));
  expect(versionOf(await nextPlaylist(cairn(), tenantId, ask))).toBe(before + 1);
  await deliverFlat(
    cairn().database,
    tenantId,
    "responses",
    "student_id,item_id,standard,answered_at,correct,attempts,hints,seconds\n1002,i9,N1,2025-12-13T10:00:00Z,0,1,0,12\n",
  );
  expect(versionOf(await nextPlaylist(cairn(), tenantId, ask))).toBe(before + 2);
  expect(versionOf(await nextPlaylist(cairn(), tenantId, ask))).toBe(before + 2);
  await deliverFlat(
    cairn().database,
    tenantId,
    "observations",
    "student_id,standard,score,date\n1002,N1,0.5,2025-12-12\n",
  );
  expect(versionOf(await nextPlaylist(cairn(), tenantId, ask))).toBe(before + 3);
});

test("a new activity is offered as soon as the library is looked at again, with no history of its own", async () => {
  const { database } = cairn();
  await deliverFlat(
    database,
    tenantId,
    "activities",
    "activity,title,standard,modality,minutes,difficulty\nn1,Brand new,N3,reading,10,0\n",
  );
  const later = { ...cairn(), now: () => new Date("2025-12-13T04:00:00Z") };
  const list = await nextPlaylist(later, tenantId, { learner: "1001", candidates: ["n1", "a1", "a2", "m1"] });
  expect(list.unknown).toEqual([]);
});

test("what the family decides holds at the next request: no list, or one that does not read the practice", async () => {
  const decide = (dataClasses: string[] | null, decision: "deny" | "permit", day: string) =>
    inTenant(cairn().database, tenantId, (tx) =>
      recordDecision(tx, {
        personId: ada,
        purpose: "playlist",
        decision,
        decidedOn: day,
        decidedBy: "mother",
        capacity: "guardian",
        authentication: "own key",
        dataClasses,
        party: null,
        beginsOn: null,
        expiresOn: null,
        now: new Date(`${day}T10:00:00Z`),
      } as unknown as Parameters<typeof recordDecision>[1]),
    );
  const ask = () => call("platform", "POST /v1/playlists", { learner: "1001", minutes: 20 });
  expect(ids((await ask()).body)).not.toContain("c2");
  await decide(["practice"], "deny", "2025-12-11");
  expect(ids((await ask()).body)).toContain("c2"); // as if nothing had been answered
  await decide(null, "deny", "2025-12-12");
  expect((await ask()).status).toBe(404);
  const sent = await call("platform", "POST /v1/responses", {
    responses: answers("1001", "N2", "2025-12-12T11", "1"),
    next: { learner: "1001" },
  });
  expect(sent.body).toMatchObject({ stored: 1, playlistRefused: expect.stringContaining("gets playlists") });
});

test("who has left gets no list; who is linked to another record is one learner", async () => {
  const people = await query<{ id: string; name: string }>(
    cairn().database,
    tenantId,
    "select distinct person_id as id, given_name as name from person",
  );
  const ben = people.find(({ name }) => name === "Ben")!.id;
  const before = versionOf(await nextPlaylist(cairn(), tenantId, { learner: "1002" }));
  await inTenant(cairn().database, tenantId, (tx) =>
    linkPersons(tx, {
      personId: ben,
      sameAs: people.find(({ name }) => name === "Tess")!.id,
      reason: "test",
      decidedBy: "office",
      now: cairn().now(),
    }),
  );
  const list = await nextPlaylist(cairn(), tenantId, { learner: "1002" });
  expect([before + 1, 1]).toContain(versionOf(list)); // worked out anew, under whichever id stands for both
  const summer = { ...cairn(), now: () => new Date("2026-07-15T09:00:00Z") };
  await expect(nextPlaylist(summer, tenantId, { learner: "1002" })).rejects.toMatchObject({ code: "NOT_FOUND" });
});
