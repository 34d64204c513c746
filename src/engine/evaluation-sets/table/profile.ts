import type { DuckDBConnection } from "@duckdb/node-api";
import { CairnError } from "../../../errors.ts";
import type { TableFile } from "./header.ts";

/** What stands for "no value" in a column whose other cells are numbers, besides the empty cell: R's and Python's words. */
const missingWords = ["na", "n/a", "nan", "null", "none"];
/** A file with more columns is looked at in parts: to plan a query takes the square of its expressions and more. */
export const MANY_COLUMNS = 100;
const COLUMNS_AT_ONCE = 20; // of such a file; measured: 20 columns 0.08 s, 100 columns 1.4 s
const MOST_CATEGORIES = 1_000; // a text column with more is an identifier or free text

/** What the cells of one column are. */
export interface ColumnProfile {
  readonly name: string;
  readonly kind: "numeric" | "categorical";
  /** Rows with a label whose cell is not missing. */
  readonly present: number;
  /** Of them, rows with ±∞; only in a column of numbers. */
  readonly infinite: number;
  /** About how many different texts there are. */
  readonly distinct: number;
  /** Every row holds the same, and none is missing. */
  readonly isConstant: boolean;
  readonly isUnnamed: boolean;
}

/** A line that is not a row of the table. */
export interface UnreadableLine {
  readonly line: number;
  readonly reason: string;
}

/** What a first look at the whole file says. */
export interface TableProfile {
  readonly columns: readonly ColumnProfile[];
  /** Rows that can be read, with or without a label. */
  readonly rows: number;
  /** Of them, rows whose label cell is empty. */
  readonly withoutLabel: number;
  readonly unreadable: number;
  /** The first ten of the unreadable lines. */
  readonly unreadableLines: readonly UnreadableLine[];
}

/** A SQL text literal. */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** The file as a table function: one text column `c0`, `c1`, … per column; an empty cell is null. */
export function scanOf({ path, delimiter, isGzip, columns }: TableFile, extra: string): string {
  const names = columns.map((_, index) => `'c${index}': 'VARCHAR'`);
  return `read_csv(${quoted(path)}, auto_detect = false, header = true, delim = ${quoted(delimiter)}, quote = '"',
    escape = '"', nullstr = '', compression = '${isGzip ? "gzip" : "none"}', columns = {${names.join(", ")}}, ${extra})`;
}

/** The trimmed text of a column; null when nothing is left. */
export const textOf = (index: number): string => `nullif(trim(c${index}, E' \\t\\n\\r'), '')`;

/** A column as DOUBLE; null where it is missing. A semicolon file may write decimal commas. */
export function numberOf(index: number, { delimiter }: TableFile): string {
  const text = textOf(index);
  const plain =
    delimiter === ";"
      ? `CASE WHEN regexp_full_match(${text}, '[+-]?[0-9]+,[0-9]+') THEN replace(${text}, ',', '.') ELSE ${text} END`
      : text;
  return `CASE WHEN lower(${text}) IN (${missingWords.map(quoted).join(", ")}) THEN NULL ELSE TRY_CAST(${plain} AS DOUBLE) END`;
}

/**
 * Looks at every cell once: a column is numeric when every cell that holds something is a number (or a word for missing),
 * else categorical. Lines with too many or too few cells, or other encodings, are left out and told.
 * @param label - the index of the label column; only its rows with a label count for the kinds
 * @throws CairnError `UNREADABLE_FILE`
 */
export async function profileTable(
  connection: DuckDBConnection,
  file: TableFile,
  label: number,
): Promise<TableProfile> {
  const figures = file.columns.map((_, index) => figuresOf(index, label, file));
  const scan = scanOf(file, "store_rejects = true, rejects_table = 'rejected', rejects_scan = 'rejected_scans'");
  const isWide = file.columns.length > MANY_COLUMNS;
  const atOnce = isWide ? COLUMNS_AT_ONCE : MANY_COLUMNS;
  if (isWide) await runOn(connection, `CREATE TEMP TABLE cells AS SELECT * FROM ${scan}`);
  const values: number[] = [];
  for (let first = 0; first < figures.length; first += atOnce) {
    const own = figures.slice(first, first + atOnce).flat();
    if (first === 0) own.unshift("count(*)", `count(${textOf(label)})`);
    const asked = own.map((figure) => `(${figure})::DOUBLE`).join(", ");
    values.push(...(await readOne(connection, `SELECT ${asked} FROM ${isWide ? "cells" : scan}`)));
  }
  if (isWide) await runOn(connection, "DROP TABLE cells");
  const [rows = 0, labelled = 0, ...rest] = values;
  const columns = file.columns.map((name, index) =>
    describeColumn(name, file, labelled, rest.slice(index * 7, index * 7 + 7)),
  );
  const rejected = await connection.runAndReadAll(
    "SELECT DISTINCT line::DOUBLE, error_message FROM rejected ORDER BY 1",
  );
  const lines = rejected.getRows().map(([line, reason]) => ({ line: Number(line), reason: String(reason) }));
  return {
    columns,
    rows,
    withoutLabel: rows - labelled,
    unreadable: new Set(lines.map(({ line }) => line)).size,
    unreadableLines: lines.slice(0, 10),
  };
}

/** What is asked about a column, as SQL of aggregates; {@link describeColumn} reads the answers. */
function figuresOf(index: number, label: number, file: TableFile): string[] {
  const text = textOf(index);
  const number = numberOf(index, file);
  const only = (figure: string, condition = "true"): string =>
    `${figure} FILTER (${textOf(label)} IS NOT NULL AND ${condition})`;
  return [
    only(`count(${text})`),
    only(`count(${number})`),
    only("count(*)", `lower(${text}) IN (${missingWords.map(quoted).join(", ")})`),
    only("count(*)", `isinf(${number})`),
    only(`approx_count_distinct(${text})`),
    `coalesce(${only(`min(${text})`)} = ${only(`max(${text})`)}, true)`,
    `coalesce(${only(`min(${number})`)} = ${only(`max(${number})`)}, true)`,
  ];
}

function describeColumn(name: string, { unnamed }: TableFile, labelled: number, figures: number[]): ColumnProfile {
  const [texts = 0, numbers = 0, words = 0, infinite = 0, distinct = 0, oneText = 0, oneNumber = 0] = figures;
  const isNumeric = numbers > 0 && numbers + words === texts;
  const present = isNumeric ? numbers : texts;
  return {
    name,
    kind: isNumeric ? "numeric" : "categorical",
    present,
    infinite: isNumeric ? infinite : 0,
    distinct,
    isConstant: (isNumeric ? oneNumber : oneText) === 1 && present === labelled,
    isUnnamed: unnamed.has(name),
  };
}

/**
 * Why a model should not get a column read as the given kind; empty when it may.
 * @throws CairnError `NOT_FINITE` when it holds ±∞
 */
export function unfitReason(column: ColumnProfile, kind: ColumnProfile["kind"]): string {
  if (kind === "numeric" && column.infinite > 0) {
    throw new CairnError(
      "NOT_FINITE",
      `expected numbers in column "${column.name}", got ±∞ in ${column.infinite} rows`,
      {
        hint: "leave the cells empty where the number is missing, or leave the column out with --exclude",
        details: { column: column.name },
      },
    );
  }
  if (column.isUnnamed) return "it has no name: such a column usually numbers the rows";
  if (column.present === 0) return "it is empty";
  if (column.isConstant) return "it holds one value only";
  if (kind === "categorical" && column.distinct > MOST_CATEGORIES)
    return `it holds about ${column.distinct} different texts: an identifier, a day or free text`;
  return "";
}

/** The one row of a query, as numbers. */
async function readOne(connection: DuckDBConnection, sql: string): Promise<number[]> {
  const rows = (await runOn(connection, sql)).getRows();
  return (rows[0] ?? []).map(Number);
}

async function runOn(connection: DuckDBConnection, sql: string): ReturnType<DuckDBConnection["runAndReadAll"]> {
  try {
    return await connection.runAndReadAll(sql);
  } catch (cause) {
    throw unreadableTable(cause);
  }
}

/** The error for a file that DuckDB cannot read as a delimited table. */
export function unreadableTable(cause: unknown): CairnError {
  const text = cause instanceof Error ? cause.message.split("\n")[0] : String(cause);
  return new CairnError("UNREADABLE_FILE", `expected a delimited table that can be read to its end, got: ${text}`, {
    hint: "check that the file is complete, in UTF-8, and that its quotes close",
    cause,
  });
}
