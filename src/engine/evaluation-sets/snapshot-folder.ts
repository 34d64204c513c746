import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { type DuckDBConnection, DuckDBInstance } from "@duckdb/node-api";
import { CairnError } from "../../errors.ts";
import { snapshotTables } from "../../records/snapshot/tables.ts";

/** A snapshot's folder, opened: its tables are views of an in-memory DuckDB of its own. */
export interface OpenSnapshotFolder {
  readonly connection: DuckDBConnection;
  /** The id in the manifest. */
  readonly id: string;
  /** Ends the connection; nothing was written. */
  close(): void;
}

/**
 * Opens the folder of one snapshot (Parquet files and `manifest.json`); a table the folder does not have is empty.
 * @throws CairnError `UNREADABLE_FILE` when the folder holds no snapshot
 */
export async function openSnapshotFolder(folder: string): Promise<OpenSnapshotFolder> {
  const id = await readId(folder);
  const instance = await DuckDBInstance.create(":memory:");
  const connection = await instance.connect();
  for (const [name, table] of Object.entries(snapshotTables)) {
    const path = join(folder, `${name}.parquet`);
    const columns = Object.entries(table.columns).map(([column, type]) => `NULL::${type} AS "${column}"`);
    const source = existsSync(path)
      ? `FROM read_parquet('${path.replaceAll("'", "''")}')`
      : `SELECT ${columns.join(", ")} LIMIT 0`;
    await connection.run(`CREATE VIEW ${name} AS ${source}`);
  }
  return {
    connection,
    id,
    close: () => {
      connection.closeSync();
      instance.closeSync();
    },
  };
}

async function readId(folder: string): Promise<string> {
  try {
    const manifest = JSON.parse(await readFile(join(folder, "manifest.json"), "utf8")) as { id?: unknown };
    if (typeof manifest.id === "string") return manifest.id;
  } catch (cause) {
    throw new CairnError(
      "UNREADABLE_FILE",
      "expected a snapshot's folder with manifest.json, got none that can be read",
      {
        hint: "write the snapshot first, and pass the folder named by its id",
        cause,
      },
    );
  }
  throw new CairnError("UNREADABLE_FILE", "expected an id in the snapshot's manifest.json, got none", {
    hint: "write the snapshot again",
  });
}
