import { readdir, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { listRefused, retryRefused, showRefused } from "../../../src/engine/intake/import-files-refused.ts";
import type { Cairn } from "../../../src/engine/runtime.ts";
import { receiveCaliper } from "../../../src/records/import/caliper/receive.ts";
import type { ImportReport } from "../../../src/records/import/core/report.ts";
import { importEdFi } from "../../../src/records/import/edfi/import.ts";
import { importFlat } from "../../../src/records/import/flat/import.ts";
import { importOneRoster } from "../../../src/records/import/oneroster/import.ts";
import { useDatabase } from "../../support/database.ts";
import { cleanUp, delta, district, query, roster, scratchFolder, unpacked } from "./deliveries.ts";

const database = useDatabase();
cleanUp();

const receivedAt = new Date("2025-12-12T08:00:00Z");
/** What the functions use of an open cairn: the real database and a clock that stands. */
const cairn = (): Cairn => ({ database: database(), now: () => new Date("2025-12-20T08:00:00Z") }) as Cairn;

async function enrolled(): Promise<string> {
  const tenantId = await district(database());
  await importOneRoster(database(), { tenantId, path: await unpacked(roster()), receivedAt });
  return tenantId;
}

async function take(tenantId: string, profile: string, text: string): Promise<ImportReport> {
  const path = join(await scratchFolder(), `${profile}.csv`);
  await writeFile(path, text);
  return importFlat(database(), { tenantId, profile, path, receivedAt });
}

async function fixFile(content: string, name = "attendance.csv"): Promise<string> {
  const path = join(await scratchFolder(), name);
  await writeFile(path, content);
  return path;
}

const head = "student_id,date,category,excused,reason";
const waiting = async (tenantId: string, batchId: string) =>
  (await showRefused(cairn(), tenantId, batchId)).rows.map(({ position, line, code }) => [position, line, code]);

describe("refused rows", () => {
  test("go in by themselves once what was in their way is gone, under the batch that let them in", async () => {
    const tenantId = await enrolled();
    const first = await take(
      tenantId,
      "attendance",
      `${head}\n1001,2025-11-03,absent,,\n1003,2025-11-03,tardy,,"a\nb"\n1004,2025-11-04,tardy,,\n`,
    );
    expect(await listRefused(cairn(), tenantId)).toEqual([
      {
        batchId: first.batchId,
        standard: "flat CSV attendance",
        receivedAt: receivedAt.toISOString(),
        file: "attendance.csv",
        rows: 2,
        codes: { DANGLING: 2 },
      },
    ]);
    await importOneRoster(database(), {
      tenantId,
      receivedAt,
      path: await unpacked(
        delta({
          "users.csv":
            "sourcedId,status,dateLastModified,enabledUser,username,userIds,givenName,familyName\nu3,active,2025-12-01,true,cy,{DistrictId:1003},Cy,Vantongeren\n",
        }),
      ),
    });
    const report = await retryRefused(cairn(), tenantId, first.batchId);
    expect(report?.files).toEqual([{ file: "attendance.csv", rows: 2, new: 1, changed: 0, unchanged: 0, refused: 1 }]);
    expect(await waiting(tenantId, first.batchId)).toEqual([[2, 5, "DANGLING"]]);
    expect(await query(database(), tenantId, "select position, repaired_batch_id from import_repair")).toEqual([
      { position: 1, repaired_batch_id: report!.batchId },
    ]);
    expect(
      await query(
        database(),
        tenantId,
        `select reason_raw, authority, class from attendance_event where batch_id = '${report!.batchId}'`,
      ),
    ).toEqual([{ reason_raw: "a\nb", authority: tenantId, class: "certified" }]);
    // The one that was refused again waits where it did, and nowhere else.
    expect((await listRefused(cairn(), tenantId)).map(({ batchId, rows }) => [batchId, rows])).toEqual([
      [first.batchId, 1],
    ]);
  });

  test("are edited in a CSV and come back; what is still wrong, or was taken out, goes on waiting", async () => {
    const tenantId = await enrolled();
    const { batchId } = await take(
      tenantId,
      "attendance",
      `${head}\n1001,2025-02-30,absent,,"=1+1, ""so"""\n1001,2025-11-04,away,,'-x\n1002,2025-02-31,absent,,\n`,
    );
    const { files } = await showRefused(cairn(), tenantId, batchId);
    const csv = files.get("attendance.csv")!;
    expect(csv.split("\n")[0]).toBe(`cairn:position,cairn:reason,${head}`);
    expect(csv).toContain(`"'=1+1, ""so"""`); // harmless in a spreadsheet
    const lines = csv.split("\n");
    const fixed = [lines[0], lines[1]!.replaceAll("2025-02-30", "2025-02-28"), lines[2]].join("\n");
    const report = await retryRefused(cairn(), tenantId, batchId, { fix: await fixFile(`${fixed}\n`) });
    expect(report?.files).toMatchObject([{ rows: 2, new: 1, refused: 1 }]);
    expect(await query(database(), tenantId, "select on_date, reason_raw from attendance_event")).toEqual([
      { on_date: "2025-02-28", reason_raw: '=1+1, "so"' },
    ]);
    expect(await waiting(tenantId, batchId)).toEqual([
      [2, 3, "BAD_VALUE"],
      [3, 4, "BAD_VALUE"],
    ]);
    // The same fix again names a row that waits no longer.
    await expect(retryRefused(cairn(), tenantId, batchId, { fix: await fixFile(`${fixed}\n`) })).rejects.toMatchObject({
      code: "BAD_INPUT",
    });
    await expect(retryRefused(cairn(), tenantId, batchId, { fix: await fixFile(`${head}\n`) })).rejects.toMatchObject({
      code: "BAD_INPUT",
    });
  });

  test("never wait twice: a nightly file that brings the same bad row again adds none", async () => {
    const tenantId = await enrolled();
    const bad = `${head}\n4711,2025-11-03,absent,,\n4711,2025-11-03,absent,,\n`;
    const first = await take(tenantId, "attendance", bad);
    expect(first.files).toMatchObject([{ rows: 2, refused: 2 }]);
    const second = await take(tenantId, "attendance", bad);
    expect(second.files).toMatchObject([{ rows: 2, refused: 2 }]);
    expect((await listRefused(cairn(), tenantId)).map(({ batchId, rows }) => [batchId, rows])).toEqual([
      [first.batchId, 1],
    ]);
  });

  test("a dry retry repairs nothing; a delivery that is not there and one without waiting rows are said", async () => {
    const tenantId = await enrolled();
    const { batchId } = await take(tenantId, "attendance", `${head}\n4711,2025-11-03,absent,,\n`);
    expect((await retryRefused(cairn(), tenantId, batchId, { dryRun: true }))?.files).toMatchObject([{ refused: 1 }]);
    expect(await waiting(tenantId, batchId)).toHaveLength(1);
    const good = await take(tenantId, "attendance", `${head}\n1001,2025-11-03,absent,,\n`);
    expect(await retryRefused(cairn(), tenantId, good.batchId)).toBeUndefined();
    await expect(retryRefused(cairn(), tenantId, "nothing")).rejects.toMatchObject({ code: "NOT_FOUND" });
    await expect(retryRefused(cairn(), await district(database()), batchId)).rejects.toMatchObject({
      code: "NOT_FOUND",
    });
  });

  test("of a package are tried file by file as the same source", async () => {
    const tenantId = await district(database());
    const files = roster();
    const broken = {
      ...files,
      "enrollments.csv": `${files["enrollments.csv"]}e7,,,k99,s1,u2,student,false,2025-08-18,,\n`,
    };
    const first = await importOneRoster(database(), { tenantId, path: await unpacked(broken), receivedAt });
    expect(await listRefused(cairn(), tenantId)).toMatchObject([{ file: "enrollments.csv", rows: 1 }]);
    await importOneRoster(database(), {
      tenantId,
      receivedAt,
      path: await unpacked(
        delta({
          "classes.csv": `${files["classes.csv"]!.toString().split("\n")[0]}\nk99,active,2025-12-01,New,08,c1,,scheduled,,s1,y26,,,\n`,
        }),
      ),
    });
    const report = await retryRefused(cairn(), tenantId, first.batchId);
    expect(report?.files.find(({ file }) => file === "enrollments.csv")).toMatchObject({ rows: 1, new: 1, refused: 0 });
    expect(
      await query(database(), tenantId, "select record_key from section_enrolment where source_record_id = 'e7'"),
    ).toEqual([{ record_key: "sis:e7" }]);
    expect(await listRefused(cairn(), tenantId)).toEqual([]);
  });

  test("bodies of Ed-Fi are tried again as they are, of JSON and of XML; a text that is none goes on waiting", async () => {
    const tenantId = await district(database());
    const take = async (files: Record<string, string>): Promise<ImportReport> =>
      importEdFi(database(), { tenantId, path: await unpacked(files), receivedAt, source: { systemCode: "ods" } });
    const absence = (id: string) => ({
      studentReference: { studentUniqueId: id },
      schoolReference: { schoolId: 101 },
      sessionReference: { schoolId: 101, schoolYear: 2026, sessionName: "Fall" },
      eventDate: "2025-09-10",
      attendanceEventCategoryDescriptor: "uri://ed-fi.org/AttendanceEventCategoryDescriptor#Unexcused Absence",
    });
    const xml = `<InterchangeStudentAttendance xmlns="http://ed-fi.org/5.2.0"><StudentSchoolAttendanceEvent>
      <EventDate>2025-09-11</EventDate>
      <AttendanceEventCategory>uri://ed-fi.org/AttendanceEventCategoryDescriptor#Unexcused Absence</AttendanceEventCategory>
      <StudentReference><StudentIdentity><StudentUniqueId>1</StudentUniqueId></StudentIdentity></StudentReference>
      <SchoolReference><SchoolIdentity><SchoolId>101</SchoolId></SchoolIdentity></SchoolReference>
      </StudentSchoolAttendanceEvent></InterchangeStudentAttendance>`;
    const first = await take({
      "studentSchoolAttendanceEvents.jsonl": `${JSON.stringify(absence("1"))}\n${JSON.stringify(absence("2"))}\n{"x": \n`,
      "attendance.xml": xml,
    });
    expect((await waiting(tenantId, first.batchId)).map(([, , code]) => code).sort()).toEqual([
      "BAD_VALUE",
      "DANGLING",
      "DANGLING",
      "DANGLING",
    ]);
    await take({ "students.json": JSON.stringify([{ studentUniqueId: "1", firstName: "A", lastSurname: "B" }]) });
    const fix = await fixFile("x\n");
    await expect(retryRefused(cairn(), tenantId, first.batchId, { fix })).rejects.toMatchObject({ code: "CONFLICT" });
    const report = await retryRefused(cairn(), tenantId, first.batchId);
    expect(report?.files).toMatchObject([{ rows: 3, new: 2, refused: 1 }]);
    expect((await waiting(tenantId, first.batchId)).map(([, , code]) => code).sort()).toEqual([
      "BAD_VALUE",
      "DANGLING",
    ]);
    expect(await query(database(), tenantId, "select on_date from attendance_event order by 1")).toEqual([
      { on_date: "2025-09-10" },
      { on_date: "2025-09-11" },
    ]);
  });

  test("of events say which command tries them again", async () => {
    const tenantId = await enrolled();
    const event = { type: "Event", action: "Completed", actor: { id: "urn:cairn:student:9999", type: "Person" } };
    const body = JSON.stringify({ data: [{ ...event, object: { id: "urn:x" }, eventTime: "2025-11-03T10:00:00Z" }] });
    const { batchId } = await receiveCaliper(database(), { tenantId, body, receivedAt });
    await expect(retryRefused(cairn(), tenantId, batchId)).rejects.toMatchObject({
      code: "CONFLICT",
      hint: expect.stringContaining("cairn import waiting-activity"),
    });
  });

  test("leave no file behind", async () => {
    expect((await readdir(tmpdir())).filter((name) => name.startsWith("cairn-retry-"))).toEqual([]);
  });
});
