import type { DuckDBConnection } from "@duckdb/node-api";
import type { FeatureTable } from "../../features/build.ts";
import { courseStanding } from "../../features/families/course-standing.ts";
import type { Cohort } from "../../features/family.ts";
import { type FeatureColumn, type FeatureMatrix, takeColumns } from "../../numeric/matrix.ts";

/**
 * Which columns a model gets. `default`: cairn's, without any protected attribute. `handbook`: the 27 columns other work
 * uses, gender, disability, deprivation band and age among them, for comparison only.
 */
export type OuladColumns = "default" | "handbook";

/** The columns of the handbook by cairn's names, in the handbook's order, with the handbook's names. */
const registrationNames = {
  highest_education: "edu",
  previous_attempts: "num_of_prev_attempts",
  studied_credits: "studied_credits",
  entered_day: "date_registration",
} as const;

const workNames = {
  work_due: "n_due",
  work_submitted: "n_sub",
  work_missed: "missed",
  weight_submitted: "w_sub",
  weight_missed: "w_missed",
  score_mean: "mean",
  score_minimum: "mn",
  score_last_in_source_order: "last",
  days_late_mean: "late_mean",
  work_late: "late_n",
  work_carried_over: "banked",
  work_early: "early_sub",
} as const;

/** The names of cairn's default columns: the handbook's without the protected ones, and the last score by date. */
const defaultRegistration = [...Object.keys(registrationNames), "course"];
const defaultWork = Object.keys(workNames).map((name) => (name === "score_last_in_source_order" ? "score_last" : name));

/** The peer ranks of handbook 2.2.9: free of the calendar, and among the default columns. */
export const ouladPeerRanks: readonly string[] = [
  "entered_day_rank",
  "score_mean_rank",
  "score_last_rank",
  "days_late_mean_rank",
  "work_missed_rank",
];

/** Whether anything is due on the day: before that, only what registration says is used. */
export function hasWorkDue(table: FeatureTable): boolean {
  const [due] = takeColumns(table.matrix, ["work_due"]).columns;
  return due!.values.some((value) => value > 0);
}

/** The columns of handbook 2.2.9: registration, course work and peer ranks, in the order its figures were measured with. */
export const ouladRankedColumns: readonly string[] = [...defaultRegistration, ...defaultWork, ...ouladPeerRanks];

/**
 * What compares a learner with the others on the same pieces of work, whatever is due in the course and the year: chosen by
 * leaving one presentation and one course at a time out of the presentations to 2014B.
 */
const standingColumns: readonly string[] = [
  "work_missed_share",
  "weight_missed_share",
  "work_late_share",
  "early_work_share",
  ...courseStanding.features.map(({ name }) => name),
  "score_standing_rank",
  "submissions_rank",
  "credit_to_date_rank",
  "credit_to_date_unweighted_rank",
];

/** The families whose features {@link defaultColumns} takes; built with detail. */
export const ouladFamilies: readonly string[] = [
  "registration",
  "course-performance",
  "work-habits",
  "course-standing",
  "peers",
];

/** A column that orders the rows in time, for a calibration on the last presentation; no feature. */
export const presentationColumn = "presentation";

/** The season a presentation begins in, B (February) or J (October); no feature. */
export const seasonColumn = "season";

/** The default columns of a table of {@link ouladFamilies}, and {@link presentationColumn} and {@link seasonColumn}. */
export function defaultColumns(table: FeatureTable): FeatureMatrix {
  const names = hasWorkDue(table)
    ? [...ouladRankedColumns, ...standingColumns]
    : [...defaultRegistration, "entered_day_rank"];
  const { rows, columns } = takeColumns(table.matrix, names);
  const order = [...new Set(table.period)].sort();
  const values = Float64Array.from(table.period, (period) => order.indexOf(period));
  const seasons = ["B", "J"];
  const season = Float64Array.from(table.period, (period) => seasons.indexOf(period.slice(-1)));
  return {
    rows,
    columns: [
      ...columns,
      { name: presentationColumn, kind: "numeric", values },
      { name: seasonColumn, kind: "categorical", values: season, categories: seasons },
    ],
  };
}

/**
 * The handbook's columns under the handbook's names: protected attributes, registration, course work, module. Missing
 * cells stay missing.
 */
export async function handbookColumns(
  connection: DuckDBConnection,
  cohort: Cohort,
  table: FeatureTable,
): Promise<FeatureMatrix> {
  const names: Record<string, string> = {
    ...registrationNames,
    ...(hasWorkDue(table) ? workNames : {}),
    course: "code_module",
  };
  const built = takeColumns(table.matrix, Object.keys(names)).columns;
  const renamed = built.map((column) => ({ ...column, name: names[column.name]! }));
  return { rows: table.matrix.rows, columns: [...(await protectedColumns(connection, cohort)), ...renamed] };
}

/** Protected attributes as numbers. Only this comparison reads them; the feature families cannot. */
async function protectedColumns(connection: DuckDBConnection, cohort: Cohort): Promise<FeatureColumn[]> {
  const band = ["0-10%", "10-20", "20-30%", "30-40%", "40-50%", "50-60%", "60-70%", "70-80%", "80-90%", "90-100%"];
  const age = ["0-35", "35-55", "55<="];
  const position = (labels: readonly string[]): string =>
    `list_position([${labels.map((label) => `'${label}'`).join(", ")}], max(p.value)`;
  const of = (name: string): string => `FILTER (p.name = '${name}')`;
  const result = await connection.runAndReadAll(`
    SELECT (${position(band)} ${of("imd_band")}) - 1)::DOUBLE, (${position(age)} ${of("age_band")}) - 1)::DOUBLE,
      (max(p.value) ${of("gender")} = 'M')::INTEGER::DOUBLE, (max(p.value) ${of("disability")} = 'Y')::INTEGER::DOUBLE
    FROM ${cohort.table} c LEFT JOIN protected_attribute p ON p.learner = c.learner
    GROUP BY c."row" ORDER BY c."row"`);
  const columns = result.getColumnsJS();
  return ["imd", "age", "male", "dis"].map((name, index) => ({
    name,
    kind: "numeric",
    values: Float64Array.from(columns[index] ?? [], (value) => (value === null ? Number.NaN : Number(value))),
  }));
}

/**
 * The handbook's treatment of missing cells before its logistic regression (2.2.6): 0/1 columns `mean_na` and `imd_na`,
 * then the training median of the column in every missing cell, so that a model adds no missing flags of its own.
 * @param trainRows - the rows medians are taken from
 */
export function fillLikeHandbook(matrix: FeatureMatrix, trainRows: ArrayLike<number>): FeatureMatrix {
  const flags = matrix.columns
    .filter((column) => column.name === "mean" || column.name === "imd")
    .map(
      (column): FeatureColumn => ({
        name: `${column.name}_na`,
        kind: "numeric",
        values: column.values.map((value) => (Number.isNaN(value) ? 1 : 0)),
      }),
    );
  const filled = matrix.columns.map((column) => {
    if (column.kind === "categorical") return column;
    const middle = median(Float64Array.from(trainRows, (row) => column.values[row]!));
    return { ...column, values: column.values.map((value) => (Number.isNaN(value) ? middle : value)) };
  });
  return { rows: matrix.rows, columns: [...filled, ...flags] };
}

function median(values: Float64Array): number {
  const sorted = values.filter((value) => !Number.isNaN(value)).sort();
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2;
}
