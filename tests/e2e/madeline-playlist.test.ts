import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pino } from "pino";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createApp } from "../../src/api/app.ts";
import { createKey } from "../../src/engine/access/keys.ts";
import { openSigningKeys } from "../../src/records/credentials/signing-keys.ts";
import { decideIssuer } from "../../src/records/credentials/trust.ts";
import { createTenant, inTenant } from "../../src/records/database.ts";
import { makeBackpack, writeBackpack } from "../../src/records/export/backpack/export.ts";
import { personOfNumber } from "../../src/records/export/backpack/learner.ts";
import { importBackpack } from "../../src/records/import/backpack/import.ts";
import { importOneRoster } from "../../src/records/import/oneroster/import.ts";
import { useCairn } from "../engine/district.ts";
import { deliverFlat } from "../records/family.ts";
import { cleanUp, query, roster, unpacked } from "../records/import/deliveries.ts";

/**
 * Madeline's morning. She has moved from Westfield to Northgate with her signed Backpack. On her first day her teacher sees what
 * she has mastered, and her first playlist begins where she is: not with what she knows, and not with what she is not ready for.
 */
const cairn = useCairn();
cleanUp();

const lastDay = new Date("2025-06-13T15:00:00Z");
const summer = new Date("2025-08-11T09:00:00Z");
const morning = new Date("2025-08-18T12:00:00Z");
let home: string;
let keys: Record<"teacher" | "platform", string>;

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), "cairn-morning-"));
});
afterAll(() => rm(home, { recursive: true, force: true }));

const users = (rows: string) =>
  `sourcedId,status,dateLastModified,enabledUser,username,userIds,givenName,familyName,middleName,identifier,grades\n${rows}`;
const enrollments = (rows: string) =>
  `sourcedId,status,dateLastModified,classSourcedId,schoolSourcedId,userSourcedId,role,primary,beginDate,endDate,metadata.exitKind\n${rows}`;
const bare = Object.fromEntries(
  ["lineItems.csv", "results.csv", "resultLearningObjectiveIds.csv", "demographics.csv"].map((file) => [
    file,
    `${String(roster()[file]).split("\n")[0]}\n`,
  ]),
);

/** Eight right answers a standard: what a year of practice leaves behind. */
const practised = (standards: readonly string[]) =>
  standards.flatMap((standard, at) =>
    Array.from({ length: 8 }, (_, n) => `1001,${standard}-${n},${standard},2025-0${at + 2}-1${n}T10:00:00Z,1,1,0,12`),
  );

/** Both districts follow the same framework; Northgate's library is its own. */
const standards =
  "standard,label,subject,grade\n8.A,Integers,math,08\n8.B,Rational numbers,math,08\n8.C,Equations,math,08\n8.D,Inequalities,math,08\n";
const prerequisites = "standard,requires\n8.B,8.A\n8.C,8.B\n8.D,8.C\n";
const library = `activity,title,standard,modality,minutes,difficulty\n${["A", "B", "C", "D"]
  .flatMap((name) => ["video", "game"].map((kind) => `${name}-${kind},${name} ${kind},8.${name},${kind},10,0`))
  .join("\n")}\n`;

async function call(who: keyof typeof keys, route: string, body?: unknown) {
  const [method, path] = route.split(" ") as [string, string];
  const app = createApp({ ...cairn(), now: () => morning }, { version: "1", log: pino({ level: "silent" }) });
  const response = await app.request(path, {
    method,
    headers: { authorization: `Bearer ${keys[who]}`, "content-type": "application/json" },
    ...(method === "POST" ? { body: JSON.stringify(body) } : {}),
  });
  return { status: response.status, body: JSON.parse(await response.text()) };
}

test("Madeline's first morning: her teacher sees what she has mastered, and nothing she knows stands on her list", async () => {
  const { database } = cairn();
  await createTenant(database, { id: "westfield", name: "Westfield Public Schools" });
  await createTenant(database, { id: "northgate", name: "Northgate Unified" });
  const arrive = async (tenantId: string, people: string, stays: string, receivedAt: Date): Promise<void> => {
    const path = await unpacked(roster({ ...bare, "users.csv": users(people), "enrollments.csv": enrollments(stays) }));
    await importOneRoster(database, { tenantId, path, receivedAt });
  };
  await arrive(
    "westfield",
    'u1,,,true,madeline,"{DistrictId:1001},{StateId:S-4711}",Madeline,Quillfeather,,1001,07\nu9,,,true,teach,,Tess,Zimmerwald,,T9,\n',
    "e1,,,k25,s1,u1,student,false,2024-08-19,,\n",
    lastDay,
  );
  await deliverFlat(database, "westfield", "standards", standards);
  const answered = [
    "student_id,item_id,standard,answered_at,correct,attempts,hints,seconds",
    ...practised(["8.A", "8.B"]),
  ];
  await deliverFlat(database, "westfield", "responses", `${answered.join("\n")}\n`);

  // In Northgate the number 1001 is another child's, who has practised nothing.
  await arrive(
    "northgate",
    'u1,,,true,carl,{DistrictId:1001},Carl,Amundsen,,1001,08\nu2,,,true,mquill,"{DistrictId:2002},{StateId:S-4711}",Madeline,Quillfeather,,2002,08\n' +
      "u9,,,true,teach,,Theo,Nakamura,,T9,\n",
    "e1,,,k26,s1,u1,student,false,2025-08-18,,\ne2,,,k26,s1,u2,student,false,2025-08-18,,\ne9,,,k26,s1,u9,teacher,true,2025-08-18,,\n",
    summer,
  );
  await deliverFlat(database, "northgate", "standards", standards);
  await deliverFlat(database, "northgate", "prerequisites", prerequisites);
  await deliverFlat(database, "northgate", "activities", library);
  const [theo] = await query<{ id: string }>(
    database,
    "northgate",
    "select person_id as id from person where given_name = 'Theo'",
  );
  keys = {
    teacher: await createKey(cairn(), "northgate", "teacher", "Theo", theo!.id),
    platform: await createKey(cairn(), "northgate", "platform", "math platform"),
  };
  const list = async (learner: string) =>
    (await call("platform", "POST /v1/playlists", { learner, minutes: 20 })).body as {
      items: { standard: string; role: string; reasons: { teacher: string[] } }[];
      provenance: { standingVersion: number };
    };

  // Before the Backpack is there she is a newcomer of whom nothing is known.
  expect((await list("2002")).items.map(({ standard }) => standard)).toEqual(["8.A", "8.A"]);

  const personId = await inTenant(database, "westfield", (tx) => personOfNumber(tx, "1001"));
  const keysFolder = (tenantId: string): string => join(home, tenantId, "keys");
  const backpack = await makeBackpack(database, {
    tenantId: "westfield",
    personId,
    keysFolder: keysFolder("westfield"),
    now: lastDay,
    audience: "district",
    requester: "registrar of Westfield",
    party: "Northgate Unified",
  });
  const path = join(home, "madeline.zip");
  await writeBackpack(backpack, path);
  const { district } = await openSigningKeys(keysFolder("westfield"), "westfield", lastDay);
  await inTenant(database, "northgate", (tx) =>
    decideIssuer(
      tx,
      { issuer: district, authority: district, standing: "certified" },
      { decidedBy: "registrar", now: summer },
    ),
  );
  await importBackpack(database, {
    tenantId: "northgate",
    path,
    keysFolder: keysFolder("northgate"),
    receivedAt: summer,
  });

  // Her teacher, with his own key, on her first day.
  const seen = await call("teacher", "GET /v1/learners/2002/standards");
  expect(seen.status).toBe(200);
  const mastered = JSON.stringify(seen.body);
  expect(mastered).toContain("8.A");
  const masteryOf = (standard: string): number =>
    seen.body.standards.find((one: { standard: string }) => one.standard === standard).mastery;
  expect(masteryOf("8.A")).toBeGreaterThan(0.9);
  expect(masteryOf("8.B")).toBeGreaterThan(0.9);
  expect(masteryOf("8.C")).toBeLessThan(0.7);

  // Her first list goes on where she stopped; Carl, who bears her old number, begins at the beginning.
  const first = await list("2002");
  expect(first.items.map(({ standard }) => standard)).toEqual(["8.C", "8.C"]);
  expect(first.items[0]!.reasons.teacher.join(" ")).toMatch(/Ready for it: "Rational numbers" mastered at 0\.9/);
  expect((await list("1001")).items.map(({ standard }) => standard)).toEqual(["8.A", "8.A"]);

  // What she answers this morning counts at once: after ten right answers her list moves on, and nothing asks her twice.
  const sent = await call("platform", "POST /v1/responses", {
    responses: Array.from({ length: 10 }, (_, n) => ({
      id: `morning-${n}`,
      learner: "2002",
      item: `8.C-${n}`,
      standard: "8.C",
      answeredAt: `2025-08-18T08:0${n}:00`,
      correct: 1,
    })),
    next: { learner: "2002", minutes: 20 },
  });
  expect(sent.body.stored).toBe(10);
  expect(sent.body.playlist.items.map(({ standard }: { standard: string }) => standard)).toEqual(["8.D", "8.D"]);
});
