import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { parse } from "csv-parse";
import type { Encoding } from "./decode.ts";
import { encodingOf, openAsUtf8 } from "./decode.ts";
import type { RowProblem } from "./row.ts";
import type { SourceFile } from "./source-file.ts";
import { textFile, unreadable } from "./source-file.ts";
import type { TableFormat } from "./table-format.ts";

export type { SourceFile };
export { textFile, unreadable };

/** One row as it stands in the file. */
export interface CsvRow {
  readonly line: number;
  readonly cells: readonly string[];
  /** The row as CSV again; quotes stand where they are needed, not where they stood. */
  readonly raw: string;
  readonly problem: RowProblem | undefined;
}

const longestRow = 1_000_000; // characters: a cell without end must not fill the memory

/**
 * The rows of a file as a stream: memory does not grow with the file. Byte order mark, UTF-16, CRLF, mixed line ends, a missing
 * last line end and rows of any number of cells are read; a row with bytes that are not UTF-8 or with broken quotes carries a
 * problem. The first row yielded is the header; a file without one gets the names of its format, on line 0.
 * @throws CairnError `UNREADABLE_FILE` when the file cannot be read to its end
 */
export async function* readCsv(
  file: SourceFile,
  onBytes?: (bytes: number) => void,
  format: TableFormat = {},
): AsyncGenerator<CsvRow> {
  const encoding = format.encoding ?? (await encodingOf(file));
  const source = await openAsUtf8(file, encoding, onBytes);
  const names = format.columns ?? format.widths?.map(({ column }) => column);
  if (names !== undefined) yield { line: 0, cells: names, raw: toCsvLine(names), problem: undefined };
  yield* format.widths === undefined ? separated(file, source, encoding, format) : fixed(file, source, format.widths);
}

async function* separated(
  file: SourceFile,
  source: Readable,
  encoding: Encoding,
  format: TableFormat,
): AsyncGenerator<CsvRow> {
  let broken: { readonly code: "QUOTES" | "TOO_LONG"; readonly after: number } | undefined;
  const parser = parse({
    bom: true,
    columns: false,
    delimiter: format.delimiter ?? ",",
    escape: format.escape ?? '"',
    // Lines are counted here and the raw row is written anew: csv-parse's own `info` and `raw` double its time.
    record_delimiter: ["\r\n", "\n", "\r"],
    relax_column_count: true,
    // A quotation mark inside a bare cell is read as it stands: refusing it would lose the lines up to the next mark.
    relax_quotes: true,
    skip_records_with_error: true,
    max_record_size: longestRow,
    on_skip: (error) => {
      // The parser runs ahead of its reader: how many rows came before says where it broke.
      const code = error?.code === "CSV_MAX_RECORD_SIZE" ? "TOO_LONG" : "QUOTES";
      broken ??= { code, after: parser.info.records };
      return undefined;
    },
  });
  const flow = pipeline(source, parser);
  flow.catch(() => undefined); // told below, through the iteration
  let line = 1;
  let read = 0;
  try {
    for await (const cells of parser as AsyncIterable<string[]>) {
      // After an endless cell the parser stands inside it: what follows cannot be trusted to be rows.
      if (broken?.code === "TOO_LONG" && read >= broken.after) break;
      read += 1;
      const start = line;
      line += 1;
      for (const cell of cells) if (cell.includes("\n") || cell.includes("\r")) line += lineEnds(cell);
      if (cells.length === 1 && cells[0] === "") continue;
      const raw = toCsvLine(cells);
      yield { line: start, cells, raw, problem: encodingProblem(raw) };
    }
    if (broken === undefined) await flow;
    else yield await brokenRow(file, line, encoding, broken.code);
  } catch (cause) {
    throw unreadable(file.name, cause);
  } finally {
    source.destroy();
  }
}

/** Cells by their place in the line; blanks around them mean nothing. */
async function* fixed(
  file: SourceFile,
  source: Readable,
  widths: NonNullable<TableFormat["widths"]>,
): AsyncGenerator<CsvRow> {
  const wide = widths.reduce((widest, { to }) => Math.max(widest, to), 0);
  let number = 0;
  try {
    for await (const text of lines(source)) {
      number += 1;
      if (text.trim() === "") continue;
      const cells = widths.map(({ from, to }) => text.slice(from - 1, to).trim());
      const raw = toCsvLine(cells);
      const short = text.trimEnd().length > 0 && text.length < wide && cells.every((cell) => cell === "");
      const reason = `expected a line of ${wide} characters, got one of ${text.length}`;
      const problem: RowProblem | undefined = short ? { column: null, code: "COLUMNS", reason } : encodingProblem(raw);
      yield { line: number, cells, raw, problem };
    }
  } catch (cause) {
    throw unreadable(file.name, cause);
  } finally {
    source.destroy();
  }
}

async function* lines(source: Readable): AsyncGenerator<string> {
  let pending = "";
  let first = true;
  for await (const chunk of source.setEncoding("utf8")) {
    pending += first ? (chunk as string).replace(/^\ufeff/, "") : chunk;
    first = false;
    if (pending.length > longestRow + 65_536) throw new Error(`a line of more than ${longestRow} characters`);
    const whole = pending.split(/\r\n|\n|\r(?!$)/);
    pending = whole.pop()!;
    yield* whole;
  }
  if (pending !== "") yield pending.replace(/\r$/, "");
}

function lineEnds(text: string): number {
  return text.match(/\r\n|\n|\r/g)?.length ?? 0;
}

/** Cells as a line of CSV, quoted where they must be. */
export function toCsvLine(cells: readonly string[]): string {
  return cells.map((cell) => (/[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell)).join(",");
}

const longestKept = 100_000; // characters of a broken end that are kept for repair

/** What a lenient parser skips: a quotation mark that swallows everything to the end, or a cell that has none. */
async function brokenRow(
  file: SourceFile,
  line: number,
  encoding: Encoding,
  code: "QUOTES" | "TOO_LONG",
): Promise<CsvRow> {
  let text = "";
  let skip = line - 1;
  for await (const chunk of (await openAsUtf8(file, encoding)).setEncoding("utf8")) {
    text += chunk;
    for (; skip > 0; skip--) {
      const end = /\r\n|\n|\r/.exec(text);
      if (end === null) break;
      text = text.slice(end.index + end[0].length);
    }
    if (skip === 0 && text.length > longestKept) break;
  }
  const reason =
    code === "QUOTES"
      ? "expected the quotation mark to close, got the end of the file: every line from here on is in this cell"
      : `expected a row of at most ${longestRow} characters, got a longer one: nothing from here on was read`;
  return { line, cells: [], raw: text.slice(0, longestKept).trimEnd(), problem: { column: null, code, reason } };
}

function encodingProblem(raw: string): RowProblem | undefined {
  if (!raw.includes("\ufffd")) return undefined;
  return {
    column: null,
    code: "ENCODING",
    reason: "expected UTF-8, got bytes of another encoding: save the file as CSV UTF-8",
  };
}
