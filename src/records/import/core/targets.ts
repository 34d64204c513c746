/** How a staged column is typed in PostgreSQL. */
export type StageType = "text" | "text[]" | "double precision" | "integer" | "boolean" | "date" | "timestamp" | "jsonb";

/** A column that points at another record. */
export interface Reference {
  /** The staged column that holds the key; it keeps the key when the reference is lenient and dangles. */
  readonly column: string;
  /** The table it points into. */
  readonly table: string;
  /** By record key, or by the id the source gave (for flat files, which know no keys of other systems). */
  readonly by: "record_key" | "source_record_id";
  /** A row whose required reference dangles is refused; an optional one is kept and reported. */
  readonly required: boolean;
  /** The column of the source file, for messages. */
  readonly cell: string;
  /** The column keeps the source's id: readers of the table find what it names by that id, not by its key. */
  readonly keepsId?: boolean;
}

/** A record table as an import fills it. */
export interface Target {
  readonly table: string;
  readonly class: "certified" | "contributed" | "derived";
  /** The payload columns that are staged, by name. */
  readonly columns: Readonly<Record<string, StageType>>;
  /** The file's column that names the person; the person's id then goes to `person_id`. Absent: no person in the row. */
  readonly person?: { readonly cell: string };
  readonly references?: readonly Reference[];
  /** Dates of knowledge inside the payload that move to the receipt when a changed row does not say when it was changed. */
  readonly lateColumns?: readonly string[];
}

/** The column of the file that names a row's person. */
export function person(cell: string): { person: { cell: string } } {
  return { person: { cell } };
}

/** A column that points at another record. */
export function points(
  column: string,
  table: string,
  cell: string,
  required: boolean,
  by: Reference["by"] = "record_key",
): Reference {
  return { column, table, by, required, cell };
}
