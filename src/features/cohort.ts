import { randomUUID } from "node:crypto";
import type { DuckDBConnection } from "@duckdb/node-api";
import { CairnError } from "../errors.ts";
import type { Cohort } from "./family.ts";
import { literal, runSql } from "./sql.ts";

/** A day: a date such as `2025-12-12`, or a number of days after the first day of the period (0 is that day). */
export type AsOf = string | number;

/** Whom features are computed for, and as of which day or days. */
export interface CohortSelection {
  /** The day or days of each period by its name; many days are built in one pass. */
  readonly asOf: Readonly<Record<string, AsOf | readonly AsOf[]>>;
  /** The periods to take, each with a day in `asOf`; all of `asOf` when left out. */
  readonly periods?: readonly string[];
  /** Only these grade bands; all when left out. */
  readonly gradeBands?: readonly string[];
}

/**
 * Selects the risk set, fixed at the as-of day: enrolments known on or before the day, entered on or before it (or
 * on a day nobody recorded), and not known by then to have ended on or before it. A learner with several such enrolments in one period
 * (a move between schools) is one row, the enrolment entered last.
 *
 * Rows are ordered by period, peer group, learner and day, so the same snapshot gives the same order.
 * @param connection - a DuckDB connection with the snapshot's tables attached
 * @returns the cohort, a temporary table of this connection
 * @throws CairnError `BAD_INPUT` for a day or period that cannot be used, `UNREADABLE_FILE` when the snapshot is not attached
 */
export async function selectCohort(connection: DuckDBConnection, selection: CohortSelection): Promise<Cohort> {
  const days = readDays(selection);
  const bands = selection.gradeBands;
  const table = `cohort_${randomUUID().replaceAll("-", "")}`;
  await runSql(
    connection,
    `CREATE TEMP TABLE ${table} AS
    WITH day(period, on_date, day_offset) AS (VALUES ${days.join(", ")}),
    candidate AS MATERIALIZED (
      SELECT e.*, coalesce(d.on_date, e.starts_on + d.day_offset) AS as_of
      FROM enrolment e JOIN day d USING (period)
      WHERE known_on <= as_of AND (entered_on IS NULL OR entered_on <= as_of)
        AND (exited_on IS NULL OR NOT (exited_on <= as_of AND coalesce(exit_known_on, exited_on) <= as_of))
        ${bands === undefined ? "" : `AND e.grade_band IN (${["NULL", ...bands.map(literal)].join(", ")})`}
    ), several AS (
      -- few move: only their enrolments are put in order
      SELECT learner, period, as_of FROM candidate GROUP BY ALL HAVING count(*) > 1
    ), at_risk AS (
      FROM candidate ANTI JOIN several USING (learner, period, as_of)
      UNION ALL
      (FROM candidate SEMI JOIN several USING (learner, period, as_of)
      QUALIFY row_number() OVER (
        PARTITION BY learner, period, as_of
        ORDER BY entered_on DESC NULLS LAST, starts_on DESC, school, peer_group, grade_band, person) = 1)
    )
    SELECT (row_number() OVER () - 1)::BIGINT AS "row", learner, person, period,
      school, peer_group, grade_band, as_of, starts_on, entered_on, greatest(starts_on, entered_on) AS first_day
    FROM (FROM at_risk ORDER BY period, peer_group, learner, as_of)`,
    "cohort",
  );
  const counted = await connection.runAndReadAll(`SELECT count(*) FROM ${table}`);
  return { table, rows: Number(counted.value(0, 0)) };
}

function readDays(selection: CohortSelection): string[] {
  const periods = selection.periods ?? Object.keys(selection.asOf);
  if (periods.length === 0) {
    throw new CairnError("BAD_INPUT", "expected at least one period with an as-of day, got none", {
      hint: 'pass asOf such as { "2025-26": "2025-12-12" }',
    });
  }
  return periods.flatMap((period) => {
    const given = selection.asOf[period];
    const days: readonly AsOf[] = given === undefined ? [] : typeof given === "object" ? given : [given];
    if (days.length === 0) {
      throw new CairnError("BAD_INPUT", `expected an as-of day for the period "${period}", got none`, {
        hint: "name the period in asOf",
      });
    }
    return days.map((day) => `(${literal(period)}, ${dayLiteral(day)})`);
  });
}

function dayLiteral(day: AsOf): string {
  if (typeof day === "number") {
    if (Number.isInteger(day)) return `NULL::DATE, ${day}`;
  } else if (/^\d{4}-\d{2}-\d{2}$/.test(day) && isDate(day)) {
    return `DATE '${day}', NULL::INTEGER`;
  }
  throw new CairnError("BAD_INPUT", `expected an as-of day such as 2025-12-12 or a whole number of days, got "${day}"`);
}

function isDate(day: string): boolean {
  const time = Date.parse(`${day}T00:00:00Z`);
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(day);
}
