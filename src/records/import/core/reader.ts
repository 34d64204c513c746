import { CairnError } from "../../../errors.ts";
import { readCsv, toCsvLine } from "./csv.ts";
import type { ImportSession } from "./import-session.ts";
import type { Cells } from "./row.ts";
import { Row } from "./row.ts";
import type { SourceFile } from "./source-file.ts";
import { survey } from "./survey.ts";
import type { TableFormat } from "./table-format.ts";
import { readNumber } from "./values.ts";

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
  /** How the rows stand in the file; as usual when absent. */
  readonly format?: TableFormat;
  /**
   * Names are taken as they stand (but for case and blanks), and columns the reader does not know are counted, not listed: for
   * files of hundreds of columns whose names differ by a letter.
   */
  readonly exact?: boolean;
  /** The mapping profile with its version, kept beside refused rows. */
  readonly profile?: string;
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
  const { slashOrder, format } = await survey(session, file, shape.format ?? {}, shape.required);
  const blanks = new Set(format.blanks ?? []);
  const context = {
    file: file.name,
    report: session.report,
    slashOrder: () => slashOrder,
    timeZone: session.timeZone,
  };
  const counts = session.report.counts(file.name);
  let header: (string | undefined)[] | undefined;
  let cellsOf = cellReader([], blanks);
  let formulas = 0;
  for await (const csv of readCsv(file, (bytes) => meter(file.name, bytes), format)) {
    if (header === undefined) {
      header = matchHeader(session, file.name, unquoted(csv.cells, format), shape);
      cellsOf = cellReader(header, blanks);
      session.describeFile(file.name, toCsvLine(unquoted(csv.cells, format)), shape.profile ?? null);
      continue;
    }
    counts.rows += 1;
    if (counts.rows % 1_000 === 0) session.check();
    const row = new Row(csv.line, csv.raw, cellsOf(csv.cells), context);
    row.problem = csv.problem;
    if (csv.cells.some(isFormula)) formulas += 1;
    if (row.problem === undefined) checkLength(row, header, csv.cells);
    if (row.problem === undefined) await take(row);
    if (row.problem !== undefined) await session.refuse(file.name, csv.line, row.problem, csv.raw);
  }
  session.report.lenient(
    file.name,
    "rows with a cell that a spreadsheet would run as a formula: kept as they are, made harmless in every CSV that goes out",
    formulas,
  );
  if (header === undefined) {
    throw new CairnError("UNREADABLE_FILE", `expected a header in ${file.name}, got an empty file`, {
      hint: "send it with its header, also when there is nothing to say",
      details: { file: file.name },
    });
  }
}

/** The cells of rows of one file. No row gets a map of its own: a million of them cost more than reading the file. */
function cellReader(
  header: readonly (string | undefined)[],
  blanks: ReadonlySet<string>,
): (cells: readonly string[]) => Cells {
  const places = new Map<string, number>();
  header.forEach((column, i) => {
    if (column !== undefined) places.set(column, i);
  });
  return (cells) => ({
    get(column) {
      const place = places.get(column);
      const cell = place === undefined ? undefined : cells[place];
      return cell !== undefined && blanks.size > 0 && blanks.has(cell.trim()) ? "" : cell;
    },
    keys: () => places.keys(),
  });
}

/** Whether a spreadsheet would take a cell as something to run: = + - @ (after a tab or a line end, too), and no number. */
export function isFormula(cell: string): boolean {
  const code = cell.charCodeAt(0);
  // = + - @ tab CR; the cell is looked at closer only when it begins with one of them.
  if (code !== 61 && code !== 43 && code !== 45 && code !== 64 && code !== 9 && code !== 13) return false;
  return cell.length > 1 && readNumber(cell.trim()) === undefined;
}

function unquoted(cells: readonly string[], { headerQuote }: TableFormat): readonly string[] {
  if (headerQuote === undefined) return cells;
  return cells.map((cell) => {
    const name = cell.trim();
    return name.length > 1 && name.startsWith(headerQuote) && name.endsWith(headerQuote) ? name.slice(1, -1) : cell;
  });
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
  const header =
    shape.exact === true ? exactHeader(session, file, cells, shape) : nearHeader(session, file, cells, shape);
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

/** Every header cell that is a known column but for case and blanks; the first, where a name stands twice. */
function exactHeader(
  session: ImportSession,
  file: string,
  cells: readonly string[],
  shape: FileShape,
): (string | undefined)[] {
  const byFolded = new Map(shape.columns.map((column) => [column.trim().toLowerCase(), column]));
  const taken = new Set<string>();
  const header = cells.map((cell) => {
    const name = cell.trim();
    const kept = shape.extensions?.some((prefix) => name.startsWith(prefix)) === true ? name : undefined;
    const column = byFolded.get(name.toLowerCase()) ?? kept;
    if (column === undefined) return undefined;
    if (taken.has(column)) {
      session.report.lenient(file, `column ${column} more than once: the first read`);
      return undefined;
    }
    taken.add(column);
    return column;
  });
  const unread = header.filter((column) => column === undefined).length;
  session.report.lenient(file, "columns this profile does not read", unread);
  return header;
}

function nearHeader(
  session: ImportSession,
  file: string,
  cells: readonly string[],
  shape: FileShape,
): (string | undefined)[] {
  const report = session.report;
  const taken = new Set(cells.map((cell) => cell.trim()).filter((cell) => shape.columns.includes(cell)));
  const read = new Set<string>();
  return cells.map((cell) => {
    const name = cell.trim();
    if (name === "") {
      report.lenient(file, "empty header cell");
      return undefined;
    }
    if (read.has(name)) {
      report.lenient(file, `column ${name} more than once: the first read`);
      return undefined;
    }
    read.add(name);
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
