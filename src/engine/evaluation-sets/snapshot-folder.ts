import { basename, dirname } from "node:path";
import { type DuckDBConnection, DuckDBInstance } from "@duckdb/node-api";
import { attachSnapshot, openSnapshot } from "../../records/snapshot/open.ts";

/** A snapshot's folder, opened: its tables are views of an in-memory DuckDB of its own. */
export interface OpenSnapshotFolder {
  readonly connection: DuckDBConnection;
  /** The id in the manifest. */
  readonly id: string;
  /** Ends the connection; nothing was written. */
  close(): void;
}

/**
 * Opens the folder of one snapshot (Parquet files and `manifest.json`, named by its id); a table it does not have is empty.
 * @throws CairnError `NOT_FOUND` when the folder holds no snapshot, `ARTIFACT_CORRUPT` when a file is not what it was
 */
export async function openSnapshotFolder(folder: string): Promise<OpenSnapshotFolder> {
  const opened = await openSnapshot(dirname(folder), basename(folder));
  const instance = await DuckDBInstance.create(":memory:");
  const connection = await instance.connect();
  await attachSnapshot(connection, opened);
  return {
    connection,
    id: opened.manifest.id,
    close: () => {
      connection.closeSync();
      instance.closeSync();
    },
  };
}
