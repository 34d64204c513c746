import type { DuckDBConnection } from "@duckdb/node-api";
import { offTrackSql } from "./outcomes/labels.ts";

/** How a period ended for the learners of whom it is known. */
export interface Outcomes {
  /** 1 off track, 0 on track, by learner (of a period). Transfers are censored and unripe periods absent. */
  readonly offTrack: ReadonlyMap<string, 0 | 1>;
  /** Periods that have labels, oldest first. */
  readonly periods: readonly string[];
}

/**
 * Off track: at the end of the period the final mark in mathematics or English is below the passing mark, or the learner
 * withdrew. A transfer is censored. A period ripens school by school and grade band by grade band: before half of those who
 * stayed have a final mark nobody there has a label, since withdrawals alone would say that everybody fails.
 * @param connection - a DuckDB connection with the snapshot attached
 */
export async function readOutcomes(connection: DuckDBConnection): Promise<Outcomes> {
  const result = await connection.runAndReadAll(offTrackSql());
  const offTrack = new Map<string, 0 | 1>();
  const periods = new Set<string>();
  for (const [learner, period, label] of result.getRows() as [string, string, number | null][]) {
    periods.add(period);
    if (label !== null) offTrack.set(learner, label === 1 ? 1 : 0);
  }
  return { offTrack, periods: [...periods] };
}
