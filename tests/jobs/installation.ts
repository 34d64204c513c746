import { chmod, mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll } from "vitest";
import { writeDistrict } from "../../datasets/synthetic/district.ts";
import { importDistrict } from "../../src/engine/intake/import-files.ts";
import { ensureTenant } from "../../src/engine/intake/tenants.ts";
import type { Cairn } from "../../src/engine/runtime.ts";
import { openCairn } from "../../src/engine/runtime.ts";
import { inTenant } from "../../src/records/database.ts";
import { openEmptyDatabase } from "../support/database.ts";

/** The district of these tests and the day its batch is for. */
export const tenantId = "north";
export const asOf = "2025-12-12";

/** An installation of its own with one small district imported, for the test file that calls this at its top. */
export function useInstallation(): () => Cairn {
  let cairn: Cairn | undefined;
  let end = async (): Promise<void> => undefined;
  beforeAll(async () => {
    const home = await mkdtemp(join(tmpdir(), "cairn-jobs-"));
    await chmod(home, 0o755);
    const database = await openEmptyDatabase();
    const configuration = { home, databaseUrl: database.url, redisUrl: undefined, datasets: "", host: "", port: 0 };
    cairn = await openCairn({ ...configuration, threads: undefined, logLevel: "silent" });
    end = async () => {
      await cairn?.close();
      await database.drop();
      await rm(home, { recursive: true, force: true });
    };
    const folder = join(home, "district");
    await writeDistrict({ folder, students: 90, seed: "1", asOf });
    await ensureTenant(cairn, tenantId);
    await importDistrict(cairn, tenantId, folder);
  });
  afterAll(() => end());
  return () => {
    if (cairn === undefined) throw new Error("the installation is open only inside tests and hooks");
    return cairn;
  };
}

/** What a run left in the record, byte for byte: text in a fixed order, without the times of day. */
export function rowsOf(cairn: Cairn, runId: string): Promise<string[]> {
  return inTenant(cairn.database, tenantId, async ({ sql }) => {
    const rows = await sql<{ line: string }[]>`
      select (to_jsonb(s) || '{"table": "risk"}')::text as line from risk_score s where run_id = ${runId}
      union all select (to_jsonb(p) || '{"table": "playlist"}')::text from playlist_entry p where run_id = ${runId}
      union all select (to_jsonb(d) - 'finished_at')::text from scored_partition d where run_id = ${runId}
      union all select (to_jsonb(r) - 'started_at' - 'published_at')::text from scoring_run r where run_id = ${runId}
      order by line`;
    return rows.map(({ line }) => line);
  });
}

/** Takes back everything derived, files and rows, so that the next batch computes it again; pseudonyms stay. */
export async function forgetDerived(cairn: Cairn): Promise<void> {
  await inTenant(cairn.database, tenantId, async ({ sql }) => {
    for (const table of ["playlist_entry", "risk_score", "scored_partition", "scoring_run", "model"])
      await sql`delete from ${sql(table)}`;
  });
  for (const folder of Object.values(cairn.folders)) {
    await rm(folder, { recursive: true, force: true });
    await mkdir(folder);
  }
}

/** Everything that could tell who a learner is, or stands for one: names, numbers, ids, pseudonyms. */
export function secretsOf(cairn: Cairn): Promise<string[]> {
  return inTenant(cairn.database, tenantId, async ({ sql }) => {
    const rows = await sql<{ secret: string }[]>`
      select distinct secret from (
        select given_name as secret from person union select family_name from person union select person_id from person
        union select value from identifier union select code from pseudonym) s
      where length(secret) > 1`;
    return rows.map(({ secret }) => secret);
  });
}
