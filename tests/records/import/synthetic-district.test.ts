import { join } from "node:path";
import { expect, test } from "vitest";
import { writeDistrict } from "../../../datasets/synthetic/district.ts";
import { importCaliper } from "../../../src/records/import/caliper/import.ts";
import type { ImportReport } from "../../../src/records/import/core/report.ts";
import { importFlat } from "../../../src/records/import/flat/import.ts";
import type { FlatProfileName } from "../../../src/records/import/flat/profiles.ts";
import { importOneRoster } from "../../../src/records/import/oneroster/import.ts";
import { useDatabase } from "../../support/database.ts";
import { cleanUp, district, query, scratchFolder, versions } from "./deliveries.ts";

const database = useDatabase();
cleanUp();

const profiles: FlatProfileName[] = [
  "calendar",
  "attendance",
  "behavior",
  "survey",
  "responses",
  "standards",
  "prerequisites",
  "activities",
  "consent",
];

async function takeAll(tenantId: string, folder: string, receivedAt: Date): Promise<ImportReport[]> {
  const reports = [await importOneRoster(database(), { tenantId, path: join(folder, "oneroster.zip"), receivedAt })];
  for (const profile of profiles) {
    reports.push(await importFlat(database(), { tenantId, profile, path: join(folder, `${profile}.csv`), receivedAt }));
  }
  reports.push(await importCaliper(database(), { tenantId, path: join(folder, "caliper.jsonl"), receivedAt }));
  return reports;
}

test("a clean district goes in row by row without a leniency or a refusal, and a second time changes nothing", async () => {
  const folder = await scratchFolder();
  const summary = await writeDistrict({ folder, students: 40, seed: "clean" });
  const tenantId = await district(database());
  const reports = await takeAll(tenantId, folder, new Date("2025-12-12T20:00:00Z"));
  expect(reports.flatMap((report) => report.refusals)).toEqual([]);
  const reading = reports
    .flatMap((report) => report.leniencies)
    .filter(({ what }) => !what.startsWith("file not read"));
  expect(reading).toEqual([]);
  for (const { file, rows } of summary.files) {
    const name = file.replace("oneroster/", "");
    const counted = reports.flatMap((report) => report.files).find((counts) => counts.file === name);
    if (counted !== undefined && name.endsWith(".csv")) expect(counted.rows, file).toBe(rows);
  }
  const enrolled = await query(
    database(),
    tenantId,
    "select period as year, count(*)::int as enrolled from enrolment group by 1 order by 1",
  );
  expect(enrolled).toEqual(summary.years.map(({ year, enrolled: count }) => ({ year, enrolled: count })));
  const before = await versions(database(), tenantId);
  const again = await takeAll(tenantId, folder, new Date("2025-12-13T20:00:00Z"));
  expect(await versions(database(), tenantId)).toEqual(before);
  expect(again.flatMap((report) => report.files).every((counts) => counts.new + counts.changed === 0)).toBe(true);
});

test("every planted fault is found, and only those", async () => {
  const folder = await scratchFolder();
  const { dirt } = await writeDistrict({ folder, students: 40, seed: "dirty", dirt: true });
  const reports = await takeAll(await district(database()), folder, new Date("2025-12-12T20:00:00Z"));
  const found = new Map<string, number>();
  const note = (file: string, kind: string, rows = 1) =>
    found.set(`${file} ${kind}`, (found.get(`${file} ${kind}`) ?? 0) + rows);
  const kinds: Record<string, string> = { DANGLING: "dangling student", BAD_VALUE: "impossible date" };
  for (const { file, code } of reports.flatMap((report) => report.refusals)) note(file, kinds[code] ?? code);
  for (const { file, what, count } of reports.flatMap((report) => report.leniencies)) {
    if (what === "identical row repeated") note(file, "duplicate row", count);
    if (what === "mixed line ends") note(file, "mixed line ends", count);
  }
  const planted = dirt.map(({ file, kind }) => `${file.replace("oneroster/", "")} ${kind}`);
  expect([...found.keys()].sort()).toEqual([...planted].sort());
  expect([...found.values()].every((rows) => rows === 1)).toBe(true);
});
