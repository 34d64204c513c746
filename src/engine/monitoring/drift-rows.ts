import type { DuckDBConnection } from "@duckdb/node-api";
import { CairnError } from "../../errors.ts";
import { buildFeatures } from "../../features/build.ts";
import { featureCatalog, featureDefinition } from "../../features/catalog.ts";
import { selectCohort } from "../../features/cohort.ts";
import type { FeatureTable } from "../../features/table.ts";
import { takeRows } from "../../numeric/matrix.ts";
import { currentPeriod } from "../current-period.ts";
import type { OutcomeDefinition } from "../early-warning/outcomes/definition.ts";
import { NO_LABEL, readLabels } from "../early-warning/outcomes/labels.ts";
import { addDays, readPeriods, ripensOn } from "../early-warning/outcomes/periods.ts";
import type { DriftInput } from "./drift.ts";

/** Learners of the current period, week by week, beside those of earlier periods as far into theirs. */
export interface DriftRows {
  /** The weeks looked at, as days; the last is the day itself. */
  readonly days: readonly string[];
  readonly table: FeatureTable;
  /** Shape (rows): the position in `days`. */
  readonly week: Int32Array;
  /** Shape (rows): 1 for the current period. */
  readonly isCurrent: Uint8Array;
  /** By name (`school`, `grade band`), each shape (rows); "" where it is not known. */
  readonly places: Readonly<Record<string, readonly string[]>>;
  /** Shape (rows): how it ended; `NO_LABEL` where it is not known or not ripe. */
  readonly labels: Uint8Array;
}

const WEEK_DAYS = 7;
// Ranks among peers are even whatever happens, and their ties move whole groups at once: rows are not independent there.
// Who is enrolled since when follows from how old the record is.
const NOT_WATCHED: ReadonlySet<string> = new Set(["peers", "registration", "transfers"]);
const watched = featureCatalog.families.map(({ name }) => name).filter((name) => !NOT_WATCHED.has(name));

/**
 * Reads what drift is looked for in: the same days of every period, so that what belongs to the season is no drift.
 * @param outcome - what the district ranks by
 * @param weeks - how many weeks to look back on, the one of `asOf` among them; those before the period began are left out
 * @throws CairnError `CONFLICT` when no period has begun, or none before it to compare with
 */
export async function readDriftRows(
  connection: DuckDBConnection,
  asOf: string,
  outcome: OutcomeDefinition,
  weeks: number,
): Promise<DriftRows> {
  const current = await currentPeriod(connection, asOf);
  const periods = await readPeriods(connection);
  const at = periods.findIndex(({ period }) => period === current?.period);
  if (current === undefined || at < 1) {
    throw new CairnError("CONFLICT", `expected a school year under way on ${asOf} and one before it, got less`, {
      hint: "drift is what differs from an earlier year: import its records",
    });
  }
  const back = Array.from({ length: weeks }, (_, index) => WEEK_DAYS * (weeks - 1 - index));
  const used = back.filter((days) => days === 0 || days < current.offset);
  const [days, offsets] = [used.map((ago) => addDays(asOf, -ago)), used.map((ago) => current.offset - ago)];
  const earlier = periods.slice(0, at);
  const cohort = await selectCohort(connection, {
    asOf: { ...Object.fromEntries(earlier.map(({ period }) => [period, offsets])), [current.period]: days },
  });
  const table = await buildFeatures(connection, cohort, { reasons: false, families: watched });
  const labels = await readLabels(connection, cohort, outcome);
  const ripe = new Set(
    earlier.flatMap((period) => {
      const on = ripensOn(outcome, period, addDays(period.startsOn, current.offset));
      return on !== null && on <= asOf ? [period.period] : [];
    }),
  );
  const week = new Int32Array(cohort.rows);
  const places = { school: new Array<string>(cohort.rows), "grade band": new Array<string>(cohort.rows) };
  const found = await connection.runAndReadAll(
    `SELECT "row"::INTEGER, coalesce(school, ''), coalesce(grade_band, ''), (as_of - starts_on)::INTEGER FROM ${cohort.table}`,
  );
  for (const [row, school, band, offset] of found.getRows() as [number, string, string, number][]) {
    places.school[row] = school;
    places["grade band"][row] = band;
    const isNow = table.period[row] === current.period;
    week[row] = isNow ? days.indexOf(table.asOf[row]!) : offsets.indexOf(offset);
    if (!ripe.has(table.period[row]!)) labels[row] = NO_LABEL;
  }
  const isCurrent = Uint8Array.from(table.period, (period) => (period === current.period ? 1 : 0));
  return { days, table, week, isCurrent, places, labels };
}

/** What drift is looked for in on one of the days. */
export function driftInputOf(rows: DriftRows, week: number): DriftInput {
  const chosen = rowsOf(rows, week);
  const pick = (values: readonly string[]): string[] => chosen.map((row) => values[row]!);
  return {
    matrix: takeRows(rows.table.matrix, chosen),
    isCurrent: Uint8Array.from(chosen, (row) => rows.isCurrent[row]!),
    person: pick(rows.table.person),
    places: Object.fromEntries(Object.entries(rows.places).map(([name, values]) => [name, pick(values)])),
    sourcesOf: sourcesOfFeature,
  };
}

/** The rows of one of the days. */
export function rowsOf({ week }: DriftRows, wanted: number): number[] {
  return Array.from(week.keys()).filter((row) => week[row] === wanted);
}

/** What says who is enrolled is known of everybody who is looked at: it is no source that can go missing. */
const ALWAYS_THERE: ReadonlySet<string> = new Set(["enrolment", "calendar", "term"]);

function sourcesOfFeature(column: string): readonly string[] {
  return featureDefinition(column).sources.filter((source) => !ALWAYS_THERE.has(source));
}
