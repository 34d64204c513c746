import { CairnError } from "../../../errors.ts";
import type { SourceFile } from "./csv.ts";
import { readCsv, unreadable } from "./csv.ts";
import type { ImportSession } from "./import-session.ts";
import { Row } from "./row.ts";
import type { SlashOrder } from "./values.ts";
import { noteSlashOrder } from "./values.ts";

/** Where an import stands, by bytes read. */
export type Meter = (step: string, bytes: number) => void;

/** What a file of rows should look like. */
export interface FileShape {
  /** The columns the reader knows. */
  readonly columns: readonly string[];
  /** Those without which no row can be read. */
  readonly required: readonly string[];
  /** Prefixes of extension columns that are not reported as unknown. */
  readonly extensions?: readonly string[];
}

/**
 * Reads a CSV file row by row into `take`, which stages records or sets the row's problem; rows with a problem are refused
 * and kept, the others go on.
 * @throws CairnError `UNREADABLE_FILE` when the file has no header or lacks a required column
 */
export async function readRows(
  session: ImportSession,
  file: SourceFile,
  shape: FileShape,
  take: (row: Row) => Promise<void> | void,
  meter: Meter = () => undefined,
): Promise<void> {
  const order = await survey(session, file);
  const context = { file: file.name, report: session.report, slashOrder: () => order, timeZone: session.timeZone };
  const counts = session.report.counts(file.name);
  let header: (string | undefined)[] | undefined;
  for await (const csv of readCsv(file, (bytes) => meter(file.name, bytes))) {
    if (header === undefined) {
      header = matchHeader(session, file.name, csv.cells, shape);
      continue;
    }
    counts.rows += 1;
    if (counts.rows % 1_000 === 0) session.check();
    const row = new Row(csv.line, csv.raw, cellsByColumn(header, csv.cells), context);
    row.problem = csv.problem;
    if (row.problem === undefined) checkLength(row, header, csv.cells);
    if (row.problem === undefined) await take(row);
    if (row.problem !== undefined) await session.refuse(file.name, csv.line, row.problem, csv.raw);
  }
  if (header === undefined) {
    throw new CairnError("UNREADABLE_FILE", `expected a header in ${file.name}, got an empty file`, {
      details: { file: file.name },
    });
  }
}

function cellsByColumn(header: readonly (string | undefined)[], cells: readonly string[]): Map<string, string> {
  const byColumn = new Map<string, string>();
  for (let i = 0; i < header.length && i < cells.length; i++) {
    const column = header[i];
    if (column !== undefined) byColumn.set(column, cells[i]!);
  }
  return byColumn;
}

function checkLength(row: Row, header: readonly unknown[], cells: readonly string[]): void {
  if (cells.length < header.length) row.lenient("rows shorter than the header");
  if (cells.length <= header.length) return;
  if (cells.slice(header.length).every((cell) => cell.trim() === ""))
    row.lenient("rows longer than the header, with nothing in the extra cells");
  else
    row.fail(
      null,
      "COLUMNS",
      `expected ${header.length} cells, got ${cells.length}: a comma inside a cell without quotes moves all that follow`,
    );
}

/** The known name of every header cell; undefined where it is unknown. */
function matchHeader(
  session: ImportSession,
  file: string,
  cells: readonly string[],
  shape: FileShape,
): (string | undefined)[] {
  const report = session.report;
  const taken = new Set(cells.map((cell) => cell.trim()).filter((cell) => shape.columns.includes(cell)));
  const header = cells.map((cell) => {
    const name = cell.trim();
    if (name === "") {
      report.lenient(file, "empty header cell");
      return undefined;
    }
    if (shape.columns.includes(name)) return name;
    if (shape.extensions?.some((prefix) => name.startsWith(prefix))) return name;
    const meant = closest(
      name,
      shape.columns.filter((column) => !taken.has(column)),
    );
    if (meant === undefined) {
      report.lenient(file, `unknown column ${name}`);
      return undefined;
    }
    taken.add(meant);
    report.lenient(file, `header ${name} read as ${meant}`);
    return meant;
  });
  const missing = shape.required.filter((column) => !header.includes(column));
  if (missing.length > 0) {
    throw new CairnError(
      "UNREADABLE_FILE",
      `expected the columns ${shape.required.join(", ")} in ${file}, got a header without ${missing.join(", ")}`,
      {
        hint: "check that the first line names the columns and that cells are separated by commas",
        details: { file, missing },
      },
    );
  }
  return header;
}

/** The column a misspelt header means: the same but for case, or at most two letters away from exactly one column. */
function closest(name: string, columns: readonly string[]): string | undefined {
  const folded = name.toLowerCase();
  const same = columns.find((column) => column.toLowerCase() === folded);
  if (same !== undefined) return same;
  const near = columns.filter((column) => column.length > 5 && distance(folded, column.toLowerCase()) <= 2);
  return near.length === 1 ? near[0] : undefined;
}

/** Levenshtein distance, by one row of the table at a time. */
function distance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const current = [i];
    for (let j = 1; j <= b.length; j++) {
      current[j] = Math.min(previous[j]! + 1, current[j - 1]! + 1, previous[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1));
    }
    previous = current;
  }
  return previous[b.length]!;
}

/**
 * Reads the file once before its rows: 15/06/2023 anywhere settles what 1/05/2023 means, and line ends of two kinds (files put
 * together from several) are reported.
 */
async function survey(session: ImportSession, file: SourceFile): Promise<SlashOrder> {
  const seen = { dayFirst: false, monthFirst: false };
  let tail = "";
  let carriage = false;
  let bare = false;
  try {
    for await (const chunk of (await file.open()).setEncoding("latin1")) {
      const text: string = tail + chunk;
      if (text.includes("/")) noteSlashOrder(text, seen);
      carriage ||= text.includes("\r\n");
      bare ||= /[^\r]\n/.test(text);
      tail = text.slice(-10);
    }
  } catch (cause) {
    throw unreadable(file.name, cause);
  }
  if (carriage && bare) session.report.lenient(file.name, "mixed line ends");
  if (seen.dayFirst === seen.monthFirst) return "unknown";
  return seen.dayFirst ? "day-first" : "month-first";
}
