import type { Encoding } from "./decode.ts";
import { encodingOf, openAsUtf8 } from "./decode.ts";
import type { ImportSession } from "./import-session.ts";
import type { SourceFile } from "./source-file.ts";
import { unreadable } from "./source-file.ts";
import type { TableFormat } from "./table-format.ts";
import type { SlashOrder } from "./values.ts";
import { noteSlashOrder } from "./values.ts";

/** What only the whole file tells. */
export interface Survey {
  readonly slashOrder: SlashOrder;
  /** The format with what the file showed of itself: its encoding and what separates its cells. */
  readonly format: TableFormat;
}

const encodingNames: Readonly<Record<Encoding, string>> = {
  "utf-8": "UTF-8",
  "utf-16le": "UTF-16",
  "utf-16be": "UTF-16, high byte first",
  "windows-1252": "windows-1252",
};
const separators = { ";": "semicolons", "\t": "tabs", "|": "vertical bars" } as const;

/**
 * Reads a file once before its rows: 15/06/2023 anywhere settles what 1/05/2023 means; another encoding, other separators, line
 * ends of two kinds (files put together from several) and NUL bytes are read and reported.
 * @param required - the columns whose names in the first line tell the separator
 */
export async function survey(
  session: ImportSession,
  file: SourceFile,
  format: TableFormat,
  required: readonly string[],
): Promise<Survey> {
  const lenient = (what: string): void => session.report.lenient(file.name, what);
  const encoding = format.encoding ?? (await encodingOf(file));
  if (format.encoding === undefined && encoding !== "utf-8") lenient(`read as ${encodingNames[encoding]}`);
  const seen = { dayFirst: false, monthFirst: false };
  const found = { carriage: false, bare: false, zero: false };
  let head = "";
  let tail = "";
  try {
    for await (const chunk of (await openAsUtf8(file, encoding)).setEncoding("latin1")) {
      session.check();
      const text: string = tail + chunk;
      if (head.length < 65_536) head += chunk;
      if (text.includes("/")) noteSlashOrder(text, seen);
      found.carriage ||= text.includes("\r\n");
      found.bare ||= /[^\r]\n/.test(text);
      found.zero ||= chunk.includes("\0");
      tail = text.slice(-10);
    }
  } catch (cause) {
    throw unreadable(file.name, cause);
  }
  if (found.carriage && found.bare) lenient("mixed line ends");
  if (found.zero) lenient("NUL bytes, which no text holds: left out");
  const delimiter = separatorOf(head, format, required);
  if (delimiter !== undefined) lenient(`cells separated by ${separators[delimiter]}`);
  return {
    slashOrder: seen.dayFirst === seen.monthFirst ? "unknown" : seen.dayFirst ? "day-first" : "month-first",
    format: { ...format, encoding, ...(delimiter === undefined ? {} : { delimiter }) },
  };
}

/** Another separator than the format says, when with it, and not without, the first line has the columns. */
function separatorOf(
  head: string,
  format: TableFormat,
  required: readonly string[],
): keyof typeof separators | undefined {
  if (format.delimiter !== undefined || format.columns !== undefined || format.widths !== undefined) return undefined;
  const firstLine = head.replace(/^\u00ef\u00bb\u00bf/, "").split(/[\r\n]/, 1)[0]!;
  const names = (separator: string): Set<string> =>
    new Set(firstLine.split(separator).map((cell) => cell.replaceAll('"', "").trim().toLowerCase()));
  const fits = (separator: string): boolean => {
    const present = names(separator);
    return required.every((column) => present.has(column.toLowerCase()));
  };
  if (required.length < 2 || fits(",")) return undefined;
  return (Object.keys(separators) as (keyof typeof separators)[]).find(fits);
}
