import type { DuckDBConnection } from "@duckdb/node-api";
import type { FeatureTable } from "../../features/build.ts";
import { buildPanel } from "../../features/panel.ts";
import type { FeatureColumn } from "../../numeric/matrix.ts";

/** What is followed from week to week: where the learner stands, free of what the calendar of the course has due. */
const followed: readonly string[] = [
  "work_missed_against_class",
  "work_missed_in_a_row",
  "score_standing",
  "submission_standing",
  "credit_to_date_rank",
  "submissions_rank",
  "days_since_submission",
];

const MOST_POINTS = 13; // a quarter of weeks; later days are followed every second week

/** The weekly panel of a cohort, as columns beside its own. */
export interface WeeklyColumns {
  readonly columns: readonly FeatureColumn[];
  /** By what is followed: the names of its columns, the earliest week first. */
  readonly series: Readonly<Record<string, readonly string[]>>;
}

/**
 * Follows every row of a table back to the start of its period: the same features as of earlier days, whole weeks before. Who
 * was not enrolled yet on such a day has missing cells there.
 * @param connection - a connection with the OULAD snapshot attached
 * @param table - the rows, as of `day` of their period
 * @param day - days after the start of the period
 */
export async function weeklyColumns(
  connection: DuckDBConnection,
  table: FeatureTable,
  day: number,
): Promise<WeeklyColumns> {
  const step = 7 * Math.max(1, Math.ceil(day / 7 / MOST_POINTS));
  const days: number[] = [];
  for (let earlier = day; earlier > 0; earlier -= step) days.unshift(earlier);
  if (days.length === 0) return { columns: [], series: {} };
  const periods = [...new Set(table.period)];
  const panel = await buildPanel({ snapshot: connection, asOf: days, periods, features: followed, reasons: false });
  const rowOf = new Map(table.learner.map((learner, row) => [learner, row]));
  const dayOf = daysSinceStart(panel, day);
  const columns = panel.matrix.columns.flatMap(({ name, values }) =>
    days.map((on): FeatureColumn => {
      const own = new Float64Array(table.matrix.rows).fill(Number.NaN);
      for (const [row, learner] of panel.learner.entries()) {
        const place = rowOf.get(learner);
        if (place !== undefined && dayOf[row] === on) own[place] = values[row]!;
      }
      return { name: `${name} on day ${on}`, kind: "numeric", values: own };
    }),
  );
  const series = panel.matrix.columns.map(({ name }) => [name, days.map((on) => `${name} on day ${on}`)] as const);
  return { columns, series: Object.fromEntries(series) };
}

/** Shape (rows of the panel): days from the start of the row's period, told by the last as-of day of that period. */
function daysSinceStart({ period, asOf }: FeatureTable, last: number): Int32Array {
  const time = asOf.map((date) => Date.parse(date));
  const ends = new Map<string, number>();
  for (const [row, own] of period.entries()) ends.set(own, Math.max(ends.get(own) ?? 0, time[row]!));
  return Int32Array.from(time, (own, row) => last - Math.round((ends.get(period[row]!)! - own) / 86_400_000));
}
