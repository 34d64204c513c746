import type { DuckDBConnection } from "@duckdb/node-api";
import { CairnError } from "../../errors.ts";
import { buildFeatures, type FeatureTable } from "../../features/build.ts";
import { selectCohort } from "../../features/cohort.ts";
import type { FeatureMatrix } from "../../numeric/matrix.ts";
import {
  defaultColumns,
  fillLikeHandbook,
  handbookColumns,
  type OuladColumns,
  ouladFamilies,
  presentationColumn,
  seasonColumn,
} from "./oulad-columns.ts";
import { type WeeklyColumns, weeklyColumns } from "./oulad-weeks.ts";

const fitPeriods = ["2013B", "2013J"] as const;
const validationPeriod = "2014B";
const testPeriod = "2014J";

/** The rows of one as-of day, split forward in time. */
export interface OuladRows {
  readonly table: FeatureTable;
  /** The columns a model gets, with those that are no features (the presentation, its season) and the weekly ones, if any. */
  readonly matrix: FeatureMatrix;
  /** The columns that are features of the day itself. */
  readonly features: readonly string[];
  /** The weekly series among the columns; none unless asked for. */
  readonly series: WeeklyColumns["series"];
  /** Shape (rows): 1 when the learner failed or withdrew. */
  readonly labels: Uint8Array;
  /** Row numbers of 2013B, 2013J and 2014B. */
  readonly train: Int32Array;
  /** Row numbers of 2014J. */
  readonly test: Int32Array;
  /** The split inside the training rows, as positions in `train`: fit on 2013B and 2013J, validate on 2014B. */
  readonly validation: { readonly train: Int32Array; readonly test: Int32Array };
}

/**
 * Builds the rows of the protocol (handbook 2.2.2 to 2.2.4) for one day: everybody still enrolled, features as of the
 * day, label Fail or Withdrawn.
 * @param day - days after the start of the presentation
 * @param connection - a connection with the OULAD snapshot attached
 * @param isWeekly - also the weekly series up to the day
 * @throws CairnError `UNREADABLE_FILE` when the snapshot is not OULAD's
 */
export async function ouladRows(
  connection: DuckDBConnection,
  day: number,
  columns: OuladColumns,
  isWeekly = false,
): Promise<OuladRows> {
  const periods = [...fitPeriods, validationPeriod, testPeriod];
  const cohort = await selectCohort(connection, { asOf: Object.fromEntries(periods.map((period) => [period, day])) });
  try {
    const table = await buildFeatures(connection, cohort, {
      families: columns === "default" ? ouladFamilies : ["registration", "course-performance"],
      detail: columns === "default",
    });
    const labels = await readLabels(connection, cohort.table, cohort.rows);
    const train = rowsOf(table, (period) => period !== testPeriod);
    const matrix =
      columns === "default"
        ? defaultColumns(table)
        : fillLikeHandbook(await handbookColumns(connection, cohort, table), train);
    const inside = (wanted: boolean): Int32Array =>
      Int32Array.from(train.keys()).filter(
        (position) => (table.period[train[position]!] === validationPeriod) === wanted,
      );
    const weekly = isWeekly ? await weeklyColumns(connection, table, day) : { columns: [], series: {} };
    return {
      table,
      matrix: { rows: matrix.rows, columns: [...matrix.columns, ...weekly.columns] },
      features: matrix.columns
        .map(({ name }) => name)
        .filter((name) => ![presentationColumn, seasonColumn].includes(name)),
      series: weekly.series,
      labels,
      train,
      test: rowsOf(table, (period) => period === testPeriod),
      validation: { train: inside(false), test: inside(true) },
    };
  } finally {
    await connection.run(`DROP TABLE IF EXISTS ${cohort.table}`);
  }
}

function rowsOf(table: FeatureTable, wanted: (period: string) => boolean): Int32Array {
  return Int32Array.from(table.period.keys()).filter((row) => wanted(table.period[row]!));
}

async function readLabels(connection: DuckDBConnection, cohort: string, rows: number): Promise<Uint8Array> {
  const result = await connection.runAndReadAll(`
    SELECT (o.value IN ('Fail', 'Withdrawn'))::INTEGER FROM ${cohort} c
    JOIN outcome o ON o.learner = c.learner AND o.name = 'final_result' ORDER BY c."row"`);
  const [values = []] = result.getColumnsJS();
  if (rows === 0 || values.length !== rows) {
    throw new CairnError(
      "UNREADABLE_FILE",
      `expected a final result for each of ${rows} enrolments, got ${values.length}`,
      {
        hint: "evaluate on a snapshot that was written from OULAD",
      },
    );
  }
  return Uint8Array.from(values, Number);
}
