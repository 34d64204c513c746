import type { DuckDBConnection, DuckDBDataChunk, DuckDBMaterializedResult } from "@duckdb/node-api";
import { CairnError } from "../errors.ts";

/** A SQL string literal. */
export function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/**
 * The sum of a number as DOUBLE, the same to the last bit whatever the order and the number of threads: it is taken
 * in decimal fixed point (six places), because sums of doubles depend on the order of their terms.
 * @param where - a condition on the rows that count; all when left out
 */
export function exactSum(expression: string, where?: string): string {
  return `sum(CAST(${expression} AS DECIMAL(18, 6)))${only(where)}::DOUBLE`;
}

/** The mean of a number as DOUBLE, in fixed point like {@link exactSum}. */
export function exactMean(expression: string, where?: string): string {
  return `avg(CAST(${expression} AS DECIMAL(18, 6)))${only(where)}`;
}

function only(where: string | undefined): string {
  return where === undefined ? "" : ` FILTER (${where})`;
}

/**
 * Runs one statement and says in cairn's words when it fails.
 * @param what - what the statement was for, such as `features of the family "attendance"`
 * @throws CairnError `UNREADABLE_FILE` when the snapshot's tables are not there or not of their documented shape
 */
export async function runSql(
  connection: DuckDBConnection,
  sql: string,
  what: string,
): Promise<DuckDBMaterializedResult> {
  try {
    return await connection.run(sql);
  } catch (cause) {
    throw unreadable(what, cause);
  }
}

/**
 * Streams the result of one statement, chunk by chunk: nothing is kept but what the visitor keeps.
 * @param what - what the statement is for, as in {@link runSql}
 * @param visit - called with each chunk; the next one overwrites it
 * @throws CairnError as {@link runSql}
 */
export async function streamSql(
  connection: DuckDBConnection,
  sql: string,
  what: string,
  visit: (chunk: DuckDBDataChunk) => void,
): Promise<void> {
  try {
    const result = await connection.stream(sql);
    for (;;) {
      const chunk = await result.fetchChunk();
      if (chunk === null || chunk.rowCount === 0) return;
      visit(chunk);
    }
  } catch (cause) {
    throw cause instanceof CairnError ? cause : unreadable(what, cause);
  }
}

const unreadable = (what: string, cause: unknown): CairnError =>
  new CairnError(
    "UNREADABLE_FILE",
    `expected the snapshot's tables as views for the ${what}, got: ${cause instanceof Error ? cause.message : String(cause)}`,
    { hint: "attach a complete snapshot to this connection first; a table without rows must still be there", cause },
  );

/** How a boolean condition on both clocks is written: it happened, and it was known, on or before the row's day. */
export function bothClocks(happened: string, known: string, asOf: string): string {
  return `${happened} <= ${asOf} AND ${known} <= ${asOf}`;
}
