import type { DuckDBConnection } from "@duckdb/node-api";
import { fromColumns } from "../../../numeric/linear/dense.ts";
import { leastSquares, predictLinear } from "../../../numeric/linear/least-squares.ts";
import { auditDecisions } from "../../fairness/audit-decisions.ts";
import type { StoredAudit } from "./audit.ts";
import { FEWEST_ROWS, numbered, stored } from "./audit.ts";
import { decisionGroups, decisionPlaces } from "./decision-groups.ts";

const FEWEST_MARKS = 5; // in either subject: of fewer, a mean is one good day
const SUBJECTS = ["english", "math"] as const;

/** Of one learner in one period: marks in a subject, marks in the other, and the last valid test of the subject. */
interface MarksRow {
  readonly learner: string;
  readonly person: string;
  readonly school: string;
  readonly own: number;
  readonly other: number;
  readonly percentile: number | null;
}

/**
 * Audits marks: whether a group is marked lower in a subject than other evidence of the same learners says, and in which school. The
 * evidence is the learner's marks in the other subject, by other teachers, and the last valid test in the subject; what it predicts is a
 * line through the whole district, and the points above or below it are compared. A gap in every school may be a difference in what
 * learners can do; a gap in one school and no other is how that school marks.
 * @param connection - a DuckDB connection with the snapshot attached
 * @returns one audit for each subject with enough marks; none without protected attributes
 */
export async function auditMarks(connection: DuckDBConnection): Promise<StoredAudit[]> {
  const audits: StoredAudit[] = [];
  for (const subject of SUBJECTS) {
    const rows = await readMarks(connection, subject);
    if (rows.length < FEWEST_ROWS) continue;
    const groups = await decisionGroups(
      connection,
      rows.map(({ learner }) => learner),
    );
    if (groups.length === 0) continue;
    const unit = Int32Array.from(numbered(rows.map(({ person }) => person)));
    audits.push(
      stored(
        auditDecisions({
          ...{ measure: "marks", topic: subject, values: beyondEvidence(rows) },
          ...{ stratum: new Int32Array(rows.length), strata: 1, unit, units: new Set(unit).size },
          groups,
          places: decisionPlaces(rows.map(({ school }) => school)),
          confidence: 1 - 0.05 / SUBJECTS.length, // both subjects together: one false finding in twenty districts
        }),
      ),
    );
  }
  return audits;
}

async function readMarks(connection: DuckDBConnection, subject: (typeof SUBJECTS)[number]): Promise<MarksRow[]> {
  const result = await connection.runAndReadAll(`
    WITH mark AS (
      SELECT r.learner, s.subject, avg(r.score) AS points, count(*) AS marks
      FROM result r JOIN assignment a USING (assignment)
      JOIN (SELECT DISTINCT section, subject FROM section WHERE subject IN ('english', 'math')) s USING (section)
      WHERE r.score IS NOT NULL AND a.kind <> 'final-mark' AND NOT coalesce(r.carried_over, false)
      GROUP BY ALL HAVING count(*) >= ${FEWEST_MARKS}),
    seat AS (SELECT DISTINCT ON (learner) learner, person, period, school, starts_on FROM enrolment ORDER BY learner, entered_on DESC NULLS LAST),
    test AS (
      SELECT seat.learner, arg_max(t.percentile, t.on_date) AS percentile
      FROM seat JOIN assessment_result t USING (person)
      WHERE t.subject = '${subject}' AND t.percentile IS NOT NULL AND coalesce(t.validity, 'valid') = 'valid'
        AND t.on_date BETWEEN seat.starts_on AND seat.starts_on + INTERVAL 1 YEAR
      GROUP BY seat.learner)
    SELECT seat.learner, seat.person, coalesce(seat.school, ''), own.points, other.points, test.percentile
    FROM seat JOIN mark own ON own.learner = seat.learner AND own.subject = '${subject}'
    JOIN mark other ON other.learner = seat.learner AND other.subject <> '${subject}'
    LEFT JOIN test ON test.learner = seat.learner
    ORDER BY ALL`);
  return (result.getRows() as [string, string, string, number, number, number | null][]).map(
    ([learner, person, school, own, other, percentile]) => ({ learner, person, school, own, other, percentile }),
  );
}

/** Points above what the line through the district says: one slope for marks, one for tests, and a level of its own for who has none. */
function beyondEvidence(rows: readonly MarksRow[]): Float64Array {
  const design = fromColumns([
    new Float64Array(rows.length).fill(1),
    rows.map(({ other }) => other),
    rows.map(({ percentile }) => percentile ?? 0),
    rows.map(({ percentile }) => Number(percentile === null)),
  ]);
  const own = Float64Array.from(rows, (row) => row.own);
  const said = predictLinear(leastSquares(design, own), design);
  return own.map((points, row) => points - said[row]!);
}
