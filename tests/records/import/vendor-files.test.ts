import { existsSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { readCsv } from "../../../src/records/import/core/csv.ts";
import { diskFile } from "../../../src/records/import/core/disk-file.ts";
import type { ImportReport } from "../../../src/records/import/core/report.ts";
import { parseColumnProfile } from "../../../src/records/import/flat/column-profile.ts";
import { findProfile, importFlat } from "../../../src/records/import/flat/import.ts";
import { vendorProfiles } from "../../../src/records/import/flat/vendors/index.ts";
import { importOneRoster } from "../../../src/records/import/oneroster/import.ts";
import { useDatabase } from "../../support/database.ts";
import { datasetsFolder } from "../../support/services.ts";
import { cleanUp, district, query, roster, unpacked, versions } from "./deliveries.ts";
import type { VendorFile } from "./vendor-outcomes.ts";
import { vendorFiles } from "./vendor-outcomes.ts";

const standards = datasetsFolder();
const folder = standards === undefined ? undefined : join(standards, "standards");
const present = folder !== undefined && existsSync(join(folder, "assessment-vendor-files"));
const receivedAt = new Date("2026-09-01T08:00:00Z");
const database = useDatabase();
cleanUp();

let tenantId: string;

beforeAll(async () => {
  tenantId = await district(database());
  if (!present) return;
  // Every student number of every file is somebody's, so that what is refused is refused for what its row says.
  const numbers = new Set<string>();
  for (const file of vendorFiles) for (const number of await studentNumbers(file)) numbers.add(number);
  const users = [...numbers].map((number, i) => `u${i},true,user${i},{LocalId:${number}},Given${i},Family${i}`);
  const { "orgs.csv": orgs, "academicSessions.csv": sessions } = roster();
  await importOneRoster(database(), {
    tenantId,
    receivedAt,
    path: await unpacked({
      "orgs.csv": orgs!,
      "academicSessions.csv": sessions!,
      "users.csv": `sourcedId,enabledUser,username,userIds,givenName,familyName\n${users.join("\n")}\n`,
      "manifest.csv":
        "propertyName,value\nmanifest.version,1.0\noneroster.version,1.2\nfile.orgs,bulk\nfile.academicSessions,bulk\nfile.users,bulk\n",
    }),
  });
}, 60_000);

/** The student numbers of a file: the cells of the columns its profile names, whatever they are. */
async function studentNumbers({ path, profile, students }: VendorFile): Promise<string[]> {
  const numbers: string[] = [];
  let at: number[] = [];
  const file = await diskFile(join(folder!, path));
  for await (const { line, cells } of readCsv(file, undefined, findProfile(profile).format)) {
    if (line <= 1 && at.length === 0)
      at = students.map((name) => cells.findIndex((cell) => cell.trim().replaceAll("'", "") === name));
    else numbers.push(...at.map((i) => cells[i]?.trim() ?? "").filter((cell) => /^[\w-]+$/.test(cell)));
  }
  return numbers;
}

function take(file: VendorFile): Promise<ImportReport> {
  return importFlat(database(), {
    tenantId,
    profile: file.profile,
    path: join(folder!, file.path),
    receivedAt,
    ...(file.date === undefined ? {} : { date: file.date }),
    source: { systemCode: file.path },
  });
}

describe.skipIf(!present)("vendors' files (needs the public data sets)", () => {
  test.each(vendorFiles.map((file) => [file.path, file] as const))("%s", async (_path, file) => {
    if (file.unreadable !== undefined) {
      await expect(take(file)).rejects.toMatchObject({ message: expect.stringContaining(file.unreadable) });
      return;
    }
    const report = await take(file);
    const [counts] = report.files;
    expect(counts).toMatchObject({ ...file.rows });
    expect([...new Set(report.refusals.map(({ column, code }) => `${code} ${column}`))]).toEqual(file.refused ?? []);
    // The same file again changes nothing.
    const before = await versions(database(), tenantId);
    const again = await take(file);
    expect(again.files).toMatchObject([{ new: 0, changed: 0, refused: counts!.refused }]);
    expect(await versions(database(), tenantId)).toEqual(before);
  });

  test("the three forms of one ability test say the same", async () => {
    const rows = await query<{ source: string; scores: string }>(
      database(),
      tenantId,
      `select split_part(r.record_key, ':', 1) as source, string_agg(p.person_id || r.score || '/' || r.percentile || '/' || r.validity, ' ' order by p.person_id) as scores
       from assessment_result r join person p using (person_id) where assessment_key like '%CogAT%' group by 1`,
    );
    expect(rows).toHaveLength(3);
    expect(new Set(rows.map(({ scores }) => scores)).size).toBe(1);
  });

  test("rushed tests, sensitive screeners, shares of mastery and the day it was known keep their meaning", async () => {
    const one = async (sql: string) => (await query(database(), tenantId, sql))[0];
    expect(
      await one(
        "select part, standard, score, mastery, performance_level, on_date from sub_result where part = 'SCCCR.ELA.5.RL.MC.8.1.b'",
      ),
    ).toEqual({
      part: "SCCCR.ELA.5.RL.MC.8.1.b",
      standard: "SCCCR.ELA.5.RL.MC.8.1.b",
      score: 74,
      mastery: 0.74,
      performance_level: "Developing",
      on_date: "2023-08-23",
    });
    expect(
      await one(
        "select bool_and(sensitive) as all, count(*)::int as forms from assessment where family = 'BASC-3 BESS'",
      ),
    ).toEqual({ all: true, forms: 5 });
    expect(
      await one(
        "select validity, validity_raw, scores ->> 'TermName' as term from assessment_result where record_key like '%MAP_Growth%' limit 1",
      ),
    ).toEqual({ validity: "valid", validity_raw: "0.0000", term: "Fall 2021-2022" });
    // A state test of April is told in the file of September: until then nobody knew.
    expect(
      await one("select min(known_on) as known from assessment_result where record_key like '%WI_Forward%'"),
    ).toEqual({ known: "2026-09-01" });
    expect(await one("select letter, numeric from course_grade order by numeric limit 1")).toEqual({
      letter: "B+",
      numeric: 85.12,
    });
    expect(await one("select reason_raw, excused, category from attendance_event")).toEqual({
      reason_raw: "T-E",
      excused: true,
      category: "tardy",
    });
    expect(await one("select count(*)::int as count from sub_result where record_key like '%MAP_Growth%'")).toEqual({
      count: 21,
    });
  });

  test("no name, address or birthday of a vendor's file goes into the record", async () => {
    const rows = await query<{ scores: string }>(
      database(),
      tenantId,
      "select distinct jsonb_object_keys(scores) as scores from assessment_result where scores is not null",
    );
    expect(rows.length).toBeGreaterThan(20);
    expect(
      rows.filter(({ scores }) => /student.*name|first|last ?name|birth|dob|email|gender|race|ethnic/i.test(scores)),
    ).toEqual([]);
  });
});

test("every shipped profile is one that a district could have written", () => {
  for (const profile of vendorProfiles) {
    expect(parseColumnProfile(JSON.parse(JSON.stringify(profile))), profile.name).toEqual(profile);
    expect(findProfile(profile.name).label, profile.name).toBe(`${profile.name}@${profile.version}`);
  }
  expect(new Set(vendorProfiles.map(({ name }) => name)).size).toBe(vendorProfiles.length);
});

describe("a district's own profile", () => {
  const profile = {
    name: "our-benchmark",
    version: "3",
    title: "The benchmark of our own making",
    required: ["studentId", "adminDate", "scaleScore"],
    rows: [
      {
        into: "assessments",
        cells: {
          student_id: "studentId",
          assessment_id: { value: "our-benchmark" },
          date: { column: "adminDate", date: "MM/DD/YYYY" },
          score: "scaleScore",
          standard_error: "sem",
          performance_level: "performanceLevel",
        },
        keeps: ["goalMet"],
      },
    ],
  };

  test.skipIf(!present)("reads a file nobody else knows (needs the public data sets)", async () => {
    const report = await importFlat(database(), {
      tenantId,
      profile: parseColumnProfile(profile),
      path: join(folder!, "assessment-vendor-files/_template_bundle/data/sample_anonymized_file.csv"),
      receivedAt,
    });
    expect(report.standard).toBe("flat CSV our-benchmark 3");
    // Four of its five students are in no record.
    expect(report.files).toMatchObject([{ rows: 5, new: 1, refused: 4 }]);
    expect(
      await query(database(), tenantId, `select profiles from import_batch where batch_id = '${report.batchId}'`),
    ).toEqual([{ profiles: ["our-benchmark@3"] }]);
  });

  test("has all its faults told at once", () => {
    const wrong = {
      ...profile,
      name: "Our Benchmark",
      rows: [{ into: "assessments", cells: { student_id: { column: "a", value: "b" }, day: "adminDate" } }],
    };
    expect(() => parseColumnProfile(wrong)).toThrow(/2 faults: name: .*rows\.0\.cells\.student_id/);
    const unknown = { ...profile, rows: [{ into: "assessments", cells: { student_id: "a", colour: "b" } }] };
    expect(() => parseColumnProfile(unknown)).toThrow(
      /colour: assessments has no such column; .*needs assessment_id; .*needs date/,
    );
    expect(() => parseColumnProfile({ ...profile, rows: [{ into: "lunches", cells: {} }] })).toThrow(/into/);
  });
});
