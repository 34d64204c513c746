import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { DuckDBConnection } from "@duckdb/node-api";
import { CairnError } from "../../errors.ts";
import { bringFile, isWithdrawn } from "../store/shared.ts";
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
 * Opens a snapshot and checks every file against its hash. Where the folder is the copy of a store, what is not there is brought, a
 * damaged copy is brought again, and what the store has no longer (it was destroyed) is not there, copy or not.
 * @param folder - the folder of snapshots
 * @throws CairnError `NOT_FOUND` when there is none of that id, `ARTIFACT_CORRUPT` when a file is not what it was
 */
export async function openSnapshot(folder: string, id: string): Promise<OpenedSnapshot> {
  const own = join(folder, id);
  const list = join(own, "manifest.json");
  let manifest: SnapshotManifest;
  try {
    if (await isWithdrawn(list)) throw new Error("the store has no such snapshot");
    await bringFile(list);
    manifest = JSON.parse(await readFile(list, "utf8")) as SnapshotManifest;
  } catch (cause) {
    if (cause instanceof CairnError) throw cause;
    throw new CairnError("NOT_FOUND", `expected the snapshot ${id} in the store, got none that can be read`, {
      hint: "take the snapshot again; processes on several machines need one CAIRN_STORE, or share CAIRN_HOME",
      cause,
    });
  }
  for (const [table, { sha256 }] of Object.entries(manifest.tables)) {
    const path = join(own, `${table}.parquet`);
    const hashed = (): Promise<string> => hashFile(path).catch(() => "no file");
    await bringFile(path);
    let found = await hashed();
    if (found !== sha256) {
      await bringFile(path, { again: true });
      found = await hashed();
    }
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
