import { copyFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import type { ImportReport } from "../../src/engine/intake/import-files.ts";
import { connectDatabase } from "../../src/records/database.ts";
import { documentOf, freshHome, runCairn } from "../e2e/cairn-process.ts";
import { cleanUp, roster, scratchFolder, zipped } from "../records/import/deliveries.ts";
import { openEmptyDatabase } from "../support/database.ts";

cleanUp();
let environment: Record<string, string>;
let database: { url: string; drop(): Promise<void> };

beforeAll(async () => {
  database = await openEmptyDatabase();
  environment = { CAIRN_HOME: await freshHome(), DATABASE_URL: database.url };
  return () => database.drop();
});

const run = async <T>(args: readonly string[]): Promise<T> =>
  documentOf<T>(await runCairn([...args, "--json"], environment));

test("a district's delivery: dry run, import, refused rows repaired, all from the command line", async () => {
  const folder = await scratchFolder();
  await copyFile(await zipped(roster()), join(folder, "oneroster.zip"));
  await writeFile(
    join(folder, "attendance.csv"),
    "student_id,date,category\n1001,2025-11-03,absent\n1002,2025-02-30,tardy\n",
  );
  const district = ["import", "district", folder, "--tenant", "valley"];
  const counts = (reports: ImportReport[]) => reports.at(-1)!.files;
  const dry = await run<ImportReport[]>([...district, "--dry-run"]);
  // The dry run of the second file finds the people of the first, and nothing stays of either.
  expect(counts(dry)).toMatchObject([{ rows: 2, new: 1, refused: 1 }]);
  const { sql, close } = connectDatabase(database.url, { maxConnections: 1 });
  expect(await sql`select id from tenant`).toHaveLength(0);
  const reports = await run<ImportReport[]>([...district, "--time-zone", "America/Chicago"]);
  expect(counts(reports)).toEqual(counts(dry));
  expect(await sql`select time_zone from tenant`).toMatchObject([{ time_zone: "America/Chicago" }]);
  await close();

  const refused = ["import", "refused"];
  const [waiting] = await run<{ batchId: string; rows: number }[]>([...refused, "list", "--tenant", "valley"]);
  expect(waiting).toMatchObject({ rows: 1, batchId: reports.at(-1)!.batchId });
  const batch = ["--tenant", "valley", "--batch", waiting!.batchId];
  const out = join(await scratchFolder(), "repair");
  const shown = await run<{ rows: object[]; written: string[] }>([...refused, "show", ...batch, "--out", out]);
  expect(shown.rows).toEqual([expect.not.objectContaining({ raw: expect.anything() })]);
  await writeFile(
    shown.written[0]!,
    "cairn:position,cairn:reason,student_id,date,category\n1,,1002,2025-02-28,tardy\n",
  );
  const fixed = await run<ImportReport>([...refused, "retry", ...batch, "--fix", shown.written[0]!]);
  expect(fixed.files).toMatchObject([{ rows: 1, new: 1, refused: 0 }]);
  expect(await run<object[]>([...refused, "list", "--tenant", "valley"])).toEqual([]);
}, 120_000);

test("a profile of one's own, a source that certifies nothing, and what is wrong with either", async () => {
  const folder = await scratchFolder();
  const profile = join(folder, "ours.json");
  const file = join(folder, "taps.csv");
  await writeFile(file, "Pupil;When\n1001;03/11/2025\n");
  const rule = {
    into: "service-hours",
    cells: {
      student_id: "Pupil",
      date: { column: "When", date: "DD/MM/YYYY" },
      hours: { value: "1" },
      description: { value: "taps" },
    },
  };
  await writeFile(
    profile,
    JSON.stringify({
      name: "ours",
      version: "1",
      title: "Ours",
      format: { delimiter: ";" },
      required: ["Pupil"],
      rows: [rule],
    }),
  );
  const report = await run<ImportReport>(["import", "flat", profile, file, "--tenant", "valley", "--contributed"]);
  expect(report).toMatchObject({ standard: "flat CSV ours 1", standing: "contributed", files: [{ new: 1 }] });
  await writeFile(profile, "{");
  const broken = await runCairn(["import", "flat", profile, file, "--tenant", "valley"], environment);
  expect([broken.code, broken.stderr]).toEqual([1, expect.stringContaining("UNREADABLE_FILE")]);
  const zone = await runCairn(
    ["import", "flat", "attendance", file, "--tenant", "valley", "--time-zone", "Mars/Olympus"],
    environment,
  );
  expect([zone.code, zone.stderr]).toEqual([1, expect.stringContaining("IANA time zone")]);
  const profiles = await run<{ vendors: { name: string }[] }>(["import", "profiles"]);
  expect(profiles.vendors.map(({ name }) => name)).toContain("nwea-map-growth");
}, 120_000);
