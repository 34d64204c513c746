import type { RecordRow } from "./names.ts";

/** The version of each record that is known last, without records that their source took back; rows are in the order of knowledge. */
export function latestRows(rows: readonly RecordRow[]): RecordRow[] {
  const latest = new Map<unknown, RecordRow>();
  for (const row of rows) latest.set(row.record_key ?? row, row);
  return [...latest.values()].filter((row) => row.retracted_at === null || row.retracted_at === undefined);
}

/** A column of a row as text, or null. */
export function text(row: RecordRow | undefined, column: string): string | null {
  const value = row?.[column];
  return typeof value === "string" && value !== "" ? value : typeof value === "number" ? String(value) : null;
}

const indexes = new WeakMap<readonly RecordRow[], Map<string, ReadonlyMap<string, RecordRow>>>();

/** The rows by a column, the last of each value. Made once for a list: a page asks for every cell. */
export function indexed(rows: readonly RecordRow[], column: string): ReadonlyMap<string, RecordRow> {
  const made = indexes.get(rows) ?? new Map<string, ReadonlyMap<string, RecordRow>>();
  indexes.set(rows, made);
  const index =
    made.get(column) ??
    new Map(rows.flatMap((row) => (typeof row[column] === "string" ? [[row[column], row] as const] : [])));
  made.set(column, index);
  return index;
}
