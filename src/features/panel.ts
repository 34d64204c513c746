import type { DuckDBConnection } from "@duckdb/node-api";
import { CairnError } from "../errors.ts";
import { type BuildOptions, buildFeatures, type FeatureTable } from "./build.ts";
import { type AsOf, type CohortSelection, selectCohort } from "./cohort.ts";
import { literal, runSql } from "./sql.ts";

/** What {@link buildPanel} takes. */
export interface PanelOptions extends BuildOptions, Pick<CohortSelection, "periods" | "gradeBands"> {
  /** A connection with the snapshot's tables attached. */
  readonly snapshot: DuckDBConnection;
  /**
   * The days. A number counts from the first day of every period; a date belongs to the period that began last by then, in
   * any school.
   */
  readonly asOf: readonly AsOf[];
}

/**
 * Builds a whole panel, every learner at risk on every day, in one pass: one query per family, whatever the number of days.
 * Each row has the bytes that a build of its day alone gives. Rows are ordered by period, peer group, learner and day.
 * @throws CairnError `BAD_INPUT` for a day that cannot be used or lies before every period, and as `buildFeatures`
 */
export async function buildPanel({
  snapshot,
  asOf,
  periods,
  gradeBands,
  ...options
}: PanelOptions): Promise<FeatureTable> {
  const days = await daysByPeriod(snapshot, asOf, periods);
  const cohort = await selectCohort(snapshot, { asOf: days, ...(gradeBands === undefined ? {} : { gradeBands }) });
  try {
    return await buildFeatures(snapshot, cohort, options);
  } finally {
    await snapshot.run(`DROP TABLE IF EXISTS ${cohort.table}`);
  }
}

/** What {@link buildPanelPieces} takes. */
export interface PanelPiecesOptions extends Omit<PanelOptions, "onProgress"> {
  /** Days in one piece, 1 or more. Default 4, a month of weeks; 1 for 100,000 learners, each piece's rows being in memory. */
  readonly daysAtOnce?: number;
  /** Called with the finished share, in [0, 1], after every piece. */
  readonly onProgress?: (fraction: number) => void;
}

/**
 * The rows of {@link buildPanel} in pieces, a few days each in the order given: memory follows the learners, not the days.
 * Ranks compare learners of one day, so a cell has the same number as in the whole panel. The codes of a categorical column
 * are those of its piece.
 * @throws CairnError `BAD_INPUT` for days of both kinds (one learner's day could come twice) or no day at once, and as
 * `buildPanel`; a day that lies before every period is refused before the first piece
 */
export async function* buildPanelPieces({
  asOf,
  daysAtOnce = 4,
  onProgress,
  ...options
}: PanelPiecesOptions): AsyncGenerator<FeatureTable, void, undefined> {
  if (new Set(asOf.map((day) => typeof day)).size > 1) {
    throw new CairnError("BAD_INPUT", "expected dates or days of the period, got both kinds", {
      hint: "build two panels, or give every day as a date",
    });
  }
  if (!Number.isInteger(daysAtOnce) || daysAtOnce < 1)
    throw new CairnError("BAD_INPUT", `expected a whole number of days at once, 1 or more, got ${daysAtOnce}`);
  await daysByPeriod(options.snapshot, asOf, options.periods);
  const days = [...new Set(asOf)];
  for (let start = 0; start < days.length; start += daysAtOnce) {
    yield await buildPanel({ ...options, asOf: days.slice(start, start + daysAtOnce) });
    onProgress?.(Math.min(1, (start + daysAtOnce) / days.length));
  }
}

async function daysByPeriod(
  snapshot: DuckDBConnection,
  asOf: readonly AsOf[],
  wanted: readonly string[] | undefined,
): Promise<Record<string, AsOf[]>> {
  const found = await runSql(
    snapshot,
    `SELECT period, min(starts_on)::VARCHAR AS begins FROM enrolment
    WHERE starts_on IS NOT NULL ${wanted === undefined ? "" : `AND period IN (${["NULL", ...wanted.map(literal)].join(", ")})`}
    GROUP BY period ORDER BY begins, period`,
    "periods of the panel",
  );
  const periods = (await found.getRowsJS()).map(([period, begins]) => ({
    period: String(period),
    begins: String(begins),
  }));
  const days: Record<string, AsOf[]> = {};
  for (const day of asOf) {
    const of = typeof day === "number" ? periods : periods.filter(({ begins }) => begins <= day).slice(-1);
    if (of.length === 0) {
      throw new CairnError("BAD_INPUT", `expected a day in a period of the snapshot, got ${day}`, {
        hint: "the first period begins later, or the snapshot holds none of those asked for",
      });
    }
    for (const { period } of of) {
      const own = days[period] ?? [];
      days[period] = own;
      if (!own.includes(day)) own.push(day);
    }
  }
  return days;
}
