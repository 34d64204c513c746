/**
 * How the rows of a file stand in it, where it is not the usual CSV: commas, `"` quotes doubled inside, a header, UTF-8 (or
 * UTF-16, which is recognised).
 */
export interface TableFormat {
  readonly delimiter?: "," | "\t" | ";" | "|";
  /** What escapes a quotation mark inside a quoted cell: another one, or a backslash. */
  readonly escape?: '"' | "\\";
  /** A quotation mark of the header alone. */
  readonly headerQuote?: "'";
  /** The names of the columns of a file without header. */
  readonly columns?: readonly string[];
  /** Where the cells of a file of fixed widths stand: from the first character (counted from 1) to the last. */
  readonly widths?: readonly { readonly column: string; readonly from: number; readonly to: number }[];
  /** Only where the file cannot say so itself. */
  readonly encoding?: "utf-8" | "utf-16le" | "utf-16be" | "windows-1252";
  /** Cells that mean that nothing is there, such as `NULL`. */
  readonly blanks?: readonly string[];
}
