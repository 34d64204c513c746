import { readFile, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { ImportReport } from "../../../src/records/import/core/report.ts";
import type { ImportOptions } from "../../../src/records/import/core/session.ts";
import { packageLimits } from "../../../src/records/import/oneroster/archive.ts";
import { importOneRoster } from "../../../src/records/import/oneroster/import.ts";
import { openPackage } from "../../../src/records/import/oneroster/package.ts";
import { useDatabase } from "../../support/database.ts";
import type { Files } from "./deliveries.ts";
import {
  cleanUp,
  delta,
  district,
  manifest,
  query,
  roster,
  scratchFolder,
  unpacked,
  versions,
  zipped,
} from "./deliveries.ts";

const database = useDatabase();
cleanUp();

const receivedAt = new Date("2025-12-12T08:00:00Z");

async function take(tenantId: string, files: Files, options: Partial<ImportOptions> = {}): Promise<ImportReport> {
  return importOneRoster(database(), { tenantId, path: await unpacked(files), receivedAt, ...options });
}

const said = (report: ImportReport) => report.leniencies.map(({ file, what }) => `${file}: ${what}`);
const counts = (report: ImportReport, name: string) => report.files.find(({ file }) => file === name);
const replaced = (name: string, from: string | RegExp, to: string): Files => ({
  [name]: String(roster()[name]).replace(from, to),
});

describe("a valid package", () => {
  test("goes in whole, without a leniency, from a zip, and leads to school-year enrolments", async () => {
    const tenantId = await district(database());
    const steps: number[] = [];
    const report = await importOneRoster(database(), {
      tenantId,
      path: await zipped(roster()),
      receivedAt,
      onProgress: (_, fraction) => steps.push(fraction),
    });
    expect(report).toMatchObject({ standard: "OneRoster CSV 1.2", leniencies: [], refusals: [], dryRun: false });
    for (const file of report.files) expect(file.new + file.unchanged, file.file).toBe(file.rows);
    expect(steps.every((step) => step >= 0 && step <= 1)).toBe(true);
    const enrolments = await query(
      database(),
      tenantId,
      `select i.value as student, e.period, e.starts_on, e.grade, e.entered_on, e.exited_on, e.exit_kind, e.entry_known_on, e.exit_known_on, e.class
       from enrolment e join identifier i using (person_id) where i.system = 'district' order by 1, 2`,
    );
    const common = { exit_kind: null, exited_on: null, exit_known_on: null, class: "derived" };
    const first = {
      period: "2024-25",
      starts_on: "2024-08-19",
      grade: "7",
      entered_on: "2024-08-19",
      entry_known_on: "2024-08-19",
    };
    expect(enrolments).toEqual([
      { ...common, ...first, student: "1001" },
      {
        ...common,
        student: "1001",
        period: "2025-26",
        starts_on: "2025-08-18",
        grade: "8",
        entered_on: "2025-08-18",
        entry_known_on: "2025-08-18",
      },
      {
        ...common,
        ...first,
        student: "1002",
        exited_on: "2025-03-03",
        exit_kind: "withdrawal",
        exit_known_on: "2025-03-03",
      },
    ]);
  });

  test("carries its provenance on every version", async () => {
    const tenantId = await district(database());
    const report = await take(tenantId, roster(), { authority: "nces-100" });
    const [result] = await query(database(), tenantId, "select * from result where source_record_id = 'q1'");
    expect(result).toMatchObject({
      record_key: "sis:q1",
      class: "certified",
      authority: "nces-100",
      batch_id: report.batchId,
      known_on: "2024-09-11",
      supersedes: null,
      retracted_at: null,
    });
    const [batch] = await query(
      database(),
      tenantId,
      "select source_system, standard_version, sha256, transport from import_batch",
    );
    expect(batch).toMatchObject({
      source_system: { systemName: "Test SIS", systemCode: "sis" },
      standard_version: "1.2",
      transport: "upload",
    });
  });

  test("knows exams and final marks by their category, also when a later delta does not repeat the categories", async () => {
    const tenantId = await district(database());
    await take(tenantId, roster());
    const kinds =
      "select distinct on (record_key) source_record_id as id, kind, weight from assignment order by record_key, version_id desc";
    const before = [
      { id: "l1", kind: "assignment", weight: 20 },
      { id: "l2", kind: "exam", weight: 30 },
      { id: "l3", kind: "final-mark", weight: null },
    ];
    expect(await query(database(), tenantId, kinds)).toEqual(before);
    const line = String(roster()["lineItems.csv"]).split("\n");
    await take(
      tenantId,
      delta({
        "lineItems.csv": `${line[0]}\n${line[2]!.replace("l2,,", "l2,active,2025-01-05T00:00:00Z").replace("Exam", "Exam moved")}\n`,
      }),
    );
    expect(await query(database(), tenantId, kinds)).toEqual(before);
  });

  test("in version 1.1, roles and schools stand on the user", async () => {
    const tenantId = await district(database());
    const { "roles.csv": _roles, ...files } = roster({
      "users.csv":
        "sourcedId,status,dateLastModified,enabledUser,orgSourcedIds,role,username,userIds,givenName,familyName,identifier\n" +
        'u1,,,true,"s1,d",student,ada,,Ada,Quillfeather,1001\nu2,,,true,s1,student,ben,,Ben,Ostrowski,1002\nu9,,,true,s1,teacher,t,,Tess,Zimmerwald,T9\n',
    });
    const report = await take(tenantId, { ...files, "manifest.csv": manifest({ users: "bulk" }, "1.1") });
    expect(report.standard).toBe("OneRoster CSV 1.1");
    const roles = await query(
      database(),
      tenantId,
      "select org_key, role, primary_role from person_role order by org_key, role",
    );
    expect(roles).toEqual([
      { org_key: "sis:d", role: "student", primary_role: false },
      { org_key: "sis:s1", role: "student", primary_role: true },
      { org_key: "sis:s1", role: "student", primary_role: true },
      { org_key: "sis:s1", role: "teacher", primary_role: true },
    ]);
    expect(await query(database(), tenantId, "select 1 from enrolment")).toHaveLength(3);
  });
});

describe("leniency: read all the same, and reported", () => {
  const cases: [string, Files, string][] = [
    [
      "TRUE for true",
      replaced("users.csv", "u1,,,true", "u1,,,TRUE"),
      "users.csv: enabledUser: true or false spelt otherwise",
    ],
    [
      "Scheduled for scheduled",
      replaced("classes.csv", "scheduled", "Scheduled"),
      "classes.csv: classType: word of the vocabulary in another case",
    ],
    [
      "a blank mode in the manifest",
      { "manifest.csv": manifest({ users: "" }) },
      "manifest.csv: file.users named without a mode and in the package: read as bulk",
    ],
    [
      "a file declared absent",
      { "manifest.csv": manifest({ courses: "absent" }) },
      "manifest.csv: file.courses declared absent and in the package: read as bulk",
    ],
    [
      "a declared file that is not there",
      { "manifest.csv": manifest({ resources: "bulk" }) },
      "manifest.csv: file.resources declared bulk and not in the package",
    ],
    [
      "systemName set to the word absent",
      { "manifest.csv": "propertyName,value\noneroster.version,1.2\nsource.systemName,absent\n" },
      "manifest.csv: source.systemName set to the word absent",
    ],
    [
      "a misspelt header",
      replaced("users.csv", "dateLastModified", "dataLastModified"),
      "users.csv: header dataLastModified read as dateLastModified",
    ],
    [
      "another misspelt header",
      replaced("users.csv", "middleName", "prefferedGivenName"),
      "users.csv: header prefferedGivenName read as preferredGivenName",
    ],
    [
      "a header in another case",
      replaced("orgs.csv", "parentSourcedId", "ParentSourcedID"),
      "orgs.csv: header ParentSourcedID read as parentSourcedId",
    ],
    [
      "an unknown column",
      replaced("orgs.csv", "parentSourcedId", "parentSourcedId,mascot"),
      "orgs.csv: unknown column mascot",
    ],
    [
      "an empty header cell at the end",
      replaced("orgs.csv", "parentSourcedId\n", "parentSourcedId,\n"),
      "orgs.csv: empty header cell",
    ],
    [
      "rows shorter than the header",
      replaced("orgs.csv", "Valley,district,100,\n", "Valley,district\n"),
      "orgs.csv: rows shorter than the header",
    ],
    [
      "rows longer, with nothing there",
      replaced("orgs.csv", "101,d\n", "101,d,,\n"),
      "orgs.csv: rows longer than the header, with nothing in the extra cells",
    ],
    [
      "status in a bulk file",
      replaced("orgs.csv", "d,,,", "d,active,,"),
      "orgs.csv: status or dateLastModified filled in a bulk file",
    ],
    [
      "a status in no vocabulary",
      replaced("orgs.csv", "d,,,", "d,inactive,,"),
      "orgs.csv: status: word outside the vocabulary, read as active",
    ],
    [
      "dates with slashes",
      replaced("lineItems.csv", "2024-09-02,2024-09-09", "1/09/2024,15/09/2024"),
      "lineItems.csv: dueDate: dates with slashes in a column of dates",
    ],
    [
      "date-times for dates",
      replaced("lineItems.csv", "2024-09-09", "2024-09-09T10:00:00Z"),
      "lineItems.csv: dueDate: date-times in a column of dates",
    ],
    [
      "a course that is not there",
      replaced("classes.csv", "07,c1", "07,gone"),
      "classes.csv: courseSourcedId: points at a record of course that is not there",
    ],
    [
      "a parent org that is not there",
      replaced("orgs.csv", "101,d", "101,gone"),
      "orgs.csv: parentSourcedId: points at a record of org that is not there",
    ],
    [
      "several identifiers in a cell",
      replaced("users.csv", "{DistrictId:1001}", '"{DistrictId:1001},{LTI:15}"'),
      "users.csv: userIds: several identifiers in one cell",
    ],
    [
      "a category that is not there",
      replaced("lineItems.csv", "cat1", "gone"),
      "lineItems.csv: categorySourcedId: no such category, read as ordinary work",
    ],
    [
      "an identical row twice",
      replaced("orgs.csv", "d,,,Valley,district,100,\n", "d,,,Valley,district,100,\nd,,,Valley,district,100,\n"),
      "orgs.csv: identical row repeated",
    ],
    [
      "a status word of its own",
      replaced("results.csv", "fully graded,40", "graded,40"),
      "results.csv: scoreStatus: word outside the vocabulary",
    ],
    [
      "a change after the receipt",
      replaced("orgs.csv", "d,,,", "d,,2031-01-01,"),
      "orgs.csv: dateLastModified later than the receipt",
    ],
    [
      "a file of another standard",
      { "horses.csv": "sourcedId\nx\n" },
      "horses.csv: file not read: not a file of OneRoster",
    ],
  ];

  test.each(cases)("%s", async (_name, changes, leniency) => {
    const tenantId = await district(database());
    const report = await take(tenantId, roster(changes));
    expect(said(report)).toContain(leniency);
    expect(report.refusals).toEqual([]);
    for (const file of report.files)
      expect(file.new + file.changed + file.unchanged + file.refused, file.file).toBe(file.rows);
    const found = await versions(database(), tenantId);
    expect(found).toMatchObject({ org: 2, person: 3, section_enrolment: 4, result: 4, enrolment: 3 });
  });

  test("a file name in another case, a folder inside the zip, no line end at the end of files, no manifest", async () => {
    const tenantId = await district(database());
    const { "users.csv": users, "manifest.csv": _none, ...files } = roster();
    const bare = Object.fromEntries(
      Object.entries({ ...files, "Users.CSV": users! }).map(([name, text]) => [name, String(text).trimEnd()]),
    );
    const report = await importOneRoster(database(), {
      tenantId,
      path: await zipped(bare, { prefix: "export/" }),
      receivedAt,
    });
    expect(said(report)).toEqual(
      expect.arrayContaining([
        "manifest.csv: files in a folder inside the zip",
        "manifest.csv: no manifest: every file taken as bulk",
        "Users.CSV: file name in another case",
      ]),
    );
    expect(report.refusals).toEqual([]);
    expect(await versions(database(), tenantId)).toMatchObject({ person: 3, result: 4, enrolment: 3 });
  });

  test("dates of one column in four forms are the days they mean", async () => {
    const tenantId = await district(database());
    const head = String(roster()["lineItems.csv"]).split("\n")[0];
    const line = (id: string, due: string) => `${id},,,x,,,${due},k25,cat1,t25,0,10,s1`;
    const dates = ["1/05/2023", "15/06/2023", "2023-05-02", "2023-05-03T23:59:00Z"];
    await take(
      tenantId,
      roster({
        "lineItems.csv": [head, ...dates.map((date, i) => line(`l${i}`, date))].join("\n"),
        "results.csv": "sourcedId,lineItemSourcedId,studentSourcedId\n",
        "resultLearningObjectiveIds.csv": "sourcedId,resultSourcedId,learningObjectiveId\n",
      }),
    );
    const due = await query<{ due_on: string }>(
      database(),
      tenantId,
      "select due_on from assignment order by record_key",
    );
    expect(due.map((row) => row.due_on)).toEqual(["2023-05-01", "2023-06-15", "2023-05-02", "2023-05-03"]);
  });
});

describe("rows that cannot be true are refused with file, line, column and reason, and kept", () => {
  const cases: [string, Files, { file: string; line: number; column: string | null; code: string }][] = [
    [
      "an impossible date",
      replaced("lineItems.csv", "2024-12-10", "2024-12-32"),
      { file: "lineItems.csv", line: 3, column: "dueDate", code: "BAD_VALUE" },
    ],
    [
      "a number that is none",
      replaced("results.csv", "graded,40", "graded,85.12 B+"),
      { file: "results.csv", line: 2, column: "score", code: "BAD_VALUE" },
    ],
    [
      "an empty id",
      replaced("orgs.csv", "\ns1,", "\n,"),
      { file: "orgs.csv", line: 3, column: "sourcedId", code: "MISSING" },
    ],
    [
      "a term that ends before it starts",
      replaced("academicSessions.csv", "2024-08-19,2024-12-20", "2024-12-20,2024-08-19"),
      { file: "academicSessions.csv", line: 3, column: "endDate", code: "BAD_VALUE" },
    ],
    [
      "an id used twice",
      replaced("orgs.csv", "101,d\n", "101,d\ns1,,,Other School,school,102,d\n"),
      { file: "orgs.csv", line: 4, column: null, code: "DUPLICATE" },
    ],
    [
      "an unknown student",
      replaced("results.csv", "l1,u1", "l1,u77"),
      { file: "results.csv", line: 2, column: "studentSourcedId", code: "DANGLING" },
    ],
    [
      "an unknown class",
      replaced("enrollments.csv", "e1,,,k25", "e1,,,k99"),
      { file: "enrollments.csv", line: 2, column: "classSourcedId", code: "DANGLING" },
    ],
    [
      "too many cells",
      replaced("orgs.csv", "Hill School,", "Hill, School,"),
      { file: "orgs.csv", line: 3, column: null, code: "COLUMNS" },
    ],
    [
      "another encoding",
      {
        "orgs.csv": Buffer.concat([
          Buffer.from(String(roster()["orgs.csv"]).trimEnd()),
          Buffer.from("\ns2,,,\xc9cole,school,,d\n", "latin1"),
        ]),
      },
      { file: "orgs.csv", line: 4, column: null, code: "ENCODING" },
    ],
  ];

  test.each(cases)("%s", async (_name, changes, refusal) => {
    const tenantId = await district(database());
    const report = await take(tenantId, roster(changes));
    expect(report.refusals).toContainEqual({ ...refusal, reason: expect.stringMatching(/^expected /) });
    const kept = await query<{ raw: string; reason: string }>(
      database(),
      tenantId,
      `select reason, raw from import_refusal where file = '${refusal.file}' and line = ${refusal.line}`,
    );
    expect(kept).toHaveLength(1);
    expect(kept[0]!.raw).not.toBe("");
    for (const file of report.files)
      expect(file.new + file.changed + file.unchanged + file.refused, file.file).toBe(file.rows);
    expect(counts(report, refusal.file)?.refused).toBe(1);
  });

  test("the report lists twenty, the record keeps all; no name stands in a report", async () => {
    const tenantId = await district(database());
    const wrong = Array.from({ length: 50 }, (_, i) => `x${i},,,maybe,,,Ada,Quillfeather,,,`);
    const report = await take(
      tenantId,
      roster({ "users.csv": `${String(roster()["users.csv"])}${wrong.join("\n")}\n` }),
    );
    expect(report.refusals).toHaveLength(20);
    expect(await query(database(), tenantId, "select 1 from import_refusal")).toHaveLength(50);
    expect(JSON.stringify(report)).not.toMatch(/Quillfeather|Ada\b/);
  });
});

describe("packages that cannot be read leave nothing behind", () => {
  async function refusedWith(path: string, message: RegExp): Promise<void> {
    const tenantId = await district(database());
    await expect(importOneRoster(database(), { tenantId, path, receivedAt })).rejects.toMatchObject({
      code: "UNREADABLE_FILE",
      message: expect.stringMatching(message),
    });
    expect(Object.values(await versions(database(), tenantId)).every((rows) => rows === 0)).toBe(true);
  }

  test("a truncated zip", async () => {
    const path = await zipped(roster());
    await truncate(path, 1_500);
    await refusedWith(path, /whole zip/);
  });

  test("a zip with a damaged file inside", async () => {
    const path = await zipped(roster());
    const bytes = await readFile(path);
    bytes.fill(0x55, 400, 460);
    await writeFile(path, bytes);
    await refusedWith(path, /to its end|whole zip/);
  });

  test("a zip bomb", async () => {
    const path = await zipped({ "users.csv": Buffer.alloc(8 * 2 ** 20, "a") });
    await refusedWith(path, /packed at most 300 to 1/);
  });

  test("too many files, too many bytes", async () => {
    const path = await zipped(roster());
    await expect(openPackage(path, { ...packageLimits, entries: 3 })).rejects.toMatchObject({
      code: "UNREADABLE_FILE",
    });
    await expect(openPackage(path, { ...packageLimits, bytes: 1_000 })).rejects.toMatchObject({
      message: expect.stringContaining("bytes unpacked"),
    });
  });

  test("no OneRoster file, another version, a missing column, nothing at all", async () => {
    await refusedWith(await zipped({ "readme.txt": "x" }), /files such as users.csv/);
    await refusedWith(
      await unpacked(roster({ "manifest.csv": "propertyName,value\noneroster.version,2.0\n" })),
      /1\.1 or 1\.2/,
    );
    await refusedWith(await unpacked(roster({ "enrollments.csv": "sourcedId,role\ne1,student\n" })), /classSourcedId/);
    await refusedWith(await unpacked(roster({ "orgs.csv": "" })), /header in orgs.csv/);
    await refusedWith(join(await scratchFolder(), "none.zip"), /nothing there/);
  });

  test("an unknown tenant", async () => {
    await expect(take("nobody", roster())).rejects.toMatchObject({ code: "NOT_FOUND" });
  });

  test("an import that is asked to stop", async () => {
    const tenantId = await district(database());
    const stop = new AbortController();
    await expect(
      take(tenantId, roster(), { signal: stop.signal, onProgress: () => stop.abort() }),
    ).rejects.toMatchObject({ code: "CANCELLED" });
    expect((await versions(database(), tenantId)).org).toBe(0);
  });
});

describe("versions", () => {
  test("a dry run reports the same and writes nothing", async () => {
    const tenantId = await district(database());
    const wrong = roster(replaced("results.csv", "l1,u1", "l1,u77"));
    const dry = await take(tenantId, wrong, { dryRun: true });
    expect(dry.dryRun).toBe(true);
    expect(Object.values(await versions(database(), tenantId)).every((rows) => rows === 0)).toBe(true);
    expect(
      await query(database(), tenantId, "select 1 from import_batch union all select 1 from import_refusal"),
    ).toHaveLength(0);
    const real = await take(tenantId, wrong);
    expect({ files: real.files, leniencies: real.leniencies, refusals: real.refusals }).toEqual({
      files: dry.files,
      leniencies: dry.leniencies,
      refusals: dry.refusals,
    });
  });

  test("a changed row is a new version that names the one before; what the source does not date was learnt at the receipt", async () => {
    const tenantId = await district(database());
    await take(tenantId, roster());
    const later = { receivedAt: new Date("2026-01-10T00:00:00Z") };
    const report = await take(tenantId, roster(replaced("results.csv", "fully graded,40", "fully graded,45")), later);
    expect(counts(report, "results.csv")).toMatchObject({ new: 0, changed: 1, unchanged: 3 });
    const rows = await query<{ version_id: number; supersedes: number | null }>(
      database(),
      tenantId,
      "select score, known_on, version_id::int, supersedes::int from result where source_record_id = 'q1' order by version_id",
    );
    expect(rows).toMatchObject([
      { score: 40, known_on: "2024-09-11", supersedes: null },
      { score: 45, known_on: "2026-01-10" },
    ]);
    expect(rows[1]!.supersedes).toBe(rows[0]!.version_id);
    const back = await take(tenantId, roster(), { receivedAt: new Date("2026-01-11T00:00:00Z") });
    expect(counts(back, "results.csv")).toMatchObject({ changed: 1, unchanged: 3 });
  });

  test("an older dated version that comes late does not undo a newer one, and comes only once", async () => {
    const tenantId = await district(database());
    const org = (name: string, day: string) =>
      delta({ "orgs.csv": `sourcedId,status,dateLastModified,name,type\ns1,active,${day}T00:00:00Z,${name},school\n` });
    await take(tenantId, org("New name", "2025-03-01"));
    const late = await take(tenantId, org("Old name", "2025-01-01"));
    expect(counts(late, "orgs.csv")).toMatchObject({ changed: 1 });
    const again = await take(tenantId, org("Old name", "2025-01-01"));
    expect(counts(again, "orgs.csv")).toMatchObject({ changed: 0, unchanged: 1 });
    const newest = await query(
      database(),
      tenantId,
      "select name from org order by known_on desc, version_id desc limit 1",
    );
    expect(newest).toEqual([{ name: "New name" }]);
  });

  test("tobedeleted takes a record back and erases nothing; an enrolment nothing speaks for any more goes with it", async () => {
    const tenantId = await district(database());
    await take(tenantId, roster());
    const line = String(roster()["enrollments.csv"]).split("\n");
    const report = await take(
      tenantId,
      delta({ "enrollments.csv": `${line[0]}\n${line[3]!.replace("e3,,", "e3,tobedeleted,2025-09-30T00:00:00Z")}\n` }),
    );
    expect(counts(report, "enrollments.csv")).toMatchObject({ changed: 1 });
    const rows = await query(
      database(),
      tenantId,
      "select known_on, retracted_at is not null as gone from section_enrolment where source_record_id = 'e3' order by version_id",
    );
    expect(rows).toEqual([
      { known_on: "2025-08-18", gone: false },
      { known_on: "2025-09-30", gone: true },
    ]);
    const stays = await query(
      database(),
      tenantId,
      "select retracted_at is not null as gone from enrolment where period = '2025-26' order by version_id",
    );
    expect(stays).toEqual([{ gone: false }, { gone: true }]);
  });

  test("what comes later is the later word, though its day is before the receipt of a file that named none", async () => {
    const tenantId = await district(database());
    const line = String(roster()["orgs.csv"]).split("\n");
    const named = (name: string, day: string): Files => {
      const cells = line[1]!.split(",");
      return delta({
        "orgs.csv": `${line[0]}\n${[cells[0], "active", `${day}T00:00:00Z`, name, ...cells.slice(4)].join(",")}\n`,
      });
    };
    const newest = async (): Promise<unknown> => {
      const rows = await query<{ name: string }>(
        database(),
        tenantId,
        `select name from org where source_record_id = '${line[1]!.split(",")[0]}' order by known_on desc, version_id desc limit 1`,
      );
      return rows[0]!.name;
    };
    await take(tenantId, roster(), { receivedAt: new Date("2025-11-23T00:00:00Z") });
    await take(tenantId, named("First delta", "2025-11-01"), { receivedAt: new Date("2025-11-24T00:00:00Z") });
    expect(await newest()).toBe("First delta");
    await take(tenantId, named("Second delta", "2025-11-10"), { receivedAt: new Date("2025-11-25T00:00:00Z") });
    expect(await newest()).toBe("Second delta");
    await take(tenantId, named("Late messenger", "2025-11-05"), { receivedAt: new Date("2025-11-26T00:00:00Z") });
    expect(await newest()).toBe("Second delta");
    const again = await take(tenantId, named("Second delta", "2025-11-10"), {
      receivedAt: new Date("2025-11-27T00:00:00Z"),
    });
    expect(counts(again, "orgs.csv")).toMatchObject({ changed: 0, unchanged: 1 });
  });

  test("the same delivery twice changes nothing, whatever is in it", async () => {
    const score = fc.option(fc.integer({ min: 0, max: 60 }), { nil: null });
    const result = fc.record({
      item: fc.constantFrom("l1", "l2", "l3", "gone"),
      student: fc.constantFrom("u1", "u2", "u77"),
      score,
      day: fc.constantFrom("2024-09-11", "2024-13-01", "2025-01-07", ""),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(result, { maxLength: 8 }), fc.boolean(), async (results, dated) => {
        const tenantId = await district(database());
        const head = String(roster()["results.csv"]).split("\n")[0];
        const lines = results.map(
          ({ item, student, score: value, day }, i) =>
            `q${i % 5},,${dated ? "2025-02-03" : ""},${item},${student},fully graded,${value ?? ""},${day},,,k25,,,,`,
        );
        const files = roster({ "results.csv": [head, ...lines].join("\n") });
        const first = await take(tenantId, files);
        const before = await versions(database(), tenantId);
        const second = await take(tenantId, files, { receivedAt: new Date("2026-02-01T00:00:00Z") });
        expect(await versions(database(), tenantId)).toEqual(before);
        for (const file of second.files) {
          expect(file.new + file.changed, file.file).toBe(0);
          expect(file.refused).toBe(counts(first, file.file)?.refused);
        }
      }),
      { numRuns: 8 },
    );
  });
});

describe("people are known by their identifiers, not by the source's ids", () => {
  const people = (tenantId: string) =>
    query<{ people: number; records: number }>(
      database(),
      tenantId,
      "select count(distinct person_id)::int as people, count(distinct record_key)::int as records from person",
    );
  const head =
    "sourcedId,status,dateLastModified,enabledUser,username,userIds,givenName,familyName,middleName,identifier,grades\n";

  test("two ids of one number in one file, and a new id in a later delivery, are one person", async () => {
    const tenantId = await district(database());
    await take(
      tenantId,
      roster({
        "users.csv": `${head}u1,,,true,a,{DistrictId:1},Ada,Quillfeather,,,\nu1b,,,true,a,{DistrictId:1},Ada,Quillfeather,,,\nu2,,,true,b,{StateID:7},Ben,Ostrowski,,,\nu9,,,true,t,,Tess,Zimmerwald,,,\n`,
      }),
    );
    expect(await people(tenantId)).toEqual([{ people: 3, records: 4 }]);
    await take(
      tenantId,
      delta({ "users.csv": `${head}fresh,active,2025-05-01,true,b,{StateID:7},Benjamin,Ostrowski,,,\n` }),
    );
    expect(await people(tenantId)).toEqual([{ people: 3, records: 5 }]);
  });

  test("a weak identifier that a family shares joins nobody", async () => {
    const tenantId = await district(database());
    await take(
      tenantId,
      roster({
        "users.csv": `${head}u1,,,true,a,{LDAP:12},Ada,Quillfeather,,,\nu2,,,true,b,{LDAP:12},Ben,Quillfeather,,,\nu9,,,true,t,{LDAP:12},Tess,Zimmerwald,,,\n`,
      }),
    );
    expect(await people(tenantId)).toEqual([{ people: 3, records: 3 }]);
  });

  test("a strong identifier that is somebody else's is refused, in one file and against the record", async () => {
    const tenantId = await district(database());
    const report = await take(
      tenantId,
      roster({
        "users.csv": `${head}u1,,,true,a,{DistrictId:1},Ada,Quillfeather,,,\nu2,,,true,b,{DistrictId:1},Ben,Ostrowski,,,\nu9,,,true,t,,Tess,Zimmerwald,,,\n`,
      }),
    );
    expect(report.refusals).toContainEqual({
      file: "users.csv",
      line: 3,
      column: "identifier",
      code: "AMBIGUOUS",
      reason: expect.any(String),
    });
    expect(counts(report, "users.csv")).toMatchObject({ rows: 3, new: 2, refused: 1 });
    const later = await take(
      tenantId,
      delta({ "users.csv": `${head}u5,active,2025-05-01,true,c,{DistrictId:1},Carl,Vanterpool,,,\n` }),
    );
    expect(later.refusals).toMatchObject([{ code: "AMBIGUOUS" }]);
    expect(await people(tenantId)).toEqual([{ people: 2, records: 2 }]);
  });
});
