import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { createGunzip } from "node:zlib";
import { parse } from "csv-parse/sync";
import { CairnError } from "../../../errors.ts";

const MOST = 4_000_000; // characters a header may have: wide tables have thousands of columns, not millions

/** How a delimited file is written. */
export interface TableFile {
  readonly path: string;
  readonly delimiter: "," | ";" | "\t";
  readonly isGzip: boolean;
  /** Trimmed names, in file order; a column without one is called `column N`, from 1. */
  readonly columns: readonly string[];
  /** Of the columns, those that have no name in the file. */
  readonly unnamed: ReadonlySet<string>;
}

/**
 * Reads the header of a delimited file: comma, semicolon or tab (whichever divides the header into most names), quoted names,
 * a byte order mark, gzip by its first bytes.
 * @throws CairnError `UNREADABLE_FILE` when there is no such file or it is not delimited text in UTF-8, `BAD_INPUT` when two
 *   columns have one name
 */
export async function readTableHeader(path: string): Promise<TableFile> {
  const isGzip = await startsLikeGzip(path);
  const first = await firstRecord(path, isGzip);
  const candidates = ([",", ";", "\t"] as const).map((delimiter) => ({ delimiter, names: split(first, delimiter) }));
  const { delimiter, names } = candidates.reduce((most, other) =>
    other.names.length > most.names.length ? other : most,
  );
  if (names.length < 2) {
    throw unreadable("expected a header of at least two columns divided by comma, semicolon or tab, got one", {
      hint: "check that the first line names the columns",
    });
  }
  const columns = names.map((name, index) => (name === "" ? `column ${index + 1}` : name));
  const twice = columns.find((name, index) => columns.indexOf(name) !== index);
  if (twice !== undefined) {
    throw new CairnError("BAD_INPUT", `expected every column to have a name of its own, got "${twice}" twice`, {
      hint: "rename one of the two in the header",
      details: { column: twice },
    });
  }
  return { path, delimiter, isGzip, columns, unnamed: new Set(columns.filter((_, index) => names[index] === "")) };
}

function split(record: string, delimiter: string): string[] {
  try {
    const [names = []] = parse(record, { delimiter, relax_quotes: true, relax_column_count: true }) as string[][];
    return names.map((name) => name.trim());
  } catch {
    return [];
  }
}

async function startsLikeGzip(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
  if (found?.isFile() !== true) {
    throw unreadable("expected a CSV file, got no such file", { hint: "check the path given with --data" });
  }
  for await (const chunk of createReadStream(path, { end: 1 })) return chunk[0] === 0x1f && chunk[1] === 0x8b;
  throw unreadable("expected a header line, got an empty file");
}

/** The text up to the first line end that is not inside quotes. */
async function firstRecord(path: string, isGzip: boolean): Promise<string> {
  const file = createReadStream(path);
  const stream = isGzip ? file.pipe(createGunzip()) : file;
  const decoder = new TextDecoder(); // drops a byte order mark; other bytes after the header concern single rows
  let text = "";
  try {
    for await (const chunk of stream) {
      text += decoder.decode(chunk as Buffer, { stream: true });
      const end = endOfRecord(text);
      if (end >= 0) return inUtf8(text.slice(0, end));
      if (text.length > MOST) break;
    }
  } catch (cause) {
    if (cause instanceof CairnError) throw cause;
    throw unreadable("expected to read the header, got a file that ends or breaks before", { cause });
  } finally {
    file.destroy();
  }
  if (text.trim() === "" || text.length > MOST) throw unreadable("expected a header line, got none");
  return inUtf8(text);
}

function inUtf8(header: string): string {
  if (!header.includes("\ufffd")) return header;
  throw unreadable("expected a header in UTF-8, got other bytes", { hint: "save the table as CSV UTF-8" });
}

function endOfRecord(text: string): number {
  let isQuoted = false;
  for (let i = 0; i < text.length; i++) {
    const character = text[i];
    if (character === '"') isQuoted = !isQuoted;
    else if (!isQuoted && (character === "\n" || character === "\r")) return i;
  }
  return -1;
}

function unreadable(message: string, options: { hint?: string; cause?: unknown } = {}): CairnError {
  return new CairnError("UNREADABLE_FILE", message, options);
}
