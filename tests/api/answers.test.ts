import { pino } from "pino";
import { beforeAll, expect, test } from "vitest";
import { createApp } from "../../src/api/app.ts";
import { answersSchema } from "../../src/api/routes/answers.ts";
import { createKey } from "../../src/engine/access/keys.ts";
import { readDisclosures } from "../../src/engine/families/rights.ts";
import { useCairn } from "../engine/district.ts";
import type { FamilyDistrict } from "../records/family.ts";
import { deliverFlat, familyDistrict } from "../records/family.ts";
import { cleanUp } from "../records/import/deliveries.ts";

const cairn = useCairn();
cleanUp();

type Who = "parent" | "stranger" | "teacher" | "counselor" | "platform";
let here: FamilyDistrict;
let keys: Record<Who, string>;
beforeAll(async () => {
  here = await familyDistrict(cairn().database);
  const { tenantId, parent, teacher } = here;
  const flat = (profile: Parameters<typeof deliverFlat>[2], text: string) =>
    deliverFlat(cairn().database, tenantId, profile, text);
  await flat(
    "attendance",
    "student_id,date,category,excused,reason,recorded_on\n1001,2025-09-03,absent,false,,2025-09-03\n",
  );
  keys = {
    parent: await createKey(cairn(), tenantId, "family", "parent", parent),
    stranger: await createKey(cairn(), tenantId, "family", "stranger", teacher),
    teacher: await createKey(cairn(), tenantId, "teacher", "teacher", teacher),
    counselor: await createKey(cairn(), tenantId, "counselor", "counselor"),
    platform: await createKey(cairn(), tenantId, "platform", "platform"),
  };
});

async function ask(who: Who, learner: string, audience?: string) {
  const app = createApp(cairn(), { version: "1", log: pino({ level: "silent" }) });
  const response = await app.request(
    `/v1/learners/${learner}/answers${audience === undefined ? "" : `?audience=${audience}`}`,
    {
      headers: { authorization: `Bearer ${keys[who]}` },
    },
  );
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

const answered = async (who: Who, learner: string, audience: string) => {
  const { status, body } = await ask(who, learner, audience);
  expect(status, JSON.stringify(body)).toBe(200);
  return answersSchema.parse(body);
};

test("a family asks about its own child: another child and no child look alike, and a stranger sees nobody", async () => {
  const { answers, legalBases } = await answered("parent", "1001", "parent");
  expect(legalBases).toEqual(["the parent or eligible student, 34 CFR 99.10"]);
  const onTrack = answers.find(({ id }) => id === "on-track-to-graduate")!;
  expect(onTrack.status).toBe("partly");
  expect(onTrack.findings.map(({ sentence }) => sentence).join(" ")).toContain("Absent on 1 day");
  expect(onTrack.notKnown).toContain("The school has not looked for early signs yet.");
  const others = await Promise.all(["1002", "4711"].map((number) => ask("parent", number, "parent")));
  expect(others.map(({ status }) => status)).toEqual([404, 404]);
  expect(others[0]!.body).toEqual(others[1]!.body);
  expect((await ask("stranger", "1001", "parent")).status).toBe(404);
});

test("who teaches asks as a teacher, who is family as a parent, and nobody as the other", async () => {
  expect((await ask("parent", "1001", "teacher")).status).toBe(403);
  expect((await ask("counselor", "1001", "parent")).status).toBe(403);
  expect((await ask("platform", "1001", "teacher")).status).toBe(403);
  expect((await ask("parent", "1001", "neighbour")).status).toBe(422);
  expect((await ask("parent", "1001")).body).toMatchObject({ audience: "parent" }); // the key says which
  expect((await ask("counselor", "1001")).body).toMatchObject({ audience: "teacher" });
  // Her section ended a year ago: its learners are not hers to ask about.
  expect((await ask("teacher", "1001", "teacher")).status).toBe(404);
});

test("a teacher is told the supports in force, and never what only the family may know", async () => {
  const { answers, audience } = await answered("counselor", "1001", "teacher");
  expect(audience).toBe("teacher");
  const flags = answers.find(({ id }) => id === "flags")!;
  expect(flags.findings[0]).toMatchObject({
    sentence: "An individual education program in force; the record does not say which accommodations.",
    evidence: { source: "support" },
  });
  expect(JSON.stringify(answers)).not.toMatch(/Quillfeather|Ada|Maud/);
});

test("of a learner with next to nothing on record, next to nothing is said", async () => {
  const { answers } = await answered("counselor", "1002", "teacher");
  for (const { id, status, notKnown } of answers) {
    if (id !== "standards-met" && id !== "flags") expect({ id, status }).toEqual({ id, status: "not known" });
    expect(notKnown.length).toBeGreaterThan(0);
  }
});

test("every reading stands in the record of disclosures, with the kinds of data that the questions need", async () => {
  const before = (await readDisclosures(cairn(), { tenantId: here.tenantId, recordedBy: "office" }, "1001")).length;
  await answered("parent", "1001", "parent");
  await answered("counselor", "1001", "teacher");
  const lines = (await readDisclosures(cairn(), { tenantId: here.tenantId, recordedBy: "office" }, "1001")).slice(
    before,
  );
  expect(lines.map(({ party, requester }) => [party, requester])).toEqual([
    ["the family", here.parent],
    ["the school", "key of role counselor"],
  ]);
  for (const { dataClasses } of lines) {
    for (const kind of ["identity", "demographics", "family", "screeners"]) expect(dataClasses).not.toContain(kind);
  }
});
