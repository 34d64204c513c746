import type { DuckDBConnection } from "@duckdb/node-api";
import type { Cohort } from "../../../features/family.ts";
import type { OutcomeDefinition, OutcomeKind } from "./definition.ts";
import { PASSING_MARK } from "./definition.ts";

/** No label: censored, not of the outcome's grades, or not known. */
export const NO_LABEL = 2;

/**
 * The labels of a cohort: how it ended for each row, in the window of the outcome. Whether the window is over is not asked here:
 * see `ripensOn`.
 * @param connection - the connection the cohort was selected on
 * @returns shape (rows): 1 the bad outcome, 0 not, {@link NO_LABEL} for a row without a label
 */
export async function readLabels(
  connection: DuckDBConnection,
  cohort: Cohort,
  outcome: OutcomeDefinition,
): Promise<Uint8Array> {
  const result = await connection.runAndReadAll(
    `WITH ${ending}, labelled AS (${labelSql(outcome, cohort.table)})
     SELECT "row"::INTEGER, max(label)::INTEGER FROM labelled WHERE label IS NOT NULL GROUP BY "row"`,
  );
  const labels = new Uint8Array(cohort.rows).fill(NO_LABEL);
  for (const [row, label] of result.getRows() as [number, number][]) labels[row] = label === 1 ? 1 : 0;
  return labels;
}

/**
 * How a learner's last stay of the period ended: a move between two schools of the district is no end. Not arg_max: it passes
 * over a stay without an exit, and the move before it would count.
 */
const ending = `ending AS (
  SELECT * FROM enrolment QUALIFY row_number() OVER (
    PARTITION BY learner, period
    ORDER BY coalesce(exited_on, DATE '9999-12-31') DESC, entered_on DESC NULLS LAST, exit_kind NULLS FIRST, school, grade_band) = 1
)`;

// Half of those who stayed: with fewer marks known, the withdrawals would be most of what is labelled.
const RIPE_SHARE = 0.5;

/**
 * Where the final marks of a period are in, school by school and grade band by grade band, and the lowest mark of each learner:
 * before that nobody there has a label, since withdrawals alone would say that everybody fails.
 */
const marks = (subjects: string): string => `mark AS (
  SELECT r.learner, min(r.score) AS lowest
  FROM result r
  JOIN assignment a USING (assignment)
  JOIN section s ON s.learner = r.learner AND s.section = a.section
  WHERE a.kind = 'final-mark' AND ${subjects} AND r.score IS NOT NULL
  GROUP BY r.learner
), ripe AS (
  SELECT e.period, e.school, e.grade_band FROM ending e LEFT JOIN mark m USING (learner)
  WHERE e.exit_kind IS NULL OR e.exit_kind NOT IN ('transfer', 'withdrawal')
  GROUP BY ALL HAVING count(m.lowest) > 0 AND count(m.lowest) >= ${RIPE_SHARE} * count(*)
)`;

const inRipe = `JOIN ripe p ON p.period = e.period AND p.school IS NOT DISTINCT FROM e.school
  AND p.grade_band IS NOT DISTINCT FROM e.grade_band`;

/** A transfer is censored; see docs/decisions/0007-labels.md. */
const offTrack = (passingMark: number): string => `
  CASE WHEN e.exit_kind = 'transfer' THEN NULL WHEN e.exit_kind = 'withdrawal' THEN 1
    WHEN m.lowest IS NULL THEN NULL WHEN m.lowest < ${passingMark} THEN 1 ELSE 0 END`;

const text = (value: string): string => `'${value.replaceAll("'", "''")}'`;

type Of<Kind extends OutcomeKind> = Extract<OutcomeDefinition, { kind: Kind }>;

function labelSql(outcome: OutcomeDefinition, cohort: string): string {
  switch (outcome.kind) {
    case "off-track":
      return `WITH ${marks("s.subject IN ('math', 'english')")}
        SELECT c."row", ${offTrack(outcome.passingMark)} AS label
        FROM ${cohort} c JOIN ending e USING (learner, period) ${inRipe} LEFT JOIN mark m USING (learner)`;
    case "course-failure":
      return `WITH ${marks("true")}
        SELECT c."row", CASE WHEN e.exit_kind IN ('transfer', 'withdrawal') OR m.lowest IS NULL THEN NULL
          WHEN m.lowest < ${outcome.passingMark} THEN 1 ELSE 0 END AS label
        FROM ${cohort} c JOIN ending e USING (learner, period) ${inRipe} LEFT JOIN mark m USING (learner)`;
    case "drop-out":
      return dropOutSql(outcome, cohort);
    case "chronic-absence":
      return absenceSql(outcome, cohort);
    case "off-track-credits":
      return creditsSql(outcome, cohort);
    case "not-proficient":
      return `SELECT c."row", max(CASE WHEN a.percentile < ${outcome.belowPercentile} THEN 1 ELSE 0 END) AS label
        FROM ${cohort} c JOIN (
          SELECT c."row", a.subject, arg_max(a.percentile, a.on_date) AS percentile
          FROM ${cohort} c JOIN (${periodEnds}) p USING (period) JOIN assessment_result a ON a.person = c.person
            AND a.on_date > c.as_of AND (p.next_on IS NULL OR a.on_date < p.next_on)
          WHERE a.percentile IS NOT NULL AND coalesce(a.validity, 'valid') = 'valid'
            AND a.subject IN (${outcome.subjects.map(text).join(", ")})
          GROUP BY ALL
        ) a USING ("row") GROUP BY c."row"`;
    case "declining-effort":
      return effortSql(outcome, cohort);
    case "recorded":
      return `SELECT c."row", CASE WHEN o.value IN (${outcome.values.map(text).join(", ")}) THEN 1 ELSE 0 END AS label
        FROM ${cohort} c JOIN outcome o USING (learner) WHERE o.name = ${text(outcome.name)} AND o.value IS NOT NULL`;
  }
}

const periodEnds = `SELECT period, lead(starts_on) OVER (ORDER BY starts_on, period) AS next_on
  FROM (SELECT period, min(starts_on) AS starts_on FROM enrolment GROUP BY period)`;

/** A transfer inside the window is censored: nobody knows whether the learner would have stayed. */
function dropOutSql({ horizonDays }: Of<"drop-out">, cohort: string): string {
  const inside = horizonDays === null ? "true" : `e.exited_on <= c.as_of + ${horizonDays}`;
  return `SELECT c."row", CASE WHEN e.exited_on IS NULL OR e.exit_kind IS NULL OR NOT (${inside}) THEN 0
      WHEN e.exit_kind = 'withdrawal' THEN 1 WHEN e.exit_kind = 'transfer' THEN NULL ELSE 0 END AS label
    FROM ${cohort} c JOIN ending e USING (learner, period)`;
}

const FEWEST_DAYS = 10; // of fewer enrolled days one absence is a tenth

/** Days of the calendar on which the learner was enrolled, and those of them she was marked absent, once a day. */
function absenceSql({ share, counts, horizonDays }: Of<"chronic-absence">, cohort: string): string {
  const from = counts === "ahead" ? "d.on_date > c.as_of" : "d.on_date >= c.first_day";
  const until = horizonDays === null ? "true" : `d.on_date <= c.as_of + ${horizonDays}`;
  return `SELECT "row", CASE WHEN days >= ${FEWEST_DAYS} THEN (CASE WHEN absent >= ${share} * days THEN 1 ELSE 0 END) END AS label
    FROM (
      SELECT c."row", count(*) AS days, count(a.on_date) AS absent
      FROM ${cohort} c JOIN ending e USING (learner, period) JOIN (${periodEnds}) p USING (period)
      JOIN calendar d ON d.school = c.school AND ${from} AND ${until}
        AND (e.exited_on IS NULL OR d.on_date <= e.exited_on) AND (p.next_on IS NULL OR d.on_date < p.next_on)
      LEFT JOIN (SELECT DISTINCT learner, on_date FROM attendance WHERE category = 'absent') a
        ON a.learner = c.learner AND a.on_date = d.on_date
      WHERE e.exit_kind IS DISTINCT FROM 'transfer' GROUP BY c."row")`;
}

/**
 * Semesters count where they are reported, else final marks.
 * @see Allensworth and Easton (2005), The On-Track Indicator as a Predictor of High School Graduation; handbook early-warning 1.3
 */
function creditsSql({ grades, leastCredits, mostCoreFailures }: Of<"off-track-credits">, cohort: string): string {
  return `SELECT c."row", CASE WHEN g.credits IS NULL OR e.exit_kind = 'transfer' THEN NULL
      WHEN g.credits < ${leastCredits} OR g.failures > ${mostCoreFailures} THEN 1 ELSE 0 END AS label
    FROM ${cohort} c JOIN ending e USING (learner, period)
    JOIN background b ON b.learner = c.learner AND b.name = 'grade' AND b.value IN (${grades.join(", ")})
    JOIN (
      SELECT c."row", sum(g.credits_earned) FILTER (WHERE g.kind = 'final' OR NOT reports_finals) AS credits,
        count(*) FILTER (WHERE g.subject IN ('math', 'english') AND g.score < ${PASSING_MARK}
          AND (g.kind = 'semester' OR NOT reports_semesters)) AS failures
      FROM ${cohort} c JOIN (${periodEnds}) p USING (period)
      JOIN (
        SELECT *, bool_or(kind = 'final') OVER (PARTITION BY person) AS reports_finals,
          bool_or(kind = 'semester') OVER (PARTITION BY person) AS reports_semesters
        FROM course_grade WHERE kind IN ('final', 'semester')
      ) g ON g.person = c.person AND g.on_date >= c.starts_on AND (p.next_on IS NULL OR g.on_date < p.next_on)
      GROUP BY c."row"
    ) g USING ("row")`;
}

/** Work counts by its due day; what is handed in later than due is not effort that declined, so late work counts as done. */
function effortSql({ horizonDays, drop, leastWork }: Of<"declining-effort">, cohort: string): string {
  return `SELECT "row", CASE WHEN due_before >= ${leastWork} AND due_after >= ${leastWork}
      THEN (CASE WHEN done_before / due_before - done_after / due_after >= ${drop} THEN 1 ELSE 0 END) END AS label
    FROM (
      SELECT c."row",
        count(*) FILTER (WHERE a.due_on <= c.as_of) AS due_before, count(*) FILTER (WHERE a.due_on > c.as_of) AS due_after,
        count(r.submitted_on) FILTER (WHERE a.due_on <= c.as_of) AS done_before,
        count(r.submitted_on) FILTER (WHERE a.due_on > c.as_of) AS done_after
      FROM ${cohort} c JOIN section s USING (learner) JOIN assignment a USING (section)
      LEFT JOIN result r ON r.assignment = a.assignment AND r.learner = c.learner
      WHERE a.kind <> 'final-mark' AND a.due_on > c.as_of - ${horizonDays} AND a.due_on <= c.as_of + ${horizonDays}
        AND (s.entered_on IS NULL OR a.due_on >= s.entered_on) AND (s.exited_on IS NULL OR a.due_on <= s.exited_on)
      GROUP BY c."row")`;
}
