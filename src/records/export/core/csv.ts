/**
 * How CSV leaves cairn. Two kinds of reader want two things of one cell, and no cell can serve both:
 *
 * - A machine that speaks a standard (OneRoster) takes the cell as the value. A quote put before it would be part of the
 *   value, so a name such as `=Ada` would come back as `'=Ada`: the round trip would corrupt the record.
 * - A spreadsheet takes a cell that begins with `= + - @` or a control character as a formula and runs it.
 *
 * So files of a standard are written as the values are, and say how many cells a spreadsheet would run; files that are meant
 * for people to open are written with {@link guardedCell}.
 */

/**
 * Whether a spreadsheet would take a cell for a formula (OWASP, CSV injection): some skip leading blanks, and take fullwidth
 * signs for signs. A plain number with its sign is none.
 */
export function isFormula(cell: string): boolean {
  if (/^[+-]?\d+([.,]\d+)?$/.test(cell)) return false;
  return /^[\t\r\n]/.test(cell) || /^[=+\-@\uff1d\uff0b\uff0d\uff20]/.test(cell.trimStart());
}

/** The cell so that a spreadsheet shows it and runs nothing: an apostrophe before what it would take for a formula. */
export function guardedCell(cell: string): string {
  return isFormula(cell) ? `'${cell}` : cell;
}

/** A line of CSV with its line end (RFC 4180): quotes only where they are needed; null is an empty cell. */
export function csvLine(cells: readonly (string | null)[]): string {
  return `${cells.map(quoted).join(",")}\r\n`;
}

function quoted(cell: string | null): string {
  if (cell === null) return "";
  // A blank at an edge would be lost by readers that trim cells without quotes.
  return /[",\r\n]|^\s|\s$/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}
