import type { FamilyContext } from "../family.ts";
import { exactMean, exactSum } from "../sql.ts";

/**
 * The query of the family course-performance. Work due is counted once per section and span, not per learner; only what
 * was handed in is joined to learners, so the cost follows the number of results.
 */
export function coursePerformanceSql({ cohort, wants }: FamilyContext): string {
  const wanted = Object.entries(columns).filter(([name]) => wants(name));
  const cells = wanted.map(([name, expression]) => `${expression} AS ${name}`);
  // Marks are of exams, too: another pass, for whoever asks.
  const marked = wanted.some(([, expression]) => expression.startsWith("m."));
  return `
    WITH ${sectionsAndWork(cohort.table)}, ${dueWork}, ${submittedWork(cohort.table)}, ${handedIn}${marked ? `, ${marks}` : ""}
    SELECT ${['c."row"', ...cells].join(", ")}
    FROM ${cohort.table} c
    LEFT JOIN due d USING ("row") LEFT JOIN handed_in h USING ("row") ${marked ? 'LEFT JOIN marks m USING ("row")' : ""}`;
}

/**
 * `taken`: the sections a row is known to take, one interval each. `work`: assignments with the day of the first evidence.
 * Both name a section by a number, because numbers meet faster than texts; which number is of no consequence.
 */
export const sectionsAndWork = (cohort: string): string => `
    numbered AS MATERIALIZED (
      SELECT section AS name, (row_number() OVER ())::INTEGER AS section FROM (SELECT DISTINCT section FROM section)
    ), taken AS MATERIALIZED (
      SELECT c."row", n.section, any_value(c.as_of) AS as_of, min(s.subject) AS subject,
        CASE WHEN count(s.entered_on) = count(*) THEN min(s.entered_on) END AS entered_on,
        CASE WHEN count(s.exited_on) = count(*) THEN max(s.exited_on) END AS exited_on
      FROM ${cohort} c JOIN section s ON s.learner = c.learner AND s.known_on <= c.as_of
        AND (s.entered_on IS NULL OR s.entered_on <= c.as_of)
      JOIN numbered n ON n.name = s.section
      GROUP BY c."row", n.section
    ), evidence AS (
      SELECT assignment, min(greatest(submitted_on, known_on)) AS since
      FROM result WHERE submitted_on IS NOT NULL AND known_on IS NOT NULL
      GROUP BY assignment
    ), work AS MATERIALIZED (
      SELECT a.assignment, n.section, a.kind, a.due_on, coalesce(a.weight, 1) AS weight, a.known_on, e.since
      FROM assignment a JOIN numbered n ON n.name = a.section LEFT JOIN evidence e USING (assignment)
      WHERE a.kind IN ('assignment', 'exam')
    )`;

/** `due`: per row, whether any work is planned, and how much of it (and of its weight) is due. */
const dueWork = `
    span AS (
      SELECT DISTINCT section, as_of, entered_on, exited_on FROM taken
    ), due_in_span AS (
      SELECT s.section, s.as_of, s.entered_on, s.exited_on,
        count(*) FILTER (w.due_on <= s.as_of AND w.since <= s.as_of) AS pieces,
        coalesce(${exactSum("w.weight", "w.due_on <= s.as_of AND w.since <= s.as_of")}, 0) AS weight
      FROM span s JOIN work w ON w.section = s.section AND w.kind = 'assignment' AND w.known_on <= s.as_of
        AND (w.due_on IS NULL OR ((s.entered_on IS NULL OR w.due_on >= s.entered_on)
          AND (s.exited_on IS NULL OR w.due_on < s.exited_on)))
      GROUP BY ALL
    ), due AS (
      SELECT t."row", sum(d.pieces)::DOUBLE AS pieces, ${exactSum("d.weight")} AS weight
      FROM taken t JOIN due_in_span d ON d.section = t.section AND d.as_of = t.as_of
        AND d.entered_on IS NOT DISTINCT FROM t.entered_on AND d.exited_on IS NOT DISTINCT FROM t.exited_on
      GROUP BY t."row"
    )`;

/**
 * `submitted`: what a row's learner is known to have handed in of the work of {@link sectionsAndWork}. Results meet their learners first and the work after that, each
 * step by equal keys: left to itself, DuckDB pairs all work with all rows, because both have a day to compare.
 */
export const submittedWork = (cohort: string): string => `
    known_result AS MATERIALIZED (
      SELECT c."row", c.as_of, r.assignment, r.submitted_on, r.score, r.source_row, r.carried_over
      FROM result r JOIN ${cohort} c ON c.learner = r.learner
      WHERE r.submitted_on <= c.as_of AND r.known_on <= c.as_of
    ), piece AS MATERIALIZED (
      SELECT r."row", r.as_of, w.section, w.assignment, w.kind, w.position, w.due_on, w.weight, r.submitted_on, r.score,
        r.source_row, r.submitted_on - w.due_on AS days_late, w.due_on <= r.as_of AS is_due,
        coalesce(r.carried_over, false) AS carried_over
      FROM known_result r JOIN (
        SELECT *, row_number() OVER (ORDER BY due_on, assignment) AS position FROM work WHERE due_on IS NOT NULL
      ) w ON w.assignment = r.assignment
      WHERE w.known_on <= r.as_of
    ), submitted AS (
      SELECT p.*, t.subject
      FROM piece p JOIN taken t ON t."row" = p."row" AND t.section = p.section
      WHERE (t.entered_on IS NULL OR p.due_on >= t.entered_on) AND (t.exited_on IS NULL OR p.due_on < t.exited_on)
    )`;

/** `handed_in`: what was handed in of due work, per row. */
const handedIn = `
    handed_in AS (
      SELECT "row",
        count(*) FILTER (is_due) AS pieces,
        coalesce(${exactSum("weight", "is_due")}, 0) AS weight,
        ${exactMean("score", "is_due")} AS mean,
        min(score) FILTER (is_due) AS minimum,
        -- one number orders by day of submission, then by day due and name
        arg_max(score, (submitted_on - DATE '1970-01-01') * 4294967296 + position) FILTER (is_due AND score IS NOT NULL) AS last,
        arg_max(score, source_row) FILTER (is_due AND score IS NOT NULL) AS last_in_source_order,
        avg(days_late) FILTER (is_due) AS days_late,
        count(*) FILTER (is_due AND days_late > 0) AS late,
        count(*) FILTER (is_due AND carried_over) AS carried_over,
        count(*) FILTER (NOT is_due) AS early
      FROM submitted WHERE kind = 'assignment' GROUP BY "row"
    )`;

/** `marks`: weighted means per subject, exams included. */
const marks = `
    marks AS (
      SELECT "row", ${mark("math")} AS mathematics, ${mark("english")} AS english
      FROM submitted WHERE is_due AND score IS NOT NULL AND weight > 0 GROUP BY "row"
    )`;

function mark(subject: string): string {
  const where = `subject = '${subject}'`;
  return `${exactSum("score * weight", where)} / nullif(${exactSum("weight", where)}, 0)`;
}

/** The expression of each feature. */
const columns: Readonly<Record<string, string>> = {
  work_due: "d.pieces",
  work_submitted: "CASE WHEN d.pieces IS NOT NULL THEN coalesce(h.pieces, 0) END",
  work_missed: "d.pieces - coalesce(h.pieces, 0)",
  weight_submitted: "CASE WHEN d.pieces IS NOT NULL THEN coalesce(h.weight, 0) END",
  weight_missed: "d.weight - coalesce(h.weight, 0)",
  work_missed_share: "CASE WHEN d.pieces > 0 THEN (d.pieces - coalesce(h.pieces, 0)) / d.pieces END",
  weight_missed_share: "CASE WHEN d.weight > 0 THEN (d.weight - coalesce(h.weight, 0)) / d.weight END",
  score_mean: "h.mean",
  score_minimum: "h.minimum",
  score_last: "h.last",
  score_last_in_source_order: "h.last_in_source_order",
  days_late_mean: "h.days_late",
  work_late: "CASE WHEN h.pieces > 0 THEN h.late END",
  work_late_share: "CASE WHEN h.pieces > 0 THEN h.late / h.pieces END",
  work_carried_over: "CASE WHEN h.pieces > 0 THEN h.carried_over END",
  work_early: "CASE WHEN d.pieces IS NOT NULL THEN coalesce(h.early, 0) END",
  mathematics_mark: "m.mathematics",
  english_mark: "m.english",
};
