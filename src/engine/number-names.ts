import { type DuckDBConnection, DuckDBDataChunk, INTEGER, VARCHAR } from "@duckdb/node-api";

const CHUNK = 2048; // rows DuckDB takes at a time

/**
 * Makes a temporary table of names and their positions, so that a query can give numbers for texts.
 * @param table - gets the columns `name` and `position`; one of that name before it is replaced
 */
export async function numberNames(
  connection: DuckDBConnection,
  table: string,
  names: readonly string[],
): Promise<void> {
  await connection.run(`CREATE OR REPLACE TEMP TABLE ${table} (name VARCHAR, position INTEGER)`);
  const appender = await connection.createAppender(table);
  for (let start = 0; start < names.length; start += CHUNK) {
    const some = names.slice(start, start + CHUNK);
    const chunk = DuckDBDataChunk.create([VARCHAR, INTEGER], some.length);
    chunk.setColumns([some, some.map((_, index) => start + index)]);
    appender.appendDataChunk(chunk);
  }
  appender.closeSync();
}
