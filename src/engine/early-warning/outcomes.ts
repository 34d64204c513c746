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

// Half of those who stayed: with fewer marks known, the withdrawals would be most of what is labelled.
const RIPE_SHARE = 0.5;

/**
 * Off track: at the end of the period the final mark in mathematics or English is below {@link PASSING_MARK}, or the learner
 * withdrew. A transfer is censored. What counts is how a learner's last stay of the period ended: a move between two schools
 * of the district is no end. A period ripens school by school and grade band by grade band: before half of those who stayed
 * have a final mark nobody there has a label, since withdrawals alone would say that everybody fails.
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
    ), ending AS (
      -- Not arg_max: it passes over a stay without an exit, and the move before it would count.
      SELECT * FROM enrolment QUALIFY row_number() OVER (
        PARTITION BY learner, period
        ORDER BY coalesce(exited_on, DATE '9999-12-31') DESC, entered_on DESC NULLS LAST, exit_kind NULLS FIRST, school, grade_band) = 1
    ), ripe AS (
      SELECT e.period, e.school, e.grade_band FROM ending e LEFT JOIN mark m USING (learner)
      WHERE e.exit_kind IS NULL OR e.exit_kind NOT IN ('transfer', 'withdrawal')
      GROUP BY ALL HAVING count(m.lowest) > 0 AND count(m.lowest) >= ${RIPE_SHARE} * count(*)
    ), begun AS (
      SELECT period, min(starts_on) AS starts_on FROM enrolment GROUP BY period
    )
    SELECT e.learner, e.period,
      CASE WHEN e.exit_kind = 'transfer' THEN NULL
           WHEN e.exit_kind = 'withdrawal' THEN 1
           WHEN m.lowest IS NULL THEN NULL
           WHEN m.lowest < ${PASSING_MARK} THEN 1 ELSE 0 END AS off_track
    FROM ending e JOIN ripe r
      ON r.period = e.period AND r.school IS NOT DISTINCT FROM e.school AND r.grade_band IS NOT DISTINCT FROM e.grade_band
    JOIN begun b ON b.period = e.period LEFT JOIN mark m USING (learner)
    ORDER BY b.starts_on, e.period, e.learner`);
  const offTrack = new Map<string, 0 | 1>();
  const periods = new Set<string>();
  for (const [learner, period, label] of result.getRows() as [string, string, number | null][]) {
    periods.add(period);
    if (label !== null) offTrack.set(learner, label === 1 ? 1 : 0);
  }
  return { offTrack, periods: [...periods] };
}
