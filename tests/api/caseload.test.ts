import { pino } from "pino";
import { beforeAll, expect, test } from "vitest";
import { createApp } from "../../src/api/app.ts";
import { createKey } from "../../src/engine/access/keys.ts";
import { decideRules } from "../../src/engine/alerts/settings.ts";
import { giveCaseload } from "../../src/engine/early-warning/ranking/caseload.ts";
import { answer, school } from "../engine/alerts/school.ts";
import { look, useCairn } from "../engine/district.ts";
import { cleanUp, query } from "../records/import/deliveries.ts";

/** A counselor's own key opens her caseload on every route, not in the rankings alone: Ada is hers, Ben is a colleague's. */
const cairn = useCairn();
cleanUp();

let tenantId: string;
const keys = new Map<string, string>();
const [hers, others, nobodys] = ["1001", "1002", "4711"];

beforeAll(async () => {
  tenantId = await school(cairn().database);
  const people = await query<{ id: string; name: string }>(
    cairn().database,
    tenantId,
    "select person_id as id, given_name as name from person",
  );
  const tess = people.find(({ name }) => name === "Tess")!.id;
  const given = { schools: ["Hill School"], familyNames: { from: "Q", to: "Z" } };
  keys.set(
    "without",
    await createKey(cairn(), tenantId, "counselor", "no caseload yet", people.find(({ name }) => name === "Ben")!.id),
  );
  keys.set("own", (await giveCaseload(cairn(), tenantId, tess, { given, decidedBy: "office", withKey: true })).key!);
  keys.set("office", await createKey(cairn(), tenantId, "counselor", "office"));
  keys.set("platform", await createKey(cairn(), tenantId, "platform", "platform"));
  await decideRules(cairn(), tenantId, { "wrong-answers": { tell: ["counselor"] } }, "board");
  const responses = [hers!, others!].flatMap((learner) =>
    [0, 1, 2, 3, 4].map((minute) => answer(learner, "2025-12-12", minute, 0)),
  );
  expect((await call("platform", "/v1/responses", { responses })).body.stored).toBe(10);
});

async function call(who: string, path: string, body?: unknown) {
  const app = createApp(cairn(), { version: "1", log: pino({ level: "silent" }) });
  const response = await app.request(path, {
    headers: { authorization: `Bearer ${keys.get(who)}`, "content-type": "application/json" },
    ...(body === undefined ? {} : { method: "POST", body: JSON.stringify(body) }),
  });
  return { status: response.status, body: JSON.parse(await response.text()) };
}

const routes = {
  answers: (learner: string) => `/v1/learners/${learner}/answers`,
  standards: (learner: string) => `/v1/learners/${learner}/standards`,
  interventions: (learner: string) => `/v1/interventions?learner=${learner}`,
};

for (const [name, path] of Object.entries(routes)) {
  test(`${name}: her own learner yes, another's and nobody's alike 404, the office's key the district`, async () => {
    expect((await call("own", path(hers!))).status).toBe(200);
    const [other, nobody] = [await call("own", path(others!)), await call("own", path(nobodys!))];
    expect(other.status).toBe(404);
    expect(other).toEqual(nobody);
    for (const learner of [hers!, others!]) expect((await call("office", path(learner))).status).toBe(200);
    expect((await call("office", path(nobodys!))).status).toBe(404);
  });

  test(`${name}: without a caseload she sees nobody, and learns of nobody`, async () => {
    const [known, nobody] = [await call("without", path(hers!)), await call("without", path(nobodys!))];
    expect(known.status).toBe(404);
    expect(known).toEqual(nobody);
  });
}

test("help is logged for her own learners; for another's it is refused as for nobody's, and nothing is stored", async () => {
  const entry = (id: string, learner: string) => ({ id, learner, intervention: "check-in", on: "2025-12-01" });
  const { body } = await call("own", "/v1/interventions", {
    interventions: [entry("a", hers!), entry("b", others!), entry("c", nobodys!)],
  });
  expect(body.stored).toBe(1);
  expect(body.refused.map(({ id }: { id: string }) => id)).toEqual(["b", "c"]);
  expect(body.refused[0].reason).toBe(body.refused[1].reason);
  const helpFor = async (learner: string) => (await call("office", routes.interventions(learner))).body.interventions;
  expect(await helpFor(hers!)).toHaveLength(1);
  expect(await helpFor(others!)).toEqual([]);
  const later = await call("office", "/v1/interventions", { interventions: [entry("b", others!)] });
  expect(later.body.stored).toBe(1);
});

test("alerts: hers alone, by page, school and id", async () => {
  const numbersOf = async (who: string, query = "") =>
    (await call(who, `/v1/alerts${query}`)).body.alerts.map(
      (one: { learner: { number: string } }) => one.learner.number,
    );
  expect((await numbersOf("office")).sort()).toEqual([hers, others]);
  expect(await numbersOf("own")).toEqual([hers]);
  expect(await numbersOf("own", "?school=Hill%20School")).toEqual([hers]);
  expect(await numbersOf("own", "?school=Nowhere")).toEqual([]);
  const all = (await call("office", "/v1/alerts")).body.alerts;
  const foreign = all.find((one: { learner: { number: string } }) => one.learner.number === others).alertId;
  const step = { step: "acknowledged" };
  const [other, nobody] = [foreign, "none"].map((id) => call("own", `/v1/alerts/${id}/steps`, step));
  expect((await other!).status).toBe(404);
  expect(await other).toEqual(await nobody);
});

test("her caseload is looked up at every request: a new rule holds from the next", async () => {
  const [row] = await look(
    cairn(),
    tenantId,
    (tx) => tx.sql<{ personId: string }[]>`select person_id as "personId" from counselor_caseload limit 1`,
  );
  const tess = row!.personId;
  await giveCaseload(cairn(), tenantId, tess, { given: { grades: ["12"] }, decidedBy: "office" });
  expect((await call("own", routes.answers(hers!))).status).toBe(404);
  await giveCaseload(cairn(), tenantId, tess, { given: { familyNames: { from: "O", to: "Q" } }, decidedBy: "office" });
  for (const learner of [hers!, others!]) expect((await call("own", routes.answers(learner))).status).toBe(200);
});
