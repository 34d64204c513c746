/** The cells of one row; numbers are written as JavaScript prints them. */
export type Row = readonly (string | number)[];

/** What a buffer held. */
export interface Rows {
  /** Lines in UTF-8, each with its line end. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly rows: number;
}

/** Whether a cell needs quotes (RFC 4180, section 2.6). */
const special = /[",\r\n]/;

const FIRST_SIZE = 4096;
const BYTES_PER_CHARACTER = 3; // of UTF-16 code units in UTF-8, at most

/**
 * Rows and lines of one file that wait to be written. They become bytes at once: a district writes tens of millions of
 * rows, and kept as arrays or strings they cost more time in garbage collection than everything else together.
 */
export class RowBuffer {
  private bytes = Buffer.allocUnsafe(FIRST_SIZE);
  private length = 0;
  private rows = 0;
  /** The first row ever, kept for the duplicate that dirt asks for. */
  first: Row | undefined;

  /** Adds a row of cells. */
  row(cells: Row): void {
    this.first ??= cells;
    this.add(csvLine(cells));
  }

  /** Adds a line as it is, without its line end. */
  line(text: string): void {
    this.add(`${text}\n`);
  }

  /** Empties the buffer. */
  take(): Rows {
    const taken = { bytes: new Uint8Array(this.bytes.subarray(0, this.length)), rows: this.rows };
    this.length = 0;
    this.rows = 0;
    return taken;
  }

  private add(line: string): void {
    this.rows++;
    const needed = this.length + BYTES_PER_CHARACTER * line.length;
    if (needed > this.bytes.length) {
      const larger = Buffer.allocUnsafe(2 * needed);
      larger.set(this.bytes.subarray(0, this.length));
      this.bytes = larger;
    }
    this.length += this.bytes.write(line, this.length, "utf8");
  }
}

/** A row as comma-separated values (RFC 4180, with LF as the line end). */
export function csvLine(cells: Row, lineEnd = "\n"): string {
  let line = "";
  for (let index = 0; index < cells.length; index++) {
    const cell = cells[index]!;
    if (index > 0) line += ",";
    line += typeof cell === "string" && special.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
  }
  return line + lineEnd;
}
