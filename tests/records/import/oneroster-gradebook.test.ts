import { readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { ImportReport } from "../../../src/records/import/core/report.ts";
import { importOneRoster } from "../../../src/records/import/oneroster/import.ts";
import { useDatabase } from "../../support/database.ts";
import { datasetsFolder } from "../../support/services.ts";
import type { Files } from "./deliveries.ts";
import { cleanUp, delta, district, query, roster, unpacked } from "./deliveries.ts";

const database = useDatabase();
cleanUp();

async function take(tenantId: string, files: Files, receivedAt = "2025-07-01T00:00:00Z"): Promise<ImportReport> {
  return importOneRoster(database(), { tenantId, path: await unpacked(files), receivedAt: new Date(receivedAt) });
}

const gradebook: Files = {
  "scoreScales.csv":
    'sourcedId,status,dateLastModified,title,type,orgSourcedId,courseSourcedId,classSourcedId,scoreScaleValue\nsc1,,,Letters,letter,s1,c1,k25,"{A:94},{B:84}"\n',
  "lineItemScoreScales.csv":
    "sourcedId,status,dateLastModified,title,lineItemSourcedId,scoreScaleSourcedId\nx1,,,Scale,l1,sc1\n",
  "resultScoreScales.csv":
    "sourcedId,status,dateLastModified,title,resultSourcedId,scoreScaleSourcedId\nx1,,,Scale,q1,sc1\nx2,,,Scale,q1,nothing\n",
  "lineItemLearningObjectiveIds.csv":
    "sourcedId,status,dateLastModified,lineItemSourcedId,source,learningObjectiveId\ny1,,,l1,case,7.NS.A.1\n",
  "userProfiles.csv":
    "sourcedId,status,dateLastModified,userSourcedId,profileType,vendorId,applicationId,description,credentialType,username,password\np1,,,u1,platform,v,,,username,ada,hunter2\n",
  "resources.csv":
    'sourcedId,status,dateLastModified,vendorResourceId,title,roles,importance,vendorId,applicationId\nre1,,,vr1,Book,"student,teacher",primary,v,a\n',
  "userResources.csv":
    "sourcedId,status,dateLastModified,userSourcedId,orgSourcedId,classSourcedId,resourceSourcedId\nur1,,,u1,s1,k25,re1\n",
};

test("scales, objectives of whole works, profiles and resources go in; a tie to no scale is refused", async () => {
  const tenantId = await district(database());
  const report = await take(tenantId, roster(gradebook));
  expect(report.refusals.map(({ file, column, code }) => [file, column, code])).toEqual([
    ["resultScoreScales.csv", "scoreScaleSourcedId", "DANGLING"],
  ]);
  const rows = <T extends object>(sql: string): Promise<T[]> => query<T>(database(), tenantId, sql);
  expect(await rows('select title, kind, "values" from score_scale')).toEqual([
    { title: "Letters", kind: "letter", values: "{A:94},{B:84}" },
  ]);
  expect(await rows("select assignment_key, result_key from score_scale_use order by 1")).toEqual([
    { assignment_key: "sis:l1", result_key: null },
    { assignment_key: null, result_key: "sis:q1" },
  ]);
  expect(await rows("select assignment_key, source, standard from assignment_standard")).toEqual([
    { assignment_key: "sis:l1", source: "case", standard: "7.NS.A.1" },
  ]);
  expect(await rows("select entity, person_id is not null as personal from kept_row order by 1")).toEqual([
    { entity: "resources", personal: false },
    { entity: "userProfiles", personal: true },
    { entity: "userResources", personal: true },
  ]);
});

test("a password is nowhere in the record, nor in what is kept for repair", async () => {
  const tenantId = await district(database());
  const more = "p2,,,nobody,platform,v,,,username,eve,hunter2\np3,,,,platform,v,,,username,eve,hunter2\n";
  const profiles = `${gradebook["userProfiles.csv"]}${more}`;
  const report = await take(tenantId, roster({ ...gradebook, "userProfiles.csv": profiles }));
  const waiting = await query<{ raw: string }>(
    database(),
    tenantId,
    "select raw from import_refusal where file = 'userProfiles.csv'",
  );
  expect(waiting).toHaveLength(2);
  expect(waiting.map(({ raw }) => raw).join("\n")).not.toContain("hunter2");
  const kept = await query<{ all: string }>(
    database(),
    tenantId,
    "select string_agg(cells::text, '') as \"all\" from kept_row",
  );
  expect(kept[0]!.all).toContain('"username": "ada"');
  expect(kept[0]!.all).not.toContain("hunter2");
  expect(report.leniencies.map(({ what }) => what)).toContain("password: a secret, dropped before anything was kept");
});

test("a result's comment, lateness and incompleteness are kept", async () => {
  const tenantId = await district(database());
  await take(
    tenantId,
    roster({
      "results.csv":
        'sourcedId,status,dateLastModified,lineItemSourcedId,studentSourcedId,scoreStatus,score,scoreDate,comment,textScore,classSourcedId,inProgress,incomplete,late,missing\nq1,,,l1,u1,partially graded,20,2024-09-11,"Page 2, please",,k25,false,true,true,false\n',
    }),
  );
  expect(await query(database(), tenantId, "select comment, late, incomplete, missing from result")).toEqual([
    { comment: "Page 2, please", late: true, incomplete: true, missing: false },
  ]);
});

const family = (ada: string, parent: string): Files => ({
  "users.csv":
    "sourcedId,status,dateLastModified,enabledUser,username,userIds,givenName,familyName,middleName,identifier,email,sms,phone,agentSourcedIds,grades\n" +
    `u1,,,true,ada,,Ada,Quillfeather,,1001,,,,${ada},08\nu2,,,true,ben,,Ben,Ostrowski,,1002,,,,,08\n` +
    `m1,,,true,cleo,,Cleo,Quillfeather,,,,,,${parent},\nu9,,,true,teach,,Tess,Zimmerwald,,T9,,,,u2,\n`,
  "roles.csv":
    "sourcedId,status,dateLastModified,userSourcedId,roleType,role,beginDate,endDate,orgSourcedId,userProfileSourcedId\n" +
    "r1,,,u1,primary,student,,,s1,\nr2,,,u2,primary,student,,,s1,\nr9,,,u9,primary,teacher,,,s1,\nrm,,,m1,primary,parent,,,s1,\n",
});
const ties = (tenantId: string): Promise<object[]> =>
  query(
    database(),
    tenantId,
    `select c.given_name as child, g.given_name as guardian, t.relation from (
       select distinct on (record_key) * from guardianship order by record_key, version_id desc
     ) t join person c on c.person_id = t.person_id join person g on g.person_id = t.guardian_id where t.retracted_at is null`,
  );

test.each([
  ["the child's row names the parent", "m1", ""],
  ["the parent's row names the child", "", "u1"],
  ["both name each other", "m1", "u1"],
])("guardians: %s", async (_name, ada, parent) => {
  const tenantId = await district(database());
  const report = await take(tenantId, roster(family(ada, parent)));
  expect(await ties(tenantId)).toEqual([{ child: "Ada", guardian: "Cleo", relation: "parent" }]);
  // A teacher who names a student is nobody's guardian.
  expect(report.leniencies).toContainEqual({
    file: "users.csv",
    what: "agentSourcedIds: a tie that is not of a student and a parent, guardian or relative",
    count: 1,
  });
});

test("a guardian whom neither row names any more is taken back, and nothing is erased", async () => {
  const tenantId = await district(database());
  await take(tenantId, roster(family("m1", "u1")));
  await take(tenantId, roster(family("", "u1")), "2025-08-01T00:00:00Z");
  expect(await ties(tenantId)).toHaveLength(1);
  await take(tenantId, roster(family("", "")), "2025-09-01T00:00:00Z");
  expect(await ties(tenantId)).toEqual([]);
  expect(await query(database(), tenantId, "select count(*)::int as versions from guardianship")).toEqual([
    { versions: 2 },
  ]);
  await take(tenantId, roster(family("", "")), "2025-10-01T00:00:00Z");
  expect(await query(database(), tenantId, "select count(*)::int as versions from guardianship")).toEqual([
    { versions: 2 },
  ]);
});

test.each([
  ["the child's row, which named her", "m1", "", ["u1"], 0],
  ["the child's row, where the parent's named the child", "", "u1", ["u1"], 1],
  ["the parent's row, which named the child", "", "u1", ["m1"], 0],
  ["the parent's row, where the child's named her", "m1", "", ["m1"], 1],
  ["another child's row", "m1", "", ["u2"], 1],
])("a delta with %s and nobody any more", async (_name, ada, parent, changed, left) => {
  const tenantId = await district(database());
  await take(tenantId, roster(family(ada, parent)));
  const [header, ...rows] = String(family("", "")["users.csv"]).trim().split("\n") as [string, ...string[]];
  const sent = rows
    .filter((row) => changed.some((id) => row.startsWith(`${id},`)))
    .map((row) => row.replace(",,,", ",active,2025-08-01T00:00:00Z,"));
  await take(tenantId, delta({ "users.csv": `${[header, ...sent].join("\n")}\n` }), "2025-08-01T00:00:00Z");
  expect(await ties(tenantId)).toHaveLength(left);
});

test("an agent who is not there gives no guardianship, and the user goes in all the same", async () => {
  const tenantId = await district(database());
  const report = await take(tenantId, roster(family("m7", "")));
  expect(await ties(tenantId)).toEqual([]);
  expect(report.files.find(({ file }) => file === "users.csv")).toMatchObject({ rows: 4, new: 4, refused: 0 });
});

test("what a later bulk file does not mention stays, and the report says how much it was", async () => {
  const tenantId = await district(database());
  await take(tenantId, roster());
  const fewer = roster({
    "users.csv":
      "sourcedId,status,dateLastModified,enabledUser,username,userIds,givenName,familyName,middleName,identifier,grades\nu1,,,true,ada,{DistrictId:1001},Ada,Quillfeather,,1001,08\n",
  });
  const report = await take(tenantId, fewer, "2025-08-01T00:00:00Z");
  expect(report.leniencies).toContainEqual({
    file: "users.csv",
    what: "records of earlier deliveries that this bulk file does not mention: kept as they are",
    count: 2,
  });
  const retracted = await query(database(), tenantId, "select 1 from person where retracted_at is not null");
  expect(retracted).toEqual([]);
});

test("a delta says nothing about what it does not mention", async () => {
  const tenantId = await district(database());
  await take(tenantId, roster());
  const report = await take(
    tenantId,
    delta({
      "users.csv":
        "sourcedId,status,dateLastModified,enabledUser,username,userIds,givenName,familyName,middleName,identifier,grades\nu1,active,2025-08-01T00:00:00Z,true,ada2,{DistrictId:1001},Ada,Quillfeather,,1001,08\n",
    }),
    "2025-08-02T00:00:00Z",
  );
  expect(report.leniencies.filter(({ what }) => what.includes("does not mention"))).toEqual([]);
});

const fixtures = datasetsFolder();

test.skipIf(fixtures === undefined)(
  "every file of a full bulk package is read, none refused (needs the data sets)",
  async () => {
    const path = join(fixtures!, "standards/oneroster/v1p2_valid_bulk");
    const tenantId = await district(database());
    const report = await importOneRoster(database(), { tenantId, path, receivedAt: new Date("2025-07-01T00:00:00Z") });
    const files = readdirSync(path).filter((name) => name !== "manifest.csv");
    expect(report.files.map(({ file }) => file).sort()).toEqual(files.sort());
    expect(report.refusals).toEqual([]);
    expect(report.leniencies.filter(({ what }) => what.includes("not read"))).toEqual([]);
  },
);
