import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { DuckDBConnection } from "@duckdb/node-api";
import { CairnError } from "../../errors.ts";
import { snapshotTables } from "./tables.ts";
import type { SnapshotManifest } from "./write.ts";
import { hashFile } from "./write.ts";

/** A snapshot that is where it should be and what it should be. */
export interface OpenedSnapshot {
  /** The snapshot's own folder. */
  readonly folder: string;
  readonly manifest: Pick<SnapshotManifest, "id" | "asOf" | "tables">;
}

/**
 * Opens a snapshot and checks every file against its hash.
 * @param folder - the folder of snapshots
 * @throws CairnError `NOT_FOUND` when there is none of that id, `ARTIFACT_CORRUPT` when a file is not what it was
 */
export async function openSnapshot(folder: string, id: string): Promise<OpenedSnapshot> {
  const own = join(folder, id);
  let manifest: SnapshotManifest;
  try {
    manifest = JSON.parse(await readFile(join(own, "manifest.json"), "utf8")) as SnapshotManifest;
  } catch (cause) {
    throw new CairnError("NOT_FOUND", `expected the snapshot ${id} in the store, got none that can be read`, {
      hint: "take the snapshot again; processes on several machines must share CAIRN_HOME/snapshots",
      cause,
    });
  }
  for (const [table, { sha256 }] of Object.entries(manifest.tables)) {
    const found = await hashFile(join(own, `${table}.parquet`)).catch(() => "no file");
    if (found !== sha256) {
      throw new CairnError(
        "ARTIFACT_CORRUPT",
        `expected the table ${table} of snapshot ${id} as it was written, got other bytes`,
        {
          hint: "delete the snapshot's folder and take it again",
          details: { table },
        },
      );
    }
  }
  return { folder: own, manifest };
}

/** Makes every table of a snapshot a view of the connection; a table it does not hold is an empty view. */
export async function attachSnapshot(
  connection: DuckDBConnection,
  { folder, manifest }: OpenedSnapshot,
): Promise<void> {
  for (const [name, table] of Object.entries(snapshotTables)) {
    const columns = Object.entries(table.columns).map(([column, type]) => `NULL::${type} AS "${column}"`);
    const source =
      manifest.tables[name] === undefined
        ? `SELECT ${columns.join(", ")} LIMIT 0`
        : `FROM read_parquet('${join(folder, `${name}.parquet`).replaceAll("'", "''")}')`;
    await connection.run(`CREATE VIEW ${name} AS ${source}`);
  }
}
