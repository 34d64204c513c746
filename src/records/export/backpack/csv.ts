import { stringify } from "csv-stringify/sync";
import type { RecordRow } from "./names.ts";
import { columnsOf } from "./names.ts";

/**
 * A table as CSV, with the columns of the schema that a family can read. A text that a spreadsheet would take for a formula
 * gets an apostrophe before it, which spreadsheets do not show (OWASP, CSV injection); numbers stay numbers.
 */
export function tableCsv(table: string, rows: readonly RecordRow[]): string {
  const columns = columnsOf(table).filter((column) => !["tenant_id", "version_id", "supersedes"].includes(column));
  return stringify(
    rows.map((row) => columns.map((column) => cell(row[column]))),
    { header: true, columns, bom: true, record_delimiter: "\r\n" },
  );
}

function cell(value: unknown): string {
  if (value === null || value === undefined) return "";
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  return guarded(typeof value === "string" ? value : JSON.stringify(value));
}

/** A text that no spreadsheet runs: leading blanks are skipped by some, and fullwidth signs are taken for signs. */
function guarded(text: string): string {
  const first = text.trimStart();
  return /^[=+\-@\uff1d\uff0b\uff0d\uff20|%]/.test(first) || /^[\t\r\n]/.test(text) ? `'${text}` : text;
}
