import { type DuckDBConnection, DuckDBInstance } from "@duckdb/node-api";
import { type SnapshotTableName, snapshotTables } from "../../src/records/snapshot/tables.ts";

/** A row of a snapshot table; columns left out are null. Dates and timestamps are texts. */
export type Row = Readonly<Record<string, string | number | boolean | null>>;

/** Rows by table; tables left out are empty. */
export type Snapshot = Partial<Record<SnapshotTableName, readonly Row[]>>;

/** A connection whose tables are a snapshot's, with the given rows. */
export async function attachRows(snapshot: Snapshot): Promise<DuckDBConnection> {
  const connection = await (await DuckDBInstance.create(":memory:", { threads: "2" })).connect();
  for (const [name, table] of Object.entries(snapshotTables)) {
    const columns = Object.entries(table.columns).map(([column, type]) => `"${column}" ${type}`);
    await connection.run(`CREATE TABLE ${name} (${columns.join(", ")})`);
    await insertRows(connection, name as SnapshotTableName, snapshot[name as SnapshotTableName] ?? []);
  }
  return connection;
}

/** Adds rows to a table of a snapshot in memory. */
export async function insertRows(
  connection: DuckDBConnection,
  name: SnapshotTableName,
  rows: readonly Row[],
): Promise<void> {
  if (rows.length === 0) return;
  const columns = Object.keys(snapshotTables[name].columns);
  for (const row of rows) {
    for (const column of Object.keys(row)) if (!columns.includes(column)) throw new Error(`${name} has no ${column}`);
  }
  const values = rows.map((row) => `(${columns.map((column) => sqlValue(row[column] ?? null)).join(", ")})`);
  await connection.run(`INSERT INTO ${name} VALUES ${values.join(", ")}`);
}

function sqlValue(value: string | number | boolean | null): string {
  return typeof value === "string" ? `'${value.replaceAll("'", "''")}'` : String(value);
}

/** A day counted from 2025-09-01, as `YYYY-MM-DD`. */
export function day(offset: number): string {
  return new Date(Date.UTC(2025, 8, 1 + offset)).toISOString().slice(0, 10);
}
