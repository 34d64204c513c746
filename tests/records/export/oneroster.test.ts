import { readFile } from "node:fs/promises";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { exportOneRoster } from "../../../src/records/export/oneroster/export.ts";
import { importEdFi } from "../../../src/records/import/edfi/import.ts";
import { importOneRoster } from "../../../src/records/import/oneroster/import.ts";
import { openPackage } from "../../../src/records/import/oneroster/package.ts";
import { useDatabase } from "../../support/database.ts";
import { datasetsFolder } from "../../support/services.ts";
import type { Files } from "../import/deliveries.ts";
import { cleanUp, delta, district, query, roster, scratchFolder, unpacked } from "../import/deliveries.ts";
import { arbitraryRoster } from "./arbitrary-roster.ts";
import type { PackageFiles } from "./strict-oneroster.ts";
import { standardColumns, strictFaults } from "./strict-oneroster.ts";
import { toVendor } from "./to-somebody.ts";

const database = useDatabase();
cleanUp();
const columns = standardColumns();
const receivedAt = new Date("2025-07-01T00:00:00Z");

async function importFiles(files: Files | string): Promise<string> {
  const tenantId = await district(database());
  const path = typeof files === "string" ? files : await unpacked(files);
  const report = await importOneRoster(database(), { tenantId, path, receivedAt });
  expect(report.refusals).toEqual([]);
  return tenantId;
}

async function exported(tenantId: string, options: { forSpreadsheets?: boolean } = {}) {
  const path = join(await scratchFolder(), "out.zip");
  const report = await exportOneRoster(database(), { tenantId, path, release: toVendor, ...options });
  return { path, report };
}

async function contents(path: string): Promise<PackageFiles> {
  const opened = await openPackage(path);
  const files = new Map<string, string>();
  for (const [, file] of opened.files) {
    let text = "";
    for await (const chunk of (await file.open()).setEncoding("utf8")) text += chunk;
    files.set(file.name, text);
  }
  opened.close();
  return files;
}

const tables = [
  "org",
  "term",
  "course",
  "section",
  "person",
  "identifier",
  "person_role",
  "demographics",
  "guardianship",
  "section_enrolment",
  "assignment",
  "result",
  "standard_result",
  "assignment_standard",
  "score_scale",
  "score_scale_use",
  "kept_row",
];

/** What the record says, whoever the people are numbered as: keys and the hashes of everything that is said under them. */
async function record(tenantId: string): Promise<string[]> {
  const said = tables.map(
    (table) => `select '${table} ' || record_key || ' ' || content_hash || ' ' || known_on as line from ${table}`,
  );
  const rows = await query<{ line: string }>(database(), tenantId, `${said.join(" union all ")}`);
  const stays = await query<{ line: string }>(
    database(),
    tenantId,
    `select concat_ws(' ', i.value, e.org_key, e.period, e.grade, e.entered_on, e.exited_on, e.exit_kind) as line
     from enrolment e join identifier i on i.person_id = e.person_id and i.system like 'sourcedId:%' order by 1`,
  );
  return [...rows, ...stays].map(({ line }) => line).sort();
}

describe.skipIf(columns === undefined)("strictly OneRoster 1.2.1 (needs the column lists of the data sets)", () => {
  test("import(export(R)) = R for any roster R, and the export is strict", { timeout: 300_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(arbitraryRoster(), async (files) => {
        const first = await importFiles(files);
        const { path, report } = await exported(first);
        expect(report.files.filter(({ leftOut }) => leftOut > 0)).toEqual([]);
        expect(strictFaults(await contents(path), columns!)).toEqual([]);
        const second = await importFiles(path);
        expect(await record(second)).toEqual(await record(first));
        const again = await exported(second);
        expect(again.report.sha256).toBe(report.sha256);
      }),
      { numRuns: 6, endOnFailure: true },
    );
  });

  test("a full bulk package comes back whole", async () => {
    const first = await importFiles(join(datasetsFolder()!, "standards/oneroster/v1p2_valid_bulk"));
    const { path, report } = await exported(first);
    expect(report.files.filter(({ rows }) => rows > 0)).toHaveLength(21);
    expect(strictFaults(await contents(path), columns!)).toEqual([]);
    const second = await importFiles(path);
    // The fixture's manifest names no source, the export's does.
    const keys = async (tenantId: string) =>
      (await record(tenantId)).map((line) => line.split(" ").slice(0, 2).join(" "));
    expect(await keys(second)).toEqual(await keys(first));
  });

  test.each(["Test_full_data_set.zip", "Test_minimal_data_set.zip", "oneroster_test_data.zip"])(
    "what came as lenient as %s leaves strict; what strictness cannot tell is counted",
    async (name) => {
      const tenantId = await importFiles(join(datasetsFolder()!, "standards/oneroster/moodle-fixtures", name));
      const { path, report } = await exported(tenantId);
      expect(strictFaults(await contents(path), columns!)).toEqual([]);
      const classes = report.files.find(({ file }) => file === "classes.csv")!;
      expect(classes.rows + classes.leftOut).toBeGreaterThan(0);
    },
  );

  test("a district known through Ed-Fi leaves as OneRoster", { timeout: 300_000 }, async () => {
    const tenantId = await district(database());
    const path = join(datasetsFolder()!, "standards/edfi/sample-xml");
    await importEdFi(database(), { tenantId, path, receivedAt });
    const out = await exported(tenantId);
    expect(strictFaults(await contents(out.path), columns!)).toEqual([]);
    const rows = Object.fromEntries(out.report.files.map(({ file, rows: count }) => [file, count]));
    expect(rows).toMatchObject({
      "orgs.csv": 6,
      "classes.csv": 532,
      "users.csv": 960 + 1_873 + 68,
      "lineItems.csv": 10,
      "results.csv": 250,
    });
    const back = await importFiles(out.path);
    const people = await query(database(), back, "select count(distinct person_id)::int as people from person");
    expect(people).toEqual([{ people: 960 + 1_873 + 68 }]);
  });
});

test("the same records give the same bytes", async () => {
  const tenantId = await importFiles(roster());
  const [one, two] = [await exported(tenantId), await exported(tenantId)];
  expect(await readFile(one.path)).toEqual(await readFile(two.path));
  expect(one.report.sha256).toBe(two.report.sha256);
});

test("only what is current leaves: the newest version, and nothing that was taken back", async () => {
  const tenantId = await importFiles(roster());
  await importOneRoster(database(), {
    tenantId,
    path: await unpacked(
      delta({
        "users.csv":
          "sourcedId,status,dateLastModified,enabledUser,username,userIds,givenName,familyName,middleName,identifier,grades\nu1,active,2025-07-02T00:00:00Z,true,ada.new,{DistrictId:1001},Ada,Quillfeather,,1001,08\n",
        "enrollments.csv":
          "sourcedId,status,dateLastModified,classSourcedId,schoolSourcedId,userSourcedId,role,primary,beginDate,endDate\ne2,tobedeleted,2025-07-02T00:00:00Z,k25,s1,u2,student,false,2024-08-19,\n",
      }),
    ),
    receivedAt: new Date("2025-07-03T00:00:00Z"),
  });
  const files = await contents((await exported(tenantId)).path);
  expect(files.get("users.csv")).toContain("ada.new");
  expect(files.get("users.csv")).not.toMatch(/,ada,/);
  expect(files.get("enrollments.csv")).not.toMatch(/^e2,/m);
});

test("a formula is the value for another system, and harmless for a spreadsheet", async () => {
  const formula = "=HYPERLINK(1)";
  const files = roster();
  const tenantId = await importFiles({
    ...files,
    "users.csv": String(files["users.csv"]).replace("Quillfeather", formula),
  });
  const exact = await exported(tenantId);
  expect(exact.report.formulaCells).toBe(1);
  expect((await contents(exact.path)).get("users.csv")).toContain(`,${formula},`);
  const guarded = await exported(tenantId, { forSpreadsheets: true });
  expect((await contents(guarded.path)).get("users.csv")).toContain(`,'${formula},`);
});

test("records of two sources never meet under one id", async () => {
  const tenantId = await importFiles(roster());
  const files = roster();
  files["manifest.csv"] = String(files["manifest.csv"]).replace("source.systemCode,sis", "source.systemCode,other");
  const report = await importOneRoster(database(), { tenantId, path: await unpacked(files), receivedAt });
  expect(report.refusals).toEqual([]);
  const out = await contents((await exported(tenantId)).path);
  const ids = (out.get("orgs.csv") ?? "")
    .split("\r\n")
    .slice(1, -1)
    .map((line) => line.split(",")[0]);
  expect(new Set(ids).size).toBe(ids.length);
  expect(ids).toHaveLength(4);
  // Both students are known to be the same people, so each is one user.
  expect(out.get("users.csv")!.match(/Quillfeather/g)).toHaveLength(1);
});

test("a place that cannot be written to is one error and leaves nothing", async () => {
  const tenantId = await importFiles(roster());
  await expect(
    exportOneRoster(database(), {
      tenantId,
      path: join(await scratchFolder(), "no/such/folder.zip"),
      release: toVendor,
    }),
  ).rejects.toMatchObject({ code: "BAD_INPUT" });
});

test("an export that is asked to stop leaves no package", async () => {
  const tenantId = await importFiles(roster());
  const path = join(await scratchFolder(), "out.zip");
  const stop = new AbortController();
  stop.abort();
  await expect(
    exportOneRoster(database(), { tenantId, path, release: toVendor, signal: stop.signal }),
  ).rejects.toMatchObject({
    code: "CANCELLED",
  });
  await expect(readFile(path)).rejects.toMatchObject({ code: "ENOENT" });
});
