import { join } from "node:path";
import { Writable } from "node:stream";
import { pino } from "pino";
import { beforeAll, expect, test } from "vitest";
import { createApp } from "../../src/api/app.ts";
import { createKey } from "../../src/engine/access/keys.ts";
import { importFrameworkFile } from "../../src/engine/intake/frameworks.ts";
import { createTenant } from "../../src/records/database.ts";
import { importOneRoster } from "../../src/records/import/oneroster/import.ts";
import { look, useCairn } from "../engine/district.ts";
import { deliverFlat } from "../records/family.ts";
import { cleanUp, query, roster, unpacked } from "../records/import/deliveries.ts";

/**
 * Tyler finds comparing fractions hard. His teacher learns of it with his fourth wrong answer, sits down with him and the two who
 * are stuck on it too, and sends something home that he likes; his parents read a few plain words.
 */
const cairn = useCairn();
cleanUp();

const tenantId = "lakeside";
const standard = "4.NF.A.2";
let keys: Record<"platform" | "teacher" | "music" | "counselor" | "parent" | "stranger", string>;
let people: Map<string, string>;

const users =
  "sourcedId,status,dateLastModified,enabledUser,username,userIds,givenName,familyName,middleName,identifier,grades,agentSourcedIds\n" +
  "u1,,,true,tyler,{DistrictId:1001},Tyler,Vandermolen,,1001,04,u7\nu2,,,true,ana,{DistrictId:1002},Ana,Castellanos,,1002,04,\n" +
  "u3,,,true,bo,{DistrictId:1003},Bo,Lindqvist,,1003,04,\nu4,,,true,cy,{DistrictId:1004},Cy,Abernathy,,1004,04,\n" +
  "u7,,,true,dad,,Ruud,Vandermolen,,P7,,\nu8,,,true,mel,,Mel,Fortissimo,,T8,,\nu9,,,true,tess,,Tess,Zimmerwald,,T9,,\n";
const roles =
  "sourcedId,status,dateLastModified,userSourcedId,roleType,role,beginDate,endDate,orgSourcedId,userProfileSourcedId\n" +
  ["u1,student", "u2,student", "u3,student", "u4,student", "u7,parent", "u8,teacher", "u9,teacher"]
    .map((pair) => pair.split(","))
    .map(([user, role]) => `r-${user},,,${user},primary,${role},2025-08-18,,s1,\n`)
    .join("");
const classes =
  "sourcedId,status,dateLastModified,title,grades,courseSourcedId,classCode,classType,location,schoolSourcedId,termSourcedIds,subjects,subjectCodes,periods\n" +
  "k25,,,Math 3,03,c1,,scheduled,,s1,y25,Mathematics,,\nk26,,,Math 4,04,c1,,scheduled,,s1,y26,Mathematics,,\nm26,,,Choir,04,c2,,scheduled,,s1,y26,Music,,\n";
const enrollments =
  "sourcedId,status,dateLastModified,classSourcedId,schoolSourcedId,userSourcedId,role,primary,beginDate,endDate,metadata.exitKind\n" +
  ["u1", "u2", "u3", "u4"].map((user) => `e-${user},,,k26,s1,${user},student,false,2025-08-18,,\n`).join("") +
  "c-u1,,,m26,s1,u1,student,false,2025-08-18,,\ne8,,,m26,s1,u8,teacher,true,2025-08-18,,\ne9,,,k26,s1,u9,teacher,true,2025-08-18,,\n";

const library = {
  "@context": "https://schema.org/",
  "@graph": [
    ["https://content.example/plain", "Fraction cards", "cards"],
    ["https://content.example/soccer", "Halftime fractions", "soccer"],
    ["https://content.example/baking", "Half a cup", "baking"],
  ].map(([id, name, keywords]) => ({
    "@type": "LearningResource",
    "@id": id,
    name,
    keywords,
    timeRequired: "PT15M",
    teaches: { "@type": "DefinedTerm", termCode: standard },
  })),
};

const logged: string[] = [];
const sink = new Writable({
  write(chunk, _, done) {
    logged.push(String(chunk));
    done();
  },
});
const app = () => createApp(cairn(), { version: "1", log: pino({ level: "trace" }, sink) });

async function call(who: keyof typeof keys, route: string, body?: unknown, etag?: string) {
  const [method, path] = route.split(" ") as [string, string];
  const response = await app().request(path, {
    method,
    headers: {
      authorization: `Bearer ${keys[who]}`,
      "content-type": "application/json",
      ...(etag === undefined ? {} : { "if-none-match": etag }),
    },
    ...(method === "POST" ? { body: JSON.stringify(body ?? {}) } : {}),
  });
  const text = await response.text();
  return {
    status: response.status,
    etag: response.headers.get("etag") ?? "",
    body: text === "" ? null : JSON.parse(text),
  };
}

/** Answers of one learner on comparing fractions: 1 right, 0 wrong, one a minute. */
function answers(learner: string, day: string, pattern: string) {
  return [...pattern].map((mark, index) => ({
    id: `${learner}-${day}-${index}`,
    learner,
    item: `compare-${index}`,
    standard,
    answeredAt: `${day}T10:${String(index).padStart(2, "0")}:00`,
    correct: Number(mark),
  }));
}

const alertsOf = async (who: keyof typeof keys) => (await call(who, "GET /v1/alerts")).body.alerts;

beforeAll(async () => {
  const { database } = cairn();
  await createTenant(database, { id: tenantId, name: "Lakeside Schools" });
  const files = { "users.csv": users, "roles.csv": roles, "classes.csv": classes, "enrollments.csv": enrollments };
  const nothing = { "lineItems.csv": 0, "results.csv": 0, "resultLearningObjectiveIds.csv": 0, "demographics.csv": 0 };
  const headers = Object.keys(nothing).map((file) => [file, `${String(roster()[file]).split("\n")[0]}\n`]);
  const path = await unpacked(roster({ ...files, ...Object.fromEntries(headers) }));
  await importOneRoster(database, { tenantId, path, receivedAt: new Date("2025-08-20T08:00:00Z") });
  await deliverFlat(
    database,
    tenantId,
    "standards",
    `standard,label,subject,grade\n${standard},Comparing fractions,math,04\n`,
  );
  await deliverFlat(
    database,
    tenantId,
    "preferences",
    "student_id,kind,value,strength,date,said_by,recorded_on\n1001,interest,soccer,1,2025-09-01,learner,2025-09-01\n1002,interest,baking,0.8,2025-09-01,family,2025-09-01\n",
  );
  const lrmi = join(await unpacked({ "library.json": JSON.stringify(library) }), "library.json");
  await importFrameworkFile(cairn(), tenantId, lrmi);
  const rows = await query<{ id: string; name: string }>(
    database,
    tenantId,
    "select person_id as id, given_name as name from person",
  );
  people = new Map(rows.map(({ id, name }) => [name, id]));
  const personal = (role: "teacher" | "family", name: string) =>
    createKey(cairn(), tenantId, role, role, people.get(name));
  keys = {
    platform: await createKey(cairn(), tenantId, "platform", "math platform"),
    counselor: await createKey(cairn(), tenantId, "counselor", "counselor"),
    teacher: await personal("teacher", "Tess"),
    music: await personal("teacher", "Mel"),
    parent: await personal("family", "Ruud"),
    stranger: await personal("family", "Mel"),
  };
});

test("Tyler: with the fourth wrong answer his teacher knows, a group forms, something he likes goes home, his father reads plain words", async () => {
  // Two classmates have been stuck since yesterday; one is not.
  const before = [
    ...answers("1002", "2025-12-11", "00100"),
    ...answers("1003", "2025-12-11", "0010"),
    ...answers("1004", "2025-12-11", "11011"),
  ];
  expect((await call("platform", "POST /v1/responses", { responses: before })).body).toEqual({
    stored: 14,
    unchanged: 0,
    refused: [],
  });
  expect((await alertsOf("teacher")).map((one: { learner: { number: string } }) => one.learner.number)).toEqual([
    "1002",
  ]);

  // Tyler, this morning: after four answers nothing is said; the fifth makes it four of five.
  const morning = answers("1001", "2025-12-12", "01000");
  await call("platform", "POST /v1/responses", { responses: morning.slice(0, 4) });
  expect(await alertsOf("parent")).toEqual([]);
  const sent = await call("platform", "POST /v1/responses", { responses: morning.slice(4) });
  expect(sent).toMatchObject({ status: 200, body: { stored: 1 } });
  const [alert, ...others] = await alertsOf("teacher");
  expect(others).toHaveLength(1);
  expect(alert).toMatchObject({
    rule: "wrong-answers",
    learner: { number: "1001", name: "Tyler Vandermolen" },
    subject: standard,
    headline: "Tyler is stuck on “Comparing fractions”",
    text: "4 of the latest 5 answers on it were wrong.",
    state: "open",
    happenedOn: "2025-12-12",
    legalBasis: expect.stringContaining("99.31(a)(1)"),
  });

  // It is mathematics: no business of the music teacher, nor (by cairn's own rules) of the counselor.
  expect(await alertsOf("music")).toEqual([]);
  expect(await alertsOf("counselor")).toEqual([]);
  expect((await call("platform", "GET /v1/alerts")).status).toBe(403);

  // The three who are stuck make a group; what goes home is what each likes.
  const { standards } = (await call("teacher", "GET /v1/groups")).body;
  expect(standards).toHaveLength(1);
  expect(standards[0]).toMatchObject({
    section: "Math 4",
    standard,
    label: "Comparing fractions",
    alone: [],
    away: [],
  });
  const [group] = standards[0].groups;
  expect(group.map((one: { number: string }) => one.number).sort()).toEqual(["1001", "1002", "1003"]);
  const tyler = group.find((one: { number: string }) => one.number === "1001");
  expect(tyler).toMatchObject({
    wrong: 4,
    of: 5,
    followUp: {
      activity: { activity: "https://content.example/soccer", title: "Halftime fractions", minutes: 15 },
      reason: "It practices “Comparing fractions” with soccer, which Tyler likes.",
    },
  });
  expect((await call("counselor", "GET /v1/groups")).status).toBe(403);

  // His father, with his own key: words without numbers, and of his own child alone.
  const notices = await alertsOf("parent");
  expect(notices).toHaveLength(1);
  expect(notices[0]).toMatchObject({
    headline: "Tyler finds “Comparing fractions” hard right now",
    subject: null,
    evidence: null,
    history: [],
    legalBasis: expect.stringContaining("99.10"),
  });
  for (const words of [notices[0].headline, notices[0].text, notices[0].next]) expect(words).not.toMatch(/\d/);
  expect(await alertsOf("stranger")).toEqual([]);
});

test("it is told once: the same request again, more wrong answers, another look", async () => {
  const morning = answers("1001", "2025-12-12", "01000");
  expect((await call("platform", "POST /v1/responses", { responses: morning })).body).toMatchObject({
    stored: 0,
    unchanged: 5,
  });
  await call("platform", "POST /v1/responses", { responses: answers("1001", "2025-12-13", "00") });
  const { body, etag } = await call("teacher", "GET /v1/alerts?limit=1");
  expect(body.alerts[0].learner.number).toBe("1001");
  expect((await call("teacher", "GET /v1/alerts?limit=1", undefined, etag)).status).toBe(304);
  const second = await call("teacher", `GET /v1/alerts?limit=1&cursor=${body.next}`);
  expect(second.body).toMatchObject({ alerts: [{ learner: { number: "1002" } }], next: null });
  const shown = await look(
    cairn(),
    tenantId,
    (tx) =>
      tx.sql`select requester, legal_basis as basis from disclosure where person_id = ${people.get("Tyler")!} order by basis`,
  );
  expect(shown.map((line) => ({ ...line }))).toEqual([
    { requester: people.get("Ruud"), basis: "parent-or-student" },
    { requester: people.get("Tess"), basis: "school-official" },
  ]);
});

test("acknowledged, assigned, closed with what was done: the dose is in the record, and history only grows", async () => {
  const { alertId } = (await alertsOf("teacher"))[0];
  const step = (who: keyof typeof keys, body: unknown) => call(who, `POST /v1/alerts/${alertId}/steps`, body);
  expect((await step("parent", { step: "acknowledged" })).status).toBe(403);
  expect((await step("music", { step: "acknowledged" })).status).toBe(404);
  expect((await step("teacher", { step: "acknowledged" })).body.state).toBe("acknowledged");
  expect((await step("teacher", { step: "acknowledged" })).status).toBe(409);
  expect((await step("teacher", { step: "assigned", to: "Tess" })).body).toMatchObject({ assignedTo: "Tess" });
  const closed = await step("teacher", {
    step: "closed",
    note: "Compared with fraction strips; they see it now.",
    help: { intervention: "small-group-fractions", name: "Small group on fractions", minutes: 20 },
  });
  expect(closed.body.history.map((one: { step: string }) => one.step)).toEqual(["acknowledged", "assigned", "closed"]);
  expect((await step("teacher", { step: "assigned", to: "Mel" })).status).toBe(409);
  const doses = await look(
    cairn(),
    tenantId,
    (tx) => tx.sql`select person_id, intervention, on_date::text, minutes, attended, class from dose`,
  );
  expect(doses.map((row) => ({ ...row }))).toEqual([
    {
      person_id: people.get("Tyler"),
      intervention: "small-group-fractions",
      on_date: "2025-12-13",
      minutes: 20,
      attended: true,
      class: "contributed",
    },
  ]);
  // The father sees that something was done, not the teacher's notes.
  expect((await alertsOf("parent"))[0]).toMatchObject({ state: "closed", history: [] });
});

test("what the family turns off is off at the next read; nobody's name stands in a log", async () => {
  const choice = { purpose: "early-warning", decision: "deny", authentication: "own key", dataClasses: null };
  const own = await call("parent", "POST /v1/families/1001/choices", { ...choice, party: "the family" });
  expect(own.status).toBe(200);
  expect(await alertsOf("parent")).toEqual([]);
  expect(await alertsOf("teacher")).toHaveLength(2);
  expect((await call("parent", "POST /v1/families/1001/choices", { ...choice, party: null })).status).toBe(200);
  expect((await alertsOf("teacher")).map((one: { learner: { number: string } }) => one.learner.number)).toEqual([
    "1002",
  ]);
  const log = logged.join("\n");
  expect(log.length).toBeGreaterThan(0);
  for (const secret of ["Tyler", "Vandermolen", "Castellanos", "1001", ...people.values()])
    expect(log).not.toContain(secret);
});
