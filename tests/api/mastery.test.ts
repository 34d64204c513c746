import { pino } from "pino";
import { beforeAll, expect, test } from "vitest";
import { createApp } from "../../src/api/app.ts";
import { standardsSchema } from "../../src/api/routes/mastery.ts";
import { createKey } from "../../src/engine/access/keys.ts";
import { useCairn } from "../engine/district.ts";
import type { FamilyDistrict } from "../records/family.ts";
import { deliverFlat, familyDistrict } from "../records/family.ts";
import { cleanUp } from "../records/import/deliveries.ts";

const cairn = useCairn();
cleanUp();

let here: FamilyDistrict;
let keys: Record<"parent" | "stranger" | "platform" | "counselor" | "operator" | "teacher", string>;
beforeAll(async () => {
  here = await familyDistrict(cairn().database);
  const { tenantId, parent, teacher } = here;
  await deliverFlat(
    cairn().database,
    tenantId,
    "standards",
    "standard,label,subject,grade\n7.NS.A.1,Adding numbers,math,07\n7.NS.A.2,Multiplying numbers,math,07\n",
  );
  keys = {
    parent: await createKey(cairn(), tenantId, "family", "parent", parent),
    stranger: await createKey(cairn(), tenantId, "family", "teacher as parent", teacher),
    teacher: await createKey(cairn(), tenantId, "teacher", "last year's teacher", teacher),
    platform: await createKey(cairn(), tenantId, "platform", "platform"),
    counselor: await createKey(cairn(), tenantId, "counselor", "counselor"),
    operator: await createKey(cairn(), tenantId, "operator", "office"),
  };
});

async function call(who: keyof typeof keys | undefined, learner: string) {
  const app = createApp(cairn(), { version: "1", log: pino({ level: "silent" }) });
  const headers = who === undefined ? {} : { authorization: `Bearer ${keys[who]}` };
  const response = await app.request(`/v1/learners/${learner}/standards`, { headers });
  return {
    status: response.status,
    cache: response.headers.get("cache-control"),
    body: JSON.parse(await response.text()),
  };
}

test("a parent, the platform, a counselor and the office see what a learner knows; the answer fits its schema", async () => {
  for (const who of ["parent", "platform", "counselor", "operator"] as const) {
    const { status, cache, body } = await call(who, "1001");
    expect({ who, status, cache }).toEqual({ who, status: 200, cache: "no-store" });
    const { standards, provenance } = standardsSchema.strict().parse(body);
    expect(standards.map(({ standard, evidence, basis }) => [standard, evidence, basis])).toEqual([
      ["7.NS.A.1", 2, "own"], // an answer, and the score on a standard that came with her marks
      ["7.NS.A.2", 0, "prior"],
    ]);
    expect(provenance.runId).toBeNull(); // before the first run: start values, and said so
    expect(JSON.stringify(body)).not.toMatch(/Ada|Quillfeather/);
  }
});

test("whoever it does not concern learns nothing: not even whether there is such a learner", async () => {
  expect((await call(undefined, "1001")).status).toBe(401);
  for (const who of ["stranger", "teacher"] as const) {
    const known = await call(who, "1001");
    const unknown = await call(who, "9999");
    expect(known.status).toBe(404);
    expect(known.body).toEqual(unknown.body);
  }
  expect((await call("parent", "1002")).status).toBe(404); // Ben is not hers
});
