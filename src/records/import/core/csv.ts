import { PassThrough, Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { parse } from "csv-parse";
import { CairnError } from "../../../errors.ts";
import type { RowProblem } from "./row.ts";

/** A file of a delivery that can be opened more than once. */
export interface SourceFile {
  readonly name: string;
  readonly bytes: number;
  /** A new stream of the file from its beginning. */
  open(): Promise<Readable>;
}

/** One row as it stands in the file. */
export interface CsvRow {
  readonly line: number;
  readonly cells: readonly string[];
  /** The row as CSV again; quotes stand where they are needed, not where they stood. */
  readonly raw: string;
  readonly problem: RowProblem | undefined;
}

/**
 * The rows of a CSV file as a stream: memory does not grow with the file. Byte order mark, CRLF, mixed line ends, a missing
 * last line end and rows of any length are read; a row with bytes that are not UTF-8 or with broken quotes carries a problem.
 * The first row yielded is the header.
 * @throws CairnError `UNREADABLE_FILE` when the file is UTF-16 or a quotation mark stays open to its end
 */
export async function* readCsv(file: SourceFile, onBytes?: (bytes: number) => void): AsyncGenerator<CsvRow> {
  let open = false;
  const parser = parse({
    bom: true,
    columns: false,
    // Lines are counted here and the raw row is written anew: csv-parse's own `info` and `raw` double its time.
    record_delimiter: ["\r\n", "\n", "\r"],
    relax_column_count: true,
    // A quotation mark inside a bare cell is read as it stands: refusing it would lose the lines up to the next mark.
    relax_quotes: true,
    skip_records_with_error: true,
    max_record_size: 1_000_000,
    on_skip: () => {
      open = true;
      return undefined;
    },
  });
  const checked = new PassThrough({
    transform(chunk: Buffer, _encoding, done) {
      onBytes?.(chunk.length);
      done(null, chunk);
    },
  });
  const first = await firstBytes(file);
  if ((first[0] === 0xff && first[1] === 0xfe) || (first[0] === 0xfe && first[1] === 0xff)) {
    throw new CairnError("UNREADABLE_FILE", `expected ${file.name} in UTF-8, got UTF-16`, {
      hint: "save it as CSV UTF-8",
      details: { file: file.name },
    });
  }
  const flow = pipeline(await file.open(), checked, parser);
  flow.catch(() => undefined); // told below, through the iteration
  let line = 1;
  try {
    for await (const cells of parser as AsyncIterable<string[]>) {
      const start = line;
      line += 1;
      for (const cell of cells) if (cell.includes("\n") || cell.includes("\r")) line += lineEnds(cell);
      if (cells.length === 1 && cells[0] === "") continue;
      const raw = toCsvLine(cells);
      yield { line: start, cells, raw, problem: encodingProblem(raw) };
    }
    await flow;
    if (open) yield await brokenRow(file, line);
  } catch (cause) {
    throw unreadable(file.name, cause);
  }
}

function lineEnds(text: string): number {
  return text.match(/\r\n|\n|\r/g)?.length ?? 0;
}

function toCsvLine(cells: readonly string[]): string {
  return cells.map((cell) => (/[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell)).join(",");
}

const longestKept = 100_000; // characters of a broken end that are kept for repair

/** The one error a lenient parser skips: a quotation mark that swallows everything to the end. */
async function brokenRow(file: SourceFile, line: number): Promise<CsvRow> {
  let text = "";
  let skip = line - 1;
  for await (const chunk of (await file.open()).setEncoding("utf8")) {
    text += chunk;
    for (; skip > 0; skip--) {
      const end = /\r\n|\n|\r/.exec(text);
      if (end === null) break;
      text = text.slice(end.index + end[0].length);
    }
    if (skip === 0 && text.length > longestKept) break;
  }
  const reason =
    "expected the quotation mark to close, got the end of the file: every line from here on is in this cell";
  return {
    line,
    cells: [],
    raw: text.slice(0, longestKept).trimEnd(),
    problem: { column: null, code: "QUOTES", reason },
  };
}

function encodingProblem(raw: string): RowProblem | undefined {
  if (!raw.includes("\ufffd")) return undefined;
  return {
    column: null,
    code: "ENCODING",
    reason: "expected UTF-8, got bytes of another encoding: save the file as CSV UTF-8",
  };
}

async function firstBytes(file: SourceFile): Promise<Buffer> {
  const stream = await file.open();
  try {
    for await (const chunk of stream) return (chunk as Buffer).subarray(0, 4);
    return Buffer.alloc(0);
  } catch (cause) {
    throw unreadable(file.name, cause);
  } finally {
    stream.destroy();
  }
}

/** The error for a file that cannot be read to its end. */
export function unreadable(file: string, cause: unknown): CairnError {
  if (cause instanceof CairnError) return cause;
  const text = cause instanceof Error ? cause.message : String(cause);
  return new CairnError("UNREADABLE_FILE", `expected to read ${file} to its end, got: ${text}`, {
    hint: "check that the file is complete; nothing of this delivery was imported",
    details: { file },
    cause,
  });
}

/** A source file that is already in memory: for tests and for text that was sent in a request. */
export function textFile(name: string, content: string | Buffer): SourceFile {
  const buffer = Buffer.from(content as string);
  return { name, bytes: buffer.length, open: async () => Readable.from([buffer]) };
}
