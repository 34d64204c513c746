import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { storeStatements } from "../../../src/records/activity-store/store-statements.ts";
import { receiveCaliper } from "../../../src/records/import/caliper/receive.ts";
import type { ImportOptions } from "../../../src/records/import/core/session.ts";
import { setTimeZone } from "../../../src/records/import/core/time-zone.ts";
import { importEdFi } from "../../../src/records/import/edfi/import.ts";
import { importFlat } from "../../../src/records/import/flat/import.ts";
import { importOneRoster } from "../../../src/records/import/oneroster/import.ts";
import { useDatabase } from "../../support/database.ts";
import { cleanUp, district, query, roster, scratchFolder, unpacked } from "./deliveries.ts";

const database = useDatabase();
cleanUp();

const receivedAt = new Date("2025-12-12T08:00:00Z");
let tenantId: string;

beforeAll(async () => {
  tenantId = await district(database());
  await importOneRoster(database(), { tenantId, path: await unpacked(roster()), receivedAt });
});

async function take(profile: string, text: string, options: Partial<ImportOptions> = {}) {
  const path = join(await scratchFolder(), `${profile}.csv`);
  await writeFile(path, text);
  return importFlat(database(), { tenantId, profile, path, receivedAt, ...options });
}

const attendance = (category: string) => `student_id,date,category\n1001,2025-11-03,${category}\n`;
const events = () =>
  query<{ class: string; category: string; authority: string; record_key: string; supersedes: number | null }>(
    database(),
    tenantId,
    "select class, category, authority, record_key, supersedes::int from attendance_event order by version_id",
  );

describe("who may say what", () => {
  test("another authority under the same source code supersedes nothing: its record stands beside, and it is said", async () => {
    await take("attendance", attendance("absent"), { source: { systemCode: "sis" } });
    const report = await take("attendance", attendance("tardy"), {
      source: { systemCode: "sis" },
      authority: "neighbour",
    });
    expect(report.files).toMatchObject([{ new: 1, changed: 0 }]);
    expect(report.leniencies).toContainEqual({
      file: "sis",
      what: `the authority ${tenantId} uses the same source code: the records of both are kept beside each other`,
      count: 1,
    });
    expect(await events()).toEqual([
      {
        class: "certified",
        category: "absent",
        authority: tenantId,
        record_key: "sis:1001|2025-11-03",
        supersedes: null,
      },
      {
        class: "certified",
        category: "tardy",
        authority: "neighbour",
        record_key: "sis@neighbour:1001|2025-11-03",
        supersedes: null,
      },
    ]);
    // The first authority goes on where it was.
    const corrected = await take("attendance", attendance("partial"), {
      source: { systemCode: "sis" },
      receivedAt: new Date("2025-12-13T08:00:00Z"),
    });
    expect(corrected.files).toMatchObject([{ new: 0, changed: 1 }]);
    expect((await events()).at(-1)).toMatchObject({ record_key: "sis:1001|2025-11-03", category: "partial" });
  });

  test("what comes through a key from a source nobody has certified is contributed, and supersedes no certified record", async () => {
    const before = (await events()).length;
    const report = await take("attendance", attendance("tardy"), { source: { systemCode: "sis" }, transport: "api" });
    expect(report.standing).toBe("contributed");
    expect((await events()).slice(before)).toMatchObject([
      { class: "contributed", record_key: "sis~contributed:1001|2025-11-03", supersedes: null },
    ]);
  });

  test("the district's decision counts, the latest one; a caller can lower a standing and not raise it", async () => {
    const decide = (standing: string) =>
      query(
        database(),
        tenantId,
        `insert into source_standing (tenant_id, source, authority, standing) values ('${tenantId}', 'lms', '${tenantId}', '${standing}')`,
      );
    const standing = async (options: Partial<ImportOptions>) =>
      (await take("attendance", attendance("absent"), { source: { systemCode: "lms" }, ...options })).standing;
    expect(await standing({})).toBe("certified");
    await decide("contributed");
    expect(await standing({})).toBe("contributed");
    expect(await standing({ standing: "certified" })).toBe("contributed");
    await decide("certified");
    expect(await standing({ transport: "api" })).toBe("certified");
    expect(await standing({ standing: "contributed" })).toBe("contributed");
  });

  test("what nobody certifies is the same record whoever brings it", async () => {
    const row = "student_id,item_id,answered_at,correct\n1001,i1,2025-11-03 10:00,1\n";
    expect((await take("responses", row)).files).toMatchObject([{ new: 1 }]);
    expect((await take("responses", row, { transport: "api" })).files).toMatchObject([{ new: 0, unchanged: 1 }]);
  });
});

test("a contributed roster cannot make a student another, or ambiguous", async () => {
  const own = await district(database());
  await importOneRoster(database(), { tenantId: own, path: await unpacked(roster()), receivedAt });
  const person = () =>
    query<{ id: string }>(database(), own, "select distinct person_id as id from attendance_event order by 1");
  await take("attendance", attendance("absent"), { tenantId: own });
  const before = await person();
  // Somebody of another name says that the number 1001 of the district is her own state number.
  const users =
    "sourcedId,enabledUser,username,userIds,givenName,familyName\nx9,true,x,{StateId:1001},Xenia,Wollstonecraft\n";
  const manifest =
    "propertyName,value\nmanifest.version,1.0\noneroster.version,1.2\nfile.users,bulk\nsource.systemCode,app\n";
  const app = { tenantId: own, receivedAt, standing: "contributed" as const };
  // Its own ids may be those of the district's system, for other people.
  const files = { "users.csv": users.replace("x9", "u1"), "manifest.csv": manifest };
  await importOneRoster(database(), { ...app, path: await unpacked(files) });
  const second = await importOneRoster(database(), { ...app, path: await unpacked(files) });
  expect(second.files).toMatchObject([{ file: "users.csv", new: 0, changed: 0, unchanged: 1 }]);
  const again = await take("attendance", attendance("tardy").replace("11-03", "11-04"), { tenantId: own });
  expect(again.files).toMatchObject([{ new: 1, refused: 0 }]);
  expect(await person()).toEqual(before);
});

const statement = {
  actor: { objectType: "Agent", account: { homePage: "https://district.example", name: "1001" } },
  verb: { id: "http://adlnet.gov/expapi/verbs/completed" },
  object: { id: "urn:x:1" },
};

test("every version names its row, and every batch its profiles", async () => {
  const report = await take(
    "behavior",
    "incident_id,student_id,date,severity,participation\ni1,1001,2025-11-03,minor,victim\n",
  );
  expect(
    await query(database(), tenantId, `select raw_ref from behavior_incident where batch_id = '${report.batchId}'`),
  ).toEqual([{ raw_ref: "behavior.csv#2" }]);
  expect(
    await query(database(), tenantId, `select profiles from import_batch where batch_id = '${report.batchId}'`),
  ).toEqual([{ profiles: ["behavior@1"] }]);
});

test("a package, bodies, events and statements name the reading they were read by, too", async () => {
  const own = await district(database());
  const from = { tenantId: own, receivedAt };
  const folder = await unpacked({
    "students.json": JSON.stringify([{ studentUniqueId: "1", lastSurname: "Quillfeather" }]),
  });
  await importOneRoster(database(), { ...from, path: await unpacked(roster()) });
  await importEdFi(database(), { ...from, path: folder });
  await receiveCaliper(database(), { ...from, body: JSON.stringify({ data: [{ type: "Event" }] }) });
  await storeStatements(database(), { ...from, statements: [statement], version: "1.0.3", authority: statement.actor });
  expect(await query(database(), own, "select profiles from import_batch order by standard, batch_id")).toEqual(
    ["caliper@1", "ed-fi@1", "oneroster-csv@1", "xapi@1"].map((name) => ({ profiles: [name] })),
  );
});

test("a moment that names a zone becomes the district's wall clock, through the change of the clocks; one without stays", async () => {
  const own = await district(database());
  await setTimeZone(database(), own, "America/New_York");
  await importOneRoster(database(), { tenantId: own, path: await unpacked(roster()), receivedAt });
  const moments = [
    "2025-11-02T05:30:00Z", // an hour before the clocks go back
    "2025-11-02T06:30:00Z", // and the same hour again
    "2025-07-04T23:30:00-07:00", // the next day in New York
    "2025-07-04 23:30:00",
  ];
  await take(
    "responses",
    `student_id,item_id,answered_at,correct\n${moments.map((at, i) => `1001,i${i},${at},1`).join("\n")}\n`,
    { tenantId: own },
  );
  expect(await query(database(), own, "select item, answered_at, known_on from item_response order by item")).toEqual([
    { item: "i0", answered_at: "2025-11-02 01:30:00", known_on: "2025-11-02" },
    { item: "i1", answered_at: "2025-11-02 01:30:00", known_on: "2025-11-02" },
    { item: "i2", answered_at: "2025-07-05 02:30:00", known_on: "2025-07-05" },
    { item: "i3", answered_at: "2025-07-04 23:30:00", known_on: "2025-07-04" },
  ]);
  const late = "2025-11-03T02:30:00Z"; // the evening of the second in New York
  const actor = { id: "urn:cairn:student:1001", type: "Person" };
  const event = { type: "AssignableEvent", actor, action: "Completed", object: { id: "urn:x" }, eventTime: late };
  await receiveCaliper(database(), { tenantId: own, receivedAt, body: JSON.stringify({ data: [event] }) });
  const said = { ...statement, timestamp: late };
  await storeStatements(database(), {
    tenantId: own,
    receivedAt,
    statements: [said],
    version: "1.0.3",
    authority: said.actor,
  });
  expect(await query(database(), own, "select at, valid_from from activity_event")).toEqual(
    Array.from({ length: 2 }, () => ({ at: "2025-11-02 21:30:00", valid_from: "2025-11-02" })),
  );
  await expect(setTimeZone(database(), own, "Atlantis/Poseidonis")).rejects.toMatchObject({ code: "BAD_INPUT" });
});

test("a dry run for a district nobody has registered reads and reports, and registers nothing", async () => {
  const options = { tenantId: "not-yet", receivedAt, dryRun: true };
  const report = await importOneRoster(database(), { ...options, path: await unpacked(roster()) });
  expect(report.files.find(({ file }) => file === "users.csv")).toMatchObject({ new: 3 });
  expect(await database().sql`select 1 from tenant where id = 'not-yet'`).toHaveLength(0);
  await expect(
    importOneRoster(database(), { ...options, dryRun: false, path: await unpacked(roster()) }),
  ).rejects.toMatchObject({
    code: "NOT_FOUND",
  });
});
