import { copyFile, mkdir, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll } from "vitest";
import { writeDistrict } from "../../datasets/synthetic/district.ts";
import { prepareRun, publishRun, scorePartition } from "../../src/engine/batch/run.ts";
import { importDistrict } from "../../src/engine/intake/import-files.ts";
import type { Cairn } from "../../src/engine/runtime.ts";
import type { TenantTransaction } from "../../src/records/database.ts";
import { inTenant } from "../../src/records/database.ts";
import { useDatabase } from "../support/database.ts";

/** The day of the synthetic district's export: the second school year is under way. */
export const asOf = "2025-12-12";
/** A day of the first school year: no year is finished. */
export const firstYear = "2024-12-12";

/** A cairn for the test file that calls this at its top: real database, folders of its own, a clock of its own. */
export function useCairn(): () => Cairn {
  const database = useDatabase();
  let home: string | undefined;
  let ticks = 0;
  beforeAll(async () => {
    home = await mkdtemp(join(tmpdir(), "cairn-engine-"));
    for (const folder of ["snapshots", "matrices", "artifacts"]) await mkdir(join(home, folder));
  });
  afterAll(async () => {
    if (home !== undefined) await rm(home, { recursive: true, force: true });
  });
  return () => {
    if (home === undefined) throw new Error("cairn is open only inside tests and hooks");
    const folder = (name: string): string => join(home as string, name);
    return {
      database: database(),
      databaseUrl: database().url,
      recordsAt: "a database of the tests",
      folders: { snapshots: folder("snapshots"), matrices: folder("matrices"), artifacts: folder("artifacts") },
      now: () => new Date(Date.UTC(2025, 11, 13, 3, 0, ticks++)), // two events never share a moment
      close: async () => undefined,
    };
  };
}

/** A small synthetic district's files, written once for the test file that calls this at its top. @returns its folder */
export function useDistrictFiles(students = 120): () => string {
  let folder: string | undefined;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "cairn-district-"));
    await writeDistrict({ folder, students, seed: "engine", asOf });
  });
  afterAll(async () => {
    if (folder !== undefined) await rm(folder, { recursive: true, force: true });
  });
  return () => folder as string;
}

/** Imports the files of a district into a tenant, less those named. */
export async function deliver(cairn: Cairn, tenantId: string, folder: string, without: string[] = []): Promise<void> {
  const part = await mkdtemp(join(tmpdir(), "cairn-delivery-"));
  try {
    for (const file of await readdir(folder)) {
      if (/\.(zip|csv|jsonl)$/.test(file) && !without.includes(file))
        await copyFile(join(folder, file), join(part, file));
    }
    await importDistrict(cairn, tenantId, part);
  } finally {
    await rm(part, { recursive: true, force: true });
  }
}

/** A whole night without a queue: prepares, scores every partition, publishes. @returns the run's id */
export async function runNight(cairn: Cairn, tenantId: string, day: string): Promise<string> {
  const { runId, partitions } = await prepareRun(cairn, { tenantId, asOf: day });
  for (const partition of partitions) await scorePartition(cairn, { tenantId, runId, ...partition });
  await publishRun(cairn, { tenantId, runId });
  return runId;
}

/** What a query sees of one tenant. */
export function look<Row>(
  cairn: Cairn,
  tenantId: string,
  query: (tx: TenantTransaction) => Promise<Row>,
): Promise<Row> {
  return inTenant(cairn.database, tenantId, query);
}

/** The code and message of what a piece of work throws. */
export async function refusal(work: Promise<unknown>): Promise<{ code: unknown; message: string }> {
  const error: unknown = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof Error)) throw new Error("expected the work to be refused, and it was not");
  return { code: (error as { code?: unknown }).code, message: error.message };
}
