import type { DuckDBConnection } from "@duckdb/node-api";

/** The period under way on a day. */
export interface CurrentPeriod {
  readonly period: string;
  /** Days from its first day to the day asked about; 0 is the first day. */
  readonly offset: number;
}

/**
 * The period that began last on or before a day; undefined when none has begun.
 * @param connection - a DuckDB connection with a snapshot attached
 * @param asOf - a calendar day
 */
export async function currentPeriod(connection: DuckDBConnection, asOf: string): Promise<CurrentPeriod | undefined> {
  const result = await connection.runAndReadAll(
    `SELECT period, date_diff('day', min(starts_on), DATE '${asOf}')::INTEGER AS day FROM enrolment
     GROUP BY period HAVING min(starts_on) <= DATE '${asOf}' ORDER BY min(starts_on) DESC, period LIMIT 1`,
  );
  const [row] = result.getRows() as [string, number][];
  return row === undefined ? undefined : { period: row[0], offset: row[1] };
}
