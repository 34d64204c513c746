import { DuckDBInstance } from "@duckdb/node-api";
import { CairnError } from "../../errors.ts";

const missing: ReadonlySet<string> = new Set(["", "NA", "NULL", "NaN"]);

/** The columns a plan asks for, as text; a missing cell is null. */
export class Columns {
  readonly rows: number;
  readonly #cells: ReadonlyMap<string, readonly (string | null)[]>;
  readonly #lines: readonly number[] | undefined;

  constructor(cells: ReadonlyMap<string, readonly (string | null)[]>, lines?: readonly number[]) {
    this.#cells = cells;
    this.#lines = lines;
    this.rows = cells.values().next().value?.length ?? 0;
  }

  /** The file's line of a row, for messages. */
  line(row: number): number {
    return this.#lines?.[row] ?? row + 2;
  }

  /**
   * The same rows in the order of a column (numbers by size, else texts by code point), so that nothing rests on the order of the file.
   * @throws CairnError `BAD_INPUT` with the line of a cell that is empty or the same as another
   */
  orderedBy(column: string): Columns {
    const keys = this.text(column);
    const numeric = this.isNumeric(column);
    const key = (row: number): string | number => (numeric ? Number(keys[row]) : keys[row]!);
    const order = Array.from(keys.keys());
    const empty = order.find((row) => keys[row] === null);
    if (empty === undefined) order.sort((a, b) => (key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : a - b));
    const fault = empty ?? order.find((row, i) => i > 0 && key(row) === key(order[i - 1]!));
    if (fault !== undefined) {
      throw new CairnError(
        "BAD_INPUT",
        `expected every row to have its own "${column}", got ${empty === undefined ? "a second of its kind" : "an empty cell"} in line ${this.line(fault)}`,
        { hint: "order rows by a column that tells them apart, such as the learner's number" },
      );
    }
    const lines = order.map((row) => this.line(row));
    return new Columns(
      new Map([...this.#cells].map(([name, cells]) => [name, order.map((row) => cells[row]!)])),
      lines,
    );
  }

  /** The cells, blank ones and NA, NULL, NaN as null. @throws CairnError `INTERNAL` for a column that was not asked for */
  text(column: string): readonly (string | null)[] {
    const cells = this.#cells.get(column);
    if (cells === undefined) throw new CairnError("INTERNAL", `expected the column "${column}" to be read, got others`);
    return cells;
  }

  /**
   * Numbers; NaN where the cell is missing.
   * @throws CairnError `BAD_INPUT` with the line of a cell that is not a number
   */
  numbers(column: string): Float64Array {
    return Float64Array.from(this.text(column), (cell, row) => toNumber(cell, column, this.line(row)));
  }

  /** Whether every cell that is there is a number. */
  isNumeric(column: string): boolean {
    return this.text(column).every((cell) => cell === null || Number.isFinite(Number(cell)));
  }

  /** A code per value in the order of first appearance, −1 where missing, and the values. */
  codes(column: string): { readonly codes: Int32Array; readonly labels: readonly string[] } {
    const seen = new Map<string, number>();
    const codes = Int32Array.from(this.text(column), (cell) => {
      if (cell === null) return -1;
      const code = seen.get(cell) ?? seen.size;
      seen.set(cell, code);
      return code;
    });
    return { codes, labels: [...seen.keys()] };
  }
}

/** Whether a cell says a value: the same text, or the same number however it is written. */
export function says(cell: string | null, value: string): boolean {
  if (cell === null) return false;
  return cell === value || (value.trim() !== "" && Number(cell) === Number(value));
}

function toNumber(text: string | null, column: string, line: number): number {
  if (text === null) return Number.NaN;
  const value = Number(text);
  if (!Number.isFinite(value)) {
    throw new CairnError(
      "BAD_INPUT",
      `expected a number in column "${column}", line ${line}, got a text of ${text.length} characters`,
      { hint: "leave the cell empty when the value is missing" },
    );
  }
  return value;
}

/**
 * Reads columns of a CSV file with a header.
 * @param path - separated by commas; also gzipped, when its name ends in .gz
 * @throws CairnError `UNREADABLE_FILE`; `BAD_INPUT` for columns that are not there
 */
export async function readColumns(path: string, wanted: readonly string[]): Promise<Columns> {
  const instance = await DuckDBInstance.create(":memory:");
  const connection = await instance.connect();
  try {
    const file = path.replaceAll("'", "''");
    // The dialect is said, not guessed: a guess that fits most rows would read the others wrongly without a word.
    const source = (header: string): string =>
      `read_csv('${file}', ${header}, all_varchar = true, delim = ',', quote = '"', escape = '"', skip = 0)`;
    // The first line is read as it stands: the reader renames columns of one name, and those that differ only in case.
    const first = await connection.runAndReadAll(`SELECT * FROM ${source("header = false")} LIMIT 1`).catch(unreadable);
    const header = (first.getRows()[0] ?? []).map((cell) => String(cell ?? "").trim());
    const columns = [...new Set(wanted)];
    const places = columns.map((column) => placeOf(column, header));
    const names = header.map((_, place) => `'c${place}'`).join(", ");
    const list = places.map((place) => `c${place}`).join(", ");
    const result = await connection
      .runAndReadAll(`SELECT ${list} FROM ${source(`header = true, names = [${names}]`)}`)
      .catch(unreadable);
    const rows = result.getRows() as (string | null)[][];
    const cells = columns.map((column, i): [string, (string | null)[]] => [
      column,
      rows.map((row) => {
        const cell = row[i] ?? null;
        return cell === null || missing.has(cell.trim()) ? null : cell;
      }),
    ]);
    return new Columns(new Map(cells));
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

/** Where a column stands in the header. The names found are not repeated: in a file without a header they are somebody's data. */
function placeOf(column: string, header: readonly string[]): number {
  const place = header.indexOf(column);
  if (place >= 0 && header.indexOf(column, place + 1) < 0) return place;
  throw new CairnError(
    "BAD_INPUT",
    place < 0
      ? `expected a column "${column}", got ${header.length} columns without it`
      : `expected one column "${column}", got two of that name`,
    {
      hint:
        place < 0
          ? "compare the plan with the file's first line, which must name the columns, with commas between"
          : "give every column of the file a name of its own",
    },
  );
}

/** The reader's own words quote the line they stumbled over: only its number is kept. */
function unreadable(error: unknown): never {
  const line = /\bLine: (\d+)/.exec(error instanceof Error ? error.message : "")?.[1];
  const where = line === undefined ? "" : ` in line ${line}`;
  throw new CairnError("UNREADABLE_FILE", `expected a CSV file with a header, got one that cannot be read${where}`, {
    hint: "check the path, that cells are separated by commas, and that every row has as many as the header",
  });
}
