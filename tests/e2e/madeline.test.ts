import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openSigningKeys } from "../../src/records/credentials/signing-keys.ts";
import { decideIssuer } from "../../src/records/credentials/trust.ts";
import { createTenant, inTenant } from "../../src/records/database.ts";
import { makeBackpack, writeBackpack } from "../../src/records/export/backpack/export.ts";
import { personOfNumber } from "../../src/records/export/backpack/learner.ts";
import { importBackpack } from "../../src/records/import/backpack/import.ts";
import { importFlat } from "../../src/records/import/flat/import.ts";
import type { FlatProfileName } from "../../src/records/import/flat/profiles.ts";
import { importOneRoster } from "../../src/records/import/oneroster/import.ts";
import { attachSnapshot, openSnapshot } from "../../src/records/snapshot/open.ts";
import { findPseudonym } from "../../src/records/snapshot/pseudonyms.ts";
import { writeSnapshot } from "../../src/records/snapshot/write.ts";
import { cleanUp, query, roster, unpacked } from "../records/import/deliveries.ts";
import { useDatabase } from "../support/database.ts";

/**
 * Madeline moves in the middle of her schooling from Westfield to Northgate. Both districts use the same student information
 * system, so the same source code and the same ids, and Madeline's number in Westfield is another child's in Northgate: what
 * arrives must be hers alone, and must say whose word it is.
 */
const database = useDatabase();
cleanUp();

const lastDay = new Date("2025-06-13T15:00:00Z");
const summer = new Date("2025-08-11T09:00:00Z");
const dayOne = "2025-08-18";

let home: string;
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), "cairn-madeline-"));
  await createTenant(database(), { id: "westfield", name: "Westfield Public Schools" });
  await createTenant(database(), { id: "northgate", name: "Northgate Unified" });
});
afterAll(() => rm(home, { recursive: true, force: true }));

const westfieldUsers =
  "sourcedId,status,dateLastModified,enabledUser,username,userIds,givenName,familyName,middleName,identifier,grades\n" +
  'u1,,,true,madeline,"{DistrictId:1001},{StateId:S-4711}",Madeline,Quillfeather,,1001,07\nu2,,,true,ben,{DistrictId:1002},Ben,Ostrowski,,1002,07\n' +
  "u9,,,true,teach,,Tess,Zimmerwald,,T9,\n";

const westfieldEnrollments =
  "sourcedId,status,dateLastModified,classSourcedId,schoolSourcedId,userSourcedId,role,primary,beginDate,endDate,metadata.exitKind\n" +
  "e1,,,k25,s1,u1,student,false,2024-08-19,,\ne2,,,k25,s1,u2,student,false,2024-08-19,,\ne9,,,k25,s1,u9,teacher,true,2024-08-19,,\n";

// The same ids for other people: in Northgate 1001 is Carl, and Madeline is rostered before her Backpack is there.
const northgateUsers =
  "sourcedId,status,dateLastModified,enabledUser,username,userIds,givenName,familyName,middleName,identifier,grades\n" +
  'u1,,,true,carl,{DistrictId:1001},Carl,Amundsen,,1001,08\nu2,,,true,mquill,"{DistrictId:2002},{StateId:S-4711}",Madeline,Quillfeather,,2002,08\n' +
  "u9,,,true,teach,,Theo,Nakamura,,T9,\n";
const northgateChanges = {
  "users.csv": northgateUsers,
  "enrollments.csv":
    "sourcedId,status,dateLastModified,classSourcedId,schoolSourcedId,userSourcedId,role,primary,beginDate,endDate,metadata.exitKind\n" +
    "e1,,,k26,s1,u1,student,false,2025-08-18,,\ne2,,,k26,s1,u2,student,false,2025-08-18,,\n",
  "lineItems.csv":
    "sourcedId,status,dateLastModified,title,description,assignDate,dueDate,classSourcedId,categorySourcedId,academicSessionSourcedId,resultValueMin,resultValueMax,schoolSourcedId\n",
  "results.csv":
    "sourcedId,status,dateLastModified,lineItemSourcedId,studentSourcedId,scoreStatus,score,scoreDate,comment,textScore,classSourcedId,inProgress,incomplete,late,missing\n",
  "resultLearningObjectiveIds.csv":
    "sourcedId,status,dateLastModified,resultSourcedId,source,learningObjectiveId,score,textScore\n",
};

const flat: Partial<Record<FlatProfileName, string>> = {
  attendance: "student_id,date,category,excused,reason,recorded_on\n1001,2024-09-03,absent,true,flu,2024-09-05\n",
  responses:
    "student_id,item_id,standard,answered_at,correct,attempts,hints,seconds\n1001,i1,7.NS.A.1,2024-09-03T10:00:00Z,1,1,0,12\n1001,i2,7.NS.A.1,2024-09-04T10:00:00Z,1,1,0,9\n1002,i1,7.NS.A.1,2024-09-03T10:00:00Z,0,2,1,40\n",
  standards: "standard,label,subject,grade\n7.NS.A.1,Add and subtract rational numbers,math,07\n",
};

async function takeFlat(tenantId: string, profile: FlatProfileName, text: string): Promise<void> {
  const path = join(await unpacked({ "file.csv": text }), "file.csv");
  const report = await importFlat(database(), { tenantId, profile, path, receivedAt: lastDay });
  expect(report.refusals).toEqual([]);
}

const keysOf = (tenantId: string): string => join(home, tenantId, "keys");
const snapshotRows = async (purpose: "playlist" | "early-warning", sql: string): Promise<Record<string, unknown>[]> => {
  const folder = join(home, "northgate", "snapshots");
  const { id } = await writeSnapshot(database(), { tenantId: "northgate", purpose, asOf: dayOne, folder });
  const instance = await DuckDBInstance.create(":memory:");
  const connection = await instance.connect();
  try {
    await attachSnapshot(connection, await openSnapshot(folder, id));
    return (await connection.runAndReadAll(sql)).getRowObjectsJson() as Record<string, unknown>[];
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
};

test("Madeline's record moves with her: on day one Northgate knows what she has mastered, and by whose word", async () => {
  // A school year in Westfield.
  const westfield = await unpacked(roster({ "users.csv": westfieldUsers, "enrollments.csv": westfieldEnrollments }));
  await importOneRoster(database(), { tenantId: "westfield", path: westfield, receivedAt: lastDay });
  for (const [profile, text] of Object.entries(flat)) await takeFlat("westfield", profile as FlatProfileName, text);

  // Northgate has rostered her for the new year; of the year before it knows nothing.
  const northgate = await unpacked(roster(northgateChanges));
  await importOneRoster(database(), { tenantId: "northgate", path: northgate, receivedAt: summer });
  expect(await query(database(), "northgate", "select 1 from standard_result")).toEqual([]);
  const madeline = await inTenant(database(), "northgate", (tx) => personOfNumber(tx, "2002"));

  // Westfield signs her Backpack; Northgate has been told Westfield's key and trusts it.
  const personId = await inTenant(database(), "westfield", (tx) => personOfNumber(tx, "1001"));
  const backpack = await makeBackpack(database(), {
    tenantId: "westfield",
    personId,
    keysFolder: keysOf("westfield"),
    now: lastDay,
    audience: "district",
    requester: "registrar of Westfield",
    party: "Northgate Unified",
  });
  const path = join(home, "madeline.zip");
  await writeBackpack(backpack, path);
  const { district } = await openSigningKeys(keysOf("westfield"), "westfield", lastDay);
  await inTenant(database(), "northgate", (tx) =>
    decideIssuer(
      tx,
      { issuer: district, authority: district, standing: "certified" },
      { decidedBy: "registrar", now: summer },
    ),
  );
  const arrived = await importBackpack(database(), {
    tenantId: "northgate",
    path,
    keysFolder: keysOf("northgate"),
    receivedAt: summer,
  });
  expect(arrived).toMatchObject({
    standing: "certified",
    district: { id: district, name: "Westfield Public Schools" },
    person: { personId: madeline, how: "matched" },
    report: { refusals: [] },
  });

  // Day one: the standards she has mastered, certified by Westfield, and her answers, which nobody certifies.
  const mastered = await query(
    database(),
    "northgate",
    `select s.standard, s.score, s.class, s.authority, s.verification ->> 'result' as signature, r.person_id as person
     from standard_result s join result r on r.record_key = s.result_key`,
  );
  expect(mastered).toEqual([
    {
      standard: "7.NS.A.1",
      score: 0.8,
      class: "certified",
      authority: `${district}#westfield`,
      signature: "verified",
      person: madeline,
    },
  ]);
  const answers = await query(
    database(),
    "northgate",
    "select item, correct, class, person_id as person from item_response order by item",
  );
  expect(answers).toEqual([
    { item: "i1", correct: 1, class: "contributed", person: madeline },
    { item: "i2", correct: 1, class: "contributed", person: madeline },
  ]);
  const absences = await query(database(), "northgate", "select class, person_id as person from attendance_event");
  expect(absences).toEqual([{ class: "certified", person: madeline }]);

  // What is computed for her on day one can see it, under her code alone; nothing of it is Carl's, who has her old number.
  const results = await snapshotRows("early-warning", "select learner, standard, score from standard_result");
  const responses = await snapshotRows("playlist", "select learner, item, correct from response order by item");
  expect(results).toMatchObject([{ standard: "7.NS.A.1", score: 0.8 }]);
  expect(responses).toMatchObject([{ item: "i1" }, { item: "i2" }]);
  for (const [purpose, rows] of [
    ["early-warning", results],
    ["playlist", responses],
  ] as const) {
    const code = await inTenant(database(), "northgate", (tx) => findPseudonym(tx, purpose, "2002"));
    expect(new Set(rows.map(({ learner }) => String(learner)))).toEqual(new Set([`${code}@2024-25`]));
  }
  const carl = await inTenant(database(), "northgate", (tx) => personOfNumber(tx, "1001"));
  expect(carl).not.toBe(madeline);

  // Northgate's next roster finds both as before, and the same Backpack again changes nothing.
  const roster2 = await importOneRoster(database(), { tenantId: "northgate", path: northgate, receivedAt: summer });
  expect(roster2.refusals).toEqual([]);
  const again = await importBackpack(database(), {
    tenantId: "northgate",
    path,
    keysFolder: keysOf("northgate"),
    receivedAt: summer,
  });
  expect(again.report.files.every((file) => file.rows === file.unchanged)).toBe(true);
  expect(await inTenant(database(), "northgate", (tx) => personOfNumber(tx, "2002"))).toBe(madeline);
});
