import type { RefusalCode, ReportBuilder } from "./report.ts";
import type { SlashOrder } from "./values.ts";
import { readDate, readMoment, readNumber } from "./values.ts";

/** What a reader of rows needs to know about the file they stand in. */
export interface FileContext {
  readonly file: string;
  readonly report: ReportBuilder;
  /** Which order the dates with slashes of the file have. */
  readonly slashOrder: () => SlashOrder;
  /** The district's: moments that name a zone become its wall clock; UTC when absent. */
  readonly timeZone?: string;
}

/** The cells of a row by column name. */
export interface Cells {
  /** The cell of a column; undefined where the row has none. */
  get(column: string): string | undefined;
  /** The columns the row has. */
  keys(): Iterable<string>;
}

/** What is wrong with a row; the first fault found counts. */
export interface RowProblem {
  readonly column: string | null;
  readonly code: RefusalCode;
  readonly reason: string;
}

/**
 * One row of a delivery, read by column name. A cell that does not fit sets {@link problem} and reads as null, so that a
 * mapping reads like a list and the row is refused once, after it.
 */
export class Row {
  readonly line: number;
  readonly raw: string;
  problem: RowProblem | undefined;
  readonly #cells: Cells;
  readonly #context: FileContext;

  constructor(line: number, raw: string, cells: Cells, context: FileContext) {
    this.line = line;
    this.raw = raw;
    this.#cells = cells;
    this.#context = context;
  }

  /** The cell without surrounding blanks; null when empty or absent. */
  text(column: string): string | null {
    const cell = this.#cells.get(column)?.trim();
    return cell === undefined || cell === "" ? null : cell;
  }

  /** The cell, which must not be empty. */
  required(column: string): string {
    const cell = this.text(column);
    if (cell !== null) return cell;
    this.fail(column, "MISSING", `expected a value in ${column}, got an empty cell`);
    return "";
  }

  /** A date, or null when empty. */
  date(column: string): string | null {
    const cell = this.text(column);
    if (cell === null) return null;
    const reading = readDate(cell, this.#context.slashOrder(), this.#context.timeZone);
    if (reading.date === undefined) {
      this.fail(column, "BAD_VALUE", `expected ${reading.problem}, got ${shown(cell)}`);
      return null;
    }
    if (reading.kind !== "date")
      this.lenient(
        `${column}: ${reading.kind === "slashes" ? "dates with slashes" : "date-times"} in a column of dates`,
      );
    return reading.date;
  }

  /** A date that must be there. */
  requiredDate(column: string): string {
    return this.required(column) === "" ? "" : (this.date(column) ?? "");
  }

  /** The date of a column of date-times, such as dateLastModified, or null. */
  dateOfMoment(column: string): string | null {
    const cell = this.text(column);
    if (cell === null) return null;
    const moment = readMoment(cell, this.#context.timeZone);
    return moment === undefined ? this.date(column) : moment.slice(0, 10);
  }

  /** A date-time as `YYYY-MM-DD HH:MM:SS.mmm`, which must be there. A bare date reads as its midnight. */
  requiredMoment(column: string): string {
    const cell = this.required(column);
    if (cell === "") return "";
    const moment = readMoment(cell, this.#context.timeZone);
    if (moment !== undefined) return moment;
    const date = this.date(column);
    return date === null ? "" : `${date} 00:00:00.000`;
  }

  /** A number within bounds, or null when empty. */
  number(column: string, { minimum = -Infinity, maximum = Infinity } = {}): number | null {
    const cell = this.text(column);
    if (cell === null) return null;
    const value = readNumber(cell);
    if (value !== undefined && value >= minimum && value <= maximum) return value;
    const bounds = minimum === -Infinity && maximum === Infinity ? "" : ` between ${minimum} and ${maximum}`;
    this.fail(column, "BAD_VALUE", `expected a number${bounds}, got ${shown(cell)}`);
    return null;
  }

  /** A whole number within bounds, or null when empty. */
  integer(column: string, bounds: { minimum?: number; maximum?: number } = {}): number | null {
    const value = this.number(column, { minimum: -2_147_483_648, maximum: 2_147_483_647, ...bounds });
    if (value === null || Number.isInteger(value)) return value;
    this.fail(column, "BAD_VALUE", `expected a whole number, got ${value}`);
    return null;
  }

  /** `true` or `false`; other spellings are read and reported. */
  boolean(column: string): boolean | null {
    const cell = this.text(column);
    if (cell === null) return null;
    if (cell === "true" || cell === "false") return cell === "true";
    const folded = cell.toLowerCase();
    const value = ["true", "1", "yes", "y"].includes(folded)
      ? true
      : ["false", "0", "no", "n"].includes(folded)
        ? false
        : null;
    if (value === null) this.fail(column, "BAD_VALUE", `expected true or false, got ${shown(cell)}`);
    else this.lenient(`${column}: true or false spelt otherwise`);
    return value;
  }

  /** A word of a vocabulary, or null when empty; another case is read and reported. */
  word<T extends string>(column: string, vocabulary: readonly T[]): T | null {
    const cell = this.text(column);
    if (cell === null) return null;
    const exact = vocabulary.find((word) => word === cell);
    if (exact !== undefined) return exact;
    const folded = vocabulary.find((word) => word.toLowerCase() === cell.toLowerCase());
    if (folded === undefined)
      this.fail(column, "BAD_VALUE", `expected one of ${vocabulary.join(", ")}; got ${shown(cell)}`);
    else this.lenient(`${column}: word of the vocabulary in another case`);
    return folded ?? null;
  }

  /** A word of a vocabulary that must be there. */
  requiredWord<T extends string>(column: string, vocabulary: readonly T[]): T {
    const found = this.required(column) === "" ? null : this.word(column, vocabulary);
    return found ?? vocabulary[0]!;
  }

  /** A word of a vocabulary, or, when it is in none, the word as it stands, reported. */
  wordOrRaw(column: string, vocabulary: readonly string[]): string | null {
    const cell = this.text(column);
    if (cell === null || vocabulary.includes(cell)) return cell;
    const folded = vocabulary.find((word) => word.toLowerCase() === cell.toLowerCase());
    this.lenient(
      folded === undefined
        ? `${column}: word outside the vocabulary`
        : `${column}: word of the vocabulary in another case`,
    );
    return folded ?? cell;
  }

  /** A list in one cell, separated by commas; null when empty. */
  list(column: string): string[] | null {
    const cell = this.text(column);
    if (cell === null) return null;
    const items = cell.split(",").map((item) => item.trim());
    return items.filter((item) => item !== "");
  }

  /** The same row under other column names, for a profile that maps it to them; its problem is its own. */
  withCells(cells: Cells): Row {
    return new Row(this.line, this.raw, cells, this.#context);
  }

  /** The cell as it stands, blanks and all; undefined when the row has no such column. */
  cell(column: string): string | undefined {
    return this.#cells.get(column);
  }

  /** The columns the row has cells for. */
  get columns(): Iterable<string> {
    return this.#cells.keys();
  }

  /** Notes a deviation that was read all the same. */
  lenient(what: string): void {
    this.#context.report.lenient(this.#context.file, what);
  }

  /** Refuses the row; the first reason stays. */
  fail(column: string | null, code: RefusalCode, reason: string): void {
    this.problem ??= { column, code, reason };
  }
}

/** A value as it may stand in a message: codes and numbers, never words that could be somebody's name. */
export function shown(value: string): string {
  return (/^[\w.:/+-]{1,40}$/.test(value) && /\d/.test(value)) || /^\d[\d .:/+-]{1,39}$/.test(value)
    ? `"${value}"`
    : `another text of ${value.length} characters`;
}
