import type { DuckDBConnection } from "@duckdb/node-api";
import { DuckDBInstance } from "@duckdb/node-api";
import { attachSnapshot, openSnapshot } from "../records/snapshot/open.ts";

/**
 * Opens a snapshot (its hashes are checked) for queries, and closes everything when the work ends.
 * @throws CairnError `NOT_FOUND`, `ARTIFACT_CORRUPT`
 */
export async function withSnapshot<T>(
  folder: string,
  snapshotId: string,
  work: (connection: DuckDBConnection) => Promise<T>,
): Promise<T> {
  const opened = await openSnapshot(folder, snapshotId);
  const instance = await DuckDBInstance.create(":memory:");
  try {
    const connection = await instance.connect();
    try {
      await attachSnapshot(connection, opened);
      return await work(connection);
    } finally {
      connection.closeSync();
    }
  } finally {
    instance.closeSync();
  }
}
