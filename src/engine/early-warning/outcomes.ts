import type { DuckDBConnection } from "@duckdb/node-api";

/** Below this final mark a course is failed (0 to 100; Ed-Fi maps an F to 55, a D to 65). */
export const PASSING_MARK = 60;

/** How a period ended for the learners of whom it is known. */
export interface Outcomes {
  /** 1 off track, 0 on track, by learner (of a period). Transfers are censored and unripe periods absent. */
  readonly offTrack: ReadonlyMap<string, 0 | 1>;
  /** Periods that have labels, oldest first. */
  readonly periods: readonly string[];
}

/**
 * Off track: at the end of the period the final mark in mathematics or English is below {@link PASSING_MARK}, or the learner
 * withdrew. A transfer is censored. A period without final marks has not ripened: nobody in it has a label.
 * @param connection - a DuckDB connection with the snapshot attached
 */
export async function readOutcomes(connection: DuckDBConnection): Promise<Outcomes> {
  const result = await connection.runAndReadAll(`
    WITH mark AS (
      SELECT r.learner, min(r.score) AS lowest
      FROM result r
      JOIN assignment a USING (assignment)
      JOIN section s ON s.learner = r.learner AND s.section = a.section
      WHERE a.kind = 'final-mark' AND s.subject IN ('math', 'english') AND r.score IS NOT NULL
      GROUP BY r.learner
    ), ripe AS (
      SELECT e.period, min(e.starts_on) AS starts_on FROM mark m JOIN enrolment e USING (learner) GROUP BY e.period
    ), ending AS (
      SELECT learner, period, arg_max(exit_kind, coalesce(exited_on, DATE '9999-12-31')) AS exit_kind FROM enrolment GROUP BY ALL
    )
    SELECT e.learner, e.period, r.starts_on,
      CASE WHEN e.exit_kind = 'transfer' THEN NULL
           WHEN e.exit_kind = 'withdrawal' THEN 1
           WHEN m.lowest IS NULL THEN NULL
           WHEN m.lowest < ${PASSING_MARK} THEN 1 ELSE 0 END AS off_track
    FROM ending e JOIN ripe r USING (period) LEFT JOIN mark m USING (learner)
    ORDER BY r.starts_on, e.learner`);
  const offTrack = new Map<string, 0 | 1>();
  const periods = new Set<string>();
  for (const [learner, period, , label] of result.getRows() as [string, string, unknown, number | null][]) {
    periods.add(period);
    if (label !== null) offTrack.set(learner, label === 1 ? 1 : 0);
  }
  return { offTrack, periods: [...periods] };
}
