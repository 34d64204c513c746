import { type FileHandle, open } from "node:fs/promises";
import { stringify } from "csv-stringify/sync";
import { CairnError } from "../../src/errors.ts";

/** The cells of one row; numbers are written as JavaScript prints them. */
export type Row = readonly (string | number)[];

const ROWS_PER_WRITE = 256; // about 25 kB: few enough rows to stay young for the garbage collector

/**
 * A text file that grows by rows or lines and goes to disk in batches, so that memory does not grow with the file. Rows
 * are collected without waiting; call {@link OutputFile.flush} between learners.
 */
export class OutputFile {
  readonly name: string;
  /** Rows written or waiting, without the header. */
  rows = 0;
  /** The first row, kept for the duplicate that dirt asks for. */
  first: Row | undefined;
  bytes = 0;
  private readonly handle: FileHandle;
  private waiting: Row[] = [];
  private lines: string[] = [];

  private constructor(name: string, handle: FileHandle) {
    this.name = name;
    this.handle = handle;
  }

  /**
   * Creates or empties a file.
   * @param header - column names; absent for a file of lines
   */
  static async create(path: string, name: string, header?: readonly string[]): Promise<OutputFile> {
    const file = new OutputFile(name, await open(path, "w"));
    if (header !== undefined) await file.write(stringify([header]));
    return file;
  }

  /** Adds a row of cells. */
  row(cells: Row): void {
    this.first ??= cells;
    this.rows++;
    this.waiting.push(cells);
  }

  /** Adds a line as it is, without its line end. */
  line(text: string): void {
    this.rows++;
    this.lines.push(text);
  }

  /** Adds a row whose line ends with CR LF where all others end with LF. */
  async foreignRow(cells: Row): Promise<void> {
    await this.flush(true);
    this.rows++;
    await this.write(stringify([cells], { record_delimiter: "windows" }));
  }

  /** Writes what waits, when enough does or `all` is set. */
  async flush(all = false): Promise<void> {
    if (this.waiting.length > 0 && (all || this.waiting.length >= ROWS_PER_WRITE)) {
      const rows = this.waiting;
      this.waiting = [];
      await this.write(stringify(rows));
    }
    if (this.lines.length > 0 && (all || this.lines.length >= ROWS_PER_WRITE / 4)) {
      const text = this.lines.join("\n");
      this.lines = [];
      await this.write(`${text}\n`);
    }
  }

  /** Writes the rest and closes the file. */
  async close(): Promise<void> {
    await this.flush(true);
    await this.handle.close();
  }

  /** Closes the file without writing the rest. */
  async abandon(): Promise<void> {
    await this.handle.close();
  }

  private async write(text: string): Promise<void> {
    const buffer = Buffer.from(text, "utf8");
    this.bytes += buffer.length;
    await this.handle.writeFile(buffer).catch((cause: unknown) => {
      throw new CairnError(
        "UNREADABLE_FILE",
        `expected to write ${buffer.length} bytes to ${this.name}, got a refusal`,
        {
          hint: "check the free space and the permissions of the folder",
          cause,
        },
      );
    });
  }
}
